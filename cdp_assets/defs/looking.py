"""What a run wants of a courier: the days that an operator names, those that a schedule owes, or whatever is new."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import dagster as dg

from cdp_assets.config.courier import Courier
from cdp_assets.config.courier_group import CourierGroup
from cdp_assets.config.tenant import Tenant
from cdp_assets.defs.platform import Platform
from cdp_assets.sources.wanted import DAY, EVER, Period, Wanted, by_hand, scheduled
from cdp_assets.state import group_progress

GROUP_TAG = "cdp/courier_group"
"""On a run that a courier group's schedule has started: the group."""
DUE_TAG = "cdp/due_at"
"""On the same run: when it was due, in the group's time zone."""


class Look(dg.Config):
    """What a courier looks for; unless said, for whatever is new, or for what its group's schedule owes."""

    start: str = ""
    """The first day whose files are wanted, such as 2026-11-20."""
    end: str = ""
    """The first day that is not wanted any more; the day after `start` unless said."""
    skip_missing: bool = False
    """Whether the run goes on where a required file is absent."""


def period_of(start: str, end: str) -> Period:
    """Give the days from `start` to before `end`; raises Failure where they are not dates, or none."""
    try:
        first = dt.date.fromisoformat(start)
        period = Period(first, dt.date.fromisoformat(end) if end else first + DAY)
    except ValueError:
        period = None
    if period is None or period.start >= period.end:
        text = "start, end: not a period. Expected dates such as 2026-11-20, the end after the start."
        raise dg.Failure(description=text, allow_retries=False)
    return period


def wanted_by(look: Look, tags: Mapping[str, str], tenant: Tenant, platform: Platform, courier: Courier) -> Wanted:
    """Give what a run wants of a courier."""
    if look.start:
        return by_hand(period_of(look.start, look.end), skip_missing=look.skip_missing)
    group = group_of(tags, tenant)
    if group is None or courier.name not in group.couriers:
        return Wanted(skip_missing=look.skip_missing)
    with platform.state.read() as conn:
        until = group_progress.until(conn, platform.environment, group.name, courier.name)
    return scheduled(group, courier.name, dt.datetime.fromisoformat(tags[DUE_TAG]), until)


def group_of(tags: Mapping[str, str], tenant: Tenant) -> CourierGroup | None:
    """Give the courier group whose schedule has started a run, or nothing."""
    return tenant.courier_groups.get(tags.get(GROUP_TAG, "")) if DUE_TAG in tags else None


def note_progress(tags: Mapping[str, str], tenant: Tenant, platform: Platform, courier: str, wanted: Wanted) -> None:
    """Note that a group's scheduled runs have looked for a courier's files of these days."""
    group = group_of(tags, tenant)
    if group is not None and wanted.period != EVER:
        with platform.state.write() as conn:
            group_progress.advance(conn, platform.environment, group.name, courier, wanted.period.end)
