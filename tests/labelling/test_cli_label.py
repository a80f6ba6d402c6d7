"""``valuescape label`` and ``plan``: exit codes, words, and silence where nobody watches."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.labelling.claude import texts, write_corpus
from tests.providers.endpoint_server import MODEL, serving
from tests.providers.server import KEY, Fault, State, running
from valuescape.cli import app
from valuescape.cli_label import _OWNERS

N = 5


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    return write_corpus(tmp_path / "c.jsonl", texts(N))


@pytest.fixture
def claudes(monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    with running() as (url, state):
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        yield state


def label(corpus: Path, *options: str) -> list[str]:
    out = corpus.parent / "out"
    chosen = ["--labeller", "anthropic", "--no-batch", "--yes"]
    return ["label", str(corpus), "--output", str(out), *chosen, *options]


def code(command: list[str]) -> tuple[int, str]:
    done = CliRunner().invoke(app, command)
    return done.exit_code, done.output


def test_0_when_done(corpus: Path, claudes: State) -> None:
    assert code(label(corpus))[0] == 0


def test_1_for_a_file_that_cannot_be_used(corpus: Path, claudes: State) -> None:
    corpus.write_text("{")
    found, said = code(label(corpus))
    assert found == 1
    assert "no conversation; malformed: " in said
    assert code(["plan", str(corpus.parent / "absent.jsonl")])[0] == 1
    assert code(["plan", str(corpus), "--ledger", str(corpus.parent / "absent.sqlite")])[0] == 1


@pytest.mark.parametrize(
    "options", [["--limit", "0"], ["--base-url", "http://a"], ["--limit", "x"], ["--no-such"]]
)
def test_2_for_an_option_that_cannot_be(corpus: Path, claudes: State, options: list[str]) -> None:
    assert code(label(corpus, *options))[0] == 2
    assert code(["plan", str(corpus), *options])[0] == 2
    assert not claudes.calls


def test_3_for_a_budget_that_is_reached(corpus: Path, claudes: State) -> None:
    found, said = code(label(corpus, "--budget", "0.1"))
    assert found == 3
    assert "--budget 0.1 does not allow another question" in said
    assert code(label(corpus, "--budget", "9"))[0] == 0


def test_4_for_an_interface_that_fails(corpus: Path, claudes: State) -> None:
    claudes.faults.append(Fault("POST /v1/messages", 403))
    found, said = code(label(corpus))
    assert found == 4
    assert "403 permission_error" in said


@pytest.mark.slow
def test_130_when_interrupted_and_the_same_command_goes_on(corpus: Path, claudes: State) -> None:
    claudes.reply_seconds = 3.0
    program = "from valuescape.cli import app; app()"
    command = [sys.executable, "-c", program, *label(corpus, "--workers", "1")]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    while len(claudes.asked) < 2 and process.poll() is None:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert err.endswith("interrupted; the same command goes on from here\n")
    assert not out
    claudes.reply_seconds = 0.0
    found, said = code(label(corpus))
    assert (found, f"{N} ok" in said) == (0, True)
    assert set(claudes.billed_single.values()) == {1}


@pytest.mark.slow
def test_nothing_but_plan_account_and_next_step_is_said_to_a_pipe(
    corpus: Path, claudes: State
) -> None:
    command = [sys.executable, "-c", "from valuescape.cli import app; app()", *label(corpus)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "\x1b" not in done.stdout + done.stderr
    assert done.stdout.splitlines()[0] == f"{N} ok"
    assert len(done.stdout.splitlines()) == 2
    *plan, after = done.stderr.splitlines()
    assert len(plan) == 4
    assert after.startswith("next: valuescape report ")


def test_the_plan_counts_a_sample_only_where_it_may(corpus: Path, claudes: State) -> None:
    assert "the latter counted, the former estimated" in code(["plan", str(corpus)])[1]
    assert "boats" not in b"".join(claudes.bodies).decode()
    assert "counted on a sample of 5" in code(["plan", str(corpus), "--count"])[1]
    assert "boats" in b"".join(claudes.bodies).decode()


def test_the_plan_needs_no_key_and_then_asks_nobody(
    corpus: Path, claudes: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    found, said = code(["plan", str(corpus), "--limit", "3", "--count"])
    assert found == 0
    assert "3 conversations, 0 answered before, 3 to send" in said
    assert "estimated from the length" in said
    assert "dollars" in said
    assert not claudes.calls


def test_the_plan_leaves_out_what_a_ledger_has(corpus: Path, claudes: State) -> None:
    assert code(label(corpus, "--limit", "2"))[0] == 0
    ledger = corpus.parent / "out" / "ledger.sqlite"
    said = code(["plan", str(corpus), "--ledger", str(ledger)])[1]
    assert f"{N} conversations, 2 answered before, {N - 2} to send" in said


def test_a_plan_for_an_endpoint_asks_nobody(corpus: Path) -> None:
    with serving() as (url, state):
        command = ["plan", str(corpus), "--labeller", "endpoint", "--base-url", url]
        found, said = code([*command, "--model", MODEL])
        assert not state.calls
    assert found == 0
    assert f"to send to {MODEL} at {url}" in said


def test_only_who_sends_has_a_plan(corpus: Path) -> None:
    found, said = code(["plan", str(corpus), "--labeller", "embedded"])
    assert found == 2
    assert "--labeller 'embedded' has no plan; allowed: anthropic, endpoint" in said


@pytest.mark.parametrize("command", ["label", "plan"])
def test_help_teaches_by_examples_and_names_the_exit_codes(command: str) -> None:
    said = CliRunner().invoke(app, [command, "--help"], env={"COLUMNS": "200"}).output
    assert said.count(f"valuescape {command} chats.jsonl") >= 3
    for number in (0, 1, 2, 3, 4, 130):
        assert f" {number} " in said[said.index("Exit codes:") :]


def test_every_option_of_a_labeller_is_one_of_the_command() -> None:
    said = CliRunner().invoke(app, ["label", "--help"], env={"COLUMNS": "200"}).output
    said += CliRunner().invoke(app, ["plan", "--help"], env={"COLUMNS": "200"}).output
    for name, owners in _OWNERS.items():
        lines = [line for line in said.splitlines() if f"--{name} " in line and "<" in line]
        assert lines, name
        assert all(owner in line for owner in owners for line in lines) or name == "ledger"


@pytest.mark.parametrize("name", ["", "label"])
def test_help_comes_without_heavy_imports(name: str) -> None:
    program = (
        "import sys\nfrom valuescape.cli import app\n"
        "try: app(sys.argv[1:])\nfinally: print(*sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", program, *([name] if name else []), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
    loaded = {module.partition(".")[0] for module in done.stderr.split()}
    assert not loaded & {"anthropic", "numpy", "pandas", "httpx2", "sqlite3"}
