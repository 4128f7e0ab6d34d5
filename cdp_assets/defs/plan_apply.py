"""Plan and apply as jobs of production: an operator sees in Dagster what would change, and starts the change there.

Both are runs without an asset: they are in no pool and carry no environment, so that the build, a run of its own in a
child process, does not wait for the apply that waits for it.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator

import dagster as dg
from pydantic import Field

from cdp_assets.config.tenant import Tenant
from cdp_assets.defs.applying import ports_of
from cdp_assets.defs.platform import state_of
from cdp_assets.defs.queue import APPLY_LANE, LANE_TAG
from cdp_assets.defs.resources import CloudClients
from cdp_assets.defs.retry import errors_as_dagster
from cdp_assets.environments import plan_text
from cdp_assets.environments.apply import Applied, Options
from cdp_assets.environments.outside import Outside
from cdp_assets.environments.plan import Plan
from cdp_assets.environments.requests import carry_out, keep, kept_plan, plan_of_files, plan_of_promotion
from cdp_assets.errors import SandboxError
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.security.user import acting_user
from cdp_assets.state.database import State

FILES, SANDBOX = "files", "sandbox:"
TAGS = {LANE_TAG: APPLY_LANE, "dagster/max_retries": "0"}
"""Whoever started it looks at what went wrong; the journal holds what an apply has left."""


class PlanConfig(dg.Config):
    """What to plan."""

    source: str = Field(default=FILES, description="`files`: those of production; `sandbox:NAME`: promote a sandbox.")
    connect: bool = Field(default=True, description="Try the places that couriers and destinations would reach anew.")


class ApplyConfig(dg.Config):
    """Which plan to apply, and how."""

    plan_id: str = Field(description="The id of a saved plan, or the beginning of it, as the job `plan` shows it.")
    message: str = Field(default="", description="Why; kept with the revision, and the commit's message.")
    delete_sandbox: bool = Field(default=False, description="After a promotion, remove the sandbox.")
    swap_now: bool = Field(default=False, description="Swap tables that lag behind; the next run catches them up.")


def plan_apply_jobs(home: Home) -> list[dg.JobDefinition]:
    """Make the jobs `plan` and `apply` of an installation."""
    return [_plan_job(home), _apply_job(home)]


def _plan_job(home: Home) -> dg.JobDefinition:
    @dg.op(out=dg.Out(dg.Nothing), description="Work out every consequence, save the plan and show it.")
    def make_plan(context: dg.OpExecutionContext, config: PlanConfig) -> Iterator[dg.Output]:
        with errors_as_dagster("plan"):
            state = state_of(home.state)
            made = _made(home, state, config, context.log.info)
            keep(state, made)
            context.log.info(plan_text.summary(made))
        yield dg.Output(None, metadata=plan_metadata(made))

    @dg.job(name="plan", description="What would change in production, and what follows. Changes nothing.", tags=TAGS)
    def _job() -> None:
        make_plan()

    return _job


def _made(home: Home, state: State, config: PlanConfig, say: Callable[[str], None]) -> Plan:
    def outside(tenant: Tenant) -> Outside:
        return Outside(state, home, PRODUCTION, tenant, CloudClients())

    reach, source = outside if config.connect else None, config.source
    if source == FILES:
        return plan_of_files(home, state, acting_user(), reach=reach)
    if source.startswith(SANDBOX):
        name = source.removeprefix(SANDBOX)
        return plan_of_promotion(home, state, acting_user(), name, with_data=True, reach=reach, progress=say)
    raise SandboxError(f"source {source}: unknown. Expected `files`, or `sandbox:NAME` to promote a sandbox.")


def plan_metadata(plan: Plan) -> dict[str, dg.MetadataValue | str | int | bool]:
    """Describe a plan: as a page, by its counts, and how to apply it."""
    actions = Counter(one.change.action for one in plan.changes)
    found: dict[str, dg.MetadataValue | str | int | bool] = {
        "plan": dg.MetadataValue.md(plan_text.markdown(plan)),
        "to_add": actions["create"],
        "to_change": actions["update"],
        "to_destroy": actions["delete"],
        "tables": dg.MetadataValue.json(dict(Counter(one.action for one in plan.tables))),
        "conflicts": len(plan.open_conflicts),
        "may_be_applied": plan.may_be_applied,
    }
    if not plan.is_empty:
        found["plan_id"] = plan.plan_id
        config = {"ops": {"apply_plan": {"config": {"plan_id": plan.plan_id}}}}
        found["config_for_the_job_apply"] = dg.MetadataValue.text(json.dumps(config))
    return found


def _apply_job(home: Home) -> dg.JobDefinition:
    @dg.op(out=dg.Out(dg.Nothing), description="Build what readers will need, swap once, and do what follows.")
    def apply_plan(context: dg.OpExecutionContext, config: ApplyConfig) -> Iterator[dg.Output]:
        with errors_as_dagster("apply"):
            state, user = state_of(home.state), acting_user()
            options = Options(config.message, config.delete_sandbox, config.swap_now)
            plan = kept_plan(state, config.plan_id)
            done = carry_out(home, state, plan, user, options, ports_of(home, state, context.log.info))
        yield dg.Output(None, metadata=applied_metadata(plan, done, user))

    @dg.job(name="apply", description="Activate a saved plan, atomically, as `cdp apply` does.", tags=TAGS)
    def _job() -> None:
        apply_plan()

    return _job


def applied_metadata(plan: Plan, done: Applied, user: str) -> dict[str, str | int]:
    """Describe what an environment runs after an apply. Until there is log-in nobody has shown who they are."""
    return {
        "environment": done.environment,
        "plan_id": plan.plan_id,
        "serial": done.serial,
        "revision": done.revision_id,
        "applied_by": f"{user} (unauthenticated)",
    }
