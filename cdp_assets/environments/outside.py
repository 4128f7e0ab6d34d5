"""What an environment may reach outside: production everything it configures, a sandbox only what it binds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cdp_assets.audiences.engines import Engine, OnSpark, OnTrino
from cdp_assets.audiences.trino import TrinoClient
from cdp_assets.config.destination import Destination
from cdp_assets.config.location import Location
from cdp_assets.config.query_engine import SparkEngine
from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import SandboxError
from cdp_assets.names import PRODUCTION
from cdp_assets.secrets import resolve
from cdp_assets.state import sandboxes
from cdp_assets.state.database import State

_LOCATION: TypeAdapter[Location] = TypeAdapter(Location)


def endpoint(state: State, environment: str, destination: Destination) -> Location | None:
    """Give where a destination's files go; None where it is muted.

    A sandbox's destinations are muted unless its `sandbox.yaml` binds them to an endpoint of the sandbox's own.
    """
    if environment == PRODUCTION:
        return destination.location
    bound = _bindings(state, environment).get("destinations") or {}
    if destination.name not in bound:
        return None
    try:
        return _LOCATION.validate_python(bound[destination.name])
    except ValidationError:
        raise SandboxError(
            f"{environment}, destinations.{destination.name}: not a location. "
            "Expected one such as {kind: local, path: try}."
        ) from None


def secret_bindings(state: State, environment: str, references: Mapping[str, str]) -> dict[str, str]:
    """Give the secrets that an environment may resolve: reference -> the reference to use.

    Production resolves each as it stands; a sandbox only what it binds, to what it binds it.
    """
    if environment == PRODUCTION:
        return {reference: reference for reference in references.values()}
    bound: dict[str, str] = dict(_bindings(state, environment).get("secrets") or {})
    return {reference: bound[reference] for reference in references.values() if reference in bound}


def engine_of(state: State, environment: str, tenant: Tenant) -> Engine:
    """Give what answers a tenant's queries in an environment.

    Raises SecretError for a password that the environment may not resolve.
    """
    engine = tenant.query_engine
    if isinstance(engine, SparkEngine):
        return OnSpark()
    password = None
    if engine.password is not None:
        password = resolve(engine.password, secret_bindings(state, environment, {"password": engine.password}))
    address = f"{'https' if engine.tls else 'http'}://{engine.host}:{engine.port}"
    return OnTrino(TrinoClient(address, engine.user, password, engine.timeout_s), engine.catalog)


def _bindings(state: State, environment: str) -> Mapping[str, Any]:
    with state.read() as conn:
        found = sandboxes.find(conn, environment)
    return {} if found is None else found.bindings
