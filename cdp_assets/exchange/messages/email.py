"""Sends a message by e-mail, through the mail server that the receiver names."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime, localtime

from cdp_assets.config.alert import EmailReceiver
from cdp_assets.errors import DeliveryError, DeliveryUnreachableError
from cdp_assets.exchange.messages.message import Message
from cdp_assets.secrets import Secret

REFUSED = 500
"""From this code on a mail server says that another try is of no use."""


def send_email(message: Message, receiver: EmailReceiver, secrets: Mapping[str, Secret]) -> None:
    """Hand the message to the mail server for all addresses; it takes it for all or for none."""
    try:
        with _connected(receiver) as server:
            if receiver.user is not None:
                server.login(receiver.user, secrets["password"].reveal())
            refused = server.send_message(_made(message, receiver))
    except smtplib.SMTPRecipientsRefused as error:
        raise _refused(receiver, max(code for code, _ in error.recipients.values())) from None
    except smtplib.SMTPResponseException as error:
        raise _refused(receiver, error.smtp_code) from None
    except (OSError, smtplib.SMTPException) as error:
        text = f"{receiver.host}: the mail server does not answer ({type(error).__name__})."
        raise DeliveryUnreachableError(f"{text} Expected SMTP on port {receiver.port}.") from None
    if refused:
        text = f"{receiver.host}: took the message for some addresses only, and refused {len(refused)}."
        raise DeliveryError(f"{text} Expected addresses that it knows.")


def _connected(receiver: EmailReceiver) -> smtplib.SMTP:
    context = ssl.create_default_context()
    if receiver.security == "tls":
        return smtplib.SMTP_SSL(receiver.host, receiver.port, timeout=receiver.timeout_s, context=context)
    server = smtplib.SMTP(receiver.host, receiver.port, timeout=receiver.timeout_s)
    if receiver.security == "starttls":
        server.starttls(context=context)
    return server


def _made(message: Message, receiver: EmailReceiver) -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = f"[{message.environment}] {message.title}"
    made["From"], made["To"] = receiver.sender, ", ".join(receiver.to)
    made["Date"] = format_datetime(localtime())
    made["Message-ID"] = f"<{message.id}@{receiver.sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(message.text() + "\n")
    return made


def _refused(receiver: EmailReceiver, code: int) -> DeliveryError:
    text = f"{receiver.host}: the mail server refuses the message with code {code}."
    kind = DeliveryError if code >= REFUSED else DeliveryUnreachableError
    return kind(f"{text} Expected a login, a sender and addresses that it takes.")
