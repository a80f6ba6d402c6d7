"""A loopback server that behaves like the Anthropic interface, faults included, and keeps count."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

KEY = "sk-test-not-a-real-key-7Q2x"
_CREATED = "2026-11-01T00:00:00Z"
_ALLOWED_SCHEMA = {
    *("type", "properties", "required", "additionalProperties", "items", "enum", "$ref", "$defs"),
}


@dataclass(frozen=True)
class Behaviour:
    """What the model does with one question."""

    text: str = ""
    stop_reason: str = "end_turn"
    result: str = "succeeded"
    error: str = "api_error"


Behave = Callable[[str, int], Behaviour]


def good_answer(text: str, n_before: int) -> Behaviour:
    """Answer so that the schema is met; what is said depends on the text alone."""
    subjective = len(text) % 3 > 0
    answer = {
        "subjective": subjective,
        "task_type": "personal_advice",
        "task": f"advice number {len(text)}",
        "ai_values": [{"value": "clarity", "explicit": False}] if subjective else [],
        "human_values": ["honesty"] if len(text) % 2 else [],
        "response_type": "mild_support",
    }
    return Behaviour(json.dumps(answer))


@dataclass
class Fault:
    """One failure of the interface, for the next request to a path."""

    path: str
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cut: str = ""
    hang: float = 0.0
    page: str = ""


@dataclass
class State:
    """What the server remembers."""

    behave: Behave = good_answer
    batch_seconds: float = 0.0
    reply_seconds: float = 0.0
    lose_results: bool = False
    echo: bool = False
    hook: Callable[[str, str], None] = lambda call, moment: None
    faults: deque[Fault] = field(default_factory=deque)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    billed: Counter[str] = field(default_factory=Counter)
    billed_single: Counter[str] = field(default_factory=Counter)
    warmed: set[str] = field(default_factory=set)
    tokens: Counter[str] = field(default_factory=Counter)
    calls: Counter[str] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)
    rng: random.Random = field(default_factory=lambda: random.Random(5))  # noqa: S311

    def answer(self, params: dict[str, Any], *, single: bool) -> dict[str, Any]:
        """Let the model work on one question; return a line's ``result``."""
        text = params["messages"][0]["content"]
        system = params["system"][0]["text"]
        if params["max_tokens"] == 1:
            self.warmed.add(system)
            return self._message(params, Behaviour("{", "max_tokens"), 0)
        with self.lock:
            before = self.asked[text]
            self.asked[text] += 1
        did = self.behave(text, before)
        if did.result == "errored":
            return {"type": "errored", "error": error_body(did.error)}
        if did.result != "succeeded":
            return {"type": did.result}
        with self.lock:
            (self.billed_single if single else self.billed)[text] += 1
        hit = len(system.encode()) // 4 if system in self.warmed else 0
        return self._message(params, did, hit)

    def _message(self, params: dict[str, Any], did: Behaviour, hit: int) -> dict[str, Any]:
        whole = len(json.dumps(params["system"]) + params["messages"][0]["content"]) // 4
        usage = {
            "input_tokens": max(whole - hit, 1),
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": hit,
            "output_tokens": len(did.text) // 4 + 1,
        }
        with self.lock:
            self.tokens.update(usage)
        message = {
            "id": f"msg_{self.rng.random()}",
            "type": "message",
            "role": "assistant",
            "model": params["model"],
            "content": [{"type": "text", "text": did.text}] if did.text else [],
            "stop_reason": did.stop_reason,
            "stop_sequence": None,
            "usage": usage,
        }
        return {"type": "succeeded", "message": message}

    def make_batch(self, requests: list[dict[str, Any]]) -> str:
        """Accept a batch: from here on it is worked on and paid, whoever hears of it."""
        with self.lock:
            name = f"msgbatch_{len(self.batches):04d}"
            self.batches[name] = {
                "requests": requests,
                "ends": time.monotonic() + self.batch_seconds * self.rng.random(),
                "results": None,
                "canceled": False,
            }
        return name

    def settle(self, name: str) -> bool:
        """Work on a batch if its time has come; return whether it has ended."""
        with self.lock:
            batch = self.batches[name]
            if batch["results"] is None and time.monotonic() >= batch["ends"]:
                lines = []
                for one in batch["requests"]:
                    canceled = batch["canceled"]
                    result = {"type": "canceled"}
                    if not canceled:
                        result = self.answer(one["params"], single=False)
                    lines.append({"custom_id": one["custom_id"], "result": result})
                self.rng.shuffle(lines)
                batch["results"] = lines
            return batch["results"] is not None


