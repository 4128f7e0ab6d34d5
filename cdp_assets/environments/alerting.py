"""Tells people what happened: notes each happening once per receiver, then sends what is noted, with patience."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from cdp_assets.config.alert import Alert, Event
from cdp_assets.config.base import affected_by
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.outside import receiver_of, secret_bindings
from cdp_assets.errors import CdpError, DeliveryError, Transient
from cdp_assets.exchange.messages import Message, send
from cdp_assets.secrets import resolve
from cdp_assets.state import alerts
from cdp_assets.state.alerts import Noted
from cdp_assets.state.database import State

logger = logging.getLogger(__name__)
TRIES = 6
FIRST_WAIT_S, GROWTH = 30.0, 4.0
"""30 s, 2 min, 8 min, half an hour, two hours between the tries."""
MOST_AT_ONCE = 100
MOST_CHARACTERS = 2_000
"""Of one fact; the run in the UI has the rest."""


@dataclass(frozen=True)
class Happening:
    """Something that alerts may be about. Its texts hold names and counts, never a customer's value."""

    event: Event
    title: str
    run_id: str
    about: tuple[str, ...] = ()
    """Addresses such as `courier_group.daily`."""
    of: str = ""
    """What tells it apart from others of its event; the run unless said."""
    facts: Mapping[str, str] = field(default_factory=dict)


def note(state: State, environment: str, tenant: Tenant, happening: Happening) -> int:
    """Note a happening for everybody who is to be told; give for how many it is new. Nothing is sent yet."""
    told = [alert for alert in tenant.alerts.values() if alert.wants(happening.event, happening.about)]
    told = [alert for alert in told if receiver_of(state, environment, alert) is not None]
    if not told:
        return 0
    message = {
        "title": happening.title,
        "about": list(happening.about),
        "facts": {name: value[:MOST_CHARACTERS] for name, value in happening.facts.items()},
    }
    with state.write() as conn:
        new = [
            alerts.note(
                conn,
                environment=environment,
                alert=alert.name,
                event=happening.event,
                of=happening.of or happening.run_id,
                run_id=happening.run_id,
                message=message,
            )
            for alert in told
        ]
    return sum(new)


def send_due(state: State, environment: str, tenant: Tenant, ui: str | None) -> int:
    """Send what is due, the oldest first; give how many messages arrived.

    `ui` is where the UI answers, for links. Each message is on the way at most once: what a crash cuts off there is
    not sent again, since it may have arrived. A receiver that does not answer is tried again later.
    """
    with state.write() as conn:
        if doubtful := alerts.doubt(conn, environment):
            logger.warning("%d alerts may not have arrived; see `cdp alert list`", doubtful)
    arrived = 0
    for _ in range(MOST_AT_ONCE):
        with state.write() as conn:
            taken = alerts.take(conn, environment)
        if taken is None:
            break
        arrived += _send(state, environment, tenant, taken, ui)
    return arrived


def try_out(state: State, environment: str, alert: Alert, message: Message) -> None:
    """Send a message to an alert's receiver now; raises CdpError where it does not arrive."""
    receiver = receiver_of(state, environment, alert)
    if receiver is None:
        text = f"{environment} binds no receiver for {alert.name} in its sandbox.yaml"
        raise DeliveryError(f"{text}. Expected `alerts: {{{alert.name}: …}}`.")
    references = {
        name: str(getattr(receiver, name))
        for name in type(receiver).model_fields
        if affected_by(type(receiver), name) == "secret" and getattr(receiver, name) is not None
    }
    bindings = secret_bindings(state, environment, references)
    send(message, receiver, {name: resolve(reference, bindings) for name, reference in references.items()})


def _send(state: State, environment: str, tenant: Tenant, taken: Noted, ui: str | None) -> int:
    """Send one message and note what became of it; give 1 where it arrived."""
    problem, is_lasting = None, True
    try:
        if taken.alert not in tenant.alerts:
            raise DeliveryError(f"{taken.alert}: no alert of this name any more. Expected one in alerts/.")
        try_out(state, environment, tenant.alerts[taken.alert], _message(taken, ui))
    except CdpError as error:
        problem, is_lasting = str(error), not isinstance(error, Transient)
        logger.warning("alert %s: %s", taken.alert, error)
    with state.write() as conn:
        if problem is None:
            alerts.sent(conn, taken.id)
        elif is_lasting or taken.attempts >= TRIES:
            alerts.give_up(conn, taken.id, problem=problem)
        else:
            seconds = FIRST_WAIT_S * GROWTH ** (taken.attempts - 1)
            alerts.put_off(conn, taken.id, seconds=seconds, problem=problem)
    return int(problem is None)


def _message(taken: Noted, ui: str | None) -> Message:
    made = Message(
        id=taken.id,
        title=str(taken.message["title"]),
        event=taken.event,
        environment=taken.environment,
        about=tuple(taken.message["about"]),
        happened_at=taken.happened_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        run_id=taken.run_id,
        facts=dict(taken.message["facts"]),
    )
    return made if ui is None else replace(made, link=f"{ui.rstrip('/')}/runs/{taken.run_id}")
