"""``fetch`` against a server on this machine: resumed, checked, repeated for nothing."""

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.paths import ROOT
from valuescape.corpora.jsonl import read_jsonl
from valuescape.errors import InputError
from valuescape.stages.acquire.download import Upstream, download
from valuescape.stages.acquire.fetch import fetch, read_upstream, write_corpora

CONTENT = json.dumps(
    [
        {"dataset": "d", "instruction": f"Question {i}", "output": f" Answer {i} "}
        for i in range(2000)
    ]
).encode()
PATH = "results/larkspur/model_outputs.json"


class Server(ThreadingHTTPServer):
    """Serves CONTENT, whole or from a range on, and notes what was asked for."""

    ranges: list[str | None]
    cut_at: int | None = None
    understands_ranges = True


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path != f"/{PATH}":
            self.send_error(404)
            return
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        use = bool(asked) and self.server.understands_ranges
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and use else 0
        self.send_response(206 if use else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        end = self.server.cut_at or len(CONTENT)
        self.wfile.write(CONTENT[start:end])

    def log_message(self, *args: object) -> None:
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        running.ranges = []
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()


def upstream(server: Server, path: str = PATH, sha256: str = "") -> Upstream:
    url = f"http://127.0.0.1:{server.server_address[1]}/{path}"
    known = sha256 or hashlib.sha256(CONTENT).hexdigest()
    return Upstream("alpaca_eval", "owner/name", "c0ffee", path, url, len(CONTENT), known)


@pytest.mark.parametrize("understands", [True, False])
def test_a_cut_download_is_continued(tmp_path: Path, server: Server, understands: bool) -> None:
    target = tmp_path / "f.json"
    server.cut_at = 10_000
    with pytest.raises(InputError):
        download(upstream(server), target)
    assert not target.exists()
    server.cut_at, server.understands_ranges = None, understands
    assert download(upstream(server), target)
    assert target.read_bytes() == CONTENT
    assert not download(upstream(server), target)
    assert len(server.ranges) == 2


def test_another_file_than_named_is_refused(tmp_path: Path, server: Server) -> None:
    with pytest.raises(InputError, match="SHA-256"):
        download(upstream(server, sha256="0" * 64), tmp_path / "f.json")
    assert not any(tmp_path.iterdir())


def test_an_absent_file_and_an_odd_address_are_named(tmp_path: Path, server: Server) -> None:
    with pytest.raises(InputError, match="nowhere: not fetched"):
        download(upstream(server, "nowhere"), tmp_path / "f")
    odd = Upstream("alpaca_eval", "r", "c", "p", "file:///etc/hosts", 1, "0")
    with pytest.raises(InputError, match="allowed are https and http"):
        download(odd, tmp_path / "f")


def test_fetched_files_become_jsonl_of_the_wanted_conversations(
    tmp_path: Path, server: Server
) -> None:
    done: list[int] = []
    local = fetch([upstream(server)], tmp_path / "upstream", lambda: done.append(1))
    wanted = {"alpaca_eval": {"alpaca_eval/0-larkspur", "alpaca_eval/7-larkspur"}}
    write_corpora(local, wanted, tmp_path)
    found = list(read_jsonl(tmp_path / "alpaca_eval.jsonl.gz"))
    assert [c.id for c in found] == sorted(wanted["alpaca_eval"])
    assert found[1].messages[1].content == "Answer 7"
    assert len(done) == 1
    with pytest.raises(InputError, match="1 conversations missing"):
        write_corpora(local, {"alpaca_eval": {"alpaca_eval/9999-larkspur"}}, tmp_path)


def test_the_committed_list_names_a_known_source_and_a_full_digest_in_every_row() -> None:
    files = read_upstream(ROOT / "data" / "acquire" / "upstream.csv")
    assert len(files) == 58
    assert all(len(f.sha256) == 64 and f.commit in f.url and f.n_bytes > 0 for f in files)
