"""A courier group: couriers that run as a unit, on a schedule, with a run type."""

from __future__ import annotations

from typing import Literal

from cdp_assets.config.base import Resource, affects


class CourierGroup(Resource):
    """Couriers that run together; what is downstream starts after all of them."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    couriers: tuple[str, ...] = affects("runtime")
    schedule: str | None = affects("runtime", None)
    """Five-field cron; without one the group runs by hand only."""
    time_zone: str = affects("runtime", "UTC")
    use_time_zone_for_files: bool = affects("runtime", False)
    """Whether file dates are in `time_zone` too; else in UTC."""
    run_type: Literal["source", "refresh", "full"] = affects("runtime", "full")
    active: bool = affects("runtime", True)
    """An inactive group may be run by hand."""
    alert_when_runtime_exceeds_minutes: int | None = affects("runtime", None, gt=0)
