"""Numbers of names against counting and simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuescape.study.vocabulary import vocabulary_table


def said(n: int, labeller: str, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(seed)
    ids = [f"c{i}" for i in range(n)]
    rows = [
        (i, labeller, f"v{int(v)}")
        for i in ids
        for v in np.unique(np.minimum(rng.geometric(0.08, 3), 40))
    ]
    expressions = pd.DataFrame(rows, columns=["conversation_id", "labeller", "value"])
    return expressions, pd.DataFrame({"conversation_id": ids, "labeller": labeller})


PARTS = [said(150, "closed", 1), said(60, "open", 2)]
EXPRESSIONS = pd.concat([p[0] for p in PARTS])
SUBJECTIVE = pd.concat([p[1] for p in PARTS])
FOUND = vocabulary_table(EXPRESSIONS, SUBJECTIVE, ["closed", "open"], conf_level=0.95)


def test_names_uniques_and_concentration_are_counted() -> None:
    for row, (expressions, subjective) in zip(FOUND.itertuples(), PARTS, strict=True):
        counts = expressions["value"].value_counts()
        assert row.n == len(subjective)
        assert row.names == len(counts)
        assert row.uniques == (counts == 1).sum()
        assert row.duplicates == (counts == 2).sum()
        assert row.values_per_conversation == pytest.approx(len(expressions) / len(subjective))
        assert row.share_of_top_ten == pytest.approx(counts.head(10).sum() / counts.sum())
        assert row.chao2 >= row.names
        assert row.chao2_low <= row.chao2 <= row.chao2_high


def test_names_are_rarefied_to_the_smallest_protocol() -> None:
    assert set(FOUND["n_rarefied"]) == {60}
    rows = FOUND.set_index("labeller")
    assert rows.loc["open", "rarefied"] == pytest.approx(rows.loc["open", "names"])
    expressions, subjective = PARTS[0]
    rng = np.random.default_rng(5)
    sets = expressions.groupby("conversation_id")["value"].agg(list)
    drawn = [
        len(
            {
                v
                for i in rng.choice(subjective["conversation_id"], 60, replace=False)
                for v in sets[i]
            }
        )
        for _ in range(400)
    ]
    assert rows.loc["closed", "rarefied"] == pytest.approx(np.mean(drawn), abs=0.4)


def test_only_subjective_conversations_count() -> None:
    fewer = SUBJECTIVE[~SUBJECTIVE["conversation_id"].isin(["c1", "c2"])]
    found = vocabulary_table(EXPRESSIONS, fewer, ["closed", "open"], conf_level=0.95)
    assert found["n"].tolist() == [148, 58]


def test_level_and_protocols_change_the_table() -> None:
    wide = vocabulary_table(EXPRESSIONS, SUBJECTIVE, ["closed", "open"], conf_level=0.99)
    assert (wide["chao2_high"] > FOUND["chao2_high"]).all()
    alone = vocabulary_table(EXPRESSIONS, SUBJECTIVE, ["closed"], conf_level=0.95)
    assert alone["n_rarefied"].tolist() == [150]
