"""What every kind of receiver is told, and what becomes of a receiver that refuses or is away."""

from __future__ import annotations

import email
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

import pytest

from cdp_assets.config.alert import EmailReceiver, Receiver, SlackReceiver, WebhookReceiver
from cdp_assets.errors import DeliveryError, DeliveryUnreachableError
from cdp_assets.exchange.messages import SENDERS, Message, send
from cdp_assets.exchange.messages.webhook import ID_HEADER, SIGNATURE_HEADER, TIME_HEADER, signature
from cdp_assets.secrets import Secret
from tests.receivers import Mails, Posts, mail_server, web_server

MESSAGE = Message(
    id="abc123",
    title="Group daily <failed>",
    event="failure",
    environment="production",
    about=("courier_group.daily",),
    happened_at="2026-11-20T04:30:00+00:00",
    run_id="r1",
    link="http://127.0.0.1:3000/runs/r1",
    facts={"landing.orders": "no file & no hope"},
)
REFERENCE = "secret://env/X"
MAIL = {"to": ["ann@acme.example", "bo@acme.example"], "sender": "cdp@acme.example", "host": "127.0.0.1"}


def email_receiver(port: int, **values: Any) -> EmailReceiver:
    """Give people behind a mail server of this machine."""
    return EmailReceiver.model_validate(MAIL | {"port": port, "security": "none", "timeout_s": 2} | values)


@dataclass
class Outside:
    """One kind of receiver: how it is reached, what it got, and how it says no."""

    receiver: Any
    secrets: Mapping[str, Secret]
    told: Callable[[], list[str]]
    busy: Callable[[], None]
    refuse: Callable[[], None]


def mail(mails: Mails) -> Outside:
    """A mail server."""

    def told() -> list[str]:
        return [email.message_from_bytes(one.content or b"").get_payload() for one in mails.kept]

    def answer(text: str) -> Callable[[], None]:
        return lambda: setattr(mails, "answer", text)

    return Outside(email_receiver(mails.port), {}, told, answer("451 later"), answer("550 unknown"))


def slack(posts: Posts) -> Outside:
    """A channel."""
    receiver = SlackReceiver(webhook=REFERENCE, timeout_s=2)

    def told() -> list[str]:
        return [json.loads(body)["text"] for _, _, body in posts.kept]

    secrets = {"webhook": Secret(posts.url)}
    return Outside(receiver, secrets, told, lambda: posts.answers.append(429), lambda: posts.answers.append(404))


def webhook(posts: Posts) -> Outside:
    """A program."""
    receiver = WebhookReceiver(url=posts.url, timeout_s=2)

    def told() -> list[str]:
        return [body.decode() for _, _, body in posts.kept]

    return Outside(receiver, {}, told, lambda: posts.answers.append(503), lambda: posts.answers.append(302))


@pytest.fixture(params=sorted(SENDERS))
def outside(request: pytest.FixtureRequest) -> Iterator[Outside]:
    """Each kind, with a server of its own."""
    if request.param == "email":
        with mail_server() as mails:
            yield mail(mails)
    else:
        with web_server() as posts:
            yield {"slack": slack, "webhook": webhook}[request.param](posts)


def test_there_is_a_sender_for_every_kind_of_receiver() -> None:
    """A new kind is one module and one line."""
    assert {one.model_fields["kind"].default for one in get_args(get_args(Receiver)[0])} == set(SENDERS)


def test_the_receiver_is_told_what_happened_where(outside: Outside) -> None:
    """Title, environment, subject, link and facts."""
    send(MESSAGE, outside.receiver, outside.secrets)
    (text,) = outside.told()
    for part in ("Group daily", "production", "courier_group.daily", "http://127.0.0.1:3000/runs/r1", "landing.orders"):
        assert part in text


