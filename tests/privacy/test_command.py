"""``valuescape redact``: a file in, a file out, a report without text."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from valuescape.cli import app
from valuescape.corpora.jsonl import read_jsonl
from valuescape.errors import InputError
from valuescape.privacy.command import redact_file


def record(name: str, text: str, **more: object) -> str:
    turns = [{"role": "user", "content": text}, {"role": "assistant", "content": "Noted."}]
    return json.dumps({"id": name, "model": "m", "messages": turns, **more})


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    path = tmp_path / "c.jsonl"
    lines = [
        record("a", "mail canary@example.org", user_id="canary@example.org", meta={"x": "canary"}),
        record("b", "mail canary@example.org", user_id="canary@example.org", source="s"),
        record("c", "nothing here", user_id="other", started_at="2026-01-01T00:00:00Z"),
    ]
    path.write_text("\n".join(lines), "utf-8")
    return path


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_nothing_personal_is_left_and_groups_are_kept(corpus: Path, name: str) -> None:
    output, report = corpus.parent / "new" / name, corpus.parent / "report.csv"
    found = redact_file(corpus, output, report)
    raw = gzip.decompress(output.read_bytes()) if name.endswith("gz") else output.read_bytes()
    assert b"canary" not in raw
    assert b"canary" not in report.read_bytes()
    kept = list(read_jsonl(output))
    assert [c.id for c in kept] == ["a", "b", "c"]
    assert [c.user_id for c in kept] == ["user-1", "user-1", "user-2"]
    assert [c.prompt_id for c in kept] == ["prompt-1", "prompt-1", "prompt-2"]
    assert (kept[1].source, kept[2].started_at) == ("s", "2026-01-01T00:00:00Z")
    assert (found.n_conversations, found.n_changed, found.items["email"]) == (3, 2, 2)
    assert sorted(p.name for p in output.parent.iterdir()) == [name]


@pytest.mark.parametrize(("text", "message"), [("", "no conversation"), ("{", "line 1: not JSON")])
def test_bad_input_writes_nothing(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(text)
    with pytest.raises(InputError, match=message):
        redact_file(path, tmp_path / "out" / "o.jsonl")
    assert not list((tmp_path / "out").glob("*")) if (tmp_path / "out").exists() else True
    with pytest.raises(InputError, match="is the input itself"):
        redact_file(path, path)


def test_the_command_says_what_it_hid(corpus: Path) -> None:
    output = corpus.parent / "o.jsonl"
    done = CliRunner().invoke(app, ["redact", str(corpus), str(output)])
    assert done.exit_code == 0
    assert "3 conversations, 2 changed; hidden: 2 email" in done.output
    failed = CliRunner().invoke(app, ["redact", "absent.jsonl", str(output)])
    assert failed.exit_code == 1
    assert "no such file" in failed.output
