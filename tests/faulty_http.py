"""An HTTP server's stand-in at the door: it passes requests on, and answers some of them as a test asks."""

from __future__ import annotations

import contextlib
import http.client
import re
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.faulty_line import RESET

LOST = -1
HOP_BY_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "date", "server"})


@dataclass(frozen=True)
class HttpFault:
    """What befalls one request whose method and path fit."""

    method: str
    path: re.Pattern[str]
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut_answer_after: int | None = None
    """Bytes of the body; LOST for not even the headers."""
    altered_at: int | None = None
    """A byte of the answer's body that is turned round."""
    cut_request: bool = False
    slow_s: float = 0.0


class FaultyHttp:
    """A port of loopback before an HTTP server. A fault befalls the next requests that fit it, then no more."""

    def __init__(self, server_port: int) -> None:
        self.server_port = server_port
        self._faults: deque[HttpFault] = deque()
        self._lock = threading.Lock()
        self.requests: list[tuple[str, str, int]] = []
        """Method, path and status (0: cut) of each request, in the order of their ends."""
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self.port = int(self._http.server_address[1])
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def answer(
        self,
        status: int,
        *,
        times: int = 1,
        method: str = ".*",
        path: str = "",
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Give a status, such as 403 or 503, in the server's place, which never sees the request."""
        fault = HttpFault(method, re.compile(path), status, headers or {}, body)
        self._faults.extend([fault] * times)

    def cut_answer(self, after_bytes: int, *, times: int = 1, method: str = "GET", path: str = "") -> None:
        """Reset the connection when so many bytes of the answer's body have gone; its headers promise all of them."""
        self._faults.extend([HttpFault(method, re.compile(path), cut_answer_after=after_bytes)] * times)

    def alter_answer(self, at: int, *, times: int = 1, method: str = "GET", path: str = "") -> None:
        """Turn a byte of the answer's body round, or its last one; its length stays."""
        self._faults.extend([HttpFault(method, re.compile(path), altered_at=at)] * times)

    def cut_request(self, *, times: int = 1, method: str = "PUT|POST", path: str = "") -> None:
        """Reset the connection while the request's body is sent; the server never sees the request."""
        self._faults.extend([HttpFault(method, re.compile(path), cut_request=True)] * times)

    def lose_answer(self, *, times: int = 1, method: str = "PUT|POST", path: str = "") -> None:
        """Let the server do what it is asked, and reset the connection instead of saying so."""
        self._faults.extend([HttpFault(method, re.compile(path), cut_answer_after=LOST)] * times)

    def slow(self, seconds: float, *, times: int = 1, method: str = ".*", path: str = "") -> None:
        """Wait before an answer is passed on."""
        self._faults.extend([HttpFault(method, re.compile(path), slow_s=seconds)] * times)

    def forget(self) -> None:
        """Be as new: no fault befalls, and no request has been."""
        with self._lock:
            self._faults.clear()
        self.requests.clear()

    def fault_for(self, method: str, path: str) -> HttpFault | None:
        """Take the first fault that fits a request."""
        with self._lock:
            for fault in self._faults:
                if re.fullmatch(fault.method, method) and fault.path.search(path):
                    self._faults.remove(fault)
                    return fault
        return None

    def close(self) -> None:
        """Take no more requests."""
        self._http.shutdown()
        self._http.server_close()


def _altered(content: bytes, at: int | None) -> bytes:
    if at is None or not content:
        return content
    at = min(at, len(content) - 1)
    return content[:at] + bytes([content[at] ^ 0xFF]) + content[at + 1 :]


def _handler(proxy: FaultyHttp) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            fault = proxy.fault_for(self.command, self.path)
            if fault is not None and fault.cut_request:
                self.rfile.read1(1)
                self._reset()
                return
            body = self._body()
            if fault is not None and fault.status is not None:
                self._answer(fault.status, fault.headers, fault.body, None)
                return
            status, headers, content = self._forwarded(body)
            if fault is not None:
                time.sleep(fault.slow_s)
                content = _altered(content, fault.altered_at)
            self._answer(status, headers, content, None if fault is None else fault.cut_answer_after)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_PATCH = _pass  # noqa: N815 - the names that it calls

        def _body(self) -> bytes:
            if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
                return self.rfile.read(int(self.headers.get("Content-Length", 0)))
            parts = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            while self.rfile.readline().strip():
                pass
            return b"".join(parts)

        def _forwarded(self, body: bytes) -> tuple[int, dict[str, str], bytes]:
            server = http.client.HTTPConnection("127.0.0.1", proxy.server_port)
            try:
                headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
                headers.pop("Expect", None)
                server.request(self.command, self.path, body, headers | {"Content-Length": str(len(body))})
                found = server.getresponse()
                content = found.read()
                kept = {name: value for name, value in found.getheaders() if name.lower() not in HOP_BY_HOP}
                promised = found.getheader("Content-Length") if self.command == "HEAD" else str(len(content))
                return found.status, kept | {"Content-Length": promised or "0"}, content
            finally:
                server.close()

        def _answer(self, status: int, headers: Mapping[str, str], content: bytes, cut_after: int | None) -> None:
            proxy.requests.append((self.command, self.path, 0 if cut_after is not None else status))
            if cut_after == LOST:
                self._reset()
                return
            self.send_response_only(status)
            for name, value in {"Content-Length": str(len(content)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(content[:cut_after])
            if cut_after is not None:
                self.wfile.flush()
                self._reset()

        def _reset(self) -> None:
            self.close_connection = True
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            self.rfile.close()  # holds the socket open, else
            self.connection.close()

        def log_message(self, *words: object) -> None:
            """Say nothing: tests read `requests`."""

    return Handler


@contextlib.contextmanager
def faulty_http(server_port: int) -> Iterator[FaultyHttp]:
    """Give a door to an HTTP server for the block."""
    proxy = FaultyHttp(server_port)
    try:
        yield proxy
    finally:
        proxy.close()
