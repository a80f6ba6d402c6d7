"""``valuescape report`` on private conversations: what is in the folder, and what must not be."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from tests.own import simulated
from valuescape.cli import app
from valuescape.corpora.jsonl import read_jsonl
from valuescape.own import command
from valuescape.stages.label import demo_corpus

CANARY = "Xanthippe-Quillfeather-4471"


def run(*words: object) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def with_secret(path: Path) -> Path:
    """The demo corpus with a secret wherever a conversation holds free words."""
    lines = []
    for number, line in enumerate(demo_corpus().read_text("utf-8").splitlines()):
        record = json.loads(line)
        record["id"] = f"{CANARY}/{record['id']}"
        record["user_id"] = f"{CANARY}-{record['user_id']}"
        record["prompt_id"] = f"{CANARY}-{record['prompt_id']}"
        record["meta"] = {"note": CANARY}
        for turn in record["messages"]:
            turn["content"] += f" {CANARY}"
        lines.append(json.dumps(record) if number % 40 else f'{{"{CANARY}": broken')
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Result]:
    home = tmp_path_factory.mktemp("own")
    done = run("report", with_secret(home / "chats.jsonl"), "-o", home / "report")
    assert done.exit_code == 0, done.output
    return home, done


def test_the_folder_holds_a_page_an_explorer_tables_and_figures(
    written: tuple[Path, Result],
) -> None:
    report = written[0] / "report"
    assert {p.name for p in report.iterdir()} == {
        "report.html",
        "explorer.html",
        "skipped.csv",
        "tables",
        "figures",
    }
    names = {p.stem for p in (report / "figures").iterdir()}
    for name in names:
        assert {p.suffix for p in (report / "figures").glob(f"{name}.*")} == {
            ".csv",
            ".svg",
            ".png",
        }
    page = (report / "report.html").read_text("utf-8")
    targets = re.findall(r'href="([^#"]+)"', page)
    assert targets
    assert all((report / t).is_file() for t in targets if not t.startswith("data:"))


def test_a_secret_of_the_conversations_is_nowhere_in_the_report(
    written: tuple[Path, Result],
) -> None:
    report = written[0] / "report"
    parts = CANARY.encode(), b"Xanthippe", b"Quillfeather", b"4471-u0"
    files = [path for path in report.rglob("*") if path.is_file()]
    assert len(files) > 15
    for path in files:
        content = path.read_bytes()
        assert not [part for part in parts if part in content], path.name


def test_nothing_below_a_floor_is_written(written: tuple[Path, Result]) -> None:
    tables = written[0] / "report" / "tables"
    for name, columns in (
        ("values", ["n", "n_clusters"]),
        ("task_types", ["n", "n_clusters"]),
        ("response_types", ["n", "n_clusters"]),
        ("undesired", ["k"]),
        ("associations", ["n_both", "n_context", "n_value"]),
    ):
        found = pd.read_csv(tables / f"{name}.csv")[columns]
        assert len(found)
        assert found.min().min() >= (5 if "n_clusters" in columns else 15), name


def test_what_was_skipped_is_named_with_its_reason(written: tuple[Path, Result]) -> None:
    skipped = pd.read_csv(written[0] / "report" / "skipped.csv")
    malformed = skipped[skipped["why"].str.startswith("malformed")]
    assert malformed["n"].tolist() == [6]
    assert {"reading", "floors", "report"} == set(skipped["step"])
    assert skipped["why"].str.len().min() > 10


def test_it_shows_a_plan_before_and_findings_after(written: tuple[Path, Result]) -> None:
    told = written[1].stderr
    assert "floors  counts under 15 conversations or 5 users are hidden" in told
    assert "chats.jsonl, line 1" in told
    assert "Common values:" in written[1].stdout
    assert written[1].stdout.strip().endswith("report.html")
    assert "\x1b[" not in written[1].output


@pytest.mark.slow
def test_labels_are_kept_beside_and_taken_by_the_next_run(
    written: tuple[Path, Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = written[0]
    labels = home / "report-labels"
    assert {p.name for p in labels.iterdir()} == {
        "labels.parquet",
        "expressions.parquet",
        "conversations.csv",
        "origin.json",
    }
    assert "Quillfeather-4471-u" not in (labels / "conversations.csv").read_text("utf-8")
    first = {p.name: p.read_bytes() for p in (home / "report").rglob("*") if p.is_file()}
    from valuescape.own import labels as module

    monkeypatch.setattr(module, "label_all", lambda *_: pytest.fail("labelled again"))
    done = run("report", home / "chats.jsonl", "-o", home / "report")
    assert done.exit_code == 0, done.output
    assert "as an earlier run made them" in done.stdout
    second = {p.name: p.read_bytes() for p in (home / "report").rglob("*") if p.is_file()}
    assert second == first


@pytest.mark.slow
def test_given_labels_make_the_same_report_as_the_conversations(
    written: tuple[Path, Result], tmp_path: Path
) -> None:
    home = written[0]
    given = tmp_path / "labels"
    given.mkdir()
    for name in ("labels.parquet", "expressions.parquet"):
        (given / name).write_bytes((home / "report-labels" / name).read_bytes())
    chats = home / "chats.jsonl"
    done = run("report", given, "--conversations", chats, "-o", tmp_path / "report")
    assert done.exit_code == 0, done.output
    for path in (home / "report" / "tables").iterdir():
        assert (tmp_path / "report" / "tables" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.slow
def test_a_failure_leaves_the_old_report_whole(
    written: tuple[Path, Result], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = written[0]
    before = (home / "report" / "report.html").read_bytes()

    def broken(*_: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "report_page", broken)
    done = run("report", home / "chats.jsonl", "-o", home / "report")
    assert done.exit_code == 130
    assert (home / "report" / "report.html").read_bytes() == before
    assert {p.name for p in home.iterdir()} == {"chats.jsonl", "report", "report-labels"}


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("absent.jsonl", "-o", "out"), 1, "no such file or folder"),
        (("few.jsonl", "-o", "out"), 1, "too few conversations"),
        (("labels", "-o", "out", "--labels", "x"), 2, "--labels goes with conversations"),
        (("few.jsonl", "-o", "out", "--conversations", "few.jsonl"), 2, "--conversations goes"),
        (("few.jsonl", "-o", "other"), 2, "holds something else than a report"),
        (("few.jsonl", "-o", "."), 2, "holds"),
        (("few.jsonl", "-o", "few.jsonl"), 2, "a file is there"),
        (("few.jsonl", "-o", "out", "--labeller", "anthropic"), 2, "label first"),
        (("few.jsonl", "-o", "out", "--labeller", "nobody"), 2, "is not known"),
        (("labels", "-o", "out", "--labeller", "nobody-1"), 2, "simulated-1"),
        (("labels", "-o", "out", "--conversations", "few.jsonl"), 1, "are not in it"),
    ],
)
def test_what_cannot_be_done_is_said_and_writes_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    code: int,
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    lines = demo_corpus().read_text("utf-8").splitlines()[:12]
    Path("few.jsonl").write_text("\n".join(lines), "utf-8")
    Path("other").mkdir()
    Path("other/mine.txt").write_text("mine", "utf-8")
    simulated.write_corpus(Path("labels"), simulated.corpus(1, 60, 20, 1))
    done = run("report", *words)
    assert (done.exit_code, told in done.stderr) == (code, True), done.output
    assert not Path("out").exists()
    assert Path("other/mine.txt").read_text("utf-8") == "mine"


def test_the_demo_corpus_is_what_the_secret_was_put_into() -> None:
    assert sum(1 for _ in read_jsonl(demo_corpus())) == 201