def error_body(kind: str, message: str = "the request was: SECRET WORDS") -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    state: State
    base: str
    body: bytes = b""

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def _handle(self, method: str) -> None:
        with self.state.lock:
            self.state.at_once += 1
            self.state.most_at_once = max(self.state.most_at_once, self.state.at_once)
        try:
            self._handle_one(method)
        finally:
            with self.state.lock:
                self.state.at_once -= 1

    def _handle_one(self, method: str) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        call = f"{method} {re.sub('msgbatch_[0-9]+', 'ID', url.path)}"
        with self.state.lock:
            self.state.calls[call] += 1
            self.state.bodies.append(body)
            fault = self._fault(method, url.path)
        self.body = body
        self.state.hook(call, "arrived")
        if fault and fault.hang:
            time.sleep(fault.hang)
        if fault and fault.page:
            self._send(200, fault.page)
            return
        if fault and fault.status:
            self._send(fault.status, error_body(_KINDS.get(fault.status, "api_error")), fault)
            return
        if fault and fault.cut == "before":
            self.close_connection = True
            self.connection.close()
            return
        if self.headers.get("authorization") != f"Bearer {KEY}" or not self.headers.get(
            "anthropic-version"
        ):
            self._send(401, error_body("authentication_error"))
            return
        try:
            status, content = self._route(method, url.path, parse_qs(url.query), body)
        except _BadRequest as error:
            self.state.refused.append(str(error))
            status, content = 400, error_body("invalid_request_error", str(error))
        self.state.hook(call, "worked")
        if method == "POST" and self.state.reply_seconds:
            time.sleep(self.state.reply_seconds * self.state.rng.random())
        if fault and fault.cut == "after":
            self.close_connection = True
            self.connection.close()
            return
        self._send(status, content, cut_half=bool(fault and fault.cut == "half"))

    def _fault(self, method: str, path: str) -> Fault | None:
        for fault in self.state.faults:
            if re.fullmatch(fault.path, f"{method} {path}"):
                self.state.faults.remove(fault)
                return fault
        return None

    def _send(
        self, status: int, content: Any, fault: Fault | None = None, *, cut_half: bool = False
    ) -> None:
        kind = "application/json"
        if self.state.echo and status != 200:
            content["error"]["message"] = f"{self.headers} {self.body.decode()}"
        if isinstance(content, list):
            kind = "application/x-jsonl"
            text = "".join(json.dumps(c) + "\n" for c in content)
        elif isinstance(content, str):
            kind, text = "text/html", content
        else:
            text = json.dumps(content)
        data = text.encode()
        try:
            self.send_response(status)
            self.send_header("content-type", kind)
            self.send_header("content-length", str(len(data)))
            self.send_header("request-id", "req_1")
            for name, value in (fault.headers if fault else {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if cut_half else data)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        if cut_half:
            self.close_connection = True

    def _route(
        self, method: str, path: str, query: dict[str, list[str]], body: bytes
    ) -> tuple[int, Any]:
        state = self.state
        if (method, path) == ("POST", "/v1/messages/count_tokens"):
            params = _parsed(body)
            said = json.dumps(params["system"]) + params["messages"][0]["content"]
            return 200, {"input_tokens": len(said) // 4}
        if (method, path) == ("POST", "/v1/messages"):
            params = _checked(_parsed(body))
            result = state.answer(params, single=True)
            if result["type"] == "errored":
                return 400, error_body("invalid_request_error")
            return 200, result["message"]
        if (method, path) == ("POST", "/v1/messages/batches"):
            return 200, self._shown(state.make_batch(_checked_batch(_parsed(body))))
        if (method, path) == ("GET", "/v1/messages/batches"):
            return 200, self._listed(query)
        found = re.fullmatch(r"/v1/messages/batches/(msgbatch_\d+)(/results|/cancel)?", path)
        if not found or found[1] not in state.batches:
            return 404, error_body("not_found_error")
        if found[2] == "/cancel":
            state.batches[found[1]]["canceled"] = True
            return 200, self._shown(found[1])
        if found[2] == "/results":
            return 200, state.batches[found[1]]["results"]
        return 200, self._shown(found[1])

    def _listed(self, query: dict[str, list[str]]) -> dict[str, Any]:
        names = sorted(self.state.batches, reverse=True)
        if "after_id" in query:
            names = names[names.index(query["after_id"][0]) + 1 :]
        limit = int(query.get("limit", ["20"])[0])
        page = names[:limit]
        return {
            "data": [self._shown(name) for name in page],
            "has_more": len(names) > limit,
            "first_id": page[0] if page else None,
            "last_id": page[-1] if page else None,
        }

    def _shown(self, name: str) -> dict[str, Any]:
        ended = self.state.settle(name)
        batch = self.state.batches[name]
        kinds = Counter(line["result"]["type"] for line in batch["results"] or [])
        waiting = 0 if ended else len(batch["requests"])
        counts = {k: kinds[k] for k in ("succeeded", "errored", "canceled", "expired")}
        url = f"{self.base}/v1/messages/batches/{name}/results"
        return {
            "id": name,
            "type": "message_batch",
            "processing_status": "ended" if ended else "in_progress",
            "request_counts": {"processing": waiting, **counts},
            "created_at": _CREATED,
            "expires_at": "2026-11-02T00:00:00Z",
            "ended_at": _CREATED if ended else None,
            "cancel_initiated_at": None,
            "archived_at": _CREATED if self.state.lose_results else None,
            "results_url": url if ended and not self.state.lose_results else None,
        }


_KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    529: "overloaded_error",
}


class _BadRequest(Exception):  # noqa: N818
    pass


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body.decode("utf-8"))
        json.dumps(found, ensure_ascii=False).encode("utf-8")
    except ValueError as error:
        raise _BadRequest(f"body: {type(error).__name__}") from None
    assert isinstance(found, dict)
    return found


