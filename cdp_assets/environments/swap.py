"""The commit point of an apply: one transaction that changes revision, serial and publication together."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from cdp_assets.environments.plan import Plan
from cdp_assets.environments.planning import is_stale
from cdp_assets.environments.staging import Staged
from cdp_assets.errors import PublicationMovedError, StalePlanError
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.security.audit import record
from cdp_assets.state import applies, environments, physical_tables, publications, runs, sandboxes
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry


def swap(state: State, apply_id: str, fence: int, plan: Plan, staged: Staged, user: str, message: str) -> int:
    """Make the target active, with the publication that fits it; give the new serial.

    Raises StalePlanError when the environment has moved, LockedError when the apply was taken over, and
    PublicationMovedError when a run has published since the tables were staged; nothing has changed then.
    """
    with state.write() as conn:
        applies.refuse_fenced(conn, apply_id, fence)
        now = environments.get_or_create(conn, plan.environment)
        if is_stale(now, plan):
            raise StalePlanError(environments.stale_text(plan.environment))
        if now.publication_id != (None if staged.base is None else staged.base.id):
            raise PublicationMovedError(f"{plan.environment}: published since the tables were staged.")
        entries = {**staged.kept, **staged.taken_over, **_built(conn, staged)}
        publication_after = now.publication_id
        if plan.environment == PRODUCTION and staged.base is not None and entries != dict(staged.base.entries):
            publication_after = publications.insert(
                conn,
                environment=plan.environment,
                parent_id=staged.base.id,
                run_id=f"apply-{apply_id}",
                revision_id=staged.revision_id,
                business_date=staged.base.business_date,
                entries=entries.values(),
            )
        _own(conn, plan.environment, staged, entries)
        serial = environments.swap(
            conn,
            plan.environment,
            lineage=plan.lineage,
            serial=plan.serial,
            revision_id=staged.revision_id,
            publication_before=now.publication_id,
            publication_after=publication_after,
            plan_id=plan.plan_id,
            applied_by=user,
            source=plan.source,
            message=message,
        )
        _note(conn, apply_id, plan, user, serial)
    return serial


def _built(conn: Connection, staged: Staged) -> dict[TableName, Entry]:
    if not staged.tables:
        return {}
    written = runs.writes(conn, staged.run_id)
    return {name: written[name] for name in staged.tables}


def _own(conn: Connection, environment: str, staged: Staged, entries: dict[TableName, Entry]) -> None:
    """Make production the owner of what it takes over: from now on its runs write there."""
    for name in {*staged.taken_over, *staged.tables}:
        physical_tables.hand_over(conn, entries[name].path, environment)


def _note(conn: Connection, apply_id: str, plan: Plan, user: str, serial: int) -> None:
    applies.mark_swapped(conn, apply_id, serial)
    found = applies.get(conn, apply_id)
    if found.options.get("bindings") is not None and sandboxes.find(conn, plan.environment) is not None:
        sandboxes.bind(conn, plan.environment, found.options["bindings"])
    changes = [f"{one.change.action} {one.change.address}" for one in plan.changes]
    facts = {"serial": serial, "plan_id": plan.plan_id, "source": plan.source, "changes": changes}
    facts["authenticated"] = False  # who it was comes from the operating system or CDP_USER
    record(conn, user, "environment:apply", plan.environment, **facts)
