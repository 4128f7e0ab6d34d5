"""Whether places can be reached and keys be encrypted to: tried before a change of theirs is applied."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from cdp_assets.config.courier import Courier
from cdp_assets.config.destination import Destination
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.outside import Outside
from cdp_assets.environments.plan import Check
from cdp_assets.errors import CdpError
from cdp_assets.exchange.codecs.pgp.encrypt import validate
from cdp_assets.exchange.patience import asked_once

AT_ONCE = 8
CHECK = "connection"
TEMPLATE = "data_template"
WITHOUT = "`--no-connect` plans without trying"
Holder = Courier | Destination
"""Whoever has a place and names the credential for it."""


@dataclass(frozen=True)
class Connection:
    """What came of trying one place."""

    address: str
    """The courier's, destination's or data template's, such as `courier.orders`."""
    place: str
    """How people write the place; empty for a key."""
    works: bool
    said: str
    """What was seen there, or why the place cannot be used."""


def users_of(tenant: Tenant, credential: str) -> list[str]:
    """Give the addresses of the couriers, destinations and data templates that name a credential, also a PGP one."""
    holders = [address for address, one in _holders(tenant).items() if credential in _named_by(one)]
    templates = sorted(tenant.data_templates.items())
    return holders + [f"{TEMPLATE}.{name}" for name, one in templates if one.pgp_credential == credential]


def tried_credential(outside: Outside, credential: str) -> list[Connection]:
    """Try a credential: that its secrets can be resolved, then each place that it opens or file that it closes."""
    address = f"credential.{credential}"
    try:
        outside.secrets(credential)
    except CdpError as error:
        return [Connection(address, "", False, str(error))]
    holders = _holders(outside.tenant)
    users = users_of(outside.tenant, credential)
    opened = [one for one in users if one not in holders or holders[one].credential == credential]
    found = tried_connections(outside, opened)
    return found or [
        Connection(address, "", True, "its secrets are there; it opens no place, and nothing is encrypted to it")
    ]


def changed_holders(before: Tenant | None, target: Tenant) -> list[str]:
    """Give what would have another place outside of this machine, another credential for it, or another key."""
    old = _holders(before) if before is not None else {}
    places = [
        address
        for address, one in _holders(target).items()
        if one.location.kind != "local" and _reach(one, target) != _reach(old.get(address), before)
    ]
    keys = [
        f"{TEMPLATE}.{name}"
        for name, one in sorted(target.data_templates.items())
        if one.pgp_credential is not None and _key(name, target) != _key(name, before)
    ]
    return places + keys


def tried_connections(outside: Outside, addresses: Collection[str]) -> list[Connection]:
    """Try places, each once and several at a time: connect, log in and list; nothing is written there.

    A data template's key is tried by looking for the one subkey that files would be encrypted to.
    """
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(lambda address: _tried(outside, address), addresses))


def connection_checks(found: Sequence[Connection]) -> list[Check]:
    """Give an error for each place that cannot be used, which keeps a plan from being applied."""
    return [Check(CHECK, one.address, f"{one.said.rstrip('.')} ({WITHOUT})") for one in found if not one.works]


def not_tried(address: str, why: str) -> Check:
    """Give a warning about a place that may be wrong: nobody has looked."""
    return Check(CHECK, address, f"not tried: {why.rstrip('.')}", "warning")


def _tried(outside: Outside, address: str) -> Connection:
    if address.startswith(f"{TEMPLATE}."):
        return _tried_key(outside, address)
    one = _holders(outside.tenant)[address]
    try:
        with asked_once():
            place = outside.courier(one) if isinstance(one, Courier) else outside.destination(one)
            if place is None:
                muted = f"muted: {outside.environment} binds no endpoint for it"
                return Connection(address, one.location.address, True, muted)
            first = next(iter(place.list()), None)
    except CdpError as error:
        return Connection(address, one.location.address, False, str(error))
    seen = "no file is there" if first is None else f"the first file is {first.name}"
    return Connection(address, one.location.address, True, f"logged in and listed; {seen}")


def _tried_key(outside: Outside, address: str) -> Connection:
    template = outside.tenant.data_templates[address.removeprefix(f"{TEMPLATE}.")]
    try:
        recipient = outside.recipient(template)
        assert recipient is not None  # noqa: S101 - only templates that name a key are tried
        return Connection(address, "", True, f"files are encrypted to the subkey {validate(recipient)}")
    except CdpError as error:
        return Connection(address, "", False, str(error))


def _holders(tenant: Tenant) -> dict[str, Holder]:
    couriers = {f"courier.{name}": one for name, one in sorted(tenant.couriers.items())}
    return couriers | {f"destination.{name}": one for name, one in sorted(tenant.destinations.items())}


def _named_by(one: Holder) -> tuple[str | None, ...]:
    return (one.credential, one.pgp_credential) if isinstance(one, Courier) else (one.credential,)


def _key(template: str, tenant: Tenant | None) -> object:
    """Give what a data template's files are encrypted to."""
    found = tenant.data_templates.get(template) if tenant is not None else None
    credential = (
        tenant.credentials.get(found.pgp_credential or "") if tenant is not None and found is not None else None
    )
    return credential and (credential.type, credential.secrets)


def _reach(one: Holder | None, tenant: Tenant | None) -> object:
    """Give all that a place is reached by; a credential's description is none of it."""
    if one is None or tenant is None:
        return None
    credential = tenant.credentials.get(one.credential or "")
    return one.location, credential and (credential.type, credential.secrets)
