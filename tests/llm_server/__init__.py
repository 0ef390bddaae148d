"""An OpenAI-compatible chat server on this machine, which answers by a script and can misbehave in every way.

    with ChatServer([answer("..."), Fault(status=429)]) as server:
        server.url, server.requests

A step is an answer's text, a `Fault`, or a function from the request to either. The last step repeats.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Fault:
    """What the server does instead of answering well.

    Attributes:
        status: HTTP status of the answer.
        body: bytes sent as they are instead of a chat completion.
        headers: further headers.
        wait: seconds before the answer.
        cut: bytes of the body after which the connection is closed.
        drip: seconds between single bytes.
        content: the message's content; `None` is JSON's null.
        choices: whether the completion has any.
    """

    status: int = 200
    body: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)
    wait: float = 0.0
    cut: int | None = None
    drip: float = 0.0
    content: str | None = ""
    choices: bool = True


Step = str | Fault | Callable[[dict[str, Any]], "str | Fault"]


@dataclass
class Received:
    """One request as it came in."""

    raw: bytes
    headers: dict[str, str]
    path: str

    @property
    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.raw)
        return found


class ChatServer:
    """The server; `url` is what goes into a base URL."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self.requests: list[Received] = []
        self._steps = list(steps)
        self._lock = threading.Lock()
        self._http = _Http(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    def __enter__(self) -> ChatServer:
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()

    def next(self, received: Received) -> str | Fault:
        with self._lock:
            step = self._steps[min(len(self.requests), len(self._steps) - 1)]
            self.requests.append(received)
        return step(received.json) if callable(step) else step


class _Http(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A client that hung up is part of the test."""


def _handler(server: ChatServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            step = server.next(Received(raw, dict(self.headers), self.path))
            fault = Fault(content=step) if isinstance(step, str) else step
            time.sleep(fault.wait)
            self._answer(fault)

        def _answer(self, fault: Fault) -> None:
            body = fault.body if fault.body is not None else _body(fault)
            self.send_response(fault.status)
            for name, value in {"Content-Type": "application/json", **fault.headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            for byte in body if fault.drip else ():
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
                time.sleep(fault.drip)
            if not fault.drip:
                self.wfile.write(body[: fault.cut])
            if fault.cut is not None:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)

    return Handler


def _body(fault: Fault) -> bytes:
    if fault.status != 200:
        return json.dumps({"error": {"message": f"scripted {fault.status}", "code": str(fault.status)}}).encode()
    choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": fault.content}}
    completion = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "scripted",
        "choices": [choice] if fault.choices else [],
        "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
    }
    return json.dumps(completion).encode()


def answer(*statements: tuple[str, str]) -> str:
    """The JSON that is asked for: (ids with spaces between them, text) of each statement."""
    return json.dumps({"statements": [{"evidence": ids.split(), "text": text} for ids, text in statements]})
