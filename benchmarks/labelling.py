"""Labelling of conversations: ours, and heads of scikit-learn on the features that are usual."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from functools import cache
from itertools import islice
from typing import Any

from valuescape.corpora.conversation import Conversation

N_LABELLED = 6_000
"""Conversations that are labelled; times are scaled up from them."""


def share(n: int) -> float:
    """Part of n conversations that is labelled."""
    return N_LABELLED / n


@cache
def demo() -> tuple[Conversation, ...]:
    from valuescape.corpora.jsonl import read_jsonl
    from valuescape.stages.label import demo_corpus

    return tuple(read_jsonl(demo_corpus()))


def conversations() -> Iterator[Conversation]:
    """Yield invented conversations over and over, each time under another name."""
    for turn in range(1 + N_LABELLED // len(demo())):
        for one in demo():
            yield dataclasses.replace(one, id=f"{one.id}-{turn}")


def texts() -> list[str]:
    return [
        "\n".join(turn.content for turn in one.messages)
        for one in islice(conversations(), N_LABELLED)
    ]


def loaded(_: int) -> Any:
    """Have the labeller and its conversations at hand."""
    from valuescape.labelling.embedded import load_embedded

    demo()
    return load_embedded()


def label(n: int) -> Any:
    return list(loaded(n).label(islice(conversations(), N_LABELLED)))


@cache
def fitted(_: int) -> Any:
    """TF-IDF of words and letters with a logistic head a label, as many as ours."""
    import numpy as np
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline, make_union

    model = loaded(0).model
    n_heads = len(model.value_names) + 24
    some = texts()[: len(demo())]
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, max_features=2**14),
        TfidfVectorizer(
            analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True, max_features=2**14
        ),
    )
    heads = OneVsRestClassifier(LogisticRegression(max_iter=20))
    drawn = np.random.default_rng(0).random((len(some), n_heads)) < 0.3
    return make_pipeline(features, heads).fit(some, drawn)


def label_usual(n: int) -> Any:
    return fitted(n).predict_proba(texts())
