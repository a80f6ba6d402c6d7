"""The gallery shows every figure, with its question and its true origin."""

import re

import pytest

from tests.paths import ROOT
from tests.report.figure_rules import planned
from valuescape.errors import InputError
from valuescape.report.gallery import EXHIBITS, gallery
from valuescape.report.provenance import figure_origins

PAGE = (ROOT / "figures" / "README.md").read_text(encoding="utf-8")


def test_the_committed_page_is_that_of_the_figures() -> None:
    assert gallery(planned().values()) == PAGE


def test_every_figure_is_told_of_with_the_script_that_draws_it() -> None:
    drawings = planned()
    assert set(drawings) == set(EXHIBITS)
    for name, drawing in drawings.items():
        module = drawing.draw.__module__
        assert EXHIBITS[name].script == module.replace(".", "/") + ".py"


def test_every_link_of_the_page_leads_to_a_file() -> None:
    links = re.findall(r"\]\(([^)]+)\)", PAGE)
    assert len(links) > 5 * len(EXHIBITS)
    missing = [link for link in links if not (ROOT / "figures" / link).resolve().is_file()]
    assert not missing


def test_questions_are_asked_once_and_nothing_counts() -> None:
    questions = [exhibit.question for exhibit in EXHIBITS.values()]
    assert len(set(questions)) == len(questions) >= 12
    assert all("?" in question for question in questions)
    assert not [e.see for e in EXHIBITS.values() if re.search(r"\d", e.see)]


def test_origins_name_files_and_stages_that_are_there() -> None:
    for origin in figure_origins().values():
        assert all((ROOT / "data" / file).is_file() for file in origin["data"])
        assert (ROOT / "analysis" / origin["script"]).is_file()
        assert origin["stages"][-1] == "draw"


def test_a_figure_that_nobody_tells_of_is_refused() -> None:
    drawings = list(planned().values())
    with pytest.raises(InputError, match="'calibration' is either not drawn or told of nowhere"):
        gallery(d for d in drawings if d.name != "calibration")
