"""Killed at random moments and run again, naming loses nothing and pays no batch twice."""

from __future__ import annotations

import os
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from tests.labelling.killing import Killer, forking, messages_held
from tests.providers.server import KEY, running
from tests.taxonomy.naming_answers import nodes, run, saying, write_names
from valuescape.providers.ledger import open_ledger

KILLS = 30


def _build(folder: str, url: str, batch: bool) -> None:
    os.environ["ANTHROPIC_API_KEY"] = KEY
    run(Path(folder), url, batch=batch)


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    return forking("tests.taxonomy.preloaded")


@pytest.mark.slow
@pytest.mark.parametrize("batch", [True, False], ids=["batches", "messages"])
def test_killed_at_random_it_names_the_same_tree_and_pays_no_batch_twice(
    tmp_path: Path, context: ForkServerContext, batch: bool
) -> None:
    kills = campaign = 0
    trees = set()
    behave = saying(lambda given: f"drive {given['inside'][0].split()[0]}")
    while kills < KILLS:
        folder = tmp_path / str(campaign)
        write_names(folder)
        killer = Killer(campaign)
        with running(behave=behave, batch_seconds=0.03, hook=killer.hook) as (url, state):

            def start(folder: Path = folder, url: str = url) -> BaseProcess:
                process = context.Process(target=_build, args=(str(folder), url, batch))
                process.start()
                return process

            n = killer.until_done(start)
        trees.add((folder / "tree" / "taxonomy.csv").read_bytes())
        with open_ledger(folder / "tree.ledger.sqlite") as opened:
            uncertain = opened.n_uncertain()
            assert not opened.open_submissions("anthropic")
        again = state.billed_single.total() - len(state.billed_single)
        assert set(state.billed.values()) <= {1}
        assert 0 <= again <= uncertain <= 3 * n
        held = messages_held(folder / "tree.ledger.sqlite")
        assert held == len(state.billed) + len(state.billed_single)
        assert sorted(p.name for p in folder.iterdir() if not p.name.startswith(".")) == [
            "names.txt",
            "tree",
            "tree.ledger.sqlite",
        ]
        kills, campaign = kills + n, campaign + 1
    assert len(trees) == 1
    assert nodes(tmp_path / "0")["name"].str.startswith("Drive ").all()
