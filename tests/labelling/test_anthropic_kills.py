"""Killed at random moments and run again, nothing is lost and nothing is paid twice."""

from __future__ import annotations

from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest

from tests.labelling.claude import labels, run, texts, write_corpus
from tests.labelling.killing import Killer, forking, messages_held
from tests.providers.server import Behaviour, State, good_answer, running
from valuescape.providers.ledger import open_ledger

N_CONVERSATIONS = 12
KILLS = 220
MESSAGE_KILLS = 60


def _label(folder: str, url: str, batch: bool) -> None:
    run(Path(folder), url, batch=batch, most_requests=5, workers=3)


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
    return forking()


def _campaign(
    context: ForkServerContext, folder: Path, *, batch: bool, seed: int
) -> tuple[int, State]:
    write_corpus(folder / "c.jsonl", texts(N_CONVERSATIONS))
    behave = _sometimes_failing if batch else good_answer
    killer = Killer(seed)
    with running(behave=behave, batch_seconds=0.03, hook=killer.hook) as (url, state):

        def start() -> BaseProcess:
            process = context.Process(target=_label, args=(str(folder), url, batch))
            process.start()
            return process

        return killer.until_done(start), state


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
    tmp_path: Path, context: ForkServerContext
) -> None:
    kills = campaign = looked = 0
    while kills < KILLS:
        folder = tmp_path / str(campaign)
        n, state = _campaign(context, folder, batch=True, seed=campaign)
        _check_paid_once(state)
        found = labels(folder)
        assert found.index.tolist() == [f"c{i}" for i in range(N_CONVERSATIONS)]
        assert set(found["status"]) == {"ok"}
        ledger = folder / "out" / "ledger.sqlite"
        assert messages_held(ledger) == sum(state.billed.values())
        with open_ledger(ledger) as opened:
            assert not opened.open_submissions("anthropic")
        kills, campaign = kills + n, campaign + 1
        looked += state.calls["GET /v1/messages/batches"] - state.calls["POST /v1/messages/batches"]
        print(  # noqa: T201
            f"{kills} kills, {campaign * N_CONVERSATIONS} conversations, {looked} looks for a batch"
        )
    assert looked >= KILLS // 20


@pytest.mark.slow
def test_single_messages_pay_again_only_for_what_was_cut_off_and_say_so(
    tmp_path: Path, context: ForkServerContext
) -> None:
    """The interface takes no key against repetition: what was under way may be paid again."""
    kills = again = campaign = 0
    while kills < MESSAGE_KILLS:
        folder = tmp_path / str(campaign)
        n, state = _campaign(context, folder, batch=False, seed=100 + campaign)
        assert set(labels(folder)["status"]) == {"ok"}
        ledger = folder / "out" / "ledger.sqlite"
        with open_ledger(ledger) as opened:
            uncertain = opened.n_uncertain()
        repeated = sum(state.billed_single.values()) - N_CONVERSATIONS
        assert 0 <= repeated <= uncertain <= 3 * n
        assert messages_held(ledger) == N_CONVERSATIONS
        kills, again, campaign = kills + n, again + repeated, campaign + 1
        print(f"{kills} kills, {again} messages paid again")  # noqa: T201
    assert 0 < again <= 3 * kills
