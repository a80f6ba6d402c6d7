"""Data behind the figures: the results' own numbers, chosen and ordered as the docstrings say."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.paths import ROOT
from tests.report.figure_rules import SETTINGS, assert_same_numbers, planned, result
from valuescape.errors import InputError
from valuescape.report import style
from valuescape.report.figures import (
    agreement,
    associations,
    mirroring,
    prevalences,
    responses,
    taxonomy,
)
from valuescape.report.results import Results
from valuescape.schema import GROUPS, POLARITIES, RESPONSE_TYPES, TASK_TYPES

INTERVAL = ["estimate", "ci_low", "ci_high"]


@pytest.fixture(scope="module")
def behind() -> dict[str, pd.DataFrame]:
    return {name: drawing.data for name, drawing in planned().items()}


@pytest.mark.parametrize(
    ("maps", "names"),
    [
        ((style.GROUP_NAMES, style.GROUP_COLOURS), GROUPS),
        ((style.TASK_TYPE_NAMES,), TASK_TYPES),
        ((style.RESPONSE_TYPE_NAMES, style.RESPONSE_TYPE_COLOURS), RESPONSE_TYPES),
        (
            (
                style.POLARITY_NAMES,
                style.POLARITY_COLOURS,
                style.POLARITY_MARKS,
                style.POLARITY_HATCHES,
            ),
            POLARITIES,
        ),
    ],
)
def test_every_category_has_a_name_and_a_look(
    maps: tuple[dict[str, str], ...], names: tuple[str, ...]
) -> None:
    for look in maps:
        assert tuple(look) == names
        assert len(set(look.values())) == len(names)


def test_every_heading_and_run_of_the_data_has_a_name() -> None:
    nodes = result("taxonomy/taxonomy.csv")
    assert set(nodes.loc[nodes["level"] == 3, "node_id"]) == set(style.HEADING_COLOURS)
    assistants = pd.read_csv(ROOT / "data" / "labels" / "assistants.csv")
    assert set(assistants["source"]) == set(style.SOURCE_NAMES)
    assert set(assistants["model"]) == set(style.MODEL_NAMES)
    printed = [style.run_names(f"{s}: {m}") for s, m in assistants[["source", "model"]].to_numpy()]
    assert len(set(printed)) == len(printed)


def _luminance(colour: str) -> float:
    shares = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(shares <= 0.04045, shares / 12.92, ((shares + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize(
    "colour",
    [style.INK, style.FAINT, *style.HEADING_COLOURS.values(), style.GROUP_COLOURS["ordinary"]],
)
def test_coloured_text_stands_out_from_paper(colour: str) -> None:
    assert 1.05 / (_luminance(colour) + 0.05) >= 4.5


def test_numbers_of_every_figure_are_those_of_the_results(
    behind: dict[str, pd.DataFrame],
) -> None:
    cells = result("associate/associations.csv")
    tasks = cells[(cells["context_kind"] == "task_type") & (cells["level"] == 0)]
    top = result("associate/top_values.csv")
    overall = result("respond/shares.csv")
    by_task = result("respond/shares_by_task_type.csv")
    by_run = result("respond/shares_by_run.csv")
    cell = ["adjusted_residual", "q_value", "n_context", "n_value"]
    checks = [
        ("taxonomy", result("taxonomy/taxonomy.csv"), ["node_id"], ["n", "level"]),
        ("task_values_ordinary", tasks, ["group", "context", "value"], cell),
        ("task_values_adversarial", tasks, ["group", "context", "value"], cell),
        (
            "top_values",
            top[top["level"] == 0],
            ["group", "context", "value"],
            ["rank", "log_rr", "log_rr_low", "log_rr_high", "n_context"],
        ),
        (
            "response_types",
            overall[overall["subjective"]],
            ["group", "response_type"],
            [*INTERVAL, "n", "reader_low", "reader_high"],
        ),
        ("response_types_by_assistant", by_run, ["group", "run", "response_type"], INTERVAL),
        ("response_types_adversarial", by_run, ["group", "run", "response_type"], INTERVAL),
        ("hhh", result("respond/hhh.csv"), ["group", "quantity"], [*INTERVAL, "n"]),
        (
            "resistance",
            result("respond/resistance.csv"),
            ["group", "value"],
            ["risk_ratio", "ci_low", "ci_high", "q_value", "n_both", "n_value"],
        ),
        (
            "mirroring",
            result("respond/mirroring.csv"),
            ["group", "stance", "quantity"],
            [*INTERVAL, "n"],
        ),
        (
            "common_values",
            result("correct/corrected.csv"),
            ["group", "quantity", "name"],
            [*INTERVAL, "readings", "readings_low", "readings_high", "n_read", "n_frame"],
        ),
        (
            "headings",
            result("correct/corrected.csv"),
            ["group", "quantity", "name"],
            [*INTERVAL, "readings"],
        ),
        (
            "machine_against_reading",
            result("correct/agreement.csv"),
            ["pair", "group", "facet", "statistic"],
            [*INTERVAL, "n"],
        ),
        (
            "machine_by_category",
            result("correct/precision.csv"),
            ["pair", "facet", "name"],
            [
                "precision",
                "precision_low",
                "precision_high",
                "recall",
                "recall_low",
                "recall_high",
                "n_reference",
            ],
        ),
    ]
    for name, results, key, numbers in checks:
        assert_same_numbers(behind[name], results, key, numbers)
    tasked = behind["response_types_by_task_type"]
    whole = tasked["task_type"] == "all"
    assert_same_numbers(
        tasked[~whole], by_task, ["group", "task_type", "response_type"], [*INTERVAL, "n"]
    )
    assert_same_numbers(
        tasked[whole],
        overall[overall["subjective"]],
        ["group", "response_type"],
        [*INTERVAL, "reader_low"],
    )


def test_tree_keeps_every_node_below_its_parent_and_headings_apart() -> None:
    nodes = result("taxonomy/taxonomy.csv")
    data = taxonomy.taxonomy_data(nodes).set_index("node_id")
    assert set(data.index) == set(nodes.loc[nodes["level"] >= 1, "node_id"])
    assert not data.duplicated(["column", "row"]).any()
    below = data[data["parent_id"].notna()]
    parents = data.loc[below["parent_id"]]
    assert (below["row"].to_numpy() > parents["row"].to_numpy()).all()
    assert (below["column"].to_numpy() == parents["column"].to_numpy()).all()
    first = data[data["level"] == 3].reset_index().sort_values(["column", "row"])
    assert first["node_id"].tolist() == list(style.HEADING_COLOURS)
    for _, siblings in below.groupby("parent_id"):
        assert siblings.sort_values("row")["n"].is_monotonic_decreasing


def test_heat_map_takes_the_commonest_values_and_shows_a_diagonal(
    behind: dict[str, pd.DataFrame],
) -> None:
    data = behind["task_values_ordinary"]
    cells = result("associate/associations.csv")
    cells = cells.query("group == 'ordinary' and context_kind == 'task_type' and level == 0")
    shown = data.drop_duplicates("value")
    left_out = cells[~cells["value"].isin(shown["value"])]
    assert len(shown) == SETTINGS.draw.values_in_heat_map
    assert shown["n_value"].min() >= left_out["n_value"].max()
    peaks = data.loc[data.groupby("row")["adjusted_residual"].idxmax()].sort_values("row")
    assert peaks["column"].is_monotonic_increasing
    columns = data.drop_duplicates("column").sort_values("column")["context"].tolist()
    assert columns == [name for name in TASK_TYPES if name in columns]
    assert (data["marked"] == (data["q_value"] <= SETTINGS.associate.q_threshold)).all()


def test_top_values_keep_their_ranks_and_the_task_types_without_any() -> None:
    top = result("associate/top_values.csv")
    data = associations.top_values_data(top, "ordinary", 2)
    chosen = top[(top["group"] == "ordinary") & (top["level"] == 0)]
    assert set(data["context"]) == set(chosen["context"])
    assert data["rank"].max() == 2
    silent = data[data["value"] == associations.NOTHING]
    assert (silent["rank"] == 0).all()
    assert data["row"].tolist() == list(range(1, len(data) + 1))


def test_shares_show_only_contexts_of_the_family_and_one_row_each(
    behind: dict[str, pd.DataFrame],
) -> None:
    contexts = result("count/contexts.csv")
    family = contexts[contexts["in_family"] & (contexts["group"] == "ordinary")]
    tasks = family.loc[family["context_kind"] == "task_type", "context"]
    runs = family.loc[family["context_kind"] == "run", "context"]
    assert set(behind["response_types_by_task_type"]["task_type"]) == {*tasks, "all"}
    assert set(behind["response_types_by_assistant"]["run"]) == set(runs)
    for name in (n for n in behind if n.startswith("response_types")):
        data = behind[name]
        assert (data.groupby("row")["response_type"].nunique() == len(RESPONSE_TYPES)).all()
        assert np.allclose(data.groupby("row")["estimate"].sum(), 1.0, atol=1e-6)
    assert responses.overall_data(result("respond/shares.csv"))["row"].nunique() == len(GROUPS)


def test_mirroring_leaves_out_stances_with_few_prompt_groups() -> None:
    given = result("respond/mirroring.csv")
    few, many = (mirroring.mirroring_data(given, least) for least in (2, 100))
    assert few["n_clusters"].min() >= 2
    assert many["n_clusters"].min() >= 100
    assert len(many) < len(few)
    assert set(few["quantity"]) == {"observed", "expected", "excess"}


def test_most_common_values_are_ranked_by_the_headline_estimate() -> None:
    shares = pd.DataFrame(
        {
            "group": ["ordinary"] * 3 + ["adversarial", "over_refusal", "ordinary"],
            "quantity": ["value"] * 5 + ["heading"],
            "name": ["b", "a", "c", "a", "a", "Social values"],
            "estimate": [0.2, 0.2, 0.3, 0.1, 0.9, 0.8],
        }
    )
    polarity = pd.Series({"a": "fault", "b": "desirable", "c": "desirable"})
    data = prevalences.common_values_data(shares, polarity, 2)
    assert data[["group", "name", "row", "polarity"]].to_numpy().tolist() == [
        ["adversarial", "a", 1, "fault"],
        ["ordinary", "c", 1, "desirable"],
        ["ordinary", "a", 2, "fault"],
    ]
    nodes = pd.DataFrame({"name": ["Social values"], "node_id": ["social-values"]})
    assert prevalences.headings_data(shares, nodes)["row"].tolist() == [1]


def test_agreement_takes_one_coefficient_a_facet_of_both_pairs() -> None:
    rows = [
        (pair, group, facet, statistic, 0.5, 0.4, 0.6, 10)
        for pair in ("r-1 and r-2", "r-1 and embedded-2", "r-1 and r-open")
        for group in ("all", "ordinary")
        for facet in ("subjective", "values")
        for statistic in ("percent", "cohen_kappa", "jaccard")
    ]
    table = pd.DataFrame(rows, columns=list(agreement.AGREEMENT_COLUMNS))
    data = agreement.agreement_data(table, "r-1", "r-2")
    found = set(data[["against", "facet", "statistic"]].itertuples(index=False, name=None))
    assert found == {
        (against, facet, statistic)
        for against in ("reading", "machine")
        for facet, statistic in (("subjective", "cohen_kappa"), ("values", "jaccard"))
    }


def test_precision_rows_leave_room_for_the_name_of_each_facet(
    behind: dict[str, pd.DataFrame],
) -> None:
    data = behind["machine_by_category"].sort_values("row")
    breaks = data["block"] != data["block"].shift()
    assert (data["row"].diff().fillna(2) == np.where(breaks, 2, 1)).all()
    values = data[data["block"] == "value"]
    assert len(values) <= SETTINGS.draw.top_values
    assert values["n_reference"].is_monotonic_decreasing


def test_missing_results_are_named_with_the_stage_that_writes_them(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"shares\.csv: no such file; the stage respond writes"):
        Results(tmp_path).table("respond", "shares", ["group"])
    (tmp_path / "respond").mkdir()
    (tmp_path / "respond" / "shares.csv").write_text("group,n\na,1\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"column 'estimate' is missing; needed are group, est"):
        Results(tmp_path).table("respond", "shares", ["group", "estimate"])
