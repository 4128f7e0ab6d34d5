"""What answers the queries of an environment: Spark with our translation, or a Trino cluster of the tenant's."""

from __future__ import annotations

from cdp_assets.audiences.engines import Engine, OnSpark, OnTrino
from cdp_assets.audiences.trino import TrinoClient
from cdp_assets.config.query_engine import SparkEngine
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.outside import secret_bindings
from cdp_assets.secrets import resolve
from cdp_assets.state.database import State


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
