"""The socket side: HTTP/1.1 on 127.0.0.1, a thread a connection, and an end that leaves nothing open."""

import json
import socket
import ssl
import sys
import traceback
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from threading import Thread
from typing import Any

from .rest import Answer

# Method, target, headers in lower case, body; None as the answer means to hang up.
Respond = Callable[[str, str, dict[str, str], bytes], Answer | None]


class Server(ThreadingHTTPServer):
    """Can be stopped at once, with clients still connected."""

    daemon_threads = False

    def __init__(self, respond: Respond, report: Callable[[str], None], tls: ssl.SSLContext | None = None) -> None:
        self.respond = respond
        self._report = report
        self._connections: set[socket.socket] = set()
        super().__init__(("127.0.0.1", 0), _Handler)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_side=True)
        self._thread = Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01})

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Hang up on everyone and wait for the threads."""
        self.shutdown()
        self._thread.join()
        for connection in list(self._connections):
            _hang_up(connection)
        self.server_close()

    def server_bind(self) -> None:
        """Without the name look-up of HTTPServer, which can take seconds."""
        TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error; anything else is one of ours."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            self._report(f"the server broke\n{traceback.format_exc()}")


class _Handler(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def _serve(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.respond(self.command, self.path, headers, raw)
        if answer is None:
            self.close_connection = True
            _hang_up(self.connection)
        else:
            self._send(answer)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815 (http.server's names)

    def _send(self, answer: Answer) -> None:
        content, media_type = _encoded(answer.body)
        headers = {} if answer.body is None else {"content-type": media_type}
        self.send_response(answer.status)
        for name, value in (headers | {**answer.headers}).items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: Any) -> None:
        """Say nothing: the journal has it."""


def _hang_up(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _encoded(body: Any) -> tuple[bytes, str]:
    match body:
        case None:
            return b"", ""
        case bytes():
            return body, "application/octet-stream"
        case str():
            return body.encode(), "text/html; charset=utf-8"
        case _:
            return json.dumps(body).encode(), "application/json; charset=utf-8"
