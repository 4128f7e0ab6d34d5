"""Revisions as tenants: what an environment runs now, and what an earlier one ran."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from cdp_assets.config.tenant import Tenant
from cdp_assets.errors import StateError
from cdp_assets.state import environments, revisions
from cdp_assets.state.database import State

MOST_KNOWN = 8
_known: dict[str, Tenant] = {}


def body_of(tenant: Tenant) -> dict[str, object]:
    """Give a tenant as the content of a revision; equal tenants give equal content."""
    return tenant.model_dump(mode="json")


def active_tenant(state: State, environment: str) -> tuple[str, Tenant] | None:
    """Give the environment's active revision and its tenant, or nothing before the first apply."""
    with state.read() as conn:
        found = environments.get(conn, environment)
        tenant = tenant_of_revision(conn, found.revision_id if found else None)
    return None if found is None or found.revision_id is None or tenant is None else (found.revision_id, tenant)


def applied_tenant(state: State, environment: str) -> Tenant:
    """Give the tenant of the environment's active revision; raises StateError before the first apply."""
    active = active_tenant(state, environment)
    if active is None:
        raise StateError(f"{environment}: nothing is applied. Expected `./cdp apply`, or `./cdp demo`, first.")
    return active[1]


def tenant_of_revision(conn: Connection, revision_id: str | None) -> Tenant | None:
    """Give a revision's tenant, or nothing for no revision.

    A revision never changes, so each of the last few is read and validated once in a process.
    """
    if revision_id is None:
        return None
    if revision_id not in _known:
        tenant = Tenant.model_validate_json(revisions.get(conn, revision_id))
        for oldest in list(_known)[: len(_known) - MOST_KNOWN + 1]:
            _known.pop(oldest, None)
        _known[revision_id] = tenant
    return _known[revision_id]
