"""Each number of the paper is that of its result; each claim has its exhibit, stage and test."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from tests.paths import ROOT
from valuescape.errors import InputError
from valuescape.paths import Paths
from valuescape.report import claims as claims_module
from valuescape.report.claims import Claim, as_yaml, gather_claims, index_table, sentences
from valuescape.report.manuscript import read_variables
from valuescape.report.results import Results
from valuescape.report.sources import Source, number, read_sources
from valuescape.settings import load_settings
from valuescape.stages.write import CLAIMS_NOTE, NOTE, variables

PAPER = ROOT / "paper"
TEXT = (PAPER / "paper.qmd").read_text(encoding="utf-8")
VARIABLES = read_variables(PAPER / "_variables.yml")
ORIGINS = json.loads((PAPER / "tables" / "origins.json").read_text(encoding="utf-8"))
LISTED = yaml.safe_load((PAPER / "claims.yaml").read_text(encoding="utf-8"))["claims"]
STAGES = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]
KEY = re.compile(r"\{\{< var ([\w.]+) >\}\}")


def gathered(text: str = TEXT, variables: dict[str, str] | None = None) -> list[Claim]:
    return gather_claims(text, PAPER / "sources.yaml", variables or VARIABLES, ROOT, ORIGINS)


@pytest.fixture(scope="module")
def found() -> list[Claim]:
    return gathered()


def test_the_committed_lists_are_those_of_paper_and_results(found: list[Claim]) -> None:
    assert (PAPER / "claims.yaml").read_text(encoding="utf-8") == as_yaml(found, CLAIMS_NOTE)
    assert (PAPER / "tables" / "origins.md").read_text(encoding="utf-8") == index_table(found)


def part_of_text(start: str, end: str) -> str:
    return TEXT[TEXT.index(start) : TEXT.index(end)]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("abstract: |", "keywords:"),
        ("# Results {#sec-results}", "# Discussion {#sec-discussion}"),
        ("# Discussion {#sec-discussion}", "# Limits {#sec-limits}"),
    ],
)
def test_every_number_of_the_text_belongs_to_a_claim(start: str, end: str) -> None:
    prose = [b for b in part_of_text(start, end).split("\n\n") if not b.startswith("![")]
    used = set(KEY.findall("\n".join(prose)))
    assert used
    claimed = {number["key"] for claim in LISTED for number in claim["numbers"]}
    assert used <= claimed


def test_every_claim_is_a_sentence_of_the_text() -> None:
    flat = " ".join(TEXT.split())
    for claim in LISTED:
        assert claim["sentence"] in flat
        keys = [n["key"] for n in claim["numbers"] if n["key"] != "verdict"]
        assert keys == list(dict.fromkeys(KEY.findall(claim["sentence"])))


def test_every_number_stands_in_its_result_and_prints_as_in_the_text() -> None:
    """Taken anew from the listed cell; a computed one names a function that exists."""
    sources = read_sources(PAPER / "sources.yaml")["numbers"]
    for claim in LISTED:
        for listed in claim["numbers"]:
            assert (ROOT / listed["file"]).is_file()
            if listed["key"] == "verdict":
                continue
            printed = number(listed["key"], sources, ROOT).printed
            assert printed == listed.get("printed")
            assert printed in (None, VARIABLES[listed["key"]])
            if printed is None:
                module, _, name = listed["column"].rpartition(".")
                path = ROOT / "analysis" / (module.replace(".", "/") + ".py")
                assert f"def {name}(" in path.read_text(encoding="utf-8")
    direct = [n for claim in LISTED for n in claim["numbers"] if "printed" in n]
    assert len(direct) > 300


def test_exhibits_stages_and_tests_exist() -> None:
    labels = set(re.findall(r"\{#((?:fig|tbl)-[\w-]+)", TEXT))
    for table in (PAPER / "tables").glob("*.md"):
        labels |= set(re.findall(r"\{#(tbl-[\w-]+)", table.read_text(encoding="utf-8")))
    for claim in LISTED:
        assert set(claim["shown"]) <= labels
        assert claim["tests"]
        assert set(claim["stages"]) <= set(STAGES)
        assert all((ROOT / test).is_file() for test in claim["tests"])
        files = {n["file"].split("/")[2] for n in claim["numbers"] if "/results/" in n["file"]}
        assert files == set(claim["stages"])


def test_every_source_is_used_once_at_least() -> None:
    sources = read_sources(PAPER / "sources.yaml")["numbers"]
    keys = {n["key"] for claim in LISTED for n in claim["numbers"]} - {"verdict"}
    used = {next(i for i, s in enumerate(sources) if s.parts(key) is not None) for key in keys}
    assert used == set(range(len(sources)))


def test_a_number_that_its_result_does_not_give_is_refused() -> None:
    wrong = VARIABLES | {"q2.historical_accuracy.rr": "1000"}
    with pytest.raises(InputError, match=r"q2\.historical_accuracy\.rr is '1000'.* and '\d+' in"):
        gathered(variables=wrong)


def test_a_number_of_no_source_and_a_verdict_of_no_sentence_are_refused() -> None:
    text = TEXT.replace("They follow the task.", "They follow {{< var new.number >}}.")
    with pytest.raises(InputError, match=r"0 sentences hold 'They follow the task\.'"):
        gathered(text)
    told = TEXT.replace("They follow the task.", "They follow the task. So {{< var new.number >}}.")
    with pytest.raises(InputError, match=r"no source for 'new\.number'"):
        gathered(told)


def test_a_verdict_that_no_row_bears_out_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims_module, "selects", lambda *_: False)
    with pytest.raises(InputError, match="is not borne out"):
        gathered()


def test_sentences_end_where_readers_end_them() -> None:
    text = (
        "---\nabstract: |\n  One. Two {{< var a.b >}}.\nkeywords: x\n---\n\n# A {#sec-a}\n\n"
        "*Lead.* Of 3.5 things (p = 1; @tbl-t). @doe2020 said so. {{< var c >}} end it.\n\n"
        "![Not this.](x.svg)\n\n## B {#sec-b}\n\nThird.\n"
    )
    found = list(sentences(text))
    assert [s.text for s in found] == [
        "One.", "Two {{< var a.b >}}.", "*Lead.*", "Of 3.5 things (p = 1; @tbl-t).",
        "@doe2020 said so.", "{{< var c >}} end it.", "Third.",
    ]  # fmt: skip
    assert [s.section for s in found] == ["abstract"] * 2 + ["sec-a"] * 4 + ["sec-b"]
    assert found[-1].part == "sec-a"
    assert found[4].shown == ("tbl-t",)


def test_sources_make_of_rows_what_they_say(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,c\nx,1,0.5\ny,3,0.25\nz,2,0.125\n")
    (tmp_path / "p.yaml").write_text("s: {n: 1200}\n")

    def taken(**options: object) -> str | None:
        return number("k.y", [Source("k.{v}", "t.csv", **options)], tmp_path).printed  # type: ignore[arg-type]

    assert taken(rows="a == '{v}'", column="b", print="count") == "3"
    assert taken(how="count", print="count") == "3"
    assert taken(column="b", how="sum", print="decimal 1") == "6.0"
    assert taken(column="c", how="span", print="decimal_range 2") == "0.12 to 0.50"
    assert taken(sort=["-b"], column="a", how="list 2", print="text") == "y and z"
    assert taken(sort=["b"], nth="2", column=["b", "c"], print="ratio_range") == "2.0 to 0.12"
    option = Source("k.{v}", "p.yaml", column="s.n", print="count")
    assert number("k.y", [option], tmp_path).printed == "1,200"
    with pytest.raises(InputError, match=r"3 rows; one is needed in t\.csv"):
        taken(column="b", print="count")
    with pytest.raises(InputError, match=r"t\.csv"):
        taken(column="absent", how="sum", print="count")


def test_the_readme_names_exhibits_stages_and_tests_that_are_there() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.search(r"\| claim of the paper .*?\n\n", readme, re.DOTALL)
    assert table
    labels = {label.removeprefix("tbl-") for claim in LISTED for label in claim["shown"]}
    for row in table[0].strip().split("\n")[2:]:
        _, shown, stages, tests = (cell.strip() for cell in row.strip("|").split("|"))
        named = re.findall(r"`([\w-]+)`", shown)
        for name in named:
            origin = ORIGINS[name]
            assert set(origin["stages"]) & {s.strip() for s in stages.split(",")}, row
            assert name in labels or not name.startswith("tbl-") or name[4:] in labels
        assert all((ROOT / test.strip()).is_file() for test in tests.split(","))


def test_the_committed_numbers_are_those_that_the_functions_compute() -> None:
    home = Paths(ROOT)
    made = variables(home, load_settings(home.params), Results(home.results))
    flat = yaml.safe_dump(made, allow_unicode=True, sort_keys=True, width=100)
    assert (PAPER / "_variables.yml").read_text(encoding="utf-8") == NOTE + flat
