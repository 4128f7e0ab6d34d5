"""Which days' files a courier's look is for, and which of them must be there."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cdp_assets.config.courier import Courier, CourierFile
from cdp_assets.config.courier_group import CourierGroup
from cdp_assets.config.durations import duration
from cdp_assets.config.file_pattern import FilePattern
from cdp_assets.errors import MissingFilesError

DAY = dt.timedelta(days=1)
LATE = dt.timedelta(days=7)
"""So long before the days that are due, a scheduled run still takes files that came late."""


@dataclass(frozen=True)
class Period:
    """Days: the first, and the first that is not of them any more."""

    start: dt.date
    end: dt.date

    def __contains__(self, day: dt.date) -> bool:
        return self.start <= day < self.end

    def __str__(self) -> str:
        """Give it as people say it.

        >>> str(Period(dt.date(2026, 11, 20), dt.date(2026, 11, 22)))
        '2026-11-20 to 2026-11-21'
        """
        last = self.end - DAY
        return self.start.isoformat() if last <= self.start else f"{self.start} to {last}"

    def days(self) -> list[Period]:
        """Give each of its days as a period."""
        starts = [self.start + DAY * number for number in range((self.end - self.start).days)]
        return [Period(start, start + DAY) for start in starts]


EVER = Period(dt.date.min, dt.date.max)


@dataclass(frozen=True)
class Wanted:
    """What one look of a courier is for; unless it is said, for whatever is new."""

    period: Period = EVER
    """The days whose files are taken. A file whose name holds no date is of every day."""
    expected: tuple[Period, ...] = (EVER,)
    """In each of these a file of every required kind must be."""
    skip_missing: bool = False
    """Whether the look goes on where a required file is absent."""
    zone: str = "UTC"
    """The time zone in which a file without a date in its name has the day of its last change."""

    def takes(self, file_date: dt.date | None) -> bool:
        """Say whether a file with this date in its name, or none, is wanted."""
        return file_date is None or file_date in self.period

    def day_of(self, moment: dt.datetime) -> dt.date:
        """Give the day of a moment in the time zone of file dates."""
        return moment.astimezone(zoneinfo.ZoneInfo(self.zone)).date()


NEWS = Wanted()
"""Whatever is new."""


def by_hand(period: Period, *, skip_missing: bool = False) -> Wanted:
    """Give what a run for a day or a period is for: every day must have its files, unless they are skipped."""
    return Wanted(period, tuple(period.days()), skip_missing)


def scheduled(group: CourierGroup, courier: str, due_at: dt.datetime, until: dt.date | None) -> Wanted:
    """Give what a courier looks for in a scheduled run of its group.

    Args:
        group: The group, with its way of treating the courier.
        courier: The courier's name.
        due_at: When the run was due.
        until: The first day that the group's runs have not looked for yet; nothing before its first run.

    The days since the run before are caught up with, unless the group takes the past day only. One of them
    must have each required file: a group that runs once a week may well wait for one file a week.
    """
    treated = group.of(courier)
    zone = zoneinfo.ZoneInfo(group.files_zone)
    last = (due_at.astimezone(zone) - duration(treated.offset)).date()  # by the wall's clock: a day may have 23 hours
    is_first = until is None or group.only_past_day
    start = last if is_first or until is None else min(until, last)
    period = Period(start if is_first else start - LATE, last + DAY)
    return Wanted(period, (Period(start, last + DAY),), not treated.stop_when_missing, group.files_zone)


@dataclass(frozen=True)
class Missing:
    """A required file that is absent: its tag, what its name should be, and the days in which it was expected."""

    tag: str
    pattern: str
    days: Period

    def __str__(self) -> str:
        return f"no file for `{self.tag}` " + ("has ever arrived" if self.days == EVER else f"of {self.days}")


def missing(courier: Courier, wanted: Wanted, there: Iterable[tuple[str, dt.date]]) -> list[Missing]:
    """Give the required files that are absent in a period in which they are expected.

    Args:
        courier: Says which files are required.
        wanted: Says of which days they must be.
        there: Tag and file date of every file that has landed or lies at the location.
    """
    dates: dict[str, set[dt.date]] = {}
    for tag, file_date in there:
        dates.setdefault(tag, set()).add(file_date)
    required = [kind for kind in courier.files if not kind.optional]
    return [
        Missing(kind.tag, kind.pattern, days)
        for days in wanted.expected
        for kind in required
        if not _is_there(kind, days, dates.get(kind.tag, set()))
    ]


def refuse_missing(courier: Courier, absent: Sequence[Missing], wanted: Wanted) -> None:
    """Raise MissingFilesError for required files that are absent, unless they are skipped."""
    if absent and not wanted.skip_missing:
        more = f" and {len(absent) - 1} more" if len(absent) > 1 else ""
        beside = " with its signature beside it" if courier.signatures == "beside" else ""
        place = f"one that matches {absent[0].pattern}{beside} in the courier's location"
        expected = f"{place}, `optional: true`, or a run that skips missing files"
        raise MissingFilesError(f"courier {courier.name}", f"{absent[0]}{more}", expected, list(map(str, absent)))


def _is_there(kind: CourierFile, days: Period, dates: set[dt.date]) -> bool:
    if not FilePattern.parse(kind.pattern).has_date:
        return bool(dates)
    return any(day in days for day in dates)
