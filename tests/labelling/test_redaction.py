"""Personal data stay on the machine: planted ones reach no server, and what was hidden is told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from tests.labelling import claude, local
from tests.providers.endpoint_server import MODEL, serving
from tests.providers.server import KEY, running
from valuescape.cli import app
from valuescape.privacy.redaction import KINDS

PLANTED = {
    "email": "ana.soto@example.org",
    "phone": "+34 912 345 678",
    "card": "4111 1111 1111 1111",
    "iban": "GB82 WEST 1234 5698 7654 32",
    "ip": "203.0.113.9",
    "url_credentials": "hunter2pw",
    "address": "221 Baker Street",
    "name": "Adeyemi",
}
TEXTS = [
    f"Write to {PLANTED['email']} or call {PLANTED['phone']}.",
    f"My card is {PLANTED['card']}, my account {PLANTED['iban']}.",
    f"The host {PLANTED['ip']} takes https://me:{PLANTED['url_credentials']}@example.org/x.",
    f"I live at {PLANTED['address']}. My name is Rose {PLANTED['name']}.",
    "How do I keep a boat dry?",
]
Label = Callable[..., str]


@pytest.fixture(params=["batch", "messages", "endpoint"])
def labelled(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Path, Label, list[bytes]]]:
    """Yield a folder with a corpus, a function that labels it, and all that the server heard."""
    claude.write_corpus(tmp_path / "c.jsonl", TEXTS)
    if request.param == "endpoint":
        with serving() as (url, state):
            yield tmp_path, lambda **o: local.run(tmp_path, url, **o), state.bodies
    else:
        batch = request.param == "batch"
        with running() as (url, claudes):
            yield (
                tmp_path,
                lambda **o: claude.run(tmp_path, url, batch=batch, agreed=True, **o),
                claudes.bodies,
            )


def heard(bodies: list[bytes]) -> str:
    """Return what a server heard, with JSON's escapes resolved as far as they go."""
    said = "\n".join(json.dumps(json.loads(body or b"{}"), ensure_ascii=False) for body in bodies)
    return said.replace("\\", "")


def test_no_planted_datum_reaches_the_server_and_each_is_counted(
    labelled: tuple[Path, Label, list[bytes]],
) -> None:
    folder, label, bodies = labelled
    label()
    said = heard(bodies)
    digits = re.sub(r"\D", "", said)
    for kind, datum in PLANTED.items():
        assert datum not in said, kind
        if re.fullmatch(r"[\d +]+", datum):
            assert re.sub(r"\D", "", datum) not in digits, kind
        assert f"[{kind.upper()}]" in said
    assert "How do I keep a boat dry?" in said
    report = pd.read_csv(folder / "out" / "redaction.csv")
    assert report["kind"].tolist() == sorted(KINDS)
    assert (report["n_items"] >= 1).all()
    assert list(report.columns) == ["kind", "n_items", "n_conversations"]
    assert claude.labels(folder).index.tolist() == [f"c{i}" for i in range(len(TEXTS))]


def test_without_redaction_the_texts_go_as_they_are_under_keys_of_their_own(
    labelled: tuple[Path, Label, list[bytes]],
) -> None:
    folder, label, bodies = labelled
    label()
    before = len(bodies)
    label(redact=False)
    said = heard(bodies[before:])
    assert all(datum in said for datum in PLANTED.values())
    assert "How do I keep a boat dry?" not in said
    assert not (folder / "out" / "redaction.csv").exists()


@pytest.mark.parametrize("labeller", ["anthropic", "endpoint"])
def test_the_plan_says_what_is_hidden_and_sends_no_conversation(
    tmp_path: Path, labeller: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    claude.write_corpus(tmp_path / "c.jsonl", TEXTS)
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    command = ["plan", str(tmp_path / "c.jsonl"), "--labeller", labeller]
    with running() as (url, state), serving() as (address, other):
        monkeypatch.setenv("ANTHROPIC_BASE_URL", url)
        if labeller == "endpoint":
            command += ["--base-url", address, "--model", MODEL]
        planned = CliRunner().invoke(app, command)
        bare = CliRunner().invoke(app, [*command, "--no-redact"])
        assert "boat dry" not in heard(state.bodies)
        assert not other.calls
        assert set(state.calls) <= {"POST /v1/messages/count_tokens"}
    assert planned.exit_code == bare.exit_code == 0, planned.output
    assert "hidden before sending: 1 url_credentials, 1 email, 1 iban" in planned.output
    assert "in 4 conversations" in planned.output
    assert "--no-redact: texts are sent as they are" in bare.output
    assert not list(tmp_path.glob("*.sqlite"))
    for datum in PLANTED.values():
        assert datum not in planned.output
