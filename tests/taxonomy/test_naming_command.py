"""``valuescape taxonomy build`` with a model as namer, against servers that behave like one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.providers import endpoint_server
from tests.providers.endpoint_server import MODEL, serving
from tests.providers.server import KEY, Behaviour, Fault, State, running
from tests.taxonomy.naming_answers import (
    NAMER,
    command,
    good_names,
    nodes,
    run,
    saying,
    write_names,
)
from valuescape import cli_taxonomy
from valuescape.cli import app
from valuescape.errors import ServiceError
from valuescape.providers.ledger import open_ledger


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_names(tmp_path)
    return tmp_path


@pytest.fixture
def claudes(monkeypatch: pytest.MonkeyPatch) -> Iterator[State]:
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    with running(behave=good_names) as (url, state):
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        yield state


def invoked(folder: Path, *options: str, answer: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, command(folder, *options), input=answer)
    return done.exit_code, done.output


def ledger(folder: Path) -> Path:
    return folder / "tree.ledger.sqlite"


def paid_once(state: State) -> bool:
    return set((state.billed + state.billed_single).values()) == {1}


@pytest.mark.parametrize("batch", ["--batch", "--no-batch"])
def test_names_arrive_and_a_second_run_sends_nothing(
    folder: Path, claudes: State, batch: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = invoked(folder, *NAMER, batch)
    assert code == 0, said
    assert "names of values are sent" in said
    assert "questions to send to claude-sonnet-5-5 at Anthropic" in said
    assert "named by claude-sonnet-5-5; every answer could be used" in said
    found = nodes(folder)
    assert found["name"].str.startswith("About ").all()
    assert found["description"].str.startswith("Told by ").all()
    assert paid_once(claudes)
    assert ledger(folder).stat().st_mode & 0o077 == 0

    before = (folder / "tree" / "taxonomy.csv").read_bytes()
    sent = claudes.calls.copy()
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    code, said = invoked(folder, "--namer", "anthropic", batch)
    assert code == 0, said
    assert "questions to send" not in said
    assert claudes.calls == sent
    assert (folder / "tree" / "taxonomy.csv").read_bytes() == before


def test_no_more_is_paid_than_the_plan_says(folder: Path, claudes: State) -> None:
    _, said = invoked(folder, *NAMER)
    most = int(said.split("at most ")[1].split()[0])
    assert len(nodes(folder)) < claudes.billed.total() <= most


def test_equal_names_are_told_apart(folder: Path, claudes: State) -> None:
    claudes.behave = saying(lambda _: "drive")
    assert invoked(folder, *NAMER)[0] == 0
    found = nodes(folder)
    assert found["name"].str.fullmatch(r"Drive \d+").all()
    assert not found.duplicated(["level", "name"]).any()


def test_unusable_answers_leave_medoids_and_are_told(folder: Path, claudes: State) -> None:
    def often_amiss(text: str, n_before: int) -> Behaviour:
        given = json.loads(text)
        if isinstance(given, dict) and given.get("inside", ["?"])[0].startswith("b"):
            return Behaviour("Certainly!")
        return good_names(text, n_before)

    claudes.behave = often_amiss
    code, said = invoked(folder, *NAMER)
    assert code == 0
    amiss = {text for text, n in claudes.billed.items() if n == 2}
    assert amiss
    assert f"answers that could not be used: {len(amiss)} to questions for a name" in said
    found = nodes(folder)["name"]
    assert 0 < (~found.str.startswith("About ")).sum() <= len(amiss)
    sent = claudes.calls.copy()
    assert f"{len(amiss)} to questions for a name" in invoked(folder, *NAMER)[1]
    assert claudes.calls == sent


def test_an_answer_amiss_once_is_asked_for_again(folder: Path, claudes: State) -> None:
    claudes.behave = lambda text, n: Behaviour("{") if n == 0 else good_names(text, n)
    code, said = invoked(folder, *NAMER)
    assert (code, "every answer could be used" in said) == (0, True)
    assert set(claudes.billed.values()) == {2}


def test_a_budget_that_is_reached_leaves_the_old_tree_and_goes_on_when_raised(
    folder: Path, claudes: State
) -> None:
    assert invoked(folder)[0] == 0
    before = (folder / "tree" / "taxonomy.csv").read_bytes()
    code, said = invoked(folder, *NAMER, "--budget", "0.03")
    assert code == 3
    assert "--budget 0.03 does not allow another question" in said
    assert (folder / "tree" / "taxonomy.csv").read_bytes() == before
    assert sorted(p.name for p in folder.iterdir()) == ["names.txt", "tree", "tree.ledger.sqlite"]
    n = claudes.billed.total()
    with open_ledger(ledger(folder)) as opened:
        assert 0 < opened.dollars() <= 0.03
    code, said = invoked(folder, *NAMER, "--budget", "3")
    assert code == 0
    assert f"{n} answered before" in said
    assert claudes.billed.total() > n
    assert paid_once(claudes)


def test_a_budget_that_is_reached_leaves_no_tree(folder: Path, claudes: State) -> None:
    assert invoked(folder, *NAMER, "--budget", "0.001")[0] == 3
    assert sorted(p.name for p in folder.iterdir()) == ["names.txt", "tree.ledger.sqlite"]
    assert not claudes.billed


def test_without_a_key_nothing_is_sent_or_made(
    folder: Path, claudes: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    code, said = invoked(folder, *NAMER)
    assert code == 1
    assert said == (
        "error: no key: set the environment variable ANTHROPIC_API_KEY; nothing has been sent\n"
    )
    assert not claudes.calls
    assert [p.name for p in folder.iterdir()] == ["names.txt"]


@pytest.mark.parametrize("answer", ["n\n", ""])
def test_what_is_not_confirmed_is_not_sent(folder: Path, claudes: State, answer: str) -> None:
    code, said = invoked(folder, "--namer", "anthropic", answer=answer)
    assert code == 3
    assert "not confirmed; nothing has been sent" in said
    assert not claudes.calls
    assert not (folder / "tree").exists()
    assert invoked(folder, "--namer", "anthropic", answer="y\n")[0] == 0


def test_an_interface_that_fails_half_way_leaves_no_tree(folder: Path, claudes: State) -> None:
    moments = iter(range(100))

    def hook(call: str, at: str) -> None:
        if (call, at) == ("POST /v1/messages/batches", "worked") and next(moments) == 1:
            claudes.faults.append(Fault("POST /v1/messages/batches", 403))

    claudes.hook = hook
    with pytest.raises(ServiceError, match="403 permission_error"):
        run(folder, os.environ["ANTHROPIC_BASE_URL"])
    assert claudes.billed
    assert not (folder / "tree").exists()
    run(folder, os.environ["ANTHROPIC_BASE_URL"])
    assert paid_once(claudes)


KILLS = {
    "a batch is paid and not confirmed": ("--batch", "POST /v1/messages/batches", "worked", 2),
    "a batch is waited for": ("--batch", "GET /v1/messages/batches/ID", "arrived", 2),
    "results are on their way": ("--batch", "GET /v1/messages/batches/ID/results", "worked", 1),
    "messages are answered": ("--no-batch", "POST /v1/messages", "worked", 9),
}
MARKED = [
    pytest.param(when, id=name, marks=[pytest.mark.slow] if place else [])
    for place, (name, when) in enumerate(KILLS.items())
]


@pytest.mark.parametrize("when", MARKED)
def test_killed_half_way_and_run_again_it_pays_nothing_twice(
    folder: Path, claudes: State, when: tuple[str, str, str, int]
) -> None:
    batch, *moment, left = when
    process: list[subprocess.Popen[bytes]] = []

    def hook(call: str, at: str) -> None:
        nonlocal left
        if [call, at] == moment:
            left -= 1
            if left == 0:
                process[0].kill()
                process[0].wait()

    claudes.hook = hook
    program = [sys.executable, "-c", "from valuescape.cli import app; app()"]
    process.append(subprocess.Popen([*program, *command(folder, *NAMER, batch)]))
    assert process[0].wait() == -9
    assert sorted(p.name for p in folder.iterdir() if "ledger" not in p.name) == ["names.txt"]
    paid = (claudes.billed + claudes.billed_single).total()
    said = run(folder, os.environ["ANTHROPIC_BASE_URL"], batch=batch == "--batch")
    assert "every answer could be used" in said
    assert (claudes.billed + claudes.billed_single).total() > paid > 0
    with open_ledger(ledger(folder)) as opened:
        uncertain = opened.n_uncertain()
    again = claudes.billed_single.total() - len(claudes.billed_single)
    assert set(claudes.billed.values()) <= {1}
    assert again <= uncertain <= 4
    assert f"{uncertain} messages may have been paid" in said if uncertain else paid_once(claudes)
    assert nodes(folder)["name"].str.startswith("About ").all()


def endpoint(url: str) -> tuple[str, ...]:
    return ("--namer", "endpoint", "--base-url", url, "--model", MODEL, "--yes")


@pytest.mark.parametrize("forms", [("json_schema", "json_object", "text"), ("text",)])
def test_an_endpoint_names_and_a_second_run_sends_nothing(
    folder: Path, forms: tuple[str, ...]
) -> None:
    with serving(behave=good_names, forms=forms) as (url, state):
        code, said = invoked(folder, *endpoint(url))
        assert code == 0, said
        assert f"questions to send to {MODEL} at {url}" in said
        assert f"no price is known for {MODEL}" in said
        assert ("cannot be held to the schema" in said) is (forms == ("text",))
        assert set(state.answered.values()) == {1}
        sent = state.calls.copy()
        assert "every answer could be used" in invoked(folder, *endpoint(url))[1]
        assert state.calls == sent
        first = next(body for body in map(json.loads, filter(None, state.bodies)))
        assert '"kindness"' in first["messages"][1]["content"]
    assert nodes(folder)["name"].str.startswith("About ").all()


def test_an_endpoint_that_wants_a_key_names_the_variable(folder: Path) -> None:
    with serving(behave=good_names, key="k") as (url, state):
        code, said = invoked(folder, *endpoint(url))
        assert code == 4
        assert "VALUESCAPE_ENDPOINT_KEY" in said
        assert not state.answered
    assert not (folder / "tree").exists()


def test_an_endpoint_that_fails_half_way_leaves_no_tree(folder: Path) -> None:
    with serving(behave=good_names) as (url, state):
        state.faults.append(endpoint_server.Fault(401, about="above"))
        code, said = invoked(folder, *endpoint(url))
        assert code == 4, said
        assert not (folder / "tree").exists()
        assert invoked(folder, *endpoint(url))[0] == 0
        asked = [text for text, n in state.answered.items() if "kindness" not in text and n > 1]
        assert not asked


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--namer", "magic"),
            "--namer 'magic' is not known; allowed: medoid, anthropic, endpoint",
        ),
        (("--model", "m"), "--model goes with --namer anthropic or endpoint, not with medoid"),
        (("--yes",), "--yes goes with --namer anthropic or endpoint, not with medoid"),
        (("--namer", "endpoint", "--model", "m"), "--namer endpoint needs --base-url"),
        (("--namer", "endpoint", "--base-url", "http://a"), "--namer endpoint needs --model"),
        (
            ("--namer", "endpoint", "--base-url", "x", "--model", "m"),
            "--base-url is no address such as",
        ),
        (("--namer", "anthropic", "--budget", "0"), "--budget 0 is not allowed; a positive"),
        (
            ("--namer", "anthropic", "--budget", "1", "--model", "m"),
            "--budget needs a price, and none is known for 'm'",
        ),
    ],
)
def test_2_for_an_option_that_cannot_be(
    folder: Path, claudes: State, options: tuple[str, ...], said: str
) -> None:
    code, output = invoked(folder, *options)
    assert code == 2
    assert said in output
    assert not claudes.calls
    assert [p.name for p in folder.iterdir()] == ["names.txt"]


def test_an_output_without_a_name_of_its_own_is_refused_before_anything_is_paid(
    folder: Path, claudes: State
) -> None:
    taken = command(folder, *NAMER)
    for output in (".", "..", str(folder / "names.txt")):
        taken[taken.index("--output") + 1] = output
        done = CliRunner().invoke(app, taken)
        assert done.exit_code == 2
        assert "needed is the name of a folder" in done.output
    assert not claudes.calls


def test_130_when_interrupted(
    folder: Path, claudes: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli_taxonomy, "agreed", interrupted)
    code, said = invoked(folder, *NAMER)
    assert code == 130
    assert "interrupted; the same command goes on from here" in said


def test_the_help_says_what_is_sent_and_names_the_exit_codes() -> None:
    given = ["taxonomy", "build", "--help"]
    said = " ".join(CliRunner().invoke(app, given, env={"COLUMNS": "200"}).output.split())
    assert "What is sent to it are names of values only" in said
    for number in (0, 1, 2, 3, 4, 130):
        assert f" {number} " in said[said.index("Exit codes:") :]
    for name in cli_taxonomy._OWNERS:
        assert f"--{name} " in said
