"""Damaged records of every format are refused as malformed, never by another exception."""

import copy
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.corpora import invented
from valuescape.corpora.adapters.registry import FORMATS
from valuescape.corpora.conversation import Conversation
from valuescape.corpora.records import File, Record
from valuescape.corpora.turns import Outcome
from valuescape.errors import InputError

SECRET = "canary-" * 4
JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 10**18),
    st.sampled_from([math.inf, math.nan, -0.5]),
    st.sampled_from(["", SECRET, "attachment://x", "\ud800", "user", "assistant"]),
    st.lists(st.sampled_from([None, 1, SECRET, {}, {"type": SECRET}, []]), max_size=3),
    st.dictionaries(
        st.sampled_from(["role", "content", "message", "parent", "uuid", "type", "text"]),
        st.sampled_from([None, 1, SECRET, {}, []]),
        max_size=3,
    ),
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the paths of all values inside a record."""
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    found = [path] if path else []
    for key in keys:
        found += places(value[key], (*path, key))
    return found


def damaged(record: dict[str, Any], path: tuple[Any, ...], junk: Any, gone: bool) -> dict[str, Any]:
    changed = copy.deepcopy(record)
    inner: Any = changed
    for key in path[:-1]:
        inner = inner[key]
    if gone:
        del inner[path[-1]]
    else:
        inner[path[-1]] = junk
    return changed


@pytest.mark.parametrize("name", FORMATS)
@settings(max_examples=120)
@given(data=st.data())
def test_a_damaged_record_is_read_or_refused_without_a_word_of_it(
    name: str, data: st.DataObject
) -> None:
    record, adapter = invented.RECORDS[name], FORMATS[name]
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(places(record) or [()]))
        if path:
            record = damaged(record, path, data.draw(JUNK), data.draw(st.booleans()))
    file = File("folder/f.json", Path("folder/f.json"), 0, adapter.source)
    around = invented.AROUND.get(name, {})
    assert adapter.recognises(record) in (True, False)
    found: list[Outcome]
    try:
        found = list(adapter.convert(Record(record, file, 0, "line 1", around)))
        refused = ""
    except InputError as error:
        found, refused = [], str(error)
    assert SECRET not in refused
    for outcome in found:
        if isinstance(outcome, Conversation):
            assert outcome.id
            assert outcome.model
            assert all(isinstance(t.content, str) for t in outcome.messages)
