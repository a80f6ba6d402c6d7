"""Killed at random moments and run again, nothing is lost and nothing is paid twice."""

from __future__ import annotations

import multiprocessing
import random
import time
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from tests.labelling.claude import labels, run, texts, write_corpus
from tests.providers.server import Behaviour, State, good_answer, running
from valuescape.providers.ledger import open_ledger

N_CONVERSATIONS = 12
KILLS = 220
KILLS_A_CAMPAIGN = 15


def _label(folder: str, url: str, batch: bool) -> None:
    run(Path(folder), url, batch=batch, batch_requests=5)


def _sometimes_failing(text: str, n_before: int) -> Behaviour:
    """First answers of some are unusable (and paid) or not worked on (and not paid)."""
    place = len(text) % 8
    if n_before == 0 and place in (0, 1, 2):
        return [
            Behaviour("{"),
            Behaviour(result="expired"),
            Behaviour(result="errored", error="overloaded_error"),
        ][place]
    return good_answer(text, n_before)


@pytest.fixture(scope="module")
def context() -> ForkServerContext:
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["tests.labelling.preloaded"])
    return found


def _until_done(
    context: ForkServerContext, folder: Path, url: str, batch: bool, rng: random.Random, life: float
) -> int:
    """Start and kill within ``life`` seconds until a run ends; return how many kills hit.

    After a number of kills the next run is left alone.
    """
    kills = 0
    while True:
        process = context.Process(target=_label, args=(str(folder), url, batch))
        process.start()
        process.join(rng.uniform(0.0, life) if kills < KILLS_A_CAMPAIGN else None)
        if process.exitcode is None:
            process.kill()
            process.join()
            kills += 1
        elif process.exitcode == 0:
            return kills
        else:
            pytest.fail(f"a run ended with {process.exitcode}")


def _campaign(
    context: ForkServerContext, folder: Path, *, batch: bool, seed: int, life: float
) -> tuple[int, State]:
    rng = random.Random(seed)  # noqa: S311
    write_corpus(folder / "c.jsonl", texts(N_CONVERSATIONS))
    behave = _sometimes_failing if batch else good_answer
    with running(behave=behave, batch_seconds=0.05, reply_seconds=0.05) as (url, state):
        kills = _until_done(context, folder, url, batch, rng, life)
        time.sleep(0.05)
        return kills, state


@pytest.fixture(scope="module")
def life(context: ForkServerContext, tmp_path_factory: pytest.TempPathFactory) -> float:
    """Give the seconds that a run takes when it is left alone."""
    for name in ("first", "second"):
        begun = time.monotonic()
        folder = tmp_path_factory.mktemp(name)
        write_corpus(folder / "c.jsonl", texts(N_CONVERSATIONS))
        with running(batch_seconds=0.05, reply_seconds=0.05) as (url, _):
            process = context.Process(target=_label, args=(str(folder), url, True))
            process.start()
            process.join()
    return time.monotonic() - begun


def _check_paid_once(state: State) -> None:
    for text, n in state.billed.items():
        unusable = 1 if _sometimes_failing(text, 0).text == "{" else 0
        assert n == 1 + unusable, text
    assert len(state.billed) == N_CONVERSATIONS
    assert not state.billed_single
    # A process may be killed while it uploads: half a question is refused and not paid.
    assert set(state.refused) <= {"body: JSONDecodeError"}


@pytest.mark.slow
def test_batches_killed_at_random_lose_nothing_and_pay_nothing_twice(
    tmp_path: Path, context: ForkServerContext, life: float
) -> None:
    kills = campaign = looked = 0
    while kills < KILLS:
        folder = tmp_path / str(campaign)
        n, state = _campaign(context, folder, batch=True, seed=campaign, life=life)
        _check_paid_once(state)
        found = labels(folder)
        assert found.index.tolist() == [f"c{i}" for i in range(N_CONVERSATIONS)]
        assert set(found["status"]) == {"ok"}
        with open_ledger(folder / "out" / "anthropic-ledger.sqlite") as ledger:
            assert not ledger.open_submissions()
            held = sum(s.n_replies for s in ledger.spending() if s.kind == "batch")
        assert held == sum(state.billed.values())
        kills, campaign = kills + n, campaign + 1
        looked += state.calls["GET /v1/messages/batches"] - state.calls["POST /v1/messages/batches"]
        print(f"{kills} kills in {campaign} campaigns; {looked} looks for a batch")  # noqa: T201
    assert looked > 0


@pytest.mark.slow
def test_single_messages_pay_again_only_for_what_was_cut_off_and_say_so(
    tmp_path: Path, context: ForkServerContext, life: float
) -> None:
    """The interface takes no key against repetition, so one message a kill may be paid again."""
    kills = again = 0
    for campaign in range(3):
        folder = tmp_path / str(campaign)
        n, state = _campaign(context, folder, batch=False, seed=100 + campaign, life=life)
        assert set(labels(folder)["status"]) == {"ok"}
        with open_ledger(folder / "out" / "anthropic-ledger.sqlite") as ledger:
            uncertain = ledger.n_uncertain()
        repeated = sum(state.billed_single.values()) - N_CONVERSATIONS
        assert 0 <= repeated <= uncertain <= n
        kills, again = kills + n, again + repeated
    assert again <= kills
