"""The stage ``robustness`` on a part of the readings, and its committed results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.checkout import copied, edit_table
from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.settings import load_settings
from valuescape.stages import robustness

RESULTS = ROOT / "data" / "results"
SETTINGS = load_settings(ROOT / "params.yaml").robustness
FOUND = pd.read_csv(RESULTS / "robustness" / "robustness.csv")
PRIMARY = FOUND[FOUND["place"] == 0].set_index("headline")
LIMITS = ["estimate", "ci_low", "ci_high"]


def test_the_same_tables_are_written_as_are_committed(small_results: Path) -> None:
    out = small_results / "data" / "results" / "robustness"
    assert [path.name for path in out.iterdir()] == ["robustness.csv"]
    table = pd.read_csv(out / "robustness.csv")
    assert list(table.columns) == list(FOUND.columns)
    assert set(table["headline"]) == set(FOUND["headline"])
    assert (table["estimate"].notna() | table["note"].notna()).all()


def test_a_reading_without_a_chance_ends_the_stage(
    small_results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(small_results, tmp_path)
    edit_table(folder, "sample", lambda t: t.assign(second_reading_probability="0"))
    monkeypatch.chdir(folder)
    with pytest.raises(InputError, match=r"second_reading_probability of .* is 0, yet it was read"):
        robustness.main()


def test_every_headline_has_every_variant_or_a_reason() -> None:
    assert not FOUND.duplicated(["headline", "variant"]).any()
    assert len(FOUND) == FOUND["headline"].nunique() * FOUND["variant"].nunique()
    assert set(FOUND["headline"]) == {h.key for h in SETTINGS.headlines}
    none = FOUND["estimate"].isna()
    assert FOUND.loc[none, "note"].notna().all()
    open_ended = FOUND["ci_low"].isna() & ~none
    assert set(FOUND.loc[open_ended, "variant"]) == {"machine labels alone"}
    given = FOUND[FOUND["ci_low"].notna()]
    assert given["estimate"].between(given["ci_low"], given["ci_high"]).all()
    assert (given["n"] >= given["n_clusters"]).all()


def test_every_variant_of_the_plan_is_there() -> None:
    kinds = FOUND.groupby("kind")["variant"].nunique()
    conversations = pd.read_csv(ROOT / "data/labels/conversations.csv")
    labels = pd.read_csv(ROOT / "data/labels/labels.csv")
    read = labels[(labels["codebook"] == "closed") & (labels["reading"] == 1)]
    drawn = conversations[conversations["conversation_id"].isin(read["conversation_id"])]
    drawn = drawn[drawn["group"] != "human_reference"]
    assert kinds["without source"] == drawn["source"].nunique()
    assert kinds["without reader"] == read["reader"].nunique()
    rest = {"primary": 1, "reading": 4, "codebook": 2, "machine labels": 2, "wave": 2}
    rest |= {"length": 2, "prompt groups": 2, "turns": 1}
    assert kinds[list(rest)].to_dict() == rest
    assert len(kinds) == len(rest) + 2


def test_the_primary_estimates_are_those_of_the_results() -> None:
    claims = pd.read_csv(RESULTS / "respond/claims.csv").set_index("key")
    ratios = PRIMARY[PRIMARY["measure"].isin(["task_type", "stance", "user_value"])]
    for key, row in ratios.iterrows():
        claim = claims.loc[str(key)]
        np.testing.assert_allclose(
            row[LIMITS].astype(float),
            claim[["risk_ratio", "ci_low", "ci_high"]].astype(float),
            rtol=1e-4,
        )
        assert (row["n"], row["context"]) == (claim["n_context"], claim["context"])
    shares = pd.read_csv(RESULTS / "respond/shares.csv")
    shares = shares[shares["subjective"]].set_index(["group", "response_type"])
    for _, row in PRIMARY[PRIMARY["measure"] == "response_type"].iterrows():
        share = shares.loc[(row["group"], row["name"])]
        np.testing.assert_allclose(row[LIMITS].astype(float), share[LIMITS].astype(float), 1e-4)
    mirrored = pd.read_csv(RESULTS / "respond/mirroring.csv")
    mirrored = mirrored.set_index(["group", "stance", "quantity"])
    row, excess = PRIMARY.loc["mirroring_support"], mirrored.loc[("ordinary", "support", "excess")]
    np.testing.assert_allclose(row[LIMITS].astype(float), excess[LIMITS].astype(float), 1e-4)
    corrected = pd.read_csv(RESULTS / "correct/corrected.csv")
    corrected = corrected.set_index(["group", "quantity", "name"])["readings"]
    for _, row in PRIMARY[PRIMARY["measure"] == "heading"].iterrows():
        readings = corrected.loc[(row["group"], "heading", row["name"])]
        # The stage ``correct`` weights by the frame's strata, not by inclusion probabilities.
        assert row["estimate"] == pytest.approx(readings, abs=0.005)


def test_leaving_out_what_a_group_does_not_hold_changes_nothing() -> None:
    part = FOUND[(FOUND["group"] == "ordinary") & (FOUND["variant"] == "hh-rlhf-harmless-test")]
    for _, row in part.iterrows():
        same = PRIMARY.loc[row["headline"], LIMITS].astype(float)
        np.testing.assert_allclose(row[LIMITS].astype(float), same, rtol=1e-9)
