"""What an environment may reach outside: production everything it configures, a sandbox only what it binds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cdp_assets.config.alert import Alert, Receiver
from cdp_assets.config.courier import Courier
from cdp_assets.config.destination import DataTemplate, Destination
from cdp_assets.config.location import CloudLocation, Location
from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import SandboxError
from cdp_assets.exchange.codecs import Keyring, Recipient
from cdp_assets.exchange.locations import Clients, Secrets, open_location
from cdp_assets.exchange.locations import Location as OpenLocation
from cdp_assets.hashing import sha256_of
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.secrets import resolve
from cdp_assets.sources.in_place.store import Store
from cdp_assets.state import sandboxes
from cdp_assets.state.database import State

_LOCATION: TypeAdapter[Location] = TypeAdapter(Location)
_RECEIVER: TypeAdapter[Receiver] = TypeAdapter(Receiver)


@dataclass(frozen=True)
class Outside:
    """The places of one environment's couriers and destinations, opened with the secrets that it may resolve."""

    state: State
    home: Home
    environment: str
    tenant: Tenant
    clients: Clients

    def courier(self, courier: Courier) -> OpenLocation:
        """Open the place that a courier fetches from; raises SecretError for a secret that cannot be resolved."""
        return self._open(courier.location, self.home.drop(self.environment), courier.credential)

    def store(self, courier: Courier) -> Store:
        """Give the store in which a courier's files stay, as others open it; raises SecretError as `courier` does."""
        location = courier.location
        assert isinstance(location, CloudLocation)  # noqa: S101 - files stay nowhere else
        return Store(location, self.secrets(courier.credential), self.clients)

    def destination(self, destination: Destination) -> OpenLocation | None:
        """Open the place that a destination's files go to; None where it is muted."""
        found = _endpoint(self.state, self.environment, destination)
        return None if found is None else self._open(found[0], self.home.outbox(self.environment), found[1])

    def keyring(self, courier: Courier) -> Keyring | None:
        """Give what opens a courier's encrypted files; None where it names no PGP credential."""
        if courier.pgp_credential is None:
            return None
        return Keyring.of(self.secrets(courier.pgp_credential), beside=courier.signatures == "beside")

    def place(self, destination: Destination) -> str:
        """Give a hash of where a destination's files go: another one is another place."""
        found = endpoint(self.state, self.environment, destination)
        return sha256_of(None if found is None else found.model_dump(mode="json"))

    def recipient(self, template: DataTemplate) -> Recipient | None:
        """Give whom a data template's files are encrypted to; nobody where it names no PGP credential."""
        if template.pgp_credential is None:
            return None
        return Recipient.of(self.secrets(template.pgp_credential), beside=template.signatures == "beside")

    def secrets(self, credential: str | None) -> Secrets:
        """Give a credential's secrets, by their fields; none where there is no credential."""
        if credential is None:
            return {}
        references = self.tenant.credentials[credential].secrets
        bindings = secret_bindings(self.state, self.environment, references)
        return {field: resolve(reference, bindings) for field, reference in references.items()}

    def _open(self, location: Location, root: Path, credential: str | None) -> OpenLocation:
        known = self.tenant.credentials.get(credential or "")
        if credential is not None and (known is None or known.type != location.kind):
            which = f"{credential}, which is absent" if known is None else f"{credential}, a credential of {known.type}"
            text = f"{self.environment}: a location of kind {location.kind} with {which}"
            raise SandboxError(f"{text}. Expected `credential:` beside `kind:`, with one of type {location.kind}.")
        return open_location(location, root, self.secrets(credential), self.clients)


def endpoint(state: State, environment: str, destination: Destination) -> Location | None:
    """Give where a destination's files go; None where it is muted.

    A sandbox's destinations are muted unless its `sandbox.yaml` binds them to an endpoint of the sandbox's own.
    """
    found = _endpoint(state, environment, destination)
    return None if found is None else found[0]


def _endpoint(state: State, environment: str, destination: Destination) -> tuple[Location, str | None] | None:
    """Give where a destination's files go and the credential for it.

    What a sandbox binds may name a `credential` of its own; else it is the destination's, unless it is a local folder.
    """
    if environment == PRODUCTION:
        return destination.location, destination.credential
    bound = _bindings(state, environment).get("destinations") or {}
    if destination.name not in bound:
        return None
    try:
        values = dict(bound[destination.name])
        credential = values.pop("credential", destination.credential)
        location = _LOCATION.validate_python(values)
    except (ValidationError, TypeError, ValueError):
        raise SandboxError(
            f"{environment}, destinations.{destination.name}: not a location. "
            "Expected one such as {kind: local, path: try}."
        ) from None
    return location, None if location.kind == "local" else credential


def receiver_of(state: State, environment: str, alert: Alert) -> Receiver | None:
    """Give whom an alert tells; None where it is muted.

    A sandbox's alerts are muted unless its `sandbox.yaml` binds them to a receiver of the sandbox's own.
    """
    if environment == PRODUCTION:
        return alert.receiver
    bound = _bindings(state, environment).get("alerts") or {}
    if alert.name not in bound:
        return None
    try:
        return _RECEIVER.validate_python(bound[alert.name])
    except ValidationError:
        raise SandboxError(
            f"{environment}, alerts.{alert.name}: not a receiver. "
            "Expected one such as {kind: webhook, url: 'http://127.0.0.1:8000/'}."
        ) from None


def secret_bindings(state: State, environment: str, references: Mapping[str, str]) -> dict[str, str]:
    """Give the secrets that an environment may resolve: reference -> the reference to use.

    Production resolves each as it stands; a sandbox only what it binds, to what it binds it.
    """
    if environment == PRODUCTION:
        return {reference: reference for reference in references.values()}
    bound: dict[str, str] = dict(_bindings(state, environment).get("secrets") or {})
    return {reference: bound[reference] for reference in references.values() if reference in bound}


def _bindings(state: State, environment: str) -> Mapping[str, Any]:
    with state.read() as conn:
        found = sandboxes.find(conn, environment)
    return {} if found is None else found.bindings
