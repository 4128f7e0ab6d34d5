"""Messages to people and programs outside: one module per kind of receiver, all told the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from cdp_assets.exchange.messages.email import send_email
from cdp_assets.exchange.messages.message import Message
from cdp_assets.exchange.messages.slack import send_slack
from cdp_assets.exchange.messages.webhook import send_webhook
from cdp_assets.secrets import Secret

__all__ = ["SENDERS", "Message", "send"]

Sender = Callable[[Message, Any, Mapping[str, Secret]], None]
SENDERS: dict[str, Sender] = {"email": send_email, "slack": send_slack, "webhook": send_webhook}


def send(message: Message, receiver: Any, secrets: Mapping[str, Secret]) -> None:
    """Hand a message over; when this returns the receiver has it.

    Args:
        message: What is told.
        receiver: The receiver's configuration, one of `config.alert.Receiver`.
        secrets: Its fields that hold secrets -> their values.

    Raises DeliveryUnreachableError where another try may help, DeliveryError where the receiver refuses.
    """
    SENDERS[receiver.kind](message, receiver, secrets)
