"""A loopback server that behaves like an OpenAI-compatible endpoint, faults included."""

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

from tests.providers.server import Behaviour, good_answer

MODEL = "hollyhock-8b"
_STOPS = {"end_turn": "stop", "max_tokens": "length", "refusal": "content_filter"}


@dataclass
class Fault:
    """One failure, for the next question (or the next to another path)."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cut: str = ""
    hang: float = 0.0
    page: str = ""
    about: str = ""
    path: str = "/v1/chat/completions"


@dataclass
class State:
    """What the server does and remembers."""

    behave: Callable[[str, int], Behaviour] = good_answer
    forms: tuple[str, ...] = ("json_schema", "json_object", "text")
    refusal: int = 400
    ignores: tuple[str, ...] = ()
    key: str = ""
    models: tuple[str, ...] = (MODEL,)
    reply_seconds: float = 0.0
    usage: bool = True
    echo: bool = False
    hook: Callable[[str, str], None] = lambda call, moment: None
    faults: deque[Fault] = field(default_factory=deque)
    asked: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    bodies: list[bytes] = field(default_factory=list)
    temperatures: list[float] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    at_once: int = 0
    most_at_once: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)
    rng: random.Random = field(default_factory=lambda: random.Random(6))  # noqa: S311

    def complete(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Answer one question as the model does."""
        if body["model"] not in self.models:
            return 404, _error(f"The model `{body['model']}` does not exist.", "NotFoundError")
        form = body.get("response_format", {"type": "text"})["type"]
        if form not in self.forms:
            told = f"'response_format.type' must be one of {self.forms}"
            return self.refusal, _error(told, "invalid_request_error")
        if form == "json_schema":
            _check(body["response_format"]["json_schema"])
        roles = [message["role"] for message in body["messages"]]
        assert roles == ["system", "user"], roles
        assert body["max_tokens"] > 1
        text = body["messages"][1]["content"]
        probe = text.count("\n") == 1
        with self.lock:
            before = self.asked[text]
            if not probe:
                self.asked[text] += 1
            self.temperatures.append(body["temperature"])
        did = good_answer(text, 0) if probe else self.behave(text, before)
        if did.result != "succeeded":
            return 400, _error("maximum context length is 4096 tokens", "BadRequestError")
        content = "Certainly! Here you are." if form in self.ignores else did.text
        with self.lock:
            if not probe:
                self.answered[text] += 1
        return 200, self._completion(body, content, did.stop_reason)

    def _completion(self, body: dict[str, Any], content: str, stop: str) -> dict[str, Any]:
        read = sum(len(message["content"]) for message in body["messages"]) // 4
        usage = {
            "prompt_tokens": read,
            "completion_tokens": len(content) // 4 + 1,
            "prompt_tokens_details": {"cached_tokens": read // 2},
        }
        message = {"role": "assistant", "content": content or None}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": body["model"],
            "choices": [{"index": 0, "message": message, "finish_reason": _STOPS[stop]}],
            "usage": usage if self.usage else None,
        }


def _check(held: dict[str, Any]) -> None:
    assert set(held) == {"name", "strict", "schema"}
    assert held["schema"]["additionalProperties"] is False


def _error(message: str, kind: str) -> dict[str, Any]:
    return {"error": {"message": message, "type": kind, "param": None, "code": None}}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    state: State

    def log_message(self, *args: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        self._counted(b"")

    def do_POST(self) -> None:
        self._counted(self.rfile.read(int(self.headers.get("content-length") or 0)))

    def _counted(self, body: bytes) -> None:
        with self.state.lock:
            self.state.at_once += 1
            self.state.most_at_once = max(self.state.most_at_once, self.state.at_once)
            self.state.calls[self.path] += 1
            self.state.bodies.append(body)
        try:
            self._handle(body)
        finally:
            with self.state.lock:
                self.state.at_once -= 1

    def _handle(self, body: bytes) -> None:
        fault = self._fault(body)
        self.state.hook(self.path, "arrived")
        if fault.hang:
            time.sleep(fault.hang)
        if fault.page:
            self._send(200, fault.page.encode(), fault)
        elif fault.status:
            self._send(fault.status, self._said(body), fault)
        elif fault.cut == "before":
            self._cut()
        else:
            self._work(body, fault)

    def _work(self, body: bytes, fault: Fault) -> None:
        status, content = self._answer(body)
        self.state.hook(self.path, "worked")
        if self.state.reply_seconds:
            time.sleep(self.state.reply_seconds * self.state.rng.random())
        if fault.cut == "after":
            self._cut()
            return
        data = self._said(body) if status != 200 and self.state.echo else _dumped(content)
        self._send(status, data, fault)

    def _answer(self, body: bytes) -> tuple[int, dict[str, Any]]:
        given = self.headers.get("authorization")
        if self.state.key and given != f"Bearer {self.state.key}":
            return 401, _error("invalid key", "AuthenticationError")
        if not self.state.key and given is not None:
            return 403, _error("no key is wanted here", "AuthenticationError")
        if self.path == "/v1/models":
            return 200, {"object": "list", "data": [{"id": name} for name in self.state.models]}
        if self.path == "/v1/chat/completions":
            return self.state.complete(json.loads(body.decode("ascii")))
        return 404, {"detail": "Not Found"}

    def _said(self, body: bytes) -> bytes:
        told = f"{self.headers} {body.decode()}" if self.state.echo else "went wrong: SECRET WORDS"
        return _dumped(_error(told, told))

    def _fault(self, body: bytes) -> Fault:
        with self.state.lock:
            for fault in self.state.faults:
                if re.fullmatch(fault.path, self.path) and fault.about.encode() in body:
                    self.state.faults.remove(fault)
                    return fault
        return Fault()

    def _cut(self) -> None:
        self.close_connection = True
        self.connection.close()

    def _send(self, status: int, data: bytes, fault: Fault) -> None:
        try:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            for name, value in fault.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data[: len(data) // 2] if fault.cut == "half" else data)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True
        if fault.cut == "half":
            self.close_connection = True


def _dumped(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, *args: Any) -> None:
        """Say nothing of clients that were killed."""


@contextmanager
def serving(**settings: Any) -> Iterator[tuple[str, State]]:
    """Run the server on a free port of the loopback; yield its address and what it remembers."""
    state = State(**settings)
    server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"state": state}))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/v1", state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
