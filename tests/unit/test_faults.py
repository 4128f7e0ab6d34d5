"""The faults that tests inject do befall a client, as often as asked, and then no more."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.faulty_http import FaultyHttp, faulty_http
from tests.faulty_line import FaultyLine, faulty_line

CONTENT = b"0123456789" * 1000


class Echo(BaseHTTPRequestHandler):
    """Answers with the content; a body that is sent goes to `received`."""

    protocol_version = "HTTP/1.1"
    received: list[bytes]

    def _answer(self) -> None:
        self.received.append(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.send_response(200)
        self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT)

    do_GET = do_PUT = _answer  # noqa: N815 - the names that it calls

    def log_message(self, *words: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[ThreadingHTTPServer]:
    Echo.received = []
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as found:
        threading.Thread(target=found.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield found
        found.shutdown()


@pytest.fixture
def door(server: ThreadingHTTPServer) -> Iterator[FaultyHttp]:
    with faulty_http(server.server_address[1]) as found:
        yield found


@pytest.fixture
def line(server: ThreadingHTTPServer) -> Iterator[FaultyLine]:
    with faulty_line(server.server_address[1]) as found:
        yield found


def ask(port: int, method: str = "GET", path: str = "/a", body: bytes | None = None) -> tuple[int, bytes]:
    """Make one request over a connection of its own."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        client.request(method, path, body)
        answer = client.getresponse()
        return answer.status, answer.read()
    finally:
        client.close()


def test_without_a_fault_both_pass_everything_on(door: FaultyHttp, line: FaultyLine) -> None:
    for port in (door.port, line.port):
        assert ask(port, "PUT", "/a", CONTENT) == (200, CONTENT)
    assert Echo.received == [CONTENT, CONTENT]


def test_a_status_is_given_to_the_requests_that_fit(door: FaultyHttp) -> None:
    door.answer(503, times=2, method="PUT", path="/b", body=b"slow down")
    assert ask(door.port, "GET", "/b")[0] == 200
    assert ask(door.port, "PUT", "/a", b"x")[0] == 200
    assert [ask(door.port, "PUT", "/b", b"x") for _ in range(3)] == [(503, b"slow down")] * 2 + [(200, CONTENT)]
    assert [status for _, path, status in door.requests if path == "/b"] == [200, 503, 503, 200]
    assert len(Echo.received) == 3


def test_an_answer_is_cut_in_its_middle(door: FaultyHttp) -> None:
    door.cut_answer(500)
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        ask(door.port)
    assert ask(door.port) == (200, CONTENT)


def test_a_request_is_cut_or_only_its_answer_is_lost(door: FaultyHttp) -> None:
    door.cut_request()
    door.lose_answer()
    for done in (0, 1):
        with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
            ask(door.port, "PUT", "/a", CONTENT)
        assert len(Echo.received) == done


def test_a_line_is_cut_either_way(line: FaultyLine) -> None:
    line.cut(5_000, "to_client")
    line.cut(500, "to_server")
    for method, body in (("GET", None), ("PUT", CONTENT)):
        with pytest.raises((http.client.IncompleteRead, ConnectionError)):
            ask(line.port, method, "/a", body)
    assert ask(line.port) == (200, CONTENT)
    assert line.connections == 3


def test_a_line_is_held_up_and_taken_down(line: FaultyLine) -> None:
    line.stall(20)
    with socket.create_connection(("127.0.0.1", line.port), timeout=0.2) as client:
        client.sendall(b"GET /a HTTP/1.1\r\nHost: h\r\n\r\n")
        assert client.recv(1000) == b"HTTP/1.1 200 OK\r\nSer"
        with pytest.raises(TimeoutError):
            client.recv(1000)
        line.down()
        with pytest.raises(ConnectionRefusedError):
            ask(line.port)
        line.up()
        assert ask(line.port)[0] == 200
