"""Apply: one atomic swap of an environment's active revision, and only for a plan that is not stale."""

from __future__ import annotations

from dataclasses import dataclass

from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.plan import Plan
from cdp_assets.environments.revision import body_of
from cdp_assets.errors import StalePlanError
from cdp_assets.security.audit import record
from cdp_assets.security.policy import may
from cdp_assets.state import environments, revisions
from cdp_assets.state.database import State


@dataclass(frozen=True)
class Applied:
    """What an environment runs after an apply."""

    environment: str
    serial: int
    revision_id: str
    changed: bool


def apply_plan(state: State, plan: Plan, user: str, message: str = "") -> Applied:
    """Activate a plan's target; raises StalePlanError when the environment has moved since it was made.

    An empty plan writes nothing: no serial, no audit row. Everything else is one transaction: the revision,
    the swap and the audit row, or none of them.
    """
    may(user, "environment:apply", plan.environment)
    target = Tenant.model_validate(plan.target)
    with state.write() as conn:
        now = environments.get_or_create(conn, plan.environment)
        if (now.lineage, now.serial) != (plan.lineage, plan.serial):
            raise StalePlanError(environments.stale_text(plan.environment))
        if plan.is_empty and now.revision_id is not None:
            return Applied(plan.environment, now.serial, now.revision_id, changed=False)
        revision_id = revisions.put(conn, body_of(target), created_by=user, message=message)
        serial = environments.swap(
            conn,
            plan.environment,
            lineage=plan.lineage,
            serial=plan.serial,
            revision_id=revision_id,
            plan_id=plan.plan_id,
            applied_by=user,
        )
        changes = [f"{change.action} {change.address}" for change in plan.changes]
        record(
            conn,
            user,
            "environment:apply",
            plan.environment,
            serial=serial,
            plan_id=plan.plan_id,
            changes=changes,
        )
    return Applied(plan.environment, serial, revision_id, changed=True)
