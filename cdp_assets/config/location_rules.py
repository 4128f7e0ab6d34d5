"""What locations and credentials must hold to: secrets that make a whole, and a credential that fits the place."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cdp_assets.config.courier import Courier
from cdp_assets.config.credential import FORMS, Credential
from cdp_assets.config.destination import Destination
from cdp_assets.config.known import absent, nearest_known
from cdp_assets.config.location import AzureLocation
from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import ConfigError

Place = Callable[..., str]


def location_mistakes(tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Give a mistake for each credential that is no whole, and each location that it does not open."""
    for credential in tenant.credentials.values():
        yield from _secrets(credential, where)
    for courier in tenant.couriers.values():
        yield from _holder("couriers", courier, tenant, where)
        yield from _keyring(courier, tenant, where)
    for destination in tenant.destinations.values():
        yield from _holder("destinations", destination, tenant, where)


def _secrets(credential: Credential, where: Place) -> Iterator[ConfigError]:
    forms, fields = FORMS[credential.type], frozenset(credential.secrets)
    known = {field for form in forms for field in (*form.needs, *form.may)}
    for field in sorted(fields - known):
        place = where("credentials", credential.name, "secrets", field)
        problem = f"{field}: no secret of type {credential.type}"
        yield ConfigError(place, problem, nearest_known(field, known))
    if fields <= known and not any(form.fits(fields) for form in forms):
        given = ", ".join(sorted(fields)) or "none"
        expected = "; or ".join(map(str, forms))
        yield ConfigError(where("credentials", credential.name, "secrets"), f"the secrets {given}", expected)


def _holder(kind: str, holder: Courier | Destination, tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Check the credential of a courier or destination; one that is absent is a mistake of references."""
    needed = holder.location.kind
    place = where(kind, holder.name, "credential")
    if holder.credential is None:
        if needed != "local":
            fitting = sorted(one.name for one in tenant.credentials.values() if one.type == needed)
            hint = f", such as {fitting[0]}" if fitting else ""
            problem = f"a location of kind {needed} without a credential"
            yield ConfigError(place, problem, f"`credential:` with the name of one of type {needed}{hint}")
    elif needed == "local":
        yield ConfigError(place, "a folder of this machine needs none", "no `credential`")
    elif (credential := tenant.credentials.get(holder.credential)) is not None:
        if credential.type != needed:
            yield ConfigError(place, f"{credential.name} is of type {credential.type}", f"one of type {needed}")
        else:
            yield from _azure(kind, holder, credential, where)


def _keyring(courier: Courier, tenant: Tenant, where: Place) -> Iterator[ConfigError]:
    """Check that what a courier opens encrypted files with holds private keys, and public ones for signatures."""
    if courier.pgp_credential is None:
        if courier.signatures == "beside":
            place = where("couriers", courier.name, "signatures")
            yield ConfigError(place, "no keys to verify them by", "`pgp_credential` with `verification_keys`")
        return
    place, name = where("couriers", courier.name, "pgp_credential"), courier.pgp_credential
    found = tenant.credentials.get(name)
    if found is None:
        yield absent(place, name, tenant.credentials)
    elif courier.signatures == "beside" and "verification_keys" not in found.secrets:
        place = where("couriers", courier.name, "signatures")
        yield ConfigError(place, f"{name} verifies no signatures", "a credential of type pgp with `verification_keys`")
    elif courier.signatures == "inside" and "private_keys" not in found.secrets:
        yield ConfigError(place, f"{name} opens no files", "a credential of type pgp with `private_keys`")


def _azure(kind: str, holder: Courier | Destination, credential: Credential, where: Place) -> Iterator[ConfigError]:
    """Check that an account's address is told once: a connection string holds it, the other secrets do not."""
    location = holder.location
    if not isinstance(location, AzureLocation):
        return
    place, told = where(kind, holder.name, "location", "account_url"), "connection_string" in credential.secrets
    if location.account_url is None and not told:
        yield ConfigError(place, "no account", "such as https://acme.blob.core.windows.net")
    if location.account_url is not None and told:
        yield ConfigError(place, f"{credential.name} has a connection string, which names the account", "one of both")
