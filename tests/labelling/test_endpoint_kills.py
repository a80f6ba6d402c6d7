"""The endpoint labeller killed at random moments: every conversation ends with one answer."""

from __future__ import annotations

from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from tests.labelling.claude import labels, texts, write_corpus
from tests.labelling.killing import Killer, forking, messages_held
from tests.labelling.local import run
from tests.providers.endpoint_server import serving
from tests.providers.server import Behaviour, good_answer
from valuescape.providers.ledger import open_ledger

N_CONVERSATIONS = 12
KILLS = 80
WORKERS = 3


def _label(folder: str, url: str) -> None:
    run(Path(folder), url, workers=WORKERS)


def _sometimes_unusable(text: str, n_before: int) -> Behaviour:
    return Behaviour("{") if n_before == 0 and len(text) % 4 == 0 else good_answer(text, n_before)


@pytest.mark.slow
def test_killed_at_random_it_loses_nothing_and_asks_again_only_what_was_cut_off(
    tmp_path: Path,
) -> None:
    context, kills, campaign, again = forking(), 0, 0, 0
    while kills < KILLS:
        folder = tmp_path / str(campaign)
        write_corpus(folder / "c.jsonl", texts(N_CONVERSATIONS))
        killer = Killer(200 + campaign)
        with serving(behave=_sometimes_unusable, hook=killer.hook) as (url, state):

            def start(folder: Path = folder, url: str = url) -> BaseProcess:
                process = context.Process(target=_label, args=(str(folder), url))
                process.start()
                return process

            n = killer.until_done(start)
        found = labels(folder)
        assert found.index.tolist() == [f"c{i}" for i in range(N_CONVERSATIONS)]
        assert set(found["status"]) == {"ok"}
        ledger = folder / "out" / "ledger.sqlite"
        with open_ledger(ledger) as opened:
            assert not opened.open_submissions("endpoint")
            uncertain = opened.n_uncertain()
        cut_off = sum(state.answered.values()) - messages_held(ledger)
        assert 0 <= cut_off <= uncertain <= WORKERS * n
        assert len(state.answered) == N_CONVERSATIONS
        kills, campaign, again = kills + n, campaign + 1, again + cut_off
        print(f"{kills} kills, {campaign * N_CONVERSATIONS} conversations, {again} asked again")  # noqa: T201
    assert again > 0
