"""The page: what it says, and that nothing in it can run or hide."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

import pandas as pd
import pytest

from tests.report.own.contents import HOSTILE, PICTURES, contents
from valuescape.report.own.findings import findings
from valuescape.report.own.page import report_page
from valuescape.report.own.wording import SPACE


class Outline(HTMLParser):
    """Tags with their attributes, and whether each is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "img"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def outline(page: str) -> Outline:
    found = Outline()
    found.feed(page)
    assert not found.open
    return found


@pytest.fixture(scope="module")
def page() -> str:
    return report_page(contents(), PICTURES)


def test_names_are_text_and_never_markup(page: str) -> None:
    tags = outline(page).tags
    assert "script" not in {tag for tag, _ in tags}
    assert HOSTILE not in page
    assert "&lt;script&gt;" in page
    assert not [name for _, attrs in tags for name in attrs if name.startswith("on")]


def test_it_asks_nothing_of_any_server(page: str) -> None:
    tags = outline(page).tags
    policy = next(a["content"] for t, a in tags if a.get("http-equiv"))
    assert policy.startswith("default-src 'none'")
    addresses = [a.get("src") or a.get("href") or "" for _, a in tags]
    assert not [a for a in addresses if re.match(r"(https?:)?//", a)]


def test_every_figure_has_a_text_and_every_table_headers(page: str) -> None:
    tags = outline(page).tags
    images = [a for t, a in tags if t == "img"]
    assert images
    assert all(a["alt"] for a in images)
    assert page.count("<table>") == page.count("<caption>")
    assert {a.get("scope") for t, a in tags if t == "th"} == {"row", "col"}


def test_contents_lead_to_sections_and_headings_go_one_step_at_a_time(page: str) -> None:
    tags = outline(page).tags
    ids = {a["id"] for _, a in tags if "id" in a}
    targets = [str(a["href"])[1:] for t, a in tags if t == "a" and str(a["href"]).startswith("#")]
    assert targets
    assert set(targets) <= ids
    levels = [int(t[1]) for t, _ in tags if re.fullmatch(r"h\d", t)]
    assert levels[0] == 1
    assert all(b - a <= 1 for a, b in itertools.pairwise(levels))


def test_it_says_what_is_hidden_and_by_which_rule(page: str) -> None:
    assert "fewer than 15 conversations or 5 users" in page
    assert "do not protect against" in page
    assert "<b>hidden</b>" in page
    assert "1,200" in page


def test_it_says_where_users_are_not_known() -> None:
    unknown = contents(users_known=False, clusters="prompts")
    assert "counts prompts instead" in report_page(unknown, {})
    nobody = contents(users_known=False, clusters="conversations")
    assert "protects nobody" in report_page(nobody, {})


def test_public_conversations_have_no_floors_to_tell_of() -> None:
    page = report_page(contents(floors=None), {})
    assert "nothing is hidden" in page
    assert "fewer than 15" not in page


def test_labels_of_unknown_quality_are_said_to_be_so() -> None:
    page = report_page(contents(labeller="mine-1", quality=None), {})
    assert "made by mine-1" in page
    assert "nothing of their quality" in page


def test_findings_give_intervals_and_say_what_may_be_shown() -> None:
    told = {name: text.replace(SPACE, " ") for name, text in findings(contents())}
    assert told["Common values"].startswith(
        "Of the values that may be shown, assistants express honesty most often: in 40 % "
        "(95 % interval 30 to 50)"
    )
    assert "31 % of the labels honesty agreed" in told["Common values"]
    assert (
        "4.2 times as frequent in about AI as elsewhere (2.0 to 9.0)"
        in (told["Values follow the task"])
    )
    assert "brings no values to respond to" in told["How users are answered"]


def test_no_established_cell_is_no_evidence_of_independence() -> None:
    whole = contents()
    quiet = whole.tables["associations"].assign(q_value=0.6)
    told = dict(findings(contents(tables=dict(whole.tables) | {"associations": quiet})))
    assert "no evidence of independence" in told["Values and tasks"]


def test_nothing_to_show_is_said() -> None:
    whole = contents()
    empty = {n: t if n == "overview" else pd.DataFrame(columns=t.columns) for n, t in
             whole.tables.items()}  # fmt: skip
    page = report_page(contents(tables=empty), {})
    assert "Too little may be shown" in page
    assert "explorer.html" not in page
