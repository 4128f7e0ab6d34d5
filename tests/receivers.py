"""Receivers of alerts for tests: a mail server and a web server on loopback that keep what they are told."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope


@dataclass
class Mails:
    """A mail server; `answer` says what it makes of each recipient."""

    port: int = 0
    answer: str = "250 OK"
    login: tuple[bytes, bytes] | None = None
    kept: list[Envelope] = field(default_factory=list)

    async def handle_RCPT(self, _: Any, __: Any, envelope: Envelope, address: str, ___: Any) -> str:  # noqa: N802 - aiosmtpd's name
        """Take or refuse a recipient."""
        envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, _: Any, __: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep a mail."""
        self.kept.append(envelope)
        return "250 OK"

    def authenticated(self, *arguments: Any) -> AuthResult:
        """Know one login."""
        found = arguments[-1]
        return AuthResult(success=(found.login, found.password) == self.login, handled=False)


class _Controller(Controller):
    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]  # the one that the system has chosen
        super()._trigger_server()

    def factory(self) -> SMTP:
        """Make what speaks with one client."""
        mails = self.handler
        return SMTP(mails, auth_require_tls=False, authenticator=mails.authenticated if mails.login else None)


@contextmanager
def mail_server(login: tuple[bytes, bytes] | None = None) -> Iterator[Mails]:
    """Run a mail server for the block; it listens on a free port."""
    mails = Mails(login=login)
    controller = _Controller(mails, hostname="127.0.0.1", port=0)
    controller.start()
    mails.port = controller.port
    try:
        yield mails
    finally:
        controller.stop()


@dataclass
class Posts:
    """A web server; `answers` are the codes of its next answers, 200 when there are no more."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    kept: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}/hook"


@contextmanager
def web_server() -> Iterator[Posts]:
    """Run a web server for the block."""
    posts = Posts()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            posts.kept.append((self.path, dict(self.headers), body))
            self.send_response(posts.answers.pop(0) if posts.answers else 200)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    posts.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield posts
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
