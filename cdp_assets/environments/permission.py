"""Whether a plan may be applied by a user: policy, checks, conflicts, approval. Looked at before any work."""

from __future__ import annotations

from collections.abc import Iterable

from cdp_assets.environments.plan import Plan
from cdp_assets.environments.revision import active_tenant
from cdp_assets.errors import ConflictsError, PlanRefusedError
from cdp_assets.names import PRODUCTION, TableName, sandbox_environment
from cdp_assets.security.policy import may
from cdp_assets.state import plans, sandboxes
from cdp_assets.state.database import State


def allow(state: State, user: str, action: str, environment: str, *, within: str | None = None) -> None:
    """Return when `user` may do `action`, judged by production's active revision; else raise DeniedError.

    `within` names something inside the environment, such as `query.buyers`.
    """
    active = active_tenant(state, PRODUCTION)
    with state.read() as conn:
        sandbox = sandboxes.find(conn, environment)
    resource = environment if within is None else f"{environment}:{within}"
    may(user, action, resource, active[1] if active else None, sandbox.owner if sandbox else None)


def allow_reading(state: State, user: str, environment: str, tables: Iterable[TableName]) -> None:
    """Return when `user` may query each of these tables of an environment; else raise DeniedError."""
    active = active_tenant(state, PRODUCTION)
    with state.read() as conn:
        sandbox = sandboxes.find(conn, environment)
    for table in tables:
        resource = f"{environment}:{table}"
        may(user, "query:run", resource, active[1] if active else None, sandbox.owner if sandbox else None)


def allow_applying(state: State, plan: Plan, user: str) -> None:
    """Return when `user` may do everything that applying a plan does; else raise DeniedError."""
    for action in plan.actions:
        promoted = sandbox_environment(plan.source.removeprefix("sandbox:"))
        allow(state, user, action, promoted if action == "sandbox:promote" else plan.environment)


def refuse_forbidden(state: State, plan: Plan, user: str) -> None:
    """Return when the plan may be applied; else raise DeniedError, ConflictsError or PlanRefusedError.

    What is allowed is judged by what production runs now, never by what the plan would make of it.
    """
    allow_applying(state, plan, user)
    if plan.open_conflicts:
        places = "\n".join(f"  {one.place}: {one.kind}" for one in plan.open_conflicts)
        raise ConflictsError(
            f"{len(plan.open_conflicts)} conflicts:\n{places}\nExpected each to be resolved in the sandbox: "
            "`cdp sandbox pull`, with `cdp sandbox resolve` for each place."
        )
    if plan.errors:
        texts = "\n".join(f"  {one.address}: {one.message}." for one in plan.errors)
        raise PlanRefusedError(f"The plan cannot be applied:\n{texts}")
    _refuse_unapproved(state, plan, user)


def lacks_approval(state: State, plan: Plan, user: str) -> bool:
    """Say whether somebody other than the plan's author and `user` must still approve it before `user` applies it."""
    active = active_tenant(state, PRODUCTION)
    if plan.environment != PRODUCTION or plan.is_empty or active is None or not active[1].approval_required:
        return False
    with state.read() as conn:
        return not plans.approvers(conn, plan.plan_id) - {plan.created_by, user}


def _refuse_unapproved(state: State, plan: Plan, user: str) -> None:
    if lacks_approval(state, plan, user):
        raise PlanRefusedError(
            f"plan {plan.plan_id[:12]}: nobody but its author has approved it. Expected another user to run "
            f"`cdp approve {plan.plan_id[:12]}` (who that is comes from the operating system: unauthenticated)."
        )
