"""Sending: batches found after a crash, kept to their limits; messages side by side; money."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.providers.server import KEY, Behaviour, Fault, State, good_answer, running
from valuescape.corpora.conversation import Conversation, Turn
from valuescape.errors import ServiceError
from valuescape.labelling.prompt import make_prompt
from valuescape.providers.account import BudgetError
from valuescape.providers.anthropic_api import AnthropicApi
from valuescape.providers.anthropic_messages import message_params
from valuescape.providers.batching import BatchManner, custom_id
from valuescape.providers.dispatch import Dispatcher, Manner
from valuescape.providers.exchange import Messages, Reply, Request, Usage
from valuescape.providers.ledger import Ledger, open_ledger
from valuescape.providers.prices import find_price

PROMPT = make_prompt("claude-sonnet-5-5", "open", 100)


def question(i: int) -> Request:
    return PROMPT.request(Conversation(str(i), "m", (Turn("user", "x" * (i + 1)),), "p"))


REQUESTS = [question(i) for i in range(3)]


def quick(manner: dict[str, Any] | None = None, **batches: Any) -> Manner:
    waits = {"poll_seconds": 0.005, "settle_seconds": 0.0}
    return Manner(batches=BatchManner(**waits | batches), **manner or {})


def unanswered(replies: Sequence[Reply]) -> bool:
    return not any(r.outcome == "message" for r in replies)


@pytest.fixture
def server() -> Iterator[tuple[AnthropicApi, State]]:
    with running() as (url, state):
        yield AnthropicApi(KEY, base_url=url, max_retries=0, timeout=5.0), state


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "l.sqlite") as found:
        yield found


def dispatcher(api: AnthropicApi, ledger: Ledger, manner: Manner | None = None) -> Dispatcher:
    return Dispatcher(api, api, ledger, find_price(PROMPT.model), manner or quick())


def lines(nonce: str, requests: Sequence[Request]) -> list[dict[str, object]]:
    return [{"custom_id": custom_id(nonce, r.key), "params": message_params(r)} for r in requests]


def begin(ledger: Ledger, marker: str | None) -> str:
    keys = [r.key for r in REQUESTS]
    return ledger.begin("anthropic", "batch", PROMPT.model, keys, marker=marker)


def finish(api: AnthropicApi, ledger: Ledger) -> None:
    dispatcher(api, ledger).settle([], lambda _: False)


def test_ours_is_found_among_others_and_its_answers_are_kept(
    server: tuple[AnthropicApi, State], ledger: Ledger
) -> None:
    api, state = server
    marker = state.make_batch(lines("f" * 16, REQUESTS))
    nonce = begin(ledger, marker)
    state.make_batch(lines("e" * 16, REQUESTS))
    ours = state.make_batch(lines(nonce, REQUESTS))
    state.make_batch(lines("d" * 16, REQUESTS[:2]))
    finish(api, ledger)
    assert ledger.batch_ids() == {ours}
    assert not ledger.open_submissions("anthropic")
    assert [len(ledger.replies(r.key)) for r in REQUESTS] == [1, 1, 1]


def test_batches_of_others_are_left_alone_and_ours_counts_as_never_arrived(
    server: tuple[AnthropicApi, State], ledger: Ledger
) -> None:
    api, state = server
    begin(ledger, None)
    for _ in range(120):
        state.make_batch(lines("e" * 16, REQUESTS[:1]))
    state.make_batch(lines("e" * 16, REQUESTS))
    finish(api, ledger)
    assert not ledger.batch_ids()
    assert not ledger.open_submissions("anthropic")
    assert not ledger.replies(REQUESTS[0].key)


def test_nothing_older_than_the_marker_is_looked_at(
    server: tuple[AnthropicApi, State], ledger: Ledger
) -> None:
    api, state = server
    nonce = begin(ledger, "msgbatch_0001")
    state.make_batch(lines(nonce, REQUESTS))
    state.make_batch(lines("e" * 16, REQUESTS))
    finish(api, ledger)
    assert not ledger.batch_ids()
    assert not [path for path in state.calls if "results" in path]


def test_a_batch_that_another_workspace_holds_is_not_paid_a_second_time(
    server: tuple[AnthropicApi, State], ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    api, state = server
    nonce = begin(ledger, None)
    ledger.accepted(nonce, "msgbatch_9999")
    with pytest.raises(ServiceError, match="msgbatch_9999 is not known under this key; run the"):
        dispatcher(api, ledger).settle(REQUESTS, unanswered)
    assert not state.batches
    month = time.time() + 30 * 86_400
    monkeypatch.setattr("valuescape.providers.batching.time.time", lambda: month)
    dispatcher(api, ledger).settle(REQUESTS, unanswered)
    assert len(state.batches) == 1


@pytest.mark.parametrize("limits", [{"most_requests": 2}, {"most_bytes": 2 * REQUESTS[2].n_bytes}])
def test_batches_keep_their_limits(
    server: tuple[AnthropicApi, State], ledger: Ledger, limits: dict[str, int]
) -> None:
    api, state = server
    dispatcher(api, ledger, quick(**limits)).settle(REQUESTS, lambda replies: not replies)
    assert [len(b["requests"]) for b in state.batches.values()] == [2, 1]
    for batch in state.batches.values():
        sent = len(str(batch["requests"]).encode())
        assert sent <= sum(question(i).n_bytes for i in range(3))


@pytest.mark.parametrize(("most_open", "waits"), [(1, True), (3, False)])
def test_so_many_batches_are_under_way_at_a_time(
    ledger: Ledger, most_open: int, waits: bool
) -> None:
    with running(batch_seconds=0.5) as (url, state):
        api = AnthropicApi(KEY, base_url=url)
        sent: list[int] = []

        def hook(call: str, moment: str) -> None:
            if call == "POST /v1/messages/batches" and moment == "arrived":
                sent.append(sum(b["results"] is None for b in state.batches.values()))

        state.hook = hook
        manner = quick(most_requests=1, most_open=most_open)
        dispatcher(api, ledger, manner).settle(REQUESTS, unanswered)
        assert (max(sent) == 0) == waits


def test_the_cache_is_warmed_once_and_a_round_is_what_it_says(
    server: tuple[AnthropicApi, State], ledger: Ledger
) -> None:
    api, state = server
    asked = dispatcher(api, ledger, quick({"rounds": 2}))
    asked.settle(REQUESTS, lambda _: len(state.batches) < 9, warming=PROMPT.warming())
    assert len(state.batches) == 2
    assert state.calls["POST /v1/messages"] == 1
    assert state.tokens["cache_read_input_tokens"] > 0


def test_a_codebook_that_the_model_does_not_take_stops_before_any_conversation(
    server: tuple[AnthropicApi, State], ledger: Ledger
) -> None:
    api, state = server
    for _ in range(2):
        state.faults.append(Fault("POST /v1/messages", 400))
        with pytest.raises(ServiceError, match=r"not take the codebook .invalid_request_error"):
            dispatcher(api, ledger).settle(REQUESTS, unanswered, warming=PROMPT.warming())
    assert not state.batches
    assert not state.asked


@pytest.mark.parametrize("workers", [1, 4])
def test_so_many_messages_are_under_way_at_a_time(ledger: Ledger, workers: int) -> None:
    together = threading.Barrier(workers)
    with running() as (url, state):
        state.hook = lambda _, moment: moment == "worked" and together.wait(timeout=20.0)  # type: ignore[assignment, return-value]
        api = AnthropicApi(KEY, base_url=url)
        settled: list[int] = []
        manner = quick({"batch": False, "workers": workers})
        dispatcher(api, ledger, manner).settle(
            [question(i) for i in range(12)], unanswered, done=lambda: settled.append(1)
        )
        assert state.most_at_once == workers
        assert set(state.billed_single.values()) == {1}
        assert len(settled) == len(state.billed_single) == 12


class _Scripted:
    """An interface in memory that does what a function says."""

    provider = "scripted"
    caches = False

    def __init__(self, act: Callable[[Request, int], Reply]) -> None:
        self._act, self.asked, self._lock = act, [], threading.Lock()  # type: ignore[var-annotated]

    def send_message(self, request: Request) -> Reply:
        with self._lock:
            self.asked.append(request)
            n = len(self.asked)
        return self._act(request, n)


def answered(request: Request, _: int) -> Reply:
    return Reply(request.key, "message", "end_turn", "{}", usage=Usage(1000, 0, 0, 100))


def settle(api: Messages, ledger: Ledger, n: int, **manner: Any) -> None:
    asked = Dispatcher(api, None, ledger, None, quick({"batch": False} | manner))
    asked.settle([question(i) for i in range(n)], unanswered)


def test_an_interrupted_run_keeps_what_is_on_its_way(ledger: Ledger) -> None:
    def act(request: Request, n: int) -> Reply:
        if n == 3:
            raise KeyboardInterrupt
        time.sleep(0.1)
        return answered(request, n)

    api = _Scripted(act)
    with pytest.raises(KeyboardInterrupt):
        settle(api, ledger, 40, workers=4)
    kept = sum(bool(ledger.replies(question(i).key)) for i in range(40))
    assert 1 <= kept < len(api.asked) < 40
    settle(_Scripted(answered), ledger, 40)
    assert all(ledger.replies(question(i).key) for i in range(40))


def test_silence_after_silence_stops_the_run_and_one_silent_question_does_not(
    ledger: Ledger,
) -> None:
    def silent(request: Request, _: int) -> Reply:
        return Reply(request.key, "unanswered", error="http_500")

    dead = _Scripted(silent)
    with pytest.raises(ServiceError, match=r"left \d+ questions in a row unanswered .http_500"):
        settle(dead, ledger, 100, workers=2)
    assert len(dead.asked) < 15

    def one(request: Request, n: int) -> Reply:
        if request.key == question(7).key:
            return silent(request, n)
        return answered(request, n)

    settle(_Scripted(one), ledger, 100)
    assert {r.outcome for r in ledger.replies(question(7).key)} == {"unanswered"}


def test_what_is_asked_again_says_so(ledger: Ledger) -> None:
    api = _Scripted(answered)
    asked = Dispatcher(api, None, ledger, None, quick({"batch": False}))
    asked.settle([question(0)], lambda replies: len(replies) < 2)
    assert [request.again for request in api.asked] == [False, True]


def test_a_message_that_may_be_paid_is_held_against_the_budget(ledger: Ledger) -> None:
    price = find_price(PROMPT.model)
    assert price is not None
    one = price.at_most(question(0).n_bytes, 100, "message")
    with running() as (url, state):
        state.faults.append(Fault("POST /v1/messages", cut="after"))
        api = AnthropicApi(KEY, base_url=url)
        manner = quick({"batch": False, "budget": 1.5 * one})
        with pytest.raises(BudgetError):
            dispatcher(api, ledger, manner).settle([question(0)], unanswered)
        assert ledger.n_uncertain() == 1
        assert ledger.at_most_outstanding() == pytest.approx(one)
        manner = quick({"batch": False, "budget": 3 * one})
        dispatcher(api, ledger, manner).settle([question(0)], unanswered)
        assert sum(state.billed_single.values()) == 2


@pytest.mark.parametrize("batch", [True, False])
def test_a_tight_budget_is_spent_in_parts(ledger: Ledger, batch: bool) -> None:
    requests = [question(i) for i in range(12)]
    price = find_price(PROMPT.model)
    assert price is not None
    most = price.at_most(requests[-1].n_bytes, 100, "batch" if batch else "message")

    def short(text: str, n_before: int) -> Behaviour:
        return Behaviour(good_answer(text, n_before).text[:40])

    with running(behave=short) as (url, state):
        api = AnthropicApi(KEY, base_url=url)
        manner = quick({"batch": batch, "budget": 6 * most, "workers": 9})
        dispatcher(api, ledger, manner).settle(requests, unanswered)
        assert set((state.billed + state.billed_single).values()) == {1}
        assert (len(state.batches) > 1) == batch
        assert ledger.dollars() < 6 * most
