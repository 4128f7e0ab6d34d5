"""Sends a message to a program as signed JSON.

The signature is HMAC-SHA256 over `<timestamp>.<body>`, so that neither can be changed and an old message is seen to be.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Mapping

from cdp_assets.config.alert import WebhookReceiver
from cdp_assets.exchange.messages.message import Message
from cdp_assets.exchange.messages.post import post
from cdp_assets.secrets import Secret

ID_HEADER, TIME_HEADER, SIGNATURE_HEADER = "X-Cdp-Id", "X-Cdp-Timestamp", "X-Cdp-Signature"


def send_webhook(message: Message, receiver: WebhookReceiver, secrets: Mapping[str, Secret]) -> None:
    """Post the message's document, signed where the receiver has a key."""
    body, stamp = json.dumps(message.document()).encode(), str(int(time.time()))
    headers = {ID_HEADER: message.id, TIME_HEADER: stamp}
    if "signing_key" in secrets:
        headers[SIGNATURE_HEADER] = signature(secrets["signing_key"], stamp, body)
    post(receiver.url, body, headers, receiver.timeout_s)


def signature(key: Secret, stamp: str, body: bytes) -> str:
    """Give what a receiver computes again to see that a message is ours."""
    made = hmac.new(key.reveal().encode(), f"{stamp}.".encode() + body, hashlib.sha256)
    return f"sha256={made.hexdigest()}"
