"""Alerts that name what exists, and settings that have somebody to tell."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from cdp_assets.config.alert import Alert
from cdp_assets.config.alert_rules import alert_mistakes
from cdp_assets.config.courier_group import CourierGroup
from cdp_assets.config.tenant import Tenant

MAIL = {"kind": "email", "to": ["ann@acme.example"], "sender": "cdp@acme.example", "host": "mail.example"}
LOGIN = {"user": "cdp", "password": "secret://env/MAIL"}


def alert(**values: Any) -> Alert:
    """Give an alert on failures."""
    return Alert.model_validate({"name": "ops", "receiver": MAIL, "events": ["failure"]} | values)


def mistakes(*alerts: Alert, **group: Any) -> list[str]:
    """Give the mistakes of a tenant with these alerts and the group `daily`."""
    daily = CourierGroup.model_validate({"name": "daily", "couriers": []} | group)
    tenant = Tenant(id="t", name="t", alerts={one.name: one for one in alerts}, courier_groups={"daily": daily})
    return [str(one) for one in alert_mistakes(tenant, lambda *path: "/".join(map(str, path)))]


def test_what_an_alert_names_must_exist() -> None:
    """A slip of the pen would hear nothing."""
    assert mistakes(alert(courier_groups=["daily"])) == []
    assert mistakes(alert(courier_groups=["dayly"], queries=["x"])) == [
        "alerts/ops/courier_groups: dayly is absent. Expected daily.",
        "alerts/ops/queries: x is absent. Expected one that exists; there are none yet.",
    ]


@pytest.mark.parametrize(
    ("values", "is_told"),
    [({}, False), ({"events": ["runtime_exceeded"]}, True), ({"events": ["runtime_exceeded"], "queries": []}, True)],
)
def test_a_limit_of_time_needs_somebody_to_tell(values: dict[str, Any], is_told: bool) -> None:
    """Else it would be accepted and ignored."""
    found = mistakes(alert(**values), alert_when_runtime_exceeds_minutes=60)
    assert bool(found) is not is_told
    assert all("nobody is told. Expected an alert in alerts/ with the event `runtime_exceeded`" in one for one in found)


@pytest.mark.parametrize(
    ("receiver", "problem"),
    [
        (LOGIN, None),
        ({}, None),
        ({"user": "cdp"}, "half of a login"),
        ({"password": "secret://env/MAIL"}, "half of a login"),
        (LOGIN | {"security": "none"}, "a password in the clear"),
    ],
)
def test_a_mail_servers_login_is_whole_and_protected(receiver: dict[str, Any], problem: str | None) -> None:
    """Half a login would fail at night."""
    found = mistakes(alert(receiver=MAIL | receiver))
    assert [problem in one for one in found] == ([True] if problem else [])


@pytest.mark.parametrize(
    "receiver",
    [
        MAIL | {"password": "hunter2", "user": "x"},
        MAIL | {"to": ["ann"]},
        MAIL | {"sender": "a@b.example\nBcc: c@d.example"},
        {"kind": "slack", "webhook": "https://hooks.example/T0/B0"},
        {"kind": "webhook", "url": "file:///etc/passwd"},
        {"kind": "webhook", "url": "https://user:pw@host.example/"},
        {"kind": "webhook", "url": "https://host.example/", "signing_key": "k3y"},
    ],
)
def test_secrets_are_references_and_addresses_are_addresses(receiver: dict[str, Any]) -> None:
    """The error never shows the value."""
    with pytest.raises(ValidationError) as error:
        alert(receiver=receiver)
    assert not any(word in str(error.value) for word in ("hunter2", "T0/B0", "k3y", "pw@host"))
