"""How cells, intervals and headers are printed."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from valuescape.errors import InputError
from valuescape.statistics import cohen_kappa, corrected_cv, table_tests, wilson
from valuescape.tables import display_table

NARROW = "\u202f"


def cells(name: str, *values: object, **more: object) -> list[str]:
    frame = pd.DataFrame({name: list(values)})
    return [row[0] for row in display_table(frame, **more).rows]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("prevalence_inside", 0.28249, f"28.2{NARROW}%"),
        ("coverage", 0.95, f"95.0{NARROW}%"),
        ("q_value", 0.0342, "0.034"),
        ("q_value", 1e-12, "< 0.001"),
        ("log10_p", -300.0, "< 0.001"),
        ("log10_p", -1.0, "0.10"),
        ("chi_square_log10_p", -2.0, "0.010"),
        ("risk_ratio", 16.72, "17"),
        ("odds_ratio", math.inf, "∞"),
        ("risk_difference", -0.0512, "−5.1"),
        ("n_clusters", 33705, "33,705"),
        ("rank", 1, "1"),
        ("z", -3.14159, "−3.14"),
        ("z", 0.0, "0"),
        ("expected", 1234.5, "1,234"),
        ("design_effect", float("nan"), "–"),
        ("explicit", True, "yes"),
        ("task_type", "coding_technical", "Coding, technical"),
        ("group", "over_refusal", "Over-refusal probe"),
        ("value", "coding_technical", "coding_technical"),
        ("value", None, "–"),
    ],
)
def test_a_cell_is_printed_by_the_name_and_type_of_its_column(
    name: str, value: object, shown: str
) -> None:
    assert cells(name, value) == [shown]


def test_an_estimate_is_joined_with_its_limits_and_their_level() -> None:
    table = display_table(wilson([12, 0], 40, conf_level=0.9), {"estimate": "share"})
    assert table.header == (f"Estimate (90{NARROW}% interval)",)
    low, high = (
        float(x) for x in (wilson(12, 40, conf_level=0.9).low, wilson(12, 40, conf_level=0.9).high)
    )
    assert table.rows[0] == (f"30.0{NARROW}% ({100 * low:.1f} to {100 * high:.1f}{NARROW}%)",)


def test_limits_may_stand_beside_the_estimate() -> None:
    table = display_table(wilson(12, 40), {"estimate": "share"}, join=False)
    assert table.header == ("Estimate", "Interval, low", "Interval, high", "Confidence level")
    assert all(cell.endswith("%") for cell in table.rows[0][:3])


def test_levels_that_differ_stay_a_column() -> None:
    frame = pd.concat([wilson(12, 40, conf_level=level).to_frame() for level in (0.9, 0.95)])
    table = display_table(frame)
    assert table.header == ("Estimate (interval)", "Confidence level")


def test_a_missing_limit_leaves_the_estimate() -> None:
    frame = pd.DataFrame({"estimate": [0.5, np.nan], "ci_low": [np.nan] * 2, "ci_high": [0.9] * 2})
    assert display_table(frame).rows == (("0.500",), ("–",))


def test_the_unit_of_a_table_prints_its_estimates() -> None:
    frame = pd.DataFrame({"estimate": [0.25], "ci_low": [0.2], "ci_high": [0.3], "unit": "share"})
    assert display_table(frame).rows[0][0] == f"25.0{NARROW}% (20.0 to 30.0{NARROW}%)"
    assert display_table(frame.assign(unit="cosine")).rows[0][0] == "0.250 (0.200 to 0.300)"
    mixed = pd.concat([frame, frame.assign(unit="cosine")])
    assert display_table(mixed).rows[0][0] == "0.250 (0.200 to 0.300)"


def test_columns_and_names_are_chosen() -> None:
    tests = table_tests([[5, 1], [2, 8]], [10, 10], [7, 9], 20)
    table = display_table(
        tests,
        columns=["log10_q", "context"],
        names={"context": "Task"},
        formats={"log10_q": "decimal"},
    )
    assert table.header == ("q", "Task")
    assert table.numeric == (True, True)
    assert table.rows[0][0].startswith("−")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"columns": ["nothing"]}, "columns: there is no column 'nothing'; allowed are value, n"),
        ({"names": {"nothing": "x"}}, "names: there is no column 'nothing'"),
        ({"formats": {"nothing": "share"}}, "formats: there is no column 'nothing'"),
        ({"formats": {"n": "euros"}}, r"formats\['n'\] = 'euros': allowed are count, decimal"),
        ({"formats": {"value": "share"}}, "the column holds no numbers; allowed is text"),
        ({"key": "a b"}, "key = 'a b': allowed are letters, digits and hyphens"),
        ({"key": "x}\\input{y"}, "allowed are letters"),
    ],
)
def test_what_cannot_be_shown_is_refused(options: dict[str, object], message: str) -> None:
    frame = pd.DataFrame({"value": ["care"], "n": [3]})
    with pytest.raises(InputError, match=message):
        display_table(frame, **options)  # type: ignore[arg-type]


def test_only_tables_with_columns_of_their_own_are_shown() -> None:
    with pytest.raises(InputError, match=r"list cannot be shown; .* to_frame\(\)"):
        display_table([1, 2])  # type: ignore[arg-type]
    with pytest.raises(InputError, match="column 'n' twice"):
        display_table(pd.DataFrame([[1, 2]], columns=["n", "n"]))
    with pytest.raises(InputError, match="no column"):
        display_table(pd.DataFrame())


def test_a_table_without_rows_has_its_header() -> None:
    empty = display_table(pd.DataFrame({"value": [], "n": []}))
    assert empty.rows == ()
    assert "<tbody>\n</tbody>" in empty.to_html()
    assert empty.to_markdown().count("\n") == 2


def test_results_of_several_kinds_are_shown() -> None:
    kappa = display_table(cohen_kappa(["a", "b", "a"], ["a", "b", "b"]))
    assert "Coefficient" in kappa.header
    spread = display_table(corrected_cv([5, 9, 30], [100, 90, 120]), columns=["estimate", "raw_cv"])
    assert spread.header == (f"Estimate (95{NARROW}% interval)", "Raw CV")


def test_what_is_shown_is_one_line_without_control_characters() -> None:
    frame = pd.DataFrame({"value": ["a\nb\tc\x00"]})
    table = display_table(frame, caption="d\n e\ud800", notes=["f\r\ng"], names={"value": "h\ni"})
    assert table.rows == (("a b c\ufffd",),)
    assert (table.caption, table.notes, table.header) == ("d e\ufffd", ("f g",), ("h i",))
