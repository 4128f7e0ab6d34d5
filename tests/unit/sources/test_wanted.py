"""Which days' files a look is for, and which of them are missed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from cdp_assets.config.courier import Courier
from cdp_assets.config.courier_group import CourierGroup
from cdp_assets.sources.wanted import DAY, NEWS, Period, by_hand, missing, scheduled

FIRST = dt.date(2026, 11, 20)
MORNING = dt.datetime(2026, 11, 20, 4, 30, tzinfo=dt.UTC)
COURIER = Courier.model_validate(
    {
        "name": "orders",
        "location": {"kind": "local", "path": "orders"},
        "files": [
            {"tag": "orders", "pattern": "'orders_'yyyyMMdd'.csv'", "format": {"kind": "csv"}},
            {"tag": "stores", "pattern": "'stores*.csv'", "format": {"kind": "csv"}},
            {"tag": "notes", "pattern": "'notes_'yyyyMMdd'.csv'", "format": {"kind": "csv"}, "optional": True},
        ],
    }
)


def group(**values: Any) -> CourierGroup:
    """Give a group with one courier."""
    return CourierGroup.model_validate({"name": "daily", "couriers": ["orders"], "schedule": "30 4 * * *"} | values)


def days(*numbers: int) -> Period:
    """Give a period of November, its end exclusive."""
    return Period(dt.date(2026, 11, numbers[0]), dt.date(2026, 11, numbers[1]))


def absent(there: list[tuple[str, int]], *expected: Period) -> list[str]:
    """Give what a look over these periods misses."""
    wanted = by_hand(expected[0]) if len(expected) == 1 else NEWS
    return [str(one) for one in missing(COURIER, wanted, [(tag, dt.date(2026, 11, day)) for tag, day in there])]


def test_a_period_begins_with_its_start_and_ends_before_its_end() -> None:
    """As the documents say of a run for a period."""
    period = days(20, 22)
    assert [day in period for day in (FIRST - DAY, FIRST, FIRST + DAY, FIRST + 2 * DAY)] == [False, True, True, False]
    assert period.days() == [days(20, 21), days(21, 22)]


def test_by_hand_every_day_needs_its_required_files() -> None:
    """A file without a date in its name is of every day, an optional one is not missed."""
    there = [("orders", 20), ("stores", 3)]
    assert absent(there, days(20, 21)) == []
    assert absent(there, days(20, 23)) == [
        "no file for `orders` of 2026-11-21",
        "no file for `orders` of 2026-11-22",
    ]
    assert absent([("orders", 20)], days(20, 21)) == ["no file for `stores` of 2026-11-20"]


def test_a_look_for_news_misses_what_never_came() -> None:
    """Whatever its day."""
    assert absent([("orders", 1)]) == ["no file for `stores` has ever arrived"]
    assert NEWS.takes(FIRST)


def test_a_first_scheduled_run_takes_its_own_day() -> None:
    """What lay there before is for a run by hand."""
    wanted = scheduled(group(), "orders", MORNING, None)
    assert (wanted.period, wanted.expected) == (days(20, 21), (days(20, 21),))


def test_days_since_the_run_before_are_caught_up_with() -> None:
    """One of them must have the file; what came late within a week is taken, and not missed."""
    wanted = scheduled(group(), "orders", MORNING, dt.date(2026, 11, 18))
    assert wanted.period == days(11, 21)
    assert wanted.expected == (days(18, 21),)
    there = [("stores", dt.date(2026, 1, 1)), ("orders", dt.date(2026, 11, 19))]
    assert missing(COURIER, wanted, there) == []
    (one,) = missing(COURIER, wanted, [("stores", FIRST), ("orders", dt.date(2026, 11, 17))])
    assert str(one) == "no file for `orders` of 2026-11-18 to 2026-11-20"


def test_a_group_may_take_the_past_day_only() -> None:
    """However long ago the run before was."""
    wanted = scheduled(group(only_past_day=True), "orders", MORNING, dt.date(2026, 11, 1))
    assert (wanted.period, wanted.expected) == (days(20, 21), (days(20, 21),))


def test_a_second_run_of_a_day_looks_for_that_day() -> None:
    """Groups may run every hour."""
    assert scheduled(group(), "orders", MORNING, dt.date(2026, 11, 21)).expected == (days(20, 21),)


@pytest.mark.parametrize(
    ("offset", "day"),
    [("0 minutes", 20), ("270 minutes", 20), ("271 minutes", 19), ("5 hours", 19), ("1 day", 19), ("2 weeks", 6)],
)
def test_an_offset_looks_for_older_files(offset: str, day: int) -> None:
    """So much older than the schedule."""
    wanted = scheduled(group(per_courier={"orders": {"offset": offset}}), "orders", MORNING, None)
    assert wanted.period == days(day, day + 1)


@pytest.mark.parametrize(("due_at", "day"), [("2026-03-30T00:30:00+02:00", 29), ("2026-10-25T23:30:00+01:00", 24)])
def test_the_day_before_is_the_one_before_also_where_a_day_has_23_or_25_hours(due_at: str, day: int) -> None:
    """An offset goes by the clock on the wall of the file dates' time zone."""
    found = group(time_zone="Europe/Berlin", use_time_zone_for_files=True, per_courier={"orders": {"offset": "1 day"}})
    assert scheduled(found, "orders", dt.datetime.fromisoformat(due_at), None).period.start.day == day


@pytest.mark.parametrize(("is_used", "day"), [(False, 20), (True, 19)])
def test_file_dates_are_in_utc_unless_the_groups_time_zone_is_used(is_used: bool, day: int) -> None:
    """20:30 of the 19th in Los Angeles is the 20th in UTC; a file without a date has the day of that zone too."""
    found = group(time_zone="America/Los_Angeles", use_time_zone_for_files=is_used)
    wanted = scheduled(found, "orders", MORNING, None)
    assert wanted.period == days(day, day + 1)
    assert wanted.day_of(MORNING) == dt.date(2026, 11, day)


@pytest.mark.parametrize("stop", [True, False])
def test_a_missing_file_stops_only_where_the_group_says_so(stop: bool) -> None:
    """Per courier."""
    wanted = scheduled(group(per_courier={"orders": {"stop_when_missing": stop}}), "orders", MORNING, None)
    assert wanted.skip_missing is not stop
