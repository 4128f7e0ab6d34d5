"""A courier group: couriers that run as a unit, on a schedule, with a run type."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Literal

from cdp_assets.config.base import ConfigModel, Resource, affects
from cdp_assets.config.durations import Duration, duration


class CourierInGroup(ConfigModel):
    """How a group treats one of its couriers."""

    wait: Duration = affects("runtime", "0 seconds")
    """How long after the scheduled time the group's run waits for the courier's required files."""
    offset: Duration = affects("runtime", "0 minutes")
    """How much older than the schedule its files are: with `1 day` a run takes those of the day before."""
    notify_when_missing: bool = affects("runtime", True)
    """Whether a required file that is absent is told: to the alerts that ask for `files_missing`."""
    stop_when_missing: bool = affects("runtime", False)
    """Whether the run stops then; else it goes on with what there is."""


class CourierGroup(Resource):
    """Couriers that run together; what is downstream starts after all of them."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    couriers: tuple[str, ...] = affects("runtime")
    per_courier: dict[str, CourierInGroup] = affects("runtime", {})
    """Courier -> waiting, offset and what a missing file does, where the defaults will not do."""
    schedule: str | None = affects("runtime", None)
    """Five-field cron; without one the group runs by hand only."""
    time_zone: str = affects("runtime", "UTC")
    use_time_zone_for_files: bool = affects("runtime", False)
    """Whether file dates are in `time_zone` too; else in UTC."""
    only_past_day: bool = affects("runtime", False)
    """Whether a scheduled run takes the files of its own day only; else of all days since the run before it."""
    run_type: Literal["source", "refresh", "full"] = affects("runtime", "full")
    active: bool = affects("runtime", True)
    """An inactive group may be run by hand."""
    alert_when_runtime_exceeds_minutes: int | None = affects("runtime", None, gt=0)

    def of(self, courier: str) -> CourierInGroup:
        """Give how one of its couriers is treated."""
        return self.per_courier.get(courier, CourierInGroup())

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The time zone of its schedule."""
        return zoneinfo.ZoneInfo(self.time_zone)

    @property
    def files_zone(self) -> str:
        """The time zone of file dates."""
        return self.time_zone if self.use_time_zone_for_files else "UTC"

    def waits(self) -> dict[str, dt.timedelta]:
        """Give the couriers that are waited for, and how long."""
        found = {name: duration(self.of(name).wait) for name in self.couriers}
        return {name: wait for name, wait in found.items() if wait}
