"""The stage ``calibrate``, and what its committed tables must show."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.checkout import copied, edit_params
from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.settings import load_settings
from valuescape.stages import calibrate

TINY = {
    "groups": ["ordinary"],
    "contexts": 3,
    "values": 4,
    "conversations": 60,
    "replicates": 2,
    "clustered_replicates": 2,
    "rankings": 2,
    "tables": 1,
    "table_scale": 0.001,
}
RESULTS = ROOT / "data" / "results" / "calibrate"


@pytest.fixture(scope="module")
def tiny(small_source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run both runs of the stage, the full one as small as the other."""
    folder = copied(small_source, tmp_path_factory.mktemp("calibrate"))
    for option, value in TINY.items():
        edit_params(folder, "calibrate", option, value)
    shutil.rmtree(folder / "data" / "reference" / "calibration", ignore_errors=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        with pytest.raises(InputError, match=r"sizes\.csv: no such file.*calibrate --full writes"):
            calibrate.main()
        assert not (folder / "data" / "results" / "calibrate").exists()
        patch.setattr(calibrate, "full_plan", calibrate.smoke_plan)
        calibrate.full()
        calibrate.main()
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_both_runs_stand_in_one_table_each(tiny: Path) -> None:
    out = tiny / "data" / "results" / "calibrate"
    assert set(contents(out)) == {*(f"{name}.csv" for name in calibrate.KEYS), "tails.csv"}
    for name, key in calibrate.KEYS.items():
        table = pd.read_csv(out / f"{name}.csv")
        assert list(table.columns[: len(key) + 1]) == ["run", *key]
        assert not table.duplicated(["run", *key]).any()
        halves = [table[table["run"] == run].drop(columns="run") for run in ("full", "smoke")]
        same = [half.reset_index(drop=True) for half in halves]
        pd.testing.assert_frame_equal(*same)


def test_every_scenario_and_study_is_run(tiny: Path) -> None:
    out = tiny / "data" / "results" / "calibrate"
    scenarios = set(pd.read_csv(out / "sizes.csv")["scenario"])
    assert scenarios == {
        "exactly_five",
        "heavy_tailed",
        "bundles",
        "others_differ",
        "mentions",
        "repeated_users",
        "categories",
        "sparse",
        "own_design_ordinary",
        "memorising_labeller",
        "planted",
        "planted_own_design_ordinary",
    }
    studies = set(pd.read_csv(out / "coverage.csv")["study"])
    assert studies == {
        "independent_100",
        "independent_400",
        "share_ordinary",
        "risk_ratio_ordinary",
        "corrected_share",
        "corrected_contrast",
    }
    assert set(pd.read_csv(out / "power.csv")["design"]) == {"independent", "ordinary"}


def test_the_default_run_repeats_itself_and_leaves_the_full_one_alone(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(tiny, tmp_path)
    before = contents(folder / "data" / "reference" / "calibration")
    first = contents(folder / "data" / "results" / "calibrate")
    monkeypatch.chdir(folder)
    calibrate.main()
    assert contents(folder / "data" / "results" / "calibrate") == first
    edit_params(folder, "calibrate", "seed", 1)
    calibrate.main()
    assert contents(folder / "data" / "results" / "calibrate")["sizes.csv"] != first["sizes.csv"]
    assert contents(folder / "data" / "reference" / "calibration") == before


def test_a_group_that_leaves_nothing_ends_the_stage(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied(tiny, tmp_path)
    edit_params(folder, "count", "minimum_value_conversations", 100_000)
    monkeypatch.chdir(folder)
    with pytest.raises(InputError, match="leave no context or no value"):
        calibrate.main()
    assert (folder / "data" / "results" / "calibrate" / "sizes.csv").is_file()


def test_the_plans_are_taken_from_the_options() -> None:
    settings = load_settings(ROOT / "params.yaml")
    small, full = calibrate.smoke_plan(settings), calibrate.full_plan(settings)
    assert full.replicates == settings.calibrate.full_factor * small.replicates
    assert full.clustered == settings.calibrate.full_factor * small.clustered
    assert (full.tables, full.table_scale) == (settings.calibrate.full_tables, 1.0)
    assert small.trust.minimum_expected == settings.associate.minimum_expected_effective
    assert small.trust.minimum_clusters == settings.associate.minimum_clusters
    assert small.rare == settings.correct.rare_prevalence


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("replicates", 1),
        ("clustered_replicates", 0),
        ("table_scale", 0.0),
        ("table_scale", 1.5),
        ("conversations", 49),
        ("full_factor", 0),
        ("groups", []),
        ("seed", -1),
    ],
)
def test_bad_options_are_refused(tiny: Path, tmp_path: Path, option: str, value: object) -> None:
    shutil.copy(tiny / "params.yaml", tmp_path)
    edit_params(tmp_path, "calibrate", option, value)
    with pytest.raises(InputError, match=f"option 'calibrate.{option}"):
        load_settings(tmp_path / "params.yaml")


OWN = {
    "repeated_users": "design_based",
    "own_design_ordinary": "design_based",
    "own_design_adversarial": "design_based",
    "memorising_labeller": "corrected",
}


def committed(name: str) -> pd.DataFrame:
    return pd.read_csv(RESULTS / f"{name}.csv")


def full_sizes() -> pd.DataFrame:
    table = committed("sizes").query("run == 'full'")
    own = table["scenario"].map(OWN).fillna("conversation_exact")
    return table.assign(own=table["method"] == own)


def test_own_tests_keep_their_size_in_every_null_scenario() -> None:
    own = full_sizes().query("own and not scenario.str.startswith('planted')")
    assert own["scenario"].nunique() == 11
    error = np.sqrt(own["level"] * (1 - own["level"]) / own["n_trials"])
    allowed = own["level"] + 3 * np.maximum(own["monte_carlo_se"], error)
    assert own.loc[own["rate"] > allowed, ["scenario", "band", "level", "rate"]].empty


def test_own_tests_are_not_timid_where_counts_are_large() -> None:
    own = full_sizes().query("own and band == 'E ≥ 20' and level == 0.05")
    assert len(own) == 13
    assert (own["rate_high"] >= own["level"] / 2).all()


def test_the_usual_tests_reject_true_nulls_as_the_appendix_says() -> None:
    sizes = full_sizes().query("level == 0.05").set_index(["scenario", "method", "band"])["rate"]
    assert sizes["others_differ", "pooled_residual", "E ≥ 20"] > 0.3
    assert sizes["mentions", "pooled_residual", "all"] == pytest.approx(0.36, abs=0.05)
    assert sizes["categories", "pooled_residual", "all"] == pytest.approx(0.30, abs=0.05)
    assert sizes["repeated_users", "pooled_residual", "E ≥ 20"] == pytest.approx(0.14, abs=0.05)
    assert sizes["repeated_users", "clustered_wald", "E ≥ 20"] == pytest.approx(0.10, abs=0.03)
    assert sizes["own_design_adversarial", "conversation_exact", "E ≥ 20"] > 0.5


def test_residuals_declare_tens_of_thousands_of_false_cells_and_the_exact_test_none() -> None:
    table = committed("families").query("run == 'full' and scenario == 'sparse'")
    declared = table.set_index(["method", "adjustment"])["mean_declared"]
    assert declared["residual", "bonferroni"] > 20_000
    assert declared["clustered_score", "bonferroni"] > 2e6
    assert declared["conversation_exact", "bonferroni"] < 0.2
    assert declared["conversation_exact", "bh"] < 0.5


def test_false_discoveries_stay_below_their_rate() -> None:
    table = committed("families").query("run == 'full' and adjustment == 'bh'")
    own = table["scenario"].map(
        {"planted": "conversation_exact"}
        | {f"planted_own_design_{g}": "design_based" for g in ("ordinary", "adversarial")}
    )
    chosen = table[table["method"] == own]
    assert len(chosen) == 3
    assert (chosen["false_discovery"] <= 0.05 + 3 * chosen["false_discovery_se"]).all()


def test_the_small_run_agrees_with_the_full_one() -> None:
    table = committed("sizes").query("scenario != 'sparse'")
    halves = [table[table["run"] == run] for run in ("full", "smoke")]
    both = halves[0].merge(halves[1], on=calibrate.KEYS["sizes"], suffixes=("", "_small"))
    assert len(both) == len(halves[1])
    gap = (both["rate"] - both["rate_small"]).abs()
    p = both["rate"].clip(0.005, 0.995)
    error = np.sqrt(both["monte_carlo_se"] ** 2 + both["monte_carlo_se_small"].fillna(0) ** 2)
    least = np.sqrt(p * (1 - p) / both["n_replicates_small"])
    assert (gap <= 4 * np.maximum(error, least)).all()


def test_tails_are_computed() -> None:
    table = committed("tails").query("method == 'residual'")
    assert table["times_nominal"].tolist() == pytest.approx([716.5, 60.1, 11.2], abs=0.1)
