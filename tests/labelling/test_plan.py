"""The plan: numbers that can be recomputed by hand, and nothing sent without a word."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from valuescape.corpora.conversation import Conversation, Turn
from valuescape.errors import ServiceError
from valuescape.labelling.plan import (
    ANSWER_TOKENS,
    SAMPLED,
    Plan,
    priced,
    tally_requests,
    token_rates,
)
from valuescape.labelling.prompt import make_prompt
from valuescape.providers.exchange import RefusedError, Request
from valuescape.providers.prices import find_price

PROMPT = make_prompt("claude-sonnet-5-5", "open", 4096)


def conversations(n: int) -> list[Request]:
    return [
        PROMPT.request(Conversation(str(i), "m", (Turn("user", "x" * (i + 1)),), "p"))
        for i in range(n)
    ]


def count(request: Request) -> int:
    return 100 if request.max_tokens == 1 else 130


def plan(
    requests: Iterable[Request],
    *,
    batch: bool = True,
    is_open: Callable[[str], bool] = lambda _: True,
    count: Callable[[Request], int] | None = None,
    with_texts: bool = True,
    model: str = PROMPT.model,
    budget: float | None = None,
) -> Plan:
    price, kind = find_price(model), "batch" if batch else "message"
    tallied = tally_requests(requests, is_open, price, kind)  # type: ignore[arg-type]
    rates = token_rates(PROMPT.warming(), tallied.sample, count, with_texts=with_texts)
    words = {"model": model, "where": "there", "hidden": "hidden: nothing"}
    return priced(tallied, rates, price, kind, budget=budget, **words)  # type: ignore[arg-type]


@pytest.mark.parametrize("batch", [True, False])
def test_tokens_are_counted_on_a_sample_and_priced(batch: bool) -> None:
    requests = conversations(4)
    found = plan(requests, batch=batch, count=count)
    assert (found.n_conversations, found.n_answered, found.n_to_send) == (4, 0, 4)
    assert (found.rates.codebook, found.conversation_tokens) == (100, 120)
    assert found.rates.how == "counted on a sample of 4"
    assert found.answer_tokens == 4 * ANSWER_TOKENS
    half = 0.5 if batch else 1.0
    bare = half * (2 * (120 + 400) + 10 * 1600) / 1e6
    cached = half * (2 * (120 + 2 * 100 + 0.05 * 300) + 10 * 1600) / 1e6
    most = half * sum(2 * 2 * r.n_bytes + 10 * 4096 for r in requests) / 1e6
    assert found.dollars_uncached == pytest.approx(bare)
    assert found.dollars == pytest.approx(cached)
    assert found.dollars_at_most == pytest.approx(most)


def test_what_is_answered_or_repeated_is_not_sent() -> None:
    three = conversations(3)
    done = three[0].key
    found = plan([*three, three[1]], is_open=lambda key: key != done)
    assert (found.n_conversations, found.n_answered, found.n_to_send) == (4, 1, 2)


def test_no_text_is_counted_unless_it_is_wanted() -> None:
    asked: list[Request] = []

    def counting(request: Request) -> int:
        asked.append(request)
        return count(request)

    assert plan(conversations(20), count=counting, with_texts=False).rates.codebook == 100
    assert asked == [PROMPT.warming()]
    plan(conversations(20), count=counting)
    assert len(asked) == 1 + 1 + SAMPLED


def test_tokens_are_estimated_where_they_cannot_be_counted_and_refusals_are_told() -> None:
    def unreachable(_: Request) -> int:
        raise ServiceError("nobody there")

    def refused(_: Request) -> int:
        raise RefusedError("401")

    first, second = (plan(conversations(2), count=c) for c in (unreachable, None))
    assert first == second
    assert "estimated from the length" in first.text
    with pytest.raises(RefusedError):
        plan(conversations(2), count=refused)


def test_a_model_without_a_price_is_said_to_have_none() -> None:
    found = plan(conversations(2), model="claude-9")
    assert (found.dollars, found.dollars_uncached, found.dollars_at_most) == (None, None, None)
    assert "no price is known for claude-9" in found.text


def test_the_words_name_the_day_of_the_price_what_is_hidden_and_a_small_budget() -> None:
    found = plan(conversations(2), budget=0.001)
    price = find_price(PROMPT.model)
    assert price is not None
    assert f"prices of {price.as_of}" in found.text
    assert "hidden: nothing" in found.text
    assert "below the estimate" in found.text
    assert "below the estimate" not in plan(conversations(2), budget=9.0).text
