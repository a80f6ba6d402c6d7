"""Two periods: planted drift found, mixes told apart, nothing found where nothing is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.monitoring.simulated import labelled, write
from valuescape.cli import app
from valuescape.errors import InputError
from valuescape.monitoring.comparison import ComparisonRules, compare_mixes, compare_periods
from valuescape.monitoring.outcomes import QUANTITIES
from valuescape.monitoring.periods import Period, make_period, read_period

RULES = ComparisonRules()


def period(name: str, *args: object, **options: object) -> Period:
    return make_period(name, *labelled(*args, **options))  # type: ignore[arg-type]


def test_a_planted_drift_is_found_where_it_is() -> None:
    found = compare_periods(
        period("before", 1, 1500), period("now", 2, 1500, odds={"warmth": 0.4}), QUANTITIES, RULES
    ).set_index(["quantity", "name"])
    assert found.loc[("value", "warmth"), "verdict"] == "behaviour down"
    assert found.loc[("value", "clarity"), "verdict"] == "no change shown"
    assert found.loc[("value", "cruelty"), "polarity"] == "undesirable"
    row = found.loc[("value", "warmth")]
    assert row["ci_low"] < row["estimate"] < row["ci_high"] < 0
    parts = found["estimate"] + found["composition"]
    assert np.allclose(parts, found["change"])
    assert found["q_value"].between(0, 1).all()


def test_another_mix_alone_is_composition() -> None:
    before, now = period("a", 3, 3000), period("b", 4, 3000, mix=(0.1, 0.8, 0.1))
    found = compare_periods(before, now, ("value",), RULES).set_index("name")
    assert found.loc["clarity", "verdict"] == "composition"
    assert found.loc["warmth", "verdict"] == "composition"
    assert found.loc["cruelty", "verdict"] == "no change shown"
    assert found.loc["clarity", "change_low"] > 0.1
    mix = compare_mixes(before, now, RULES).set_index("name")
    assert mix.loc["coding_technical", "change"] == pytest.approx(0.5, abs=0.05)


@pytest.mark.slow
def test_without_drift_discoveries_are_rare_and_p_values_not_too_small() -> None:
    logs, declared = [], 0
    for seed in range(20):
        first = period("a", 100 + seed, 250)
        second = period("b", 500 + seed, 250, mix=(0.2, 0.5, 0.3))
        found = compare_periods(first, second, ("value", "response_type"), RULES)
        logs += found["log10_p"].tolist()
        declared += int(found["verdict"].str.startswith("behaviour").any())
    p = 10.0 ** np.array(logs)
    assert (p <= 0.05).mean() <= 0.05 + 3 * (0.05 * 0.95 / len(p)) ** 0.5
    assert declared <= 20 * 0.1 + 3 * (20 * 0.1 * 0.9) ** 0.5


def test_order_and_names_do_not_matter() -> None:
    tables = [labelled(5, 400), labelled(6, 400, odds={"warmth": 3.0})]
    base = compare_periods(*(make_period("p", *t) for t in tables), ("value",), RULES)
    renamed = {"clarity": "honesty", "warmth": "kindness", "cruelty": "sadism"}
    others = []
    for labels, said in tables:
        turned = said.sample(frac=1, random_state=1).replace({"value": renamed})
        others.append(make_period("p", labels.sample(frac=1, random_state=2), turned))
    other = compare_periods(*others, ("value",), RULES)
    other["name"] = other["name"].map({new: old for old, new in renamed.items()})
    columns = base.columns.drop("polarity")
    both = [t[columns].sort_values("name").reset_index(drop=True) for t in (base, other)]
    pd.testing.assert_frame_equal(*both, rtol=1e-9)


def test_periods_change_places_with_the_sign() -> None:
    a, b = period("a", 7, 500), period("b", 8, 600, odds={"clarity": 2.0}, mix=(0.3, 0.4, 0.3))
    forth, back = (compare_periods(*pair, ("value",), RULES) for pair in ((a, b), (b, a)))
    assert forth["estimate"].to_numpy() == pytest.approx(-back["estimate"].to_numpy())
    assert forth["composition"].to_numpy() == pytest.approx(-back["composition"].to_numpy())
    assert forth["log10_p"].to_numpy() == pytest.approx(back["log10_p"].to_numpy(), abs=0.02)


def test_one_value_is_a_family_of_one() -> None:
    labels, said = labelled(9, 300)
    only = make_period("p", labels, said[said["value"] == "clarity"])
    found = compare_periods(only, only, ("value",), RULES)
    assert found["name"].tolist() == ["clarity"]
    assert found["estimate"].iloc[0] == 0
    assert found["verdict"].iloc[0] == "no change shown"


def test_what_cannot_be_compared_is_refused_in_one_message() -> None:
    labels, said = labelled(10, 200)
    chat = make_period("chat", labels[labels["task_type"] == "casual_chat"], said)
    code = make_period("code", labels[labels["task_type"] == "coding_technical"], said)
    with pytest.raises(InputError, match=r"chat and code: no task type in common \(casual_chat"):
        compare_periods(chat, code, ("value",), RULES)
    with pytest.raises(InputError, match="in at least 1000 conversations; lower --minimum"):
        compare_periods(chat, chat, ("value",), ComparisonRules(minimum=1000))
    one = make_period("one", labels.head(1), said)
    with pytest.raises(InputError, match="one: conversations of fewer than two clusters"):
        compare_periods(one, make_period("all", labels, said), ("value",), RULES)
    with pytest.raises(InputError, match="empty: no labelled conversation"):
        make_period("empty", labels.head(0), said)
    with pytest.raises(InputError, match="occurs twice"):
        make_period("p", pd.concat([labels, labels.head(1)]), said)
    with pytest.raises(InputError, match="task_type is 'cooking'; allowed are personal_advice"):
        make_period("p", labels.assign(task_type="cooking"), said)
    with pytest.raises(InputError, match="no column 'user' to cluster by"):
        make_period("p", labels, said, cluster="user")


def test_the_command_writes_a_table_and_its_exit_code(tmp_path: Path) -> None:
    before = write(tmp_path / "a", labelled(11, 800))
    now = write(tmp_path / "b", labelled(12, 800, odds={"warmth": 0.3}))
    out = tmp_path / "drift.csv"
    given = ["monitor", "--baseline", str(before), "--current", str(now), "--output", str(out)]
    done = CliRunner().invoke(app, [*given, "--exit-code"])
    assert done.exit_code == 5, done.output
    assert "value warmth" in done.output
    table = pd.read_csv(out)
    assert set(table["quantity"]) == set(QUANTITIES)
    assert CliRunner().invoke(app, given).exit_code == 0
    same = ["monitor", "--baseline", str(before), "--current", str(before), "--exit-code"]
    assert CliRunner().invoke(app, same).exit_code == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (["--current", "nowhere"], "nowhere: no such file or folder"),
        (["--q-threshold", "2"], "--q-threshold 2 is not allowed"),
        (["--minimum", "0"], "--minimum 0 is not allowed; at least 1 is"),
        (["--labeller", "other"], "no labels of 'other'; allowed are simulated-1"),
        (["--output", "x.xlsx"], "x.xlsx: allowed ending is .csv"),
    ],
)
def test_bad_options_end_with_one_message(tmp_path: Path, change: list[str], message: str) -> None:
    folder = str(write(tmp_path / "a", labelled(13, 60)))
    done = CliRunner().invoke(
        app, ["monitor", "--baseline", folder, "--current", folder, *change], env={"COLUMNS": "300"}
    )
    assert done.exit_code == 1
    assert message in done.output


def test_nothing_given_names_what_is_needed() -> None:
    done = CliRunner().invoke(app, ["monitor"])
    assert done.exit_code == 2
    assert "needed are --baseline and --current" in done.output


def test_files_csv_and_several_labellers(tmp_path: Path) -> None:
    labels, said = labelled(14, 50)
    labels.to_csv(tmp_path / "labels.csv", index=False)
    said.to_csv(tmp_path / "expressions.csv", index=False)
    assert len(read_period(tmp_path / "labels.csv").conversations) == 50
    two = pd.concat([labels, labels.assign(labeller="other-1")])
    two.to_csv(tmp_path / "labels.csv", index=False)
    with pytest.raises(InputError, match="labels of other-1, simulated-1; choose one"):
        read_period(tmp_path)
    assert len(read_period(tmp_path, labeller="other-1").expressions) == 0
    (tmp_path / "expressions.csv").unlink()
    with pytest.raises(InputError, match=r"expressions\.parquet: no such file; needed are labels"):
        read_period(tmp_path)


def test_names_of_labellers_that_are_no_text_are_refused(tmp_path: Path) -> None:
    labels, said = labelled(14, 50)
    said.to_parquet(tmp_path / "expressions.parquet")
    labels.assign(labeller=7).to_parquet(tmp_path / "labels.parquet")
    for wanted in ("other", None):
        with pytest.raises(InputError, match=r"labels\.parquet: column 'labeller' is no text"):
            read_period(tmp_path, labeller=wanted)
