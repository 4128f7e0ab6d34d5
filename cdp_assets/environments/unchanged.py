"""The plan of files that say what an environment runs: what `make_plan` would give, without looking at any table."""

from __future__ import annotations

from pathlib import Path

from cdp_assets.config.catalog import declared_tables
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.drift import drift_of
from cdp_assets.environments.plan import EVERYTHING, FILES, Plan, moment
from cdp_assets.environments.revision import body_of
from cdp_assets.errors import StalePlanError
from cdp_assets.state import environments
from cdp_assets.state.database import State


def unchanged_plan(
    state: State, environment: str, active: tuple[str, Tenant], *, user: str, lake: Path | None = None
) -> Plan:
    """Give the empty plan, with the drift; raises StalePlanError where something else has become active meanwhile."""
    revision_id, tenant = active
    with state.read() as conn:
        now = environments.get(conn, environment)
        drift = drift_of(conn, environment, lake)
    if now is None or now.revision_id != revision_id:
        raise StalePlanError(environments.stale_text(environment))
    return Plan(
        environment=environment,
        source=FILES,
        lineage=now.lineage,
        serial=now.serial,
        prior_revision=revision_id,
        source_revision=None,
        created_by=user,
        created_at=moment(),
        target=body_of(tenant),
        unchanged=sum(table.kind != "query" for table in declared_tables(tenant)),
        drift=drift,
        actions=(EVERYTHING,),
    )
