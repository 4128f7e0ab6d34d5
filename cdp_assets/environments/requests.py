"""What people ask of plan and apply, at the command line or in Dagster: the same plan, work and checks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.permission import allow, allow_applying
from cdp_assets.environments.plan import Plan, read_plan
from cdp_assets.environments.projections import projection_drift
from cdp_assets.environments.revision import active_tenant
from cdp_assets.environments.said import says, tenant_of_files
from cdp_assets.environments.unchanged import unchanged_plan
from cdp_assets.errors import DeniedError
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION, sandbox_environment
from cdp_assets.state import plans, sandboxes
from cdp_assets.state.database import State

if TYPE_CHECKING:
    from cdp_assets.environments.apply import Applied, Options, Ports
    from cdp_assets.environments.outside import Outside

Reach = Callable[[Tenant], "Outside"]
"""Gives what a tenant, were it production's, would reach outside."""


def plan_of_files(
    home: Home, state: State, user: str, *, sandbox: str | None = None, reach: Reach | None = None
) -> Plan:
    """Give what applying the files of production, or of a sandbox, would do.

    With `reach`, the places of production's couriers and destinations that would be others are tried.
    """
    environment = sandbox_environment(sandbox) if sandbox else PRODUCTION
    allow(state, user, "environment:plan", environment)
    if sandbox:
        with state.read() as conn:
            sandboxes.get(conn, environment)
    active = active_tenant(state, environment)
    target = tenant_of_files(home.config_of(sandbox), active)
    if active is not None and target is active[1]:
        plan = unchanged_plan(state, environment, active, user=user, lake=home.lake)
    else:
        from cdp_assets.environments.planning import make_plan  # with sqlglot, which takes 0.1 s

        plan = make_plan(state, target, environment, user=user, lake=home.lake)
    plan = _with_connections(plan, state, user, active[1] if active else None, reach)
    return _with_projections(plan, home, state)


def plan_of_promotion(
    home: Home,
    state: State,
    user: str,
    sandbox: str,
    *,
    with_data: bool = True,
    reach: Reach | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Plan:
    """Give what bringing a sandbox's changes to production would do, to its data too unless `with_data` is false."""
    from cdp_assets.environments.promotion import promotion_plan

    with state.read() as conn:
        found = sandboxes.get(conn, sandbox_environment(sandbox))
    allow(state, user, "sandbox:open", found.environment)
    allow(state, user, "environment:plan", PRODUCTION)
    plan = promotion_plan(state, found, home.sandboxes / sandbox, home.tenant_config, user=user, lake=home.lake)
    active = active_tenant(state, PRODUCTION)
    plan = _with_connections(plan, state, user, active[1] if active else None, reach)
    plan = _with_projections(plan, home, state)
    if plan.is_empty or not with_data:
        return plan
    from cdp_assets.environments.data_diff.consequence import data_consequence  # a second, which others need not wait

    return replace(plan, data=data_consequence(state, home.lake, sandbox, progress=progress))


def _with_connections(plan: Plan, state: State, user: str, before: Tenant | None, reach: Reach | None) -> Plan:
    """Give a plan of production with an error for each place that would be another one and cannot be used.

    A place that is tried is sent the secrets for it: nothing is tried for somebody who may not apply the plan.
    """
    if reach is None or plan.environment != PRODUCTION or plan.is_empty:
        return plan
    from cdp_assets.environments import connections  # with the clients of every place, which few plans need

    target = Tenant.model_validate(plan.target)
    changed = connections.changed_holders(before, target)
    if not changed:
        return plan
    try:
        allow_applying(state, plan, user)
        found = connections.connection_checks(connections.tried_connections(reach(target), changed))
    except DeniedError as denied:
        found = [connections.not_tried(address, str(denied)) for address in changed]
    return replace(plan, checks=(*plan.checks, *found))


def _with_projections(plan: Plan, home: Home, state: State) -> Plan:
    """Give a plan of production with the drift of the sandboxes' folders as well; a sandbox's own plan as it is."""
    if plan.environment != PRODUCTION:
        return plan
    return replace(plan, drift=(*plan.drift, *projection_drift(state, home.sandboxes)))


def keep(state: State, plan: Plan) -> None:
    """Keep a plan in state, where it can be approved, and applied by its id; one without a change is not kept."""
    if not plan.is_empty:
        with state.write() as conn:
            plans.save(
                conn, plan.plan_id, environment=plan.environment, body=plan.to_json(), created_by=plan.created_by
            )


def kept_plan(state: State, prefix: str) -> Plan:
    """Give a plan back by its id or the beginning of it; raises StateError unless it is exactly one."""
    with state.read() as conn:
        return read_plan(plans.get(conn, prefix))


def carry_out(home: Home, state: State, plan: Plan, user: str, options: Options, ports: Ports) -> Applied:
    """Apply a plan; the files' text is kept with the revision where it says the same. Raises as `apply_plan` does."""
    from cdp_assets.environments.apply import apply_plan

    return apply_plan(state, plan, user, replace(options, files=_texts(home, plan)), ports)


def _texts(home: Home, plan: Plan) -> dict[str, str] | None:
    from cdp_assets.config.tenant_files import texts_of

    folder = home.tenant_config
    if plan.environment != PRODUCTION:
        folder = home.sandboxes / plan.environment.removeprefix(sandbox_environment(""))
    if not plan.files and not says(folder, Tenant.model_validate(plan.target)):
        return None
    return {name: text for name, text in {**texts_of(folder), **plan.files}.items() if text is not None}
