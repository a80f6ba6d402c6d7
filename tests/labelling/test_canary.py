"""A secret in conversations and keys turns up in nothing that a user would share."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.providers import endpoint_server
from tests.providers import server as claude_server
from tests.providers.endpoint_server import MODEL, serving
from tests.providers.server import KEY, Behaviour, running
from tests.taxonomy.naming_answers import NAMER, command, good_names, write_names
from valuescape.cli import app

SECRET = "quincewren4417"  # noqa: S105
ENDPOINT_KEY = "endpoint-key-quokka9913"
SECRETS = (SECRET, KEY, ENDPOINT_KEY)
ADVICE = "Talk to your friend and say you are sorry"
QUOTED = Behaviour(f"The user says: {SECRET}")


@dataclass
class Runs:
    """Runs commands and keeps all that they say."""

    folder: Path
    said: str = ""

    def __call__(self, *command: str, code: int | None = 0) -> None:
        done = CliRunner().invoke(app, list(command))
        self.said += done.output
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            self.said += "".join(traceback.format_exception(done.exception))
        assert code is None or done.exit_code == code, done.output

    def label(self, *options: str, code: int | None = 0) -> None:
        """Label the corpus into ``out``."""
        corpus, out = self.folder / "c.jsonl", self.folder / "out"
        self("label", str(corpus), "--output", str(out), *options, code=code)


@pytest.fixture
def runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> Iterator[Runs]:
    """Yield a runner beside a corpus that holds the secret; check its words and logs at the end."""
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    monkeypatch.setenv("ANTHROPIC_LOG", "debug")
    monkeypatch.setenv("VALUESCAPE_ENDPOINT_KEY", ENDPOINT_KEY)
    with (tmp_path / "c.jsonl").open("w") as stream:
        for i in range(12):
            turns = [
                {"role": "user", "content": f"I hurt a friend, {SECRET} {'!' * i}"},
                {"role": "assistant", "content": f"{ADVICE}, {SECRET}."},
            ]
            record = {"id": f"c{i}", "model": "m", "messages": turns, "meta": {"note": SECRET}}
            stream.write(json.dumps(record) + "\n")
    found = Runs(tmp_path)
    yield found
    for secret in SECRETS:
        assert secret not in found.said
        assert secret not in caplog.text


def clean(folder: Path, *private: str) -> None:
    """Look for the secrets in every file but the private ones, in its name and content."""
    looked = 0
    for path in folder.rglob("*"):
        inside = path.relative_to(folder).as_posix()
        if path.is_dir() or inside == "c.jsonl" or inside.startswith(private):
            continue
        looked += 1
        for secret in SECRETS:
            assert secret not in inside
            assert secret.encode() not in path.read_bytes(), inside
    assert looked or private


def spoilt(folder: Path) -> None:
    """Add records that cannot be read, the secret in each."""
    bad = [
        f'{{"id": "x", "messages": [{{"role": "user", "content": "{SECRET}',
        json.dumps({"id": "y", "model": "m", "messages": SECRET}),
        json.dumps({"id": "z", "model": "m", "messages": [SECRET, {"role": "user"}]}),
        json.dumps({"id": "u", "model": "m", "messages": [{"role": "user", "content": [SECRET]}]}),
        json.dumps({"id": "v", "model": "m", "meta": SECRET, "messages": []}),
        f"{SECRET}\udcff",
        json.dumps(SECRET),
    ]
    with (folder / "c.jsonl").open("a", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write("\n".join(bad) + "\n")


CLAUDE = ("--labeller", "anthropic", "--yes")


@pytest.mark.parametrize("batch", ["--batch", "--no-batch"])
@pytest.mark.parametrize("bad", [False, True], ids=["sound", "bad records"])
def test_labelling_with_anthropic(
    runs: Runs, batch: str, bad: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if bad:
        spoilt(runs.folder)
    with running() as (url, state):
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        runs("plan", str(runs.folder / "c.jsonl"), "--count")
        runs.label(*CLAUDE, batch)
        assert SECRET in b"".join(state.bodies).decode()
    clean(runs.folder)


FAULTS: dict[str, Callable[[], list[claude_server.Fault]]] = {
    f"{status} with the request in the error": lambda status=status: [  # type: ignore[misc]
        claude_server.Fault("POST /v1/messages.*", status)
    ]
    for status in (400, 401, 413, 422)
}
FAULTS |= {
    "a page that quotes the request": lambda: [
        claude_server.Fault("POST /v1/messages", page=f"<html>{SECRET} {KEY}</html>")
    ],
    "results that quote the request": lambda: [
        claude_server.Fault("GET .*/results", page=f"<html>{SECRET} {KEY}</html>")
    ],
}


@pytest.mark.parametrize("batch", ["--batch", "--no-batch"])
@pytest.mark.parametrize("faults", FAULTS.values(), ids=FAULTS)
def test_errors_of_anthropic(
    runs: Runs,
    batch: str,
    faults: Callable[[], list[claude_server.Fault]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with running(echo=True) as (url, state):
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        state.faults.extend(faults())
        runs.label(*CLAUDE, batch, "--limit", "5", code=None)
        monkeypatch.setenv("ANTHROPIC_API_KEY", f"{ENDPOINT_KEY}-of-another")
        runs.label(*CLAUDE, batch, "--limit", "6", code=4)
    clean(runs.folder)


def local(url: str) -> list[str]:
    return ["--labeller", "endpoint", "--base-url", url, "--model", MODEL, "--yes"]


@pytest.mark.parametrize("bad", [False, True], ids=["sound", "bad records"])
def test_labelling_with_an_endpoint(runs: Runs, bad: bool) -> None:
    if bad:
        spoilt(runs.folder)
    with serving(key=ENDPOINT_KEY) as (url, state):
        runs("plan", str(runs.folder / "c.jsonl"), *local(url)[:-1])
        runs.label(*local(url))
        assert SECRET in b"".join(state.bodies).decode()
    clean(runs.folder)


@pytest.mark.parametrize("status", [400, 401, 404])
@pytest.mark.parametrize("about", ["", SECRET], ids=["first question", "a conversation"])
def test_errors_of_an_endpoint(
    runs: Runs, status: int, about: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = f"<html>{SECRET} {ENDPOINT_KEY}</html>"
    with serving(key=ENDPOINT_KEY, echo=True) as (url, state):
        state.faults.append(endpoint_server.Fault(status, about=about))
        state.faults.append(endpoint_server.Fault(page=page, about=SECRET))
        runs.label(*local(url), code=None)
        monkeypatch.setenv("VALUESCAPE_ENDPOINT_KEY", f"{KEY}-of-another")
        runs.label(*local(url), "--vocabulary", "open", code=4)
        runs.label(*local(url)[:-2], "absent", "--yes", code=4)
    clean(runs.folder)


@pytest.mark.parametrize("kind", ["anthropic", "endpoint"])
def test_only_the_ledger_keeps_an_answer_that_quotes_a_conversation(
    runs: Runs, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running(behave=lambda *_: QUOTED) as (url, _), serving(behave=lambda *_: QUOTED) as (a, _):
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        monkeypatch.delenv("VALUESCAPE_ENDPOINT_KEY")
        options = local(a) if kind == "endpoint" else [*CLAUDE, "--no-batch"]
        runs.label(*options, "--limit", "3")
    assert "3 invalid" in runs.said
    clean(runs.folder, "out/ledger.sqlite")
    assert (runs.folder / "out" / "ledger.sqlite").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("batch", ["--batch", "--no-batch"])
@pytest.mark.parametrize("faults", [list, *FAULTS.values()], ids=["none", *FAULTS])
def test_naming_a_tree_by_anthropic(
    runs: Runs,
    batch: str,
    faults: Callable[[], list[claude_server.Fault]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_names(runs.folder)
    with running(behave=good_names, echo=True) as (url, state):
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        state.faults.extend(faults())
        runs(*command(runs.folder, *NAMER, batch), code=0 if faults is list else None)
        monkeypatch.setenv("ANTHROPIC_API_KEY", f"{ENDPOINT_KEY}-of-another")
        runs(*command(runs.folder, *NAMER, batch, "--model", "claude-haiku-4-5"), code=4)
        assert state.calls
    assert (runs.folder / "tree.ledger.sqlite").stat().st_mode & 0o077 == 0
    clean(runs.folder)


@pytest.mark.parametrize("status", [0, 400, 401, 404])
def test_naming_a_tree_by_an_endpoint(
    runs: Runs, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_names(runs.folder)
    page = f"<html>{ENDPOINT_KEY}</html>"
    with serving(behave=good_names, key=ENDPOINT_KEY, echo=True) as (url, state):
        given = ["--namer", *local(url)[1:]]
        if status:
            state.faults.append(endpoint_server.Fault(status, about="above"))
            state.faults.append(endpoint_server.Fault(page=page, about="outside"))
        runs(*command(runs.folder, *given), code=None if status else 0)
        monkeypatch.setenv("VALUESCAPE_ENDPOINT_KEY", f"{KEY}-of-another")
        runs(*command(runs.folder, *given, "--seed", "1", "--sizes", "8", "4", "2"), code=4)
    clean(runs.folder)


@pytest.mark.parametrize("bad", [False, True], ids=["sound", "bad records"])
def test_without_an_interface(runs: Runs, bad: bool) -> None:
    """Embedded labels, associations, the design of an audit, conversion, redaction."""
    if bad:
        spoilt(runs.folder)
    corpus, out = str(runs.folder / "c.jsonl"), runs.folder / "out"
    tables = str(out / "labels.parquet"), str(out / "expressions.parquet")
    runs.label()
    runs("associate", *tables, "--output", str(out / "a.csv"), code=None)
    runs("convert", corpus, "--output", str(runs.folder / "text.jsonl"))
    clean_corpus = str(runs.folder / "text.jsonl")
    drawn = str(runs.folder / "audit")
    runs("audit", "draw", clean_corpus, *tables, "--output", drawn, "--n", "8")
    report = str(out / "redaction.csv")
    runs("redact", clean_corpus, str(runs.folder / "text.red.jsonl"), "--report", report)
    runs("redact", corpus, str(runs.folder / "text.2.jsonl"), code=1 if bad else 0)
    runs.label("--strict", code=1 if bad else 0)
    clean(runs.folder, "text.", "audit/coders/")
    assert (runs.folder / "audit" / "design").is_dir()
    assert (out / "redaction.csv").exists()


@pytest.mark.slow
def test_a_log_that_is_switched_on_says_nothing(runs: Runs) -> None:
    program = (
        "import logging; logging.basicConfig(level=logging.DEBUG)\n"
        "from valuescape.cli import app; app()"
    )
    with running(echo=True) as (url, _):
        command = ["label", str(runs.folder / "c.jsonl"), "--output", str(runs.folder / "out")]
        done = subprocess.run(
            [sys.executable, "-c", program, *command, *CLAUDE, "--no-batch"],
            env=os.environ | {"ANTHROPIC_BASE_URL": url, "ANTHROPIC_LOG": "debug"},
            capture_output=True,
            text=True,
            check=True,
        )
    runs.said += done.stdout + done.stderr
    assert "12 ok" in done.stdout
