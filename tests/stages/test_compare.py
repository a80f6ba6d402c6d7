"""The stage ``compare`` on a part of the readings, and its committed results."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.checkout import copied, edit_params
from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.settings import load_settings
from valuescape.stages import compare
from valuescape.statistics.multiplicity import adjust_p

RESULTS = ROOT / "data" / "results" / "compare"
SETTINGS = load_settings(ROOT / "params.yaml").compare
KEYS = {
    "contrasts": ["source", "group", "quantity", "name", "arm", "versus"],
    "paired": ["source", "group", "quantity", "name", "arm", "versus", "prompts"],
    "machine_contrasts": ["source", "group", "quantity", "name", "arm", "versus"],
    "releases": ["quantity", "name", "step"],
    "run_shares": ["source", "group", "run", "quantity", "name"],
    "distinctions": ["source", "group", "level", "context", "value"],
    "distinctive": ["source", "group", "level", "context", "rank"],
    "variation": ["source", "group", "quantity", "name", "component"],
    "axes": ["group", "axis"],
    "loadings": ["group", "axis", "value"],
    "profiles": ["group", "axis", "run"],
    "axes_values": ["group", "value"],
}


def committed(name: str) -> pd.DataFrame:
    return pd.read_csv(RESULTS / f"{name}.csv")


def test_the_same_tables_are_written_as_are_committed(small_results: Path) -> None:
    out = small_results / "data" / "results" / "compare"
    assert {p.name for p in out.iterdir()} == {f"{name}.csv" for name in KEYS}
    for path in RESULTS.glob("*.csv"):
        header = path.read_text("utf-8").split("\n", 1)[0]
        assert (out / path.name).read_text("utf-8").split("\n", 1)[0] == header, path.name
    assert {p.name for p in out.iterdir()} == {p.name for p in RESULTS.iterdir()}


@pytest.mark.parametrize("name", KEYS)
def test_committed_tables_have_their_keys(name: str) -> None:
    assert not committed(name).duplicated(KEYS[name]).any()


def test_committed_contrasts_are_differences_with_a_family_each() -> None:
    found = committed("contrasts")
    np.testing.assert_allclose(
        found["estimate"], found["share_arm"] - found["share_versus"], atol=2e-7
    )
    assert (found["ci_low"] <= found["estimate"]).all()
    assert (found["estimate"] <= found["ci_high"]).all()
    assert found[["n_read_arm", "n_read_versus"]].min().min() >= SETTINGS.minimum_readings
    for _, family in found.groupby(["source", "group", "quantity"]):
        expected = 10.0 ** adjust_p(family["log10_p"].to_numpy(), "bh")
        np.testing.assert_allclose(family["q_value"], expected, rtol=1e-5)
    assert (found["established"] == (found["q_value"] <= SETTINGS.q_threshold)).all()


def test_committed_human_replies_are_in_no_estimate() -> None:
    for name in ("contrasts", "paired", "machine_contrasts", "distinctions", "variation"):
        assert "human_reference" not in set(committed(name)["group"])
    for name in ("loadings", "profiles"):
        assert set(committed(name)["group"]) <= set(SETTINGS.axes_groups)
    shares = committed("run_shares")
    human = shares[shares["group"] == "human_reference"]
    assert len(set(human["run"])) == 1
    assert human["method"].str.contains("reference only").all()


def test_committed_machine_shares_have_no_interval() -> None:
    shares = committed("run_shares")
    alone = shares["method"].str.startswith("machine")
    assert shares.loc[alone, ["ci_low", "ci_high"]].isna().all(axis=None)
    assert shares.loc[~alone, ["ci_low", "ci_high"]].notna().all(axis=None)
    assert (shares.loc[alone, "n_read"] < SETTINGS.minimum_readings).all()


def test_committed_variance_shares_add_up() -> None:
    found = committed("variation")
    sums = found.groupby(["source", "group", "quantity", "name"])["share"].sum(min_count=1).dropna()
    np.testing.assert_allclose(sums, 1.0, atol=1e-4)
    assert (found["share_low"] <= found["share_high"] + 1e-9).all()


def test_committed_axes_exceed_chance_and_loadings_are_correlations() -> None:
    axes = committed("axes")
    kept = axes[axes["retained"]]
    assert (kept["eigenvalue"] > kept["null_quantile"]).all()
    loadings = committed("loadings")
    assert loadings["loading"].abs().max() <= 1
    largest = loadings.loc[loadings.groupby(["group", "axis"])["loading"].apply(
        lambda part: part.abs().idxmax()
    )]  # fmt: skip
    assert (largest["loading"] > 0).all()
    explained = (loadings["loading"] ** 2).groupby([loadings["group"], loadings["axis"]]).mean()
    listed = kept.set_index(["group", "axis"])["explained"]
    np.testing.assert_allclose(explained.sort_index(), listed.sort_index(), rtol=1e-3)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("sources", ["nowhere"], "no conversations of 'nowhere'"),
        ("sources", ["hh-rlhf-harmless-test"], "did two runs answer the same prompt"),
        ("minimum_readings", 10_000, "minimum_readings"),
        ("minimum_value_conversations", 100_000, "minimum_value_conversations is 100000"),
    ],
)
def test_choices_that_leave_nothing_end_the_stage_with_one_message(
    small_results: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    option: str,
    value: object,
    message: str,
) -> None:
    folder = copied(small_results, tmp_path)
    edit_params(folder, "compare", option, value)
    monkeypatch.chdir(folder)
    with pytest.raises(InputError, match=message):
        compare.main()
