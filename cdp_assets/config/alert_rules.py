"""What alerts must hold to: that what they name exists, and that what is to be told has somebody to tell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from cdp_assets.config.alert import Alert, EmailReceiver
from cdp_assets.config.known import absent
from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import ConfigError

Place = Callable[..., str]


def alert_mistakes(tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Give every mistake of the alerts and of what needs one, with its place in the files."""
    known: dict[str, Collection[str]] = {
        "courier_groups": tenant.courier_groups,
        "orchestrations": tenant.orchestrations,
        "queries": tenant.queries,
    }
    for name, alert in tenant.alerts.items():
        for field, there in known.items():
            for wanted in sorted(set(getattr(alert, field)) - set(there)):
                yield absent(where("alerts", name, field), wanted, there)
        yield from _receiver(alert, where)
    for name, group in tenant.courier_groups.items():
        about = {f"courier_group.{name}"}
        told = any(alert.wants("runtime_exceeded", about) for alert in tenant.alerts.values())
        if group.alert_when_runtime_exceeds_minutes is not None and not told:
            place = where("courier_groups", name, "alert_when_runtime_exceeds_minutes")
            yield ConfigError(place, "nobody is told", "an alert in alerts/ with the event `runtime_exceeded`")


def _receiver(alert: Alert, where: Place) -> Iterator[ConfigError]:
    """Check that a mail server's password has its user, and is not sent in the clear."""
    receiver = alert.receiver
    if not isinstance(receiver, EmailReceiver):
        return
    place = where("alerts", alert.name, "receiver")
    if (receiver.user is None) is not (receiver.password is None):
        yield ConfigError(place, "half of a login", "`user` and `password` together, or neither")
    if receiver.password is not None and receiver.security == "none":
        yield ConfigError(place, "a password in the clear", "`security: starttls` or `tls`")
