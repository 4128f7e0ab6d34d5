"""Revisions as tenants: what an environment runs now, and what an earlier one ran."""

from __future__ import annotations

import functools

from sqlalchemy.engine import Connection

from cdp_assets.config.tenant import Tenant
from cdp_assets.hashing import canonical_json
from cdp_assets.state import environments, revisions
from cdp_assets.state.database import State


def body_of(tenant: Tenant) -> dict[str, object]:
    """Give a tenant as the content of a revision; equal tenants give equal content."""
    return tenant.model_dump(mode="json")


def active_tenant(state: State, environment: str) -> tuple[str, Tenant] | None:
    """Give the environment's active revision and its tenant, or nothing before the first apply."""
    with state.read() as conn:
        found = environments.get(conn, environment)
        if found is None or found.revision_id is None:
            return None
        body = revisions.get(conn, found.revision_id)
    return found.revision_id, _tenant(canonical_json(body))


@functools.lru_cache(maxsize=8)
def _tenant(body: str) -> Tenant:
    return Tenant.model_validate_json(body)


def tenant_of_revision(conn: Connection, revision_id: str | None) -> Tenant | None:
    """Give a revision's tenant, or nothing for no revision."""
    return None if revision_id is None else _tenant(canonical_json(revisions.get(conn, revision_id)))