def _checked_batch(body: dict[str, Any]) -> list[dict[str, Any]]:
    requests: list[dict[str, Any]] = body["requests"]
    names = [one["custom_id"] for one in requests]
    if not requests or len(set(names)) != len(names):
        raise _BadRequest("requests: custom_id must be unique")
    for one in requests:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", one["custom_id"]):
            raise _BadRequest("requests: custom_id")
        if _checked(one["params"])["max_tokens"] < 1:
            raise _BadRequest("requests: max_tokens")
    return requests


def _checked(params: dict[str, Any]) -> dict[str, Any]:
    unknown = set(params) - {"model", "max_tokens", "system", "messages", "output_config"}
    if unknown:
        raise _BadRequest(f"unknown: {unknown}")
    if [m["role"] for m in params["messages"]] != ["user"] or not params["messages"][0]["content"]:
        raise _BadRequest("messages")
    form = params["output_config"]["format"]
    if set(form) != {"type", "schema"} or form["type"] != "json_schema":
        raise _BadRequest("output_config.format")
    _check_schema(form["schema"])
    return params


def _check_schema(schema: dict[str, Any]) -> None:
    if not set(schema) <= _ALLOWED_SCHEMA:
        raise _BadRequest(f"schema: {set(schema) - _ALLOWED_SCHEMA}")
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        raise _BadRequest("schema: additionalProperties")
    for part in (*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()):
        _check_schema(part)
    if "items" in schema:
        _check_schema(schema["items"])


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *args: Any) -> None:
        """Say nothing of clients that were killed."""


@contextmanager
def running(**settings: Any) -> Iterator[tuple[str, State]]:
    """Run the server on a free port of the loopback; yield its address and what it remembers."""
    state = State(**settings)
    handler = type("Handler", (_Handler,), {"state": state})
    server = _Server(("127.0.0.1", 0), handler)
    handler.base = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield handler.base, state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
