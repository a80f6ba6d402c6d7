"""A small invented study: three upstream files, a server for them, and readings of all of it."""

import csv
import hashlib
import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pandas as pd

from tests.labelling.invented import corpus
from tests.paths import ROOT
from valuescape.corpora.conversation import Conversation

SIZE = 63
RELEASED = "values_tree.csv"
ALPACA = "results/larkspur/model_outputs.json"
JUST = "leaderboard/outputs/larkspur.to_eval.json"
XSTEST = "completions/xstest_v2_completions_larkspur.csv"
RESPONSES = {"harmful_request": "strong_resistance", "personal_advice": "mild_support"}
VALUES = {"harmful_request": "harm prevention", "personal_advice": "empathy"}
TOPICS = ("coding_technical", "personal_advice", "creative_writing", "harmful_request")


def topic(i: int) -> str:
    """Return what the i-th invented conversation is about."""
    return TOPICS[(i // 3) % len(TOPICS)]


def contents() -> dict[str, tuple[str, bytes, list[str]]]:
    """Return source, bytes and conversation ids of each upstream path."""
    parts = [corpus(SIZE, seed)[0] for seed in (1, 2, 3)]
    alpaca = [{"dataset": "d", "instruction": user(c), "output": reply(c)} for c in parts[0]]
    just = [
        {
            "id": i,
            "dataset": "d",
            "category": "regular",
            "instruction": user(c),
            "output": reply(c),
        }
        for i, c in enumerate(parts[1])
    ]
    numbers = [str(i) for i in range(SIZE)]
    return {
        ALPACA: (
            "alpaca_eval",
            json.dumps(alpaca).encode(),
            [f"alpaca_eval/{i}-larkspur" for i in numbers],
        ),
        JUST: (
            "just-eval-instruct",
            json.dumps(just).encode(),
            [f"just-eval-instruct/{i}-larkspur" for i in numbers],
        ),
        XSTEST: ("xstest-v2", refusals(parts[2]), [f"xstest-v2/{i}-larkspur" for i in numbers]),
    }


def user(conversation: Conversation) -> str:
    return conversation.messages[0].content


def reply(conversation: Conversation) -> str:
    return conversation.messages[1].content.strip()


def refusals(conversations: list[Conversation]) -> bytes:
    names = ["id", "prompt", "completion", "type", "final_label", "annotation_1", "annotation_2"]
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(names)
    for i, c in enumerate(conversations):
        label = "2_full_refusal" if topic(i) == "harmful_request" else "1_full_compliance"
        writer.writerow([i, user(c), reply(c), "invented", label, label, label])
    return stream.getvalue().encode()


def write_labels(folder: Path) -> None:
    """Write the tables of readings: every conversation is read once."""
    folder.mkdir(parents=True)
    found, labels, expressions = [], [], []
    for source, _, ids in contents().values():
        for i, name in enumerate(ids):
            kind = topic(i)
            group = f"{source}-{i // 3}"
            found.append((name, source, "invented", source, "ordinary", True, "larkspur"))
            found[-1] += (f"p{i // 3}", group, 2, 60)
            response = RESPONSES.get(kind, "no_values")
            subjective = kind != "coding_technical"
            labels.append((name, "closed", 1, "closed-1", subjective, kind, "a task", response))
            if kind in VALUES:
                expressions.append((name, "closed", 1, "assistant", VALUES[kind], False, 1))
    identity = "conversation_id source file stratum group in_frame model prompt_id prompt_group"
    facets = "conversation_id codebook reading reader subjective task_type task response_type"
    for name, rows, columns in (
        ("conversations", found, f"{identity} n_turns n_characters"),
        ("labels", labels, facets),
        ("expressions", expressions, "conversation_id codebook reading party value explicit rank"),
    ):
        frame = pd.DataFrame(rows, columns=columns.split())
        text = frame.to_csv(index=False, lineterminator="\n")
        (folder / f"{name}.csv").write_text(
            text.replace("True", "true").replace("False", "false"), encoding="utf-8"
        )


def released_tree() -> bytes:
    """Return an invented tree over thirty-two names that our tree has: 8, 4 and 2 clusters."""
    values = pd.read_csv(ROOT / "data" / "results" / "taxonomy" / "values.csv")
    names = values.loc[values["polarity"] == "desirable", "value_raw"].iloc[::40].head(32)
    rows = [(name, name, 0, f"a{i // 4}") for i, name in enumerate(names)]
    for letter, above, n in (("a", "b", 8), ("b", "c", 4), ("c", "", 2)):
        rows += [(f"{letter}{i}", f"{letter} {i}", "abc".index(letter) + 1,
                  f"{above}{i // 2}" if above else "") for i in range(n)]  # fmt: skip
    columns = ["cluster_id", "name", "level", "parent_cluster_id"]
    return pd.DataFrame(rows, columns=columns).to_csv(index=False).encode()


class Server(ThreadingHTTPServer):
    """Serves :func:`contents` and counts what was asked for."""

    asked: list[str]


class Handler(BaseHTTPRequestHandler):
    server: Server
    files: ClassVar = {f"/{path}": content for path, (_, content, _) in contents().items()}
    files[f"/{RELEASED}"] = released_tree()

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        if self.path not in self.files:
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.files[self.path])))
        self.end_headers()
        self.wfile.write(self.files[self.path])

    def log_message(self, *args: object) -> None:
        """Print nothing."""


@contextmanager
def serving() -> Iterator[Server]:
    """Run the server on the loopback address."""
    with Server(("127.0.0.1", 0), Handler) as running:
        running.asked = []
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def write_upstream(path: Path, server: Server) -> None:
    """Write ``upstream.csv`` naming the served files."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["source", "repository", "commit", "path", "url", "bytes", "sha256"])
        for name, (source, content, _) in contents().items():
            url = f"http://127.0.0.1:{server.server_address[1]}/{name}"
            digest = hashlib.sha256(content).hexdigest()
            writer.writerow([source, "owner/name", "c0ffee", name, url, len(content), digest])


def write_released(path: Path, server: Server) -> None:
    """Write ``released.csv`` naming the served tree."""
    content = released_tree()
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["source", "repository", "commit", "path", "url", "bytes", "sha256"])
        url = f"http://127.0.0.1:{server.server_address[1]}/{RELEASED}"
        digest = hashlib.sha256(content).hexdigest()
        writer.writerow(["invented", "owner/name", "c0ffee", RELEASED, url, len(content), digest])
