"""A batch that nobody confirmed is found by its size, its place and the names inside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.providers.server import KEY, State, running
from valuescape.corpora.conversation import Conversation, Turn
from valuescape.labelling.prompt import make_prompt
from valuescape.providers.anthropic_api import AnthropicApi
from valuescape.providers.dispatch import Dispatcher, Manner, custom_id, size_of
from valuescape.providers.exchange import Request
from valuescape.providers.ledger import Ledger, open_ledger

PROMPT = make_prompt("claude-sonnet-5-5", "open", 100)
REQUESTS = [
    PROMPT.request(Conversation(str(i), "m", (Turn("user", "x" * (i + 1)),), "p")) for i in range(3)
]
QUICK = Manner(poll_seconds=0.005, settle_seconds=0.0)


@pytest.fixture
def server() -> Iterator[tuple[AnthropicApi, State]]:
    with running() as (url, state):
        yield AnthropicApi(KEY, base_url=url, max_retries=0), state


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with open_ledger(tmp_path / "l.sqlite") as found:
        yield found


def lines(nonce: str, requests: list[Request]) -> list[dict[str, object]]:
    return [{"custom_id": custom_id(nonce, r.key), "params": r.params} for r in requests]


def begin(ledger: Ledger, marker: str | None) -> str:
    return ledger.begin("batch", PROMPT.model, [r.key for r in REQUESTS], marker, 0.0)


def test_ours_is_found_among_others_and_its_answers_are_kept(
    server: tuple[AnthropicApi, State], ledger: Ledger
) -> None:
    api, state = server
    marker = state.make_batch(lines("f" * 16, REQUESTS))
    nonce = begin(ledger, marker)
    state.make_batch(lines("e" * 16, REQUESTS))
    ours = state.make_batch(lines(nonce, REQUESTS))
    state.make_batch(lines("d" * 16, REQUESTS[:2]))
    Dispatcher(api, ledger, PROMPT.model, QUICK).finish_open()
    assert ledger.batch_ids() == {ours}
    assert not ledger.open_submissions()
    assert [len(ledger.replies(r.key)) for r in REQUESTS] == [1, 1, 1]


def test_batches_of_others_are_left_alone_and_ours_counts_as_never_arrived(
    server: tuple[AnthropicApi, State], ledger: Ledger
) -> None:
    api, state = server
    begin(ledger, None)
    for _ in range(120):
        state.make_batch(lines("e" * 16, REQUESTS[:1]))
    state.make_batch(lines("e" * 16, REQUESTS))
    Dispatcher(api, ledger, PROMPT.model, QUICK).finish_open()
    assert not ledger.batch_ids()
    assert not ledger.open_submissions()
    assert not ledger.replies(REQUESTS[0].key)


def test_nothing_older_than_the_marker_is_looked_at(
    server: tuple[AnthropicApi, State], ledger: Ledger
) -> None:
    api, state = server
    nonce = begin(ledger, "msgbatch_0001")
    state.make_batch(lines(nonce, REQUESTS))
    state.make_batch(lines("e" * 16, REQUESTS))
    Dispatcher(api, ledger, PROMPT.model, QUICK).finish_open()
    assert not ledger.batch_ids()
    assert not [path for path in state.calls if "results" in path]


@pytest.mark.parametrize(
    "limits", [{"batch_requests": 2}, {"batch_bytes": 2 * size_of(REQUESTS[2])}]
)
def test_batches_keep_their_limits(
    server: tuple[AnthropicApi, State], ledger: Ledger, limits: dict[str, int]
) -> None:
    api, state = server
    manner = Manner(poll_seconds=0.005, settle_seconds=0.0, **limits)  # type: ignore[arg-type]
    Dispatcher(api, ledger, PROMPT.model, manner).settle(REQUESTS, lambda replies: not replies)
    assert [len(b["requests"]) for b in state.batches.values()] == [2, 1]


def test_the_cache_is_warmed_once_and_a_round_is_what_it_says(
    server: tuple[AnthropicApi, State], ledger: Ledger
) -> None:
    api, state = server
    manner = Manner(poll_seconds=0.005, settle_seconds=0.0, rounds=2)
    dispatcher = Dispatcher(api, ledger, PROMPT.model, manner)
    dispatcher.settle(REQUESTS, lambda _: len(state.batches) < 9, PROMPT.warming())
    assert len(state.batches) == 2
    assert state.calls["POST /v1/messages"] == 1
    assert state.tokens["cache_read_input_tokens"] > 0
