"""The coders' page in a browser: coded by keyboard, kept, saved, read back; and what it shows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.browser import Page, browser, needs_chromium
from valuescape.audit.answers import read_answers
from valuescape.audit.command import Draw, draw_audit, read_audit
from valuescape.audit.page import coding_page
from valuescape.audit.questions import questions
from valuescape.audit.results import corrected_table
from valuescape.corpora.conversation import Turn
from valuescape.labelling.command import label_file
from valuescape.stages.label import demo_corpus
from valuescape.statistics import cohen_kappa, krippendorff_alpha

pytestmark = needs_chromium

HOSTILE = (
    "</script><script>document.title='run'</script>"
    "<img src=x onerror=\"document.title='run'\"> &lt;b&gt; {{DATA}} ${1} \\u003c `",
    "\u202eright to left\u202c \u200fשלום \u2066isolated\u2069 \u2028 \u2029",
    "half \ud800 a pair, \udfff the other, nothing \x00 and a bell \x07",
    "-->\n<!-- <style>*{display:none}</style>\n]]>",
)
TEXTS = {
    "i0001": tuple(Turn("user" if k % 2 == 0 else "assistant", t) for k, t in enumerate(HOSTILE)),
    "i0002": (Turn("user", "Which tea?"), Turn("assistant", "Any you like.")),
}
ASKED = questions(("care",))


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browser(tmp_path_factory.mktemp("browser")) as opened:
        yield opened


def opened(page: Page, folder: Path, draw: str, coder: str = "A. B.") -> None:
    path = folder / "coding.html"
    path.write_text(coding_page(draw, ASKED, TEXTS), "utf-8")
    page.resize(1200, 900)
    page.open(path.as_uri())
    begin(page, coder)


def begin(page: Page, coder: str) -> None:
    page.write("#coder", coder)
    page.press("enter")


def test_hostile_conversations_are_coded_by_keyboard_and_saved(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, "quick")
    assert page.text("#where") == "Conversation 1 of 2"
    texts = "[...document.querySelectorAll('.turn p')].map(p => p.textContent)"
    assert json.loads(page.run(f"return JSON.stringify({texts})")) == list(HOSTILE)
    assert page.run("return document.querySelectorAll('#conversation *').length") == 3 * 4
    page.press("1", "2", "up", "3", "4", "2", "enter")
    assert page.text("#where") == "Conversation 2 of 2"
    page.press("2", "q", "7", "1")
    assert page.text("#count") == "2 coded"
    page.click("#json")
    assert page.text("#told") == "Saved: all are coded."
    found = read_answers(page.downloaded("A_B_.json"), "quick", list(TEXTS), ASKED)
    assert found.coder == "A. B."
    assert found.table.to_numpy().tolist() == [
        ["yes", "everyday_howto", "reframing", "no"],
        ["no", "about_ai", "no_values", "yes"],
    ]
    assert page.run("return document.title") == "Coding conversations"
    assert page.complaints() == []


@pytest.mark.slow
def test_answers_outlast_a_reload_and_are_kept_apart_by_coder(page: Page, tmp_path: Path) -> None:
    opened(page, tmp_path, "kept")
    page.press("1", "2", "3", "1", "right", "2")
    page.reload()
    assert page.text("#where") == "Conversation 2 of 2"
    assert page.text("#who") == "A. B."
    checked = "return [...document.querySelectorAll('input:checked')].map(i => i.value)"
    assert page.run(checked) == ["no"]
    page.click("#leave")
    begin(page, "C")
    assert page.text("#count") == "0 coded"
    assert page.run(checked) == []
    page.press("2")
    page.click("#json")
    assert page.text("#told") == "Saved; 2 still to code before you hand it in."
    page.click("#leave")
    begin(page, " A. B. ")
    page.press("left")
    assert page.run(checked) == ["yes", "health_advice", "neutral_acknowledgment", "yes"]
    page.press("enter")
    assert page.text("#where") == "Conversation 2 of 2"
    page.press("2", "3", "3", "1", "enter")
    assert page.text("#told") == "All are coded."


@pytest.mark.slow
def test_mouse_and_keyboard_give_the_same_and_keys_stay_out_of_fields(
    page: Page, tmp_path: Path
) -> None:
    opened(page, tmp_path, "mouse", coder="1 2")
    page.click('input[value="harmful_request"]')
    page.press("up", "5")
    page.click('input[value="strong_support"]')
    page.press("left", "right", "right", "down", "down", "down", "down", "down", "2", "x")
    kept = json.loads(page.run("return localStorage.getItem('coding-mouse-1 2')"))
    assert kept["answers"] == {
        "i0001": {"task_type": "money_law", "response_type": "strong_support"},
        "i0002": {"value:care": "no"},
    }


RATIOS = """
const linear = (v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
const part = (c) => linear(c / 255);
const light = ([r, g, b]) => .2126 * part(r) + .7152 * part(g) + .0722 * part(b);
const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
const behind = (e) => { for (; e; e = e.parentElement) {
  const c = numbers(getComputedStyle(e).backgroundColor);
  if (c.length < 4 || c[3] > 0) return c; } return [255, 255, 255]; };
const found = [];
for (const e of document.querySelectorAll("body *")) {
  const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  if (!own || !e.checkVisibility() || e.tagName === "SCRIPT") continue;
  const pair = [light(numbers(getComputedStyle(e).color)), light(behind(e))].sort((a, b) => b - a);
  found.push([e.tagName + "." + e.className, (pair[0] + .05) / (pair[1] + .05),
    parseFloat(getComputedStyle(e).fontSize)]);
}
return found;
"""


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("width", "height"), [(1280, 800), (700, 900), (320, 640)])
def test_all_text_is_large_dark_and_inside_the_window(
    page: Page, tmp_path: Path, width: int, height: int, dark: bool
) -> None:
    opened(page, tmp_path, f"look-{width}-{dark}")
    page.resize(width, height, dark=dark)
    page.press("1")
    page.click("summary")
    rows = page.run(RATIOS)
    assert len(rows) > 60
    assert min(ratio for _, ratio, _ in rows) >= 4.5, sorted(rows, key=lambda row: row[1])[:3]
    assert min(size for _, _, size in rows) >= 13
    sizes = page.run("return [document.documentElement.scrollWidth, innerWidth]")
    assert sizes[0] <= sizes[1] == width
    unnamed = "return [...document.querySelectorAll('button, input')].filter(e => " \
        "!(e.textContent || e.ariaLabel || e.labels?.length)).length"  # fmt: skip
    assert page.run(unnamed) == 0


def code(page: Page, path: Path, coder: str, answers: pd.DataFrame, ending: str) -> Path:
    """Let a coder go through the page by keyboard, and save."""
    asked = json.loads(path.read_text("utf-8").split('id="data">')[1].split("</script>")[0])
    page.resize(1200, 900)
    page.open(path.as_uri())
    if page.run("return !document.getElementById('work').hidden"):
        page.click("#leave")
    begin(page, coder)
    for item in answers.index:
        keys = [
            "1234567890qwertyuiop"[question["allowed"].index(answers.loc[item, question["key"]])]
            for question in asked["questions"]
        ]
        page.press(*keys, "enter")
    assert page.text("#count") == f"{len(answers)} coded"
    page.click({"json": "#json", "csv": "#csv"}[ending])
    return page.downloaded(f"-{coder}.{ending}")


@pytest.mark.slow
def test_two_coders_on_one_page_give_agreement_and_corrected_shares(
    page: Page, tmp_path: Path
) -> None:
    label_file(demo_corpus(), "embedded", tmp_path)
    tables = tmp_path / "labels.parquet", tmp_path / "expressions.parquet"
    wanted = Draw(n=30, n_values=2, stratum="subjective")
    frame = draw_audit(demo_corpus(), *tables, tmp_path / "audit", wanted)
    asked = questions(tuple(c.removeprefix("value:") for c in frame.columns[9:]))
    drawn = frame[frame["item"] != ""].set_index("item").sort_index()
    rng = np.random.default_rng(4)

    def blurred(share: float) -> pd.DataFrame:
        """The machine's answers with a share of them drawn anew."""
        given = drawn[[q.key for q in asked]].copy()
        for q in asked:
            anew = rng.random(len(given)) < share
            given.loc[anew, q.key] = rng.choice(q.allowed, int(anew.sum()))
        return given

    coded = blurred(0.2), blurred(0.3)
    html = tmp_path / "audit" / "coders" / "coding.html"
    one = code(page, html, "one", coded[0], "json")
    two = code(page, html, "two", coded[1], "csv")
    found = read_audit(tmp_path / "audit", [one, two], tmp_path / "out")
    agreement = found["agreement"].set_index(["question", "between", "coefficient"])["estimate"]
    for q in asked:
        first, second = (c[q.key].to_numpy(dtype=object) for c in coded)
        kappa = cohen_kappa(first, second).estimate
        alpha = krippendorff_alpha(np.stack([first, second], axis=1)).estimate
        assert agreement[q.key, "coders", "cohen_kappa"] == pytest.approx(kappa)
        assert agreement[q.key, "coders", "krippendorff_alpha"] == pytest.approx(alpha)
        machine = cohen_kappa(first, drawn[q.key].to_numpy(dtype=object)).estimate
        assert agreement[q.key, "machine", "cohen_kappa"] == pytest.approx(machine)
    pd.testing.assert_frame_equal(found["corrected"], corrected_table(frame, coded[0], asked))
    assert page.complaints() == []
