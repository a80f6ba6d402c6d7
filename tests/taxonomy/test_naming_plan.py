"""What naming sends at most, and what it says it costs."""

import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import pytest

from tests.taxonomy.test_free_tree import NAMES, planted
from valuescape.providers.exchange import Request
from valuescape.providers.prices import find_price
from valuescape.taxonomy.free_tree import draft_tree, name_tree
from valuescape.taxonomy.model_naming import MAX_TOKENS, ModelNamer
from valuescape.taxonomy.naming_plan import most_questions, plan_naming

HAIKU, SONNET = "claude-haiku-4-5", "claude-sonnet-5-5"


def question(text: str) -> Request:
    return Request(text, "m", "s" * 100, text, {}, MAX_TOKENS)


class Contrary:
    """Moves every node it can, and gives one name to all until asked to tell them apart."""

    def __init__(self) -> None:
        self.keys: set[str] = set()
        self.number = count()

    def __call__(self, requests: Sequence[Request]) -> Mapping[str, str]:
        self.keys |= {request.key for request in requests}
        return {r.key: json.dumps(self.answer(json.loads(r.text))) for r in requests}

    def answer(self, given: Any) -> Any:
        if isinstance(given, list):
            return {"groups": [{"id": g["id"], "name": f"N {next(self.number)}"} for g in given]}
        if "above" in given:
            return {"parent": next(self.number) % len(given["above"])}
        return {"name": "Drive", "description": "All alike."}


@pytest.mark.parametrize("sizes", [[12, 4, 2], [9, 3, 1], [12, 6, 3]])
@pytest.mark.parametrize("planned", [True, False])
def test_no_answers_lead_to_more_questions_than_said(sizes: list[int], planned: bool) -> None:
    embedding, truth = planted()
    names = truth if planned else NAMES
    draft = draft_tree(list(names), embedding=embedding if planned else None, sizes=sizes)
    contrary = Contrary()
    name_tree(draft, ModelNamer(contrary, "m"))
    assert sum(draft.sizes) < len(contrary.keys) <= most_questions(draft.sizes)


def test_dollars_are_those_of_all_questions_that_may_come() -> None:
    left = [question("x" * 250), question("y" * 450)]
    found = plan_naming(left, 0, (2, 1, 1), find_price(HAIKU), "message", model=HAIKU, where="at A")
    n = most_questions((2, 1, 1))
    assert n == 2 + 2 + 3 + 1 + 2 + 3 + 3
    assert found.n_at_most == n
    assert found.read_tokens == round(n * 450 / 3.5)
    assert found.dollars == pytest.approx((found.read_tokens + n * 80 * 5) / 1e6)
    dearest = (2 * question("y" * 450).n_bytes + MAX_TOKENS * 5) / 1e6
    assert found.dearest == pytest.approx(dearest)
    half = plan_naming(left, 0, (2, 1, 1), find_price(HAIKU), "batch", model=HAIKU, where="at A")
    assert half.dollars == pytest.approx(found.dollars / 2)


def test_the_plan_says_what_how_many_to_whom_and_at_what_price() -> None:
    left = [question("x" * 250)] * 3
    price = find_price(SONNET)
    given: dict[str, Any] = {"model": SONNET, "where": "at Anthropic", "budget": 0.001}
    text = plan_naming(left, 5, (6, 2, 1), price, "batch", **given).text
    assert f"at most 22 questions to send to {SONNET} at Anthropic, 5 answered before" in text
    assert "3 of them if every name differs" in text
    assert "names of values are sent" in text
    assert f"an estimate with prices of {price.as_of}" in text
    assert "the budget of 0.001 is below the estimate" in text
    assert "no price is known" in plan_naming(left, 0, (2, 1, 1), None, "message", **given).text
