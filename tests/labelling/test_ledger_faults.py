"""A ledger that is damaged, has no room or meets a clock that jumps, under a labelling run."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faulty import contents, read_only
from tests.labelling.claude import labels, run, texts, write_corpus
from tests.providers.server import Behaviour, State, good_answer, running
from valuescape.errors import InputError
from valuescape.providers import ledger as module
from valuescape.providers.ledger import open_ledger

N, PAGES = 8, 12


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    write_corpus(tmp_path / "c.jsonl", texts(N))
    return tmp_path


def paid_once(state: State) -> bool:
    billed = state.billed + state.billed_single
    return len(billed) == N and set(billed.values()) == {1}


def _zeros(content: bytes) -> bytes:
    return content[:4096] + bytes(4096) + content[8192:]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "cut off": lambda content: content[: len(content) // 2],
    "a page of zeros": _zeros,
    "a page of something else": lambda content: content[:4096] + b"\x99" * 4096 + content[8192:],
    "another format": lambda content: b"PAR1" + content[4:],
    "text": lambda _: b"not a database at all, but long enough to be one" * 200,
}


@pytest.mark.parametrize("batch", [True, False], ids=["batches", "messages"])
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_ledger_stops_the_run_and_a_copy_put_back_goes_on(
    damage: str, batch: bool, corpus: Path
) -> None:
    path = corpus / "out" / "ledger.sqlite"
    with running() as (url, state):
        run(corpus, url, batch=batch)
        good, tables = path.read_bytes(), labels(corpus)
        path.write_bytes(DAMAGE[damage](good))
        before, calls = contents(corpus / "out"), sum(state.calls.values())
        with pytest.raises(InputError, match=rf"{path}: .*put a copy of it back"):
            run(corpus, url, batch=batch)
        assert sum(state.calls.values()) - calls <= 1, "no conversation is sent"
        after = contents(corpus / "out")
        for name in ("labels.parquet", "expressions.parquet"):
            assert after[name] == before[name]
        for left in path.parent.glob("ledger.sqlite*"):
            left.unlink()
        path.write_bytes(good)
        run(corpus, url, batch=batch)
        assert paid_once(state)
    assert labels(corpus).equals(tables)


@pytest.mark.parametrize("batch", [True, False], ids=["batches", "messages"])
def test_a_disk_that_fills_up_under_the_ledger_loses_no_answer_of_a_batch(
    batch: bool, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite is given few pages, which is what it sees of a full disk."""
    prepare = module._prepare

    def narrow(connection: sqlite3.Connection, path: Path) -> None:
        prepare(connection, path)
        connection.execute(f"PRAGMA max_page_count = {PAGES}")

    def long(text: str, n_before: int) -> Behaviour:
        answer = good_answer(text, n_before)
        return Behaviour(answer.text + " " * 6000)

    monkeypatch.setattr(module, "_prepare", narrow)
    with running(behave=long) as (url, state):
        with pytest.raises(InputError, match=r"ledger\.sqlite: the ledger cannot be written.*room"):
            run(corpus, url, batch=batch)
        assert not (corpus / "out" / "labels.parquet").exists()
        monkeypatch.undo()
        run(corpus, url, batch=batch)
        assert set(labels(corpus)["status"]) == {"ok"}
        again = sum(state.billed.values()) + sum(state.billed_single.values()) - N
        with open_ledger(corpus / "out" / "ledger.sqlite") as ledger:
            assert again <= (0 if batch else ledger.n_uncertain())


def test_an_output_that_may_only_be_read_is_named(corpus: Path) -> None:
    with running() as (url, state):
        run(corpus, url)
        before, calls = contents(corpus / "out"), sum(state.calls.values())
        with (
            read_only(corpus / "out") as out,
            pytest.raises(InputError, match=rf"{out}/ledger\.sqlite: the ledger cannot be written"),
        ):
            run(corpus, url)
        assert sum(state.calls.values()) - calls <= 1, "no conversation is sent"
    assert contents(corpus / "out") == before


@pytest.mark.parametrize("batch", [True, False], ids=["batches", "messages"])
@pytest.mark.parametrize("jumps", [(-4e8, 4e8), (4e8, -4e8), (1e4, -1e4)])
def test_a_clock_that_jumps_pays_nothing_twice_and_changes_no_label(
    jumps: tuple[float, float], batch: bool, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock: Callable[[], float] = time.time
    ahead = iter([0.0, *jumps] * 10_000)

    def jumping(*_: Any) -> float:
        return clock() + next(ahead)

    monkeypatch.setattr(time, "time", jumping)
    with running() as (url, state):
        run(corpus, url, batch=batch, most_requests=3)
        first = contents(corpus / "out")["labels.parquet"]
        run(corpus, url, batch=batch)
        assert paid_once(state)
    assert contents(corpus / "out")["labels.parquet"] == first
