"""Sends a message to Slack's incoming webhook.

Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from cdp_assets.config.alert import SlackReceiver
from cdp_assets.exchange.messages.message import Message
from cdp_assets.exchange.messages.post import post
from cdp_assets.secrets import Secret

ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
"""What Slack reads as its own in a text; all else is as it is written."""


def send_slack(message: Message, receiver: SlackReceiver, secrets: Mapping[str, Secret]) -> None:
    """Post the message's text, its first line in bold."""
    title, *lines = _escaped(message.text()).split("\n")
    body = json.dumps({"text": "\n".join([f"*{title}*", *lines])}).encode()
    post(secrets["webhook"].reveal(), body, {}, receiver.timeout_s)


def _escaped(text: str) -> str:
    for character, escape in ESCAPES:
        text = text.replace(character, escape)
    return text
