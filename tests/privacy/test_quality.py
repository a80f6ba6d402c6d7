"""Recall and precision on sentences held out of tuning, as the documentation prints them."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.privacy.measured import (
    BEGIN,
    DOCUMENT,
    END,
    SORTS,
    Quality,
    block,
    hidden_spans,
    measure,
    sentences,
)

ROWS = sentences()
RECALL = {"name": 0.90, "name_bare": 0.0, "address": 0.90}
PRECISION = {"name": 0.80, "ip": 0.85, "address": 0.85}


def test_the_set_is_broad_and_no_sentence_is_in_both_parts() -> None:
    n = Counter((row.sort, row.planted is not None, row.held_out) for row in ROWS)
    for sort in SORTS:
        if sort != "name_bare":
            assert n[sort, True, True] >= 30
            assert n[sort, False, True] >= 20
    texts = Counter(row.text for row in ROWS)
    assert max(texts.values()) == 1


def test_hidden_places_are_those_of_the_text_given() -> None:
    text = "Write to a@example.org, or call +44 7700 900123."
    spans = [(kind, text[start:end]) for kind, start, end in hidden_spans(text)]
    assert spans == [("email", "a@example.org"), ("phone", "+44 7700 900123")]
    assert hidden_spans("nothing here") == []


@pytest.mark.parametrize("q", measure(r for r in ROWS if r.held_out), ids=lambda q: q.sort)
def test_held_out_data_are_hidden_and_little_else(q: Quality) -> None:
    assert q.whole / q.planted >= RECALL.get(q.sort, 0.93)
    if q.found:
        assert q.right / q.found >= PRECISION.get(q.sort, 0.95)


def test_the_document_prints_what_is_measured() -> None:
    document = DOCUMENT.read_text("utf-8")
    printed = BEGIN + document.split(BEGIN)[1].split(END)[0] + END
    assert printed == block(), "run: python -m tests.privacy.measured"
