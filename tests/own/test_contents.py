"""Small, uniform and lopsided corpora: every one ends in a page or in a reason."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd
import pytest

from tests.own import simulated
from valuescape.corpora.reading import Tally
from valuescape.errors import InputError
from valuescape.own.contents import own_contents
from valuescape.own.explorer import own_explorer
from valuescape.own.figures import own_figures
from valuescape.own.floors import Floors
from valuescape.own.frame import Frame, own_frame
from valuescape.own.labels import given_labels
from valuescape.report.figures.base import write_drawing
from valuescape.report.own.contents import TABLES
from valuescape.report.own.page import report_page

Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]


def frame_of(folder: Path, tables: Tables, *, private: bool) -> Frame:
    labels = simulated.write_corpus(folder / "labels", tables)
    return own_frame(given_labels(labels, None, None, Tally()), private=private)


def uniform(tables: Tables) -> Tables:
    labels, said, known = tables
    same = labels.assign(task_type="coding_technical", response_type="no_values")
    return same, said, known.assign(model="only")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("n", "users", "per_heading"), [(5, 3, 1), (20, 20, 2), (60, 30, 1), (120, 10, 1), (30, 30, 8)]
)
@pytest.mark.parametrize("private", [True, False])
@pytest.mark.parametrize("change", [lambda t: t, uniform], ids=["mixed", "uniform"])
def test_a_corpus_ends_in_a_page_or_in_a_reason(
    tmp_path: Path,
    n: int,
    users: int,
    per_heading: int,
    private: bool,
    change,  # type: ignore[no-untyped-def]
) -> None:
    tables = change(simulated.corpus(n, n, users, per_heading))
    frame = frame_of(tmp_path, tables, private=private)
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        part, floors = frame.subjective, Floors()
        if private and (
            len(part) < floors.conversations or part["prompt_group"].nunique() < floors.users
        ):
            with pytest.raises(InputError, match="too few conversations"):
                own_contents(frame, Floors(), "simulated")
            return
        found = own_contents(frame, Floors() if private else None, "simulated")
        for figure in own_figures(found):
            write_drawing(figure.drawing, tmp_path / "figures")
        assert "<h2>Summary</h2>" in report_page(found, {})
        own_explorer(found, frame.nodes)


def test_tables_are_those_promised_with_keys_that_identify_rows(tmp_path: Path) -> None:
    tables = simulated.corpus(2, 300, 200, 1)
    found = own_contents(frame_of(tmp_path, tables, private=True), Floors(), "simulated")
    assert list(found.tables) == list(TABLES)
    for name, key in TABLES.items():
        table = found.tables[name]
        assert not table.duplicated(list(key)).any(), name
    cells = found.tables["associations"]
    hidden = cells["n_both"].isna()
    assert hidden.any()
    assert (~hidden).any()
    numbers = ["risk_ratio", "q_value", "z", "prevalence_inside", "fcr_low", "distinctive"]
    assert cells.loc[hidden, numbers].isna().all().all()
    assert cells.loc[~hidden, "n_both"].min() >= Floors().conversations
