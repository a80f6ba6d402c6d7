"""A server on this machine that serves one invented file, as well or as badly as it is told."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from valuescape.corpora.download import Upstream

CONTENT = json.dumps(
    [
        {"dataset": "d", "instruction": f"Question {i}", "output": f" Answer {i} "}
        for i in range(2000)
    ]
).encode()
PATH = "results/larkspur/model_outputs.json"


class Server(ThreadingHTTPServer):
    """Serves ``content`` and notes the ranges asked for.

    ``cuts`` holds, for each request in turn, after how many bytes of it the connection ends.
    """

    ranges: list[str | None]
    cuts: list[int]
    content: bytes
    understands_ranges: bool
    shift: int


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        if self.path != f"/{PATH}":
            self.send_error(404)
            return
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        part = bool(asked) and self.server.understands_ranges
        start = int(str(asked).removeprefix("bytes=").rstrip("-")) if part else 0
        body = self.server.content[start:]
        self.send_response(206 if part else 200)
        self.send_header("Content-Length", str(len(body)))
        if part:
            first, n = start + self.server.shift, len(self.server.content)
            self.send_header("Content-Range", f"bytes {first}-{n - 1}/{n}")
        self.end_headers()
        cut = self.server.cuts.pop(0) if self.server.cuts else len(body)
        self.wfile.write(body[:cut])

    def log_message(self, *args: object) -> None:
        """Print nothing."""


@contextmanager
def serving() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as running:
        running.ranges, running.cuts, running.content = [], [], CONTENT
        running.understands_ranges, running.shift = True, 0
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def upstream(server: Server, path: str = PATH, sha256: str = "") -> Upstream:
    url = f"http://127.0.0.1:{server.server_address[1]}/{path}"
    known = sha256 or hashlib.sha256(CONTENT).hexdigest()
    return Upstream("alpaca_eval", "owner/name", "c0ffee", path, url, len(CONTENT), known)