def test_a_receiver_that_is_busy_may_be_tried_again(outside: Outside) -> None:
    """Which is said by the error's class."""
    outside.busy()
    with pytest.raises(DeliveryUnreachableError, match=r"127\.0\.0\.1"):
        send(MESSAGE, outside.receiver, outside.secrets)


def test_a_receiver_that_refuses_is_not_tried_again(outside: Outside) -> None:
    """A redirect would take the message elsewhere: it counts as one."""
    outside.refuse()
    with pytest.raises(DeliveryError, match=r"127\.0\.0\.1") as error:
        send(MESSAGE, outside.receiver, outside.secrets)
    assert not isinstance(error.value, DeliveryUnreachableError)


@pytest.mark.parametrize("kind", sorted(SENDERS))
def test_a_receiver_that_is_away_may_be_tried_again(kind: str) -> None:
    """The error holds no address but the host: the path of a webhook is a secret."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        url = f"http://127.0.0.1:{port}/T0/SECRET"
        receivers: dict[str, Any] = {
            "email": email_receiver(port),
            "slack": SlackReceiver(webhook=REFERENCE, timeout_s=2),
            "webhook": WebhookReceiver(url=url, timeout_s=2),
        }
        with pytest.raises(DeliveryUnreachableError) as error:
            send(MESSAGE, receivers[kind], {"webhook": Secret(url)})
    assert "SECRET" not in str(error.value)


def test_a_mail_says_whose_it_is_and_can_be_told_apart() -> None:
    """Everybody is a recipient; a second try has the first one's id."""
    with mail_server(login=(b"cdp", b"pw")) as mails:
        receiver = email_receiver(mails.port, user="cdp", password=REFERENCE)
        for _ in range(2):
            send(MESSAGE, receiver, {"password": Secret("pw")})
        with pytest.raises(DeliveryError, match="code 535"):
            send(MESSAGE, receiver, {"password": Secret("wrong")})
    first, second = (email.message_from_bytes(one.content or b"") for one in mails.kept)
    assert mails.kept[0].rcpt_tos == MAIL["to"]
    assert first["Subject"] == "[production] Group daily <failed>"
    assert first["Message-ID"] == second["Message-ID"] == "<abc123@acme.example>"


def test_a_password_waits_for_an_encrypted_connection() -> None:
    """A server without TLS is refused before anything is said."""
    with mail_server(login=(b"cdp", b"pw")) as mails:
        receiver = email_receiver(mails.port, security="starttls", user="cdp", password=REFERENCE)
        with pytest.raises(DeliveryUnreachableError):
            send(MESSAGE, receiver, {"password": Secret("pw")})
    assert mails.kept == []


def test_slack_reads_no_markup_of_ours() -> None:
    """Names of files may hold anything."""
    with web_server() as posts:
        send(MESSAGE, SlackReceiver(webhook=REFERENCE), {"webhook": Secret(posts.url)})
    text = json.loads(posts.kept[0][2])["text"]
    assert text.startswith("*Group daily &lt;failed&gt;*\n")
    assert "no file &amp; no hope" in text


def test_a_signed_message_cannot_be_changed_or_made_by_others() -> None:
    """The signature covers time and body; the id is the same on every try."""
    key = Secret("k3y")
    with web_server() as posts:
        send(MESSAGE, WebhookReceiver(url=posts.url, signing_key=REFERENCE), {"signing_key": key})
        send(MESSAGE, WebhookReceiver(url=posts.url), {})
    (_, headers, body), (_, unsigned, _) = posts.kept
    assert headers[SIGNATURE_HEADER] == signature(key, headers[TIME_HEADER], body)
    assert headers[SIGNATURE_HEADER] != signature(key, headers[TIME_HEADER], body + b" ")
    assert headers[SIGNATURE_HEADER] != signature(Secret("other"), headers[TIME_HEADER], body)
    assert headers[ID_HEADER] == unsigned[ID_HEADER] == json.loads(body)["id"] == "abc123"
    assert SIGNATURE_HEADER not in unsigned
