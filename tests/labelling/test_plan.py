"""The plan: numbers that can be recomputed by hand."""

from __future__ import annotations

import pytest

from valuescape.corpora.conversation import Conversation, Turn
from valuescape.errors import InputError
from valuescape.labelling.plan import ANSWER_TOKENS, make_plan
from valuescape.labelling.prompt import make_prompt
from valuescape.providers.anthropic_api import RefusedError
from valuescape.providers.exchange import Request

PROMPT = make_prompt("claude-sonnet-5-5", "open", 4096)


def conversations(n: int) -> list[Request]:
    return [
        PROMPT.request(Conversation(str(i), "m", (Turn("user", "x" * (i + 1)),), "p"))
        for i in range(n)
    ]


def count(request: Request) -> int:
    return 100 if request.params["max_tokens"] == 1 else 130


@pytest.mark.parametrize("batch", [True, False])
def test_tokens_are_counted_on_a_sample_and_priced(batch: bool) -> None:
    plan = make_plan(
        conversations(4), PROMPT.warming(), batch=batch, is_open=lambda _: True, count=count
    )
    assert (plan.n_conversations, plan.n_answered, plan.n_to_send) == (4, 0, 4)
    assert (plan.codebook_tokens, plan.conversation_tokens, plan.counted) == (100, 120, True)
    assert plan.answer_tokens == 4 * ANSWER_TOKENS
    half = 0.5 if batch else 1.0
    bare = half * (2 * (120 + 400) + 10 * 1600) / 1e6
    cached = half * (2 * (120 + 2 * 100 + 0.05 * 300) + 10 * 1600) / 1e6
    assert plan.dollars_uncached == pytest.approx(bare)
    assert plan.dollars == pytest.approx(cached)
    assert ("half the price" in plan.text) == batch


def test_what_is_answered_or_repeated_is_not_sent() -> None:
    three = conversations(3)
    done = three[0].key
    plan = make_plan(
        [*three, three[1]],
        PROMPT.warming(),
        batch=True,
        is_open=lambda key: key != done,
        count=None,
    )
    assert (plan.n_conversations, plan.n_answered, plan.n_to_send) == (4, 1, 2)
    assert not plan.counted


def test_tokens_are_estimated_where_they_cannot_be_counted_and_refusals_are_told() -> None:
    def unreachable(_: Request) -> int:
        raise InputError("nobody there")

    def refused(_: Request) -> int:
        raise RefusedError("401")

    plans = [
        make_plan(conversations(2), PROMPT.warming(), batch=True, is_open=lambda _: True, count=c)
        for c in (unreachable, None)
    ]
    assert plans[0] == plans[1]
    assert "estimated from the length" in plans[0].text
    with pytest.raises(RefusedError):
        make_plan(
            conversations(2), PROMPT.warming(), batch=True, is_open=lambda _: True, count=refused
        )


def test_a_model_without_a_price_is_said_to_have_none() -> None:
    warming = make_prompt("claude-9", "open", 4096).warming()
    plan = make_plan(conversations(2), warming, batch=True, is_open=lambda _: True, count=None)
    assert plan.dollars is None
    assert plan.dollars_uncached is None
    assert "no price is known for claude-9" in plan.text
