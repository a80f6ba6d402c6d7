"""Data behind the figure and the tables of results in other ways."""

import re

import numpy as np
import pandas as pd
import pytest

from tests.report.figure_rules import RESULTS, assert_same_numbers, planned, result
from valuescape.report.figures.robustness import READERS
from valuescape.report.results import Results
from valuescape.report.robustness_findings import robustness_numbers
from valuescape.report.tables.robustness import robust_contrasts_table, robust_shares_table

FOUND = result("robustness/robustness.csv")


@pytest.fixture(scope="module")
def behind() -> pd.DataFrame:
    return planned()["robustness"].data


def test_every_variant_has_a_row_of_its_own_and_readers_share_one(behind: pd.DataFrame) -> None:
    single = behind[behind["kind"] != READERS]
    assert_same_numbers(single, FOUND, ["headline", "variant"], ["estimate", "ci_low", "ci_high"])
    left_out = FOUND[FOUND["kind"] == READERS]
    assert len(single) == len(FOUND) - len(left_out)
    ranges = behind[behind["kind"] == READERS].set_index("headline")
    ends = left_out.groupby("headline")["estimate"].agg(["min", "max"])
    np.testing.assert_allclose(ranges.loc[ends.index, ["ci_low", "ci_high"]], ends)


def test_rows_and_panels_are_the_same_for_all(behind: pd.DataFrame) -> None:
    assert behind.groupby("row")["label"].nunique().max() == 1
    rows = [tuple(part["row"]) for _, part in behind.groupby("panel")]
    assert len(set(rows)) == 1
    assert rows[0] == tuple(range(1, len(rows[0]) + 1))
    assert (behind.loc[behind["row"] == 1, "variant"] == "primary").all()


@pytest.mark.parametrize(
    ("table", "scales"),
    [(robust_contrasts_table, {"ratio", "excess"}), (robust_shares_table, {"share"})],
)
def test_tables_print_every_cell(table, scales: set[str], behind: pd.DataFrame) -> None:  # type: ignore[no-untyped-def]
    text = table(Results(RESULTS))
    lines = [line for line in text.split("\n") if line.startswith("| ")]
    part = behind[behind["scale"].isin(scales)]
    assert len(lines) == 1 + part["row"].nunique()
    cells = [cell.strip() for line in lines[1:] for cell in line.strip("|").split("|")[1:]]
    assert len(cells) == len(part)
    none = part["estimate"].isna() & (part["kind"] != READERS)
    assert cells.count("–") == none.sum()
    marked = part[part["kind"] != READERS]
    assert sum(r"\*\*" in cell for cell in cells) == marked["disagrees"].sum()
    assert sum(bool(re.search(r"\\\*", cell)) for cell in cells) == marked["outside"].sum()
    first = [cell.split(" ")[0] for cell in cells[: part["panel"].nunique()]]
    assert all(float(cell) > 0 for cell in first)


def test_counts_of_the_text_add_up() -> None:
    numbers = robustness_numbers(Results(RESULTS))
    others = FOUND[FOUND["place"] > 0]
    assert int(numbers["n_estimates"]) + int(numbers["n_none"]) == len(others)
    assert int(numbers["n_variants"]) * int(numbers["n_headlines"]) == len(others)
    assert int(numbers["n_disagree"]) <= int(numbers["n_outside"]) <= int(numbers["n_estimates"])
