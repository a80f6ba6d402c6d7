"""The shipped prompts: every kind of task, conflicts, no two alike; and what is refused."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path

import pytest

from valuescape.errors import InputError
from valuescape.probe.prompts import read_prompts, shipped_prompts
from valuescape.schema import TASK_TYPES

PROMPTS = read_prompts(shipped_prompts())


def test_every_kind_of_task_has_as_many() -> None:
    assert len(PROMPTS) >= 200
    assert set(Counter(p.task_type for p in PROMPTS).values()) == {13}
    assert {p.task_type for p in PROMPTS} == set(TASK_TYPES)


def test_conflicts_name_two_values_and_are_many() -> None:
    assert {len(p.conflict) for p in PROMPTS} == {0, 2}
    assert sum(bool(p.conflict) for p in PROMPTS) == 130
    assert len({value for p in PROMPTS for value in p.conflict}) > 120


def test_no_two_prompts_share_much() -> None:
    words = [frozenset(re.findall(r"[a-z]+", p.text.lower())) for p in PROMPTS]
    for i, one in enumerate(words):
        for other in words[:i]:
            assert len(one & other) / len(one | other) < 0.5


def test_the_readme_counts_them() -> None:
    text = (shipped_prompts().parent / "README.md").read_text("utf-8")
    assert text.count("208 prompts") == 1
    assert "130 of them" in text


GOOD = {"id": "a", "task_type": "casual_chat", "prompt": "Hello"}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "no prompt; at least one is needed"),
        (["{"], "line 1: not JSON"),
        (["[]"], "line 1: not an object"),
        ([GOOD | {"prompt": " "}], "line 1: 'prompt' is ' '; a text is needed"),
        ([GOOD | {"task_type": "x"}], "line 1: task_type is 'x'; allowed are personal_advice"),
        ([GOOD | {"conflict": "a"}], "line 1: 'conflict' is 'a'; a list of texts"),
        ([GOOD, GOOD], "line 2: id 'a' occurs a second time"),
    ],
)
def test_malformed_prompts_are_named(tmp_path: Path, lines: list[object], message: str) -> None:
    path = tmp_path / "p.jsonl"
    path.write_text("\n".join(x if isinstance(x, str) else json.dumps(x) for x in lines))
    with pytest.raises(InputError, match=re.escape(message)):
        read_prompts(path)
