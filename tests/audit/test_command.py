"""From labels to coders and back: two folders, one page, three tables, clear refusals."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from valuescape.audit.command import Draw, draw_audit, read_audit
from valuescape.audit.page import coding_page, coding_sheet
from valuescape.audit.questions import questions, rules
from valuescape.cli import app
from valuescape.corpora.conversation import Turn
from valuescape.corpora.jsonl import read_jsonl
from valuescape.errors import InputError
from valuescape.labelling.command import label_file
from valuescape.stages.label import demo_corpus

WANTED = Draw(n=40, n_values=3)


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("audit")
    label_file(demo_corpus(), "embedded", folder)
    return folder


def drawn(labelled: Path, output: Path, wanted: Draw = WANTED) -> pd.DataFrame:
    tables = labelled / "labels.parquet", labelled / "expressions.parquet"
    return draw_audit(demo_corpus(), *tables, output, wanted)


def machine_as_coder(frame: pd.DataFrame) -> dict[str, dict[str, str]]:
    keys = list(frame.columns[6:])
    rows = frame[frame["item"] != ""].set_index("item")[keys]
    return {str(item): row.to_dict() for item, row in rows.iterrows()}


def saved(folder: Path, answers: dict[str, dict[str, str]], name: str) -> Path:
    draw = json.loads((folder / "design" / "audit.json").read_text())["draw"]
    path = folder / name
    path.write_text(json.dumps({"draw": draw, "coder": "x", "answers": answers}))
    return path


def test_coders_see_text_and_no_machine_label_and_the_design_holds_no_text(
    labelled: Path, tmp_path: Path
) -> None:
    frame = drawn(labelled, tmp_path / "a")
    page = (tmp_path / "a" / "coders" / "coding.html").read_text()
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert sorted(data) == ["draw", "items", "questions", "rules"]
    assert [sorted(item) for item in data["items"]] == [["item", "turns"]] * 40
    assert [q["key"] for q in data["questions"]] == list(frame.columns[6:])
    texts = {c.id: [[t.role, t.content] for t in c.messages] for c in read_jsonl(demo_corpus())}
    shown = {item["item"]: item["turns"] for item in data["items"]}
    for row in frame[frame["item"] != ""].itertuples():
        assert shown[row.item] == texts[row.conversation_id]
        assert str(row.conversation_id) not in page
    assert not any(c.model in page for c in read_jsonl(demo_corpus()))
    design = "".join(p.read_text() for p in (tmp_path / "a" / "design").iterdir())
    assert not any(turn[1][:40] in design for turns in texts.values() for turn in turns)
    assert not re.search(r"https?://|src=|@import|url\(", page.split('id="data">')[0])


def test_page_and_sheet_bring_back_the_same_answers(labelled: Path, tmp_path: Path) -> None:
    frame = drawn(labelled, tmp_path / "a")
    answers = machine_as_coder(frame)
    first = saved(tmp_path / "a", answers, "one.json")
    sheet = pd.read_csv(tmp_path / "a" / "coders" / "sheet.csv", dtype=str)
    assert sheet.columns[[0, 1, -1]].tolist() == ["draw", "item", "conversation"]
    for key in frame.columns[6:]:
        sheet[key] = [answers[item][key] for item in sheet["item"]]
    sheet.to_csv(tmp_path / "two.csv", index=False, encoding="utf-8-sig")
    sheet.to_csv(tmp_path / "semicolons.csv", index=False, sep=";")
    other = read_audit(tmp_path / "a", [tmp_path / "semicolons.csv"], tmp_path / "other")
    tables = read_audit(tmp_path / "a", [first, tmp_path / "two.csv"], tmp_path / "out")
    assert (tables["gold"]["reading"] == tables["gold"]["second_reading"]).all()
    pd.testing.assert_frame_equal(tables["corrected"], other["corrected"])
    assert tables["agreement"].query("coefficient == 'percent'")["estimate"].eq(1).all()
    corrected = tables["corrected"].set_index(["question", "answer"])
    assert corrected.loc[("subjective", "yes"), "estimate"] == pytest.approx(
        (frame["subjective"] == "yes").mean()
    )
    written = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert written == ["agreement.csv", "corrected.csv", "gold.csv"]


def test_the_options_of_a_draw_change_it(labelled: Path, tmp_path: Path) -> None:
    first = drawn(labelled, tmp_path / "a")
    assert list(drawn(labelled, tmp_path / "b", replace(WANTED, n_values=1)).columns[9:]) == [
        first.columns[9]
    ]
    named = replace(WANTED, values=("user autonomy",))
    assert list(drawn(labelled, tmp_path / "c", named).columns[9:]) == ["value:user autonomy"]
    other = drawn(labelled, tmp_path / "d", replace(WANTED, stratum="subjective"))
    assert set(other["stratum"]) == {"yes", "no"}
    assert not first["item"].equals(
        drawn(labelled, tmp_path / "e", replace(WANTED, seed=2))["item"]
    )


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"stratum": "model"}, "--stratum 'model'"),
        ({"labeller": "oracle"}, "--labeller 'oracle' is not in it"),
        ({"values": ("nonesuch",)}, "--value 'nonesuch' was never labelled"),
        ({"n": 9999}, "--n 9999"),
    ],
)
def test_impossible_draws_write_nothing(
    labelled: Path, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        drawn(labelled, tmp_path / "a", replace(WANTED, **change))  # type: ignore[arg-type]
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("x.json", b"[" * 100_000, "not JSON .nested too deep"),
        ("x.json", b"9" * 5000, "not JSON"),
        ("x.csv", b"\x8b", "cannot be read"),
        ("x.csv", b"draw,item\n1,2,3\n", "line 2: more cells"),
    ],
)
def test_damaged_answers_are_named(
    labelled: Path, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    drawn(labelled, tmp_path / "a")
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=said) as caught:
        read_audit(tmp_path / "a", [tmp_path / name], tmp_path / "out")
    assert str(tmp_path / name) in str(caught.value)


@pytest.mark.parametrize("content", ["[", "[" * 100_000, '{"draw": "x", "values": ["a", "a"]}'])
def test_a_damaged_design_is_named(tmp_path: Path, content: str) -> None:
    (tmp_path / "design").mkdir()
    (tmp_path / "design" / "audit.json").write_text(content)
    with pytest.raises(InputError, match=r"audit\.json: not written by 'audit draw'"):
        read_audit(tmp_path, [tmp_path / "x.json"], tmp_path / "out")


def test_answers_are_checked(labelled: Path, tmp_path: Path) -> None:
    folder = tmp_path / "a"
    answers = machine_as_coder(drawn(labelled, folder))

    def refused(changed: dict[str, dict[str, str]], message: str) -> None:
        with pytest.raises(InputError, match=message):
            read_audit(folder, [saved(folder, changed, "x.json")], tmp_path / "out")

    refused({k: v for k, v in answers.items() if k != "i0007"}, r"1 items lack answers \(i0007")
    refused(answers | {"i9999": answers["i0001"]}, "item 'i9999' was not drawn")
    refused(answers | {"i0001": answers["i0001"] | {"task_type": "x"}}, "'x' is not allowed")
    refused(answers | {"i0001": answers["i0001"] | {"task_type": ""}}, "is missing; allowed")
    path = saved(folder, answers, "x.json")
    draw = json.loads(path.read_text())["draw"]
    again = folder / "y.json"
    again.write_text(path.read_text())
    for twice in ([path, path], [path, again]):
        with pytest.raises(InputError, match=r"by the coder of .*x\.json, 'x'; needed are two"):
            read_audit(folder, twice, tmp_path / "out")
    path.write_text(path.read_text().replace('"draw": "', '"draw": "0'))
    with pytest.raises(InputError, match="answers to another draw"):
        read_audit(folder, [path], tmp_path / "out")
    for text, message in (
        ("", "empty"),
        ("item\n1\n", "column 'draw'"),
        ("draw\n1\n", "column 'item'"),
        (f"draw,item\n{draw},i1\n", "row 1 under the header: item 'i1' was not drawn"),
        ("draw,item\nother,i0001\n", "row 1 under the header: answers to another draw"),
    ):
        (folder / "x.csv").write_text(text)
        with pytest.raises(InputError, match=message):
            read_audit(folder, [folder / "x.csv"], tmp_path / "out")
    for files in ([], [path] * 3):
        with pytest.raises(InputError, match="one or two"):
            read_audit(folder, files, tmp_path / "out")
    frame = folder / "design" / "frame.csv"
    frame.write_text(frame.read_text().replace("i0001", "i0002"))
    with pytest.raises(InputError, match="changed since it was drawn"):
        read_audit(folder, [saved(folder, answers, "x.json")], tmp_path / "out")
    with pytest.raises(InputError, match="not written by"):
        read_audit(tmp_path, [path], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_the_commands(labelled: Path, tmp_path: Path) -> None:
    names = [
        str(demo_corpus()),
        *(str(labelled / f"{t}.parquet") for t in ("labels", "expressions")),
    ]
    done = CliRunner().invoke(
        app, ["audit", "draw", *names, "--output", str(tmp_path / "a"), "--n", "40"]
    )
    assert done.exit_code == 0, done.output
    assert "40 of 201 conversations drawn" in done.output
    frame = pd.read_csv(tmp_path / "a" / "design" / "frame.csv").fillna({"item": ""})
    path = saved(tmp_path / "a", machine_as_coder(frame), "one.json")
    out = str(tmp_path / "out")
    done = CliRunner().invoke(
        app, ["audit", "read", str(tmp_path / "a"), str(path), "--output", out]
    )
    assert done.exit_code == 0, done.output
    assert "subjective: alpha 1.00" in done.output
    done = CliRunner().invoke(app, ["audit", "read", out, str(path), "--output", out])
    assert done.exit_code == 1
    assert "error:" in done.output


HOSTILE = (
    "</script><script>document.title='x'</script>"
    "<img src=x onerror=\"document.title='y'\">\u2028\x00"
)
TEXTS = {"i0001": (Turn("user", HOSTILE), Turn("assistant", "שלום")), "i0002": (Turn("user", "a"),)}


def test_hostile_text_is_data_on_the_page_and_no_formula_in_the_sheet() -> None:
    page = coding_page("d", questions(("care",)), TEXTS)
    assert page.count("<script") == 2
    data = json.loads(page.split('id="data">')[1].split("</script>")[0])
    assert data["items"][0]["turns"][0][1] == HOSTILE
    sheet = coding_sheet(
        "d", questions(()), {"i0001": (Turn("user", "=1+1"), Turn("user", "\ud800"))}
    )
    assert ",USER: =1+1" in sheet.replace('"', "")
    sheet.encode("utf-8")


def test_coders_go_by_the_rules_that_machines_are_given() -> None:
    asked = questions(("care",))
    assert all(len(q.meanings) == len(q.allowed) for q in asked if len(q.allowed) > 2)
    assert asked[2].meanings[-1] == "the user's messages bring no values to respond to"
    assert asked[0].rule.startswith("Yes when ")
    assert " true" not in asked[0].rule.lower()
    assert len(rules()) == 2
