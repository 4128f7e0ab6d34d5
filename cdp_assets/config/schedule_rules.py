"""What everything that runs by the clock must hold to: a cron schedule of five fields, and a time zone that exists."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from croniter import croniter

from cdp_assets.config.known import nearest_known, time_zones
from cdp_assets.errors import ConfigError

Place = Callable[..., str]
FIELDS = 5
"""Of a cron schedule."""
WEEKLY = "0 9 * * 1"


def schedule_mistakes(
    kind: str, name: str, schedule: str | None, time_zone: str, where: Place, example: str = WEEKLY
) -> Iterator[ConfigError]:
    """Give a mistake for a schedule, where there is one, and for a time zone that cannot be; `example` is shown."""
    if schedule is not None and (len(schedule.split()) != FIELDS or not croniter.is_valid(schedule)):
        yield ConfigError(where(kind, name, "schedule"), "not a cron schedule", f"five fields such as `{example}`")
    if time_zone not in time_zones():
        expected = nearest_known(time_zone, time_zones())
        yield ConfigError(where(kind, name, "time_zone"), f"{time_zone}: no such time zone", expected)
