"""The page in a browser: loads, searches, filters, goes back, saves, and runs nothing it holds."""

from __future__ import annotations

import csv
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser import Page, browser, needs_chromium
from tests.paths import ROOT
from tests.report.explorer.tables import HOSTILE, NODES, small_tables
from valuescape.report.explorer.page import Wording, explorer_page

pytestmark = [needs_chromium, pytest.mark.slow]
WORDING = Wording("Small explorer", "Invented.", "0.0")


@pytest.fixture(scope="module")
def open_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Page]]:
    folder = tmp_path_factory.mktemp("explorer")
    path = folder / "explorer.html"
    path.write_text(explorer_page(small_tables(), WORDING), "utf-8")
    with browser(folder / "chromium") as page:

        def opened(fragment: str = "") -> Page:
            page.open("about:blank")
            page.open(f"{path.as_uri()}{fragment}")
            return page

        yield opened


def rows(page: Page) -> list[list[str]]:
    return page.run(
        "return [...document.querySelectorAll('tbody tr')]"
        ".map((tr) => [...tr.cells].map((td) => td.textContent))"
    )


def address(page: Page) -> str:
    return page.run("return location.hash")


def test_it_loads_without_complaint_and_shows_the_tree(open_page: Callable[..., Page]) -> None:
    page = open_page()
    assert page.text("h1") == "Small explorer"
    assert page.text("#place") == "All values"
    names = page.run("return [...document.querySelectorAll('#map text')].map((t) => t.textContent)")
    assert {"Social values", "Care"} <= set(names)
    listed = [row[0] for row in rows(page)]
    assert listed[0] == "kindness"
    assert len(listed) == (NODES["level"] == 0).sum()
    assert page.complaints() == []


def test_search_opens_a_value_and_back_returns(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.press("/")
    page.write("#search", "kind")
    page.press("enter")
    assert page.text("#place") == "kindness"
    assert "value=value-kindness" in address(page)
    page.run("history.back()")
    time.sleep(0.3)
    assert page.text("#place") == "All values"
    page.run("history.forward()")
    time.sleep(0.3)
    assert page.text("#place") == "kindness"


def test_an_address_restores_what_was_seen(open_page: Callable[..., Page]) -> None:
    page = open_page("#value=value-kindness&group=adversarial&by=run&sort=k&least=2")
    assert page.text("#place") == "kindness"
    assert page.run("return document.querySelector('#groups [aria-pressed=true]').textContent") == (
        "Adversarial"
    )
    assert page.run("return document.querySelector('#kinds [aria-selected=true]').textContent") == (
        "Assistant"
    )
    assert page.run("return document.getElementById('least').value") == "2"


def test_a_broken_address_shows_the_whole(open_page: Callable[..., Page]) -> None:
    page = open_page("#value=%3Cimg%20src=x%3E&group=nobody&by=nothing&least=many&order=sideways")
    assert page.text("#place") == "All values"
    assert page.complaints() == []


def test_filters_leave_the_rows_that_fit(open_page: Callable[..., Page]) -> None:
    tables = small_tables()
    of_value = tables.cells[
        (tables.cells["group"] == "ordinary")
        & (tables.cells["context_kind"] == "task_type")
        & (tables.cells["value"] == "kindness")
    ]
    page = open_page("#value=value-kindness")
    assert len(rows(page)) == len(of_value)
    page.click("#established")
    assert len(rows(page)) == (of_value["q_value"] <= 0.05).sum()
    page.click("#established")
    bound = int(of_value["n_both"].max())
    page.run("const e = document.getElementById('least'); e.value = arguments[0];"
             "e.dispatchEvent(new Event('input'))", str(bound))  # fmt: skip
    assert len(rows(page)) == (of_value["n_both"] >= bound).sum()
    assert f"least={bound}" in address(page)


def test_columns_sort_both_ways(open_page: Callable[..., Page]) -> None:
    page = open_page("#value=value-kindness")
    shares = [row[2] for row in rows(page)]
    page.click("thead th:nth-child(3) button")
    falling = [float(row[2].split()[0]) for row in rows(page)]
    page.click("thead th:nth-child(3) button")
    rising = [float(row[2].split()[0]) for row in rows(page)]
    assert falling == sorted(falling, reverse=True)
    assert rising == falling[::-1]
    assert len(shares) == len(rising)
    sorts = page.run("return [...document.querySelectorAll('th')].map((c) => c.ariaSort)")
    assert sorts.count("ascending") == 1


def test_keys_walk_the_map_and_escape_goes_up(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.run("document.querySelector('#map .node').focus()")
    page.press("enter")
    assert page.text("#place") == "Social values"
    page.press("right", "enter")
    deeper = page.text("#place")
    assert deeper not in ("Social values", "All values")
    page.press("\ue00c")
    assert page.text("#place") != deeper


def test_rows_are_saved_as_seen_and_no_cell_is_a_formula(open_page: Callable[..., Page]) -> None:
    page = open_page("#value=care")
    page.click("#save")
    with page.downloaded("values.csv").open(encoding="utf-8", newline="") as stream:
        saved = list(csv.DictReader(stream))
    assert len(saved) == len(rows(page))
    assert saved[0]["value"] == "Care"
    page = open_page()
    page.click("#save")
    time.sleep(0.5)
    with page.downloaded("values*.csv").open(encoding="utf-8", newline="") as stream:
        names = [row["name"] for row in csv.DictReader(stream)]
    assert "'=1+2" in names
    assert HOSTILE in names


def test_names_are_shown_and_never_run(open_page: Callable[..., Page]) -> None:
    page = open_page("#value=value-hostile")
    assert page.text("#place") == HOSTILE
    assert page.run("return document.title") != "broken"
    assert page.run("return document.querySelectorAll('script').length") == 2
    assert page.complaints() == []


def test_everything_that_acts_has_a_name(open_page: Callable[..., Page]) -> None:
    page = open_page("#value=value-kindness")
    nameless = page.run(
        "return [...document.querySelectorAll('button, input, [role=button]')].filter((e) =>"
        "!(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length)).length"
    )
    assert nameless == 0


def test_the_page_of_the_study_is_usable_within_a_second(tmp_path: Path) -> None:
    with browser(tmp_path / "chromium") as page:
        page.open((ROOT / "paper" / "explorer.html").as_uri())
        took = page.run("return performance.getEntriesByType('navigation')[0].domComplete")
        assert page.text("#place") == "All values"
        assert page.complaints() == []
    print(f"usable after {took:.0f} ms")  # noqa: T201
