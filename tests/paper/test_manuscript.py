"""Shortcodes are filled in, and every hole is named with its line before anything is rendered."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.paper.workshop import BODY, FRONT, build
from valuescape.errors import InputError
from valuescape.report.manuscript import read_manuscript, read_variables
from valuescape.report.proofreading import bibliography_keys, check_manuscript, leftovers

FIRST_LINE = FRONT.count("\n") + 1


def proofread(paper: Path) -> str:
    """Return the expanded text of a paper that has no hole."""
    text = read_manuscript(paper / "paper.qmd", read_variables(paper / "_variables.yml"))
    check_manuscript(text, bibliography_keys(paper / "references.bib"), paper)
    return text.text


def test_variables_are_filled_in_everywhere(tmp_path: Path) -> None:
    text = proofread(build(tmp_path))
    assert "It reads 1,234 conversations" in text  # front matter
    assert "The bars of *clarity*" in text  # caption
    assert "## Middle of clarity" in text  # heading
    assert "\\quad K = 10" in text  # mathematics
    assert "| clarity | 12.5 |" in text  # included table
    assert "{{<" not in text


def test_used_variables_are_known(tmp_path: Path) -> None:
    paper = build(tmp_path)
    variables = read_variables(paper / "_variables.yml")
    used = read_manuscript(paper / "paper.qmd", variables).used
    assert used == {"q1.n", "q1.top", "data.folds"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{{< var q9.n >}}", "paper.qmd, line {}: variable 'q9.n' is not in _variables.yml"),
        ("{{< include tables/no.md >}}", "paper.qmd, line {}: no such file: tables/no.md"),
        ("a {{< include tables/shares.md >}}", "paper.qmd, line {}: shortcode"),
        (
            "{{< video a >}}",
            "paper.qmd, line {}: shortcode '{{{{< video a >}}}}' is not understood",
        ),
        ("See @fig-none.", "paper.qmd, line {}: cross-reference @fig-none has no label"),
        ("As @nobody2001 said.", "paper.qmd, line {}: citation @nobody2001 is not in the"),
        ("So [see @doe2020; @nobody2001].", "paper.qmd, line {}: citation @nobody2001"),
        ("See @sec-end [@doe2020].", "paper.qmd, line {}: in '@sec-end [@doe2020]' the citation"),
        ("See [@sec-end; @doe2020].", "paper.qmd, line {}: in '[@sec-end; @doe2020]' the"),
        ("![A](../figures/no.svg){fig-alt='x'}", "paper.qmd, line {}: no such image"),
        ("![A](../figures/bars.svg){#fig-b}", "paper.qmd, line {}: image ../figures/bars.svg has"),
        ('![A](../figures/bars.svg){fig-alt=" "}', "paper.qmd, line {}: image"),
        ("# Again {#sec-end}", "paper.qmd, line {}: label 'sec-end' is already used at paper.qmd"),
    ],
)
def test_a_hole_is_named_with_its_line(tmp_path: Path, line: str, message: str) -> None:
    paper = build(tmp_path, f"# End {{#sec-end}}\n\nText.\n\n{line}\n")
    with pytest.raises(InputError) as error:
        proofread(paper)
    assert str(error.value).startswith(message.format(FIRST_LINE + 4))


def test_a_hole_in_an_included_file_names_both_lines(tmp_path: Path) -> None:
    files = {"tables/shares.md": "| a |\n|---|\n| {{< var q9.n >}} |\n"}
    paper = build(tmp_path, "{{< include tables/shares.md >}}\n", files=files)
    expected = f"shares.md, line 3 (included at paper.qmd, line {FIRST_LINE}): variable 'q9.n'"
    with pytest.raises(InputError) as error:
        proofread(paper)
    assert str(error.value).startswith(expected)


def test_a_file_that_includes_itself_is_refused(tmp_path: Path) -> None:
    files = {"tables/shares.md": "{{< include ../tables/shares.md >}}\n"}
    paper = build(tmp_path, "{{< include tables/shares.md >}}\n", files=files)
    with pytest.raises(InputError, match="includes itself"):
        proofread(paper)


@pytest.mark.parametrize(
    "text",
    [
        "`@nobody2001` and `` `@fig-none` ``",
        "```\n@nobody2001 @fig-none\n```",
        "<!-- @nobody2001\n@fig-none -->",
        "$x_{@nobody2001}$ and $$\n@fig-none\n$$",
        "write to someone@example.org or \\@nobody",
        "[a link](https://example.org/@nobody2001)",
    ],
)
def test_what_only_looks_like_a_citation_is_let_through(tmp_path: Path, text: str) -> None:
    proofread(build(tmp_path, text + "\n"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("q1: 0.25", "q1 is a float"),
        ("q1: {a: true}", "q1.a is a bool"),
        ("q1: null", "q1 is a NoneType"),
        ("q1: [1, 2]", "q1 is a list"),
        ("q1: |\n  a\n  b", "q1 is a text of several lines"),
        ("q1: '{{< var q2 >}}'", "q1 is a text of several lines or holds a shortcode"),
        ("just text", "a mapping of names to texts is needed"),
        ("q1: {", "not readable as YAML"),
    ],
)
def test_variables_that_cannot_be_printed_are_refused(
    tmp_path: Path, content: str, message: str
) -> None:
    path = tmp_path / "_variables.yml"
    path.write_text(content)
    with pytest.raises(InputError, match=r"_variables\.yml: ") as error:
        read_variables(path)
    assert message in str(error.value)


def test_missing_variables_file_says_what_makes_it(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="the stage write makes it"):
        read_variables(tmp_path / "_variables.yml")


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z"))), max_size=8))
def test_every_offset_of_the_text_knows_its_line(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str]
) -> None:
    path = tmp_path_factory.mktemp("qmd") / "paper.qmd"
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    text = read_manuscript(path, {}) if not any("{{<" in line for line in lines) else None
    if text is None:
        return
    offset = 0
    for number, line in enumerate(lines, start=1):
        assert text.place(offset) == f"paper.qmd, line {number}"
        offset += len(line) + 1


def test_bibliography_with_a_key_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "references.bib"
    path.write_text("@book{a, title={x}}\n@comment{ignored,}\n@misc{a, title={y}}\n")
    with pytest.raises(InputError, match="key 'a' occurs twice"):
        bibliography_keys(path)


@pytest.mark.parametrize(
    "page",
    ["<p>{{&lt; var a >}}</p>", "<p>?@fig-x</p>", "<p>?var:q1</p>", "<p>(??)</p>", "[@doe2020]"],
)
def test_leftovers_are_found(page: str) -> None:
    assert leftovers(page)


def test_leftovers_in_scripts_are_not_prose() -> None:
    assert leftovers("<script>a ?? b; '#tbl-x'</script><style>a{b:'?@'}</style>") == []


def test_the_small_paper_has_no_hole(tmp_path: Path) -> None:
    assert BODY.splitlines()[0] in proofread(build(tmp_path))
