"""``valuescape convert``, ``label`` and ``fetch`` on the command line."""

import csv
import gzip
import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tests.corpora import invented
from tests.corpora.serving import CONTENT, PATH, serving
from valuescape.cli import app
from valuescape.corpora.adapters.registry import FORMATS
from valuescape.corpora.conversion import convert_files
from valuescape.corpora.jsonl import read_jsonl
from valuescape.corpora.reading import read_corpus
from valuescape.errors import InputError

RUN = CliRunner()
EMPTY = {**invented.CHATGPT, "mapping": {}, "current_node": None}


def export(folder: Path) -> Path:
    path = folder / "conversations.json"
    path.write_text(json.dumps([invented.CHATGPT, {"mapping": 1}, EMPTY]))
    return path


def test_convert_reports_what_it_left_out(tmp_path: Path) -> None:
    out = tmp_path / "out" / "c.jsonl.gz"
    done = RUN.invoke(app, ["convert", str(export(tmp_path)), "--output", str(out)])
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines() == ["1 conversations, 1 malformed records", str(out)]
    assert "element 2: " in done.stderr
    assert "1 record skipped: no reply of the assistant" in done.stderr
    assert list(read_jsonl(out)) == list(read_corpus([export(tmp_path)], malformed=lambda _: None))


def test_convert_stops_when_told_to_and_leaves_nothing_behind(tmp_path: Path) -> None:
    out = tmp_path / "c.jsonl"
    path = export(tmp_path)
    done = RUN.invoke(app, ["convert", str(path), "--output", str(out), "--strict"])
    assert done.exit_code == 1
    assert done.stderr.startswith(f"error: {path}, element 2: ")
    assert [p.name for p in tmp_path.iterdir()] == [path.name]
    with pytest.raises(InputError):
        convert_files([path], out)
    (tmp_path / "empty.jsonl").touch()
    done = RUN.invoke(app, ["convert", str(tmp_path / "empty.jsonl"), "--output", str(out)])
    assert done.exit_code == 1
    assert "no conversation" in done.stderr
    assert not out.exists()
    done = RUN.invoke(app, ["convert", str(path)])
    assert "--output is missing" in done.stderr


def test_convert_lists_the_formats() -> None:
    done = RUN.invoke(app, ["convert"])
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines()[:-1]] == list(FORMATS)


def test_source_and_format_change_the_ids(tmp_path: Path) -> None:
    out = tmp_path / "c.jsonl"
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps({"messages": invented.RECORDS["valuescape"]["messages"]}))
    for options, identity in (
        ([], "openai/s-0"),
        (["--format", "anthropic"], "anthropic/s-0"),
        (["--source", "mine"], "mine/s-0"),
    ):
        done = RUN.invoke(app, ["convert", str(path), "--output", str(out), *options])
        assert done.exit_code == 0, done.output
        assert [c.id for c in read_jsonl(out)] == [identity]


def test_equal_content_gives_equal_bytes(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    path.write_text(json.dumps(invented.SHAREGPT))
    first, second = tmp_path / "a.jsonl.gz", tmp_path / "b.jsonl.gz"
    ticks: list[int] = []
    convert_files([path], first, done=lambda: ticks.append(1))
    assert ticks == [1]
    convert_files([path], second)
    assert first.read_bytes() == second.read_bytes()
    assert json.loads(gzip.decompress(first.read_bytes()))["id"] == "sharegpt/s-1"


def test_label_takes_any_format_and_goes_on_past_damage(tmp_path: Path) -> None:
    path, out = export(tmp_path), tmp_path / "labels"
    done = RUN.invoke(app, ["label", str(path), "--output", str(out), "--strict"])
    assert done.exit_code == 1
    assert not out.exists()
    done = RUN.invoke(app, ["label", str(path), "--output", str(out)])
    assert done.exit_code == 0, done.output
    assert (out / "labels.parquet").is_file()
    assert "element 2" in done.stderr
    done = RUN.invoke(app, ["label", str(path), "--output", str(out), "--format", "claude"])
    assert done.exit_code == 1


def test_fetch_lists_refuses_and_brings(tmp_path: Path) -> None:
    assert "hh-rlhf-harmless-test" in RUN.invoke(app, ["fetch"]).stdout
    done = RUN.invoke(app, ["fetch", "nothing", "--output", str(tmp_path)])
    assert done.exit_code == 1
    assert "'nothing' is not known; allowed: hh-rlhf-harmless-test" in done.stderr
    with serving() as server:
        server.cuts = [1_000]
        listed = tmp_path / "upstream.csv"
        with listed.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["source", "repository", "commit", "path", "url", "bytes", "sha256"])
            url = f"http://127.0.0.1:{server.server_address[1]}/{PATH}"
            digest = hashlib.sha256(CONTENT).hexdigest()
            writer.writerow(["alpaca_eval", "o/n", "c0ffee", PATH, url, len(CONTENT), digest])
        options = ["fetch", "alpaca_eval", "--output", str(tmp_path / "out")]
        options += ["--upstream", str(listed)]
        done = RUN.invoke(app, options)
        assert done.exit_code == 0, done.output
        target = tmp_path / "out" / "alpaca_eval.jsonl.gz"
        assert done.stdout.splitlines() == ["2,000 conversations", str(target)]
        assert next(read_jsonl(target)).id == "alpaca_eval/0-larkspur"
        assert RUN.invoke(app, options).exit_code == 0
        assert len(server.ranges) == 2
