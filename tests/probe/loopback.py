"""A loopback server that answers prompts as Anthropic's interface and as endpoints do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-test-not-a-real-key-9P1q"


@dataclass
class Asked:
    """What the server was asked, and after how many answers it refuses."""

    bodies: list[dict[str, Any]] = field(default_factory=list)
    refuses_after: int = 10**9
    stop_reason: str = "end_turn"
    text: str = "Here are some practical steps. Take your time, and be honest with yourself."


@contextmanager
def answering(**settings: Any) -> Iterator[tuple[str, Asked]]:
    """Run the server; yield its address and what it was asked."""
    asked = Asked(**settings)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            if len(asked.bodies) >= asked.refuses_after:
                error = {"type": "permission_error", "message": "no"}
                self._send(403, {"type": "error", "error": error})
                return
            asked.bodies.append(body)
            if self.path.endswith("/chat/completions"):
                message = {"role": "assistant", "content": asked.text}
                self._send(200, {"choices": [{"message": message, "finish_reason": "stop"}]})
                return
            content = [{"type": "text", "text": asked.text}] if asked.text else []
            self._send(
                200,
                {
                    "id": f"msg_{len(asked.bodies)}",
                    "type": "message",
                    "role": "assistant",
                    "model": body["model"],
                    "content": content,
                    "stop_reason": asked.stop_reason,
                    "stop_sequence": None,
                    "usage": {"input_tokens": 10, "output_tokens": 20},
                },
            )

        def _send(self, status: int, content: dict[str, Any]) -> None:
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
