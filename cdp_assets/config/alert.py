"""An alert: which happenings are told to whom, by e-mail, in Slack or to a program."""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from cdp_assets.config.base import ConfigModel, Resource, affects
from cdp_assets.secrets import is_reference

Event = Literal["files_missing", "failure", "success", "runtime_exceeded", "record_count", "stopped"]
ADDRESS = r"^[^@\s<>,;]+@[^@\s<>,;]+$"
HTTP_URL = r"^https?://[^\s/?#@]+(/[^\s]*)?$"


def _reference(text: str) -> str:
    if not is_reference(text):
        msg = "a reference such as secret://env/NAME, not the secret itself"
        raise ValueError(msg)
    return text


Reference = Annotated[str, AfterValidator(_reference)]
Address = Annotated[str, Field(pattern=ADDRESS)]


class EmailReceiver(ConfigModel):
    """People, reached through a mail server."""

    kind: Literal["email"] = affects("runtime", "email")
    to: tuple[Address, ...] = affects("runtime", min_length=1)
    sender: Address = affects("runtime")
    host: str = affects("runtime")
    port: int = affects("runtime", 587, ge=1, le=65_535)
    security: Literal["starttls", "tls", "none"] = affects("runtime", "starttls")
    """How the connection is protected; without, no password is sent."""
    user: str | None = affects("runtime", None)
    password: Reference | None = affects("secret", None)
    timeout_s: float = affects("runtime", 20.0, gt=0)
    """Seconds to wait for the server, per call."""


class SlackReceiver(ConfigModel):
    """A channel of Slack, or of what takes the same messages, through an incoming webhook."""

    kind: Literal["slack"] = affects("runtime", "slack")
    webhook: Reference = affects("secret")
    """Its address is a secret: whoever knows it may write to the channel."""
    timeout_s: float = affects("runtime", 20.0, gt=0)
    """Seconds to wait for the answer."""


class WebhookReceiver(ConfigModel):
    """A program, which is sent JSON by POST."""

    kind: Literal["webhook"] = affects("runtime", "webhook")
    url: str = affects("runtime", pattern=HTTP_URL)
    signing_key: Reference | None = affects("secret", None)
    """What the message is signed with, so that the program knows who sent it (HMAC with SHA-256)."""
    timeout_s: float = affects("runtime", 20.0, gt=0)
    """Seconds to wait for the answer."""


Receiver = Annotated[EmailReceiver | SlackReceiver | WebhookReceiver, Field(discriminator="kind")]


class Alert(Resource):
    """A receiver, and what it is told."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    receiver: Receiver = affects("runtime")
    events: tuple[Event, ...] = affects("runtime", min_length=1)
    courier_groups: tuple[str, ...] = affects("runtime", ())
    """Tell only what is about one of these, or of the orchestrations and queries below; all where none is named."""
    orchestrations: tuple[str, ...] = affects("runtime", ())
    queries: tuple[str, ...] = affects("runtime", ())

    def wants(self, event: Event, about: Collection[str]) -> bool:
        """Say whether a happening is told. `about` holds addresses such as `courier_group.daily`.

        >>> receiver = WebhookReceiver(url="http://x.example/")
        >>> alert = Alert(name="ops", receiver=receiver, events=("failure",), courier_groups=("daily",))
        >>> alert.wants("failure", {"courier_group.daily"}), alert.wants("failure", {"query.buyers"})
        (True, False)
        """
        named = {
            *(f"courier_group.{name}" for name in self.courier_groups),
            *(f"orchestration.{name}" for name in self.orchestrations),
            *(f"query.{name}" for name in self.queries),
        }
        return event in self.events and (not named or bool(named & set(about)))
