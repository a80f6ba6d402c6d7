"""A report on the demo corpus in a browser: wide, narrow, its explorer, its keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.browser import Page, browser, needs_chromium
from valuescape.own.command import Order, write_report
from valuescape.stages.label import demo_corpus

pytestmark = [needs_chromium, pytest.mark.slow]


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, Path]]:
    folder = tmp_path_factory.mktemp("report")
    write_report(Order(demo_corpus(), folder / "report", floors=None))
    with browser(folder / "chromium") as page:
        yield page, folder / "report"


def test_it_loads_without_complaint_and_shows_every_figure(opened: tuple[Page, Path]) -> None:
    page, folder = opened
    page.resize(1200, 900)
    page.open((folder / "report.html").as_uri())
    assert page.text("h1") == "Values that AI assistants express"
    sizes = page.run("return [...document.images].map((i) => [i.naturalWidth, i.alt.length])")
    assert len(sizes) == len(list((folder / "figures").glob("*.svg"))) >= 7
    assert all(width > 100 and alt > 30 for width, alt in sizes)
    assert page.complaints() == []


@pytest.mark.parametrize("width", [1200, 768, 390])
def test_it_fits_the_screen_and_only_tables_and_figures_scroll(
    opened: tuple[Page, Path], width: int
) -> None:
    page, folder = opened
    page.resize(width, 900)
    page.open((folder / "report.html").as_uri())
    assert page.run("return document.documentElement.scrollWidth") <= width
    outside = page.run(
        "return [...document.querySelectorAll('main *')].filter((e) => !e.closest('.scroll') && "
        "!e.closest('pre') && e.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert outside == 0


def test_contents_lead_to_sections(opened: tuple[Page, Path]) -> None:
    page, folder = opened
    page.resize(1200, 900)
    page.open((folder / "report.html").as_uri())
    page.click('nav a[href="#labels"]')
    assert page.run("return location.hash") == "#labels"
    assert page.text("#labels h2") == "What the labels are, and how good"


def test_the_explorer_beside_it_opens_and_finds_a_value(opened: tuple[Page, Path]) -> None:
    page, folder = opened
    page.resize(1200, 900)
    page.open((folder / "report.html").as_uri())
    page.click('#tasks a[href="explorer.html"]')
    assert page.text("#place") == "All values"
    page.press("/")
    page.write("#search", "sycoph")
    page.press("enter")
    assert page.text("#place").startswith("sycophancy")
    kinds = page.run(
        "return [...document.querySelectorAll('#kinds button')].map(b => b.textContent)"
    )
    assert kinds == ["Kind of task", "Stance of the reply", "Assistant"]
    assert page.complaints() == []
