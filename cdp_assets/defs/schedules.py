"""How anything that runs by the clock is declared to Dagster."""

from collections.abc import Callable
from typing import Any

import dagster as dg

from cdp_assets.config.campaign import Campaign
from cdp_assets.config.courier_group import CourierGroup
from cdp_assets.config.orchestration import OrchestrationGroup


def schedule_of(
    kind: str,
    one: CourierGroup | Campaign | OrchestrationGroup,
    job: Any,
    tick: Callable[..., dg.RunRequest | dg.SkipReason],
    *,
    running: bool,
) -> dg.ScheduleDefinition:
    """Make the schedule of a resource that has one: its cron in its time zone.

    Args:
        kind: What the schedule's name begins with.
        job: What it starts.
        tick: Gives the run that is due, or why there is none, from Dagster's context and resources.
        running: Whether it starts by itself; else somebody switches it on.
    """
    return dg.schedule(
        name=f"{kind}_{one.name}",
        job=job,
        cron_schedule=one.schedule or "",
        execution_timezone=one.time_zone,
        description=one.description or None,
        default_status=dg.DefaultScheduleStatus.RUNNING if running else dg.DefaultScheduleStatus.STOPPED,
    )(tick)
