"""The fiscal calendar: made by the rule of the National Retail Federation, or taken from a feed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from cdp_assets.config.catalog import feeds_of_family
from cdp_assets.config.feed import Feed
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.transactions import FiscalCalendar, Holiday
from cdp_assets.unified.columns import FISCAL, family_fields, selected

MONTHS = (
    ("February", 4), ("March", 5), ("April", 4), ("May", 4), ("June", 5), ("July", 4),
    ("August", 4), ("September", 5), ("October", 4), ("November", 4), ("December", 5), ("January", 4),
)  # fmt: skip
"""The months of a fiscal year and their weeks; in a year of 53 weeks the last month has one more."""
MONTHS_PER_QUARTER = 3
SATURDAY = 5


def year_start(year: int) -> dt.date:
    """Give the Sunday on which a fiscal year begins: the day after the Saturday closest to January 31.

    >>> [year_start(year).isoformat() for year in (2017, 2018, 2023, 2024, 2026)]
    ['2017-01-29', '2018-02-04', '2023-01-29', '2024-02-04', '2026-02-01']
    """
    end = dt.date(year, 1, 31)
    since_saturday = (end.weekday() - SATURDAY) % 7
    until_saturday = (SATURDAY - end.weekday()) % 7
    closest = -since_saturday if since_saturday < until_saturday else until_saturday
    return end + dt.timedelta(days=closest + 1)


def weeks(year: int) -> Iterator[tuple[dt.date, int, str, str]]:
    """Give the weeks of a fiscal year: first day, number, month, quarter."""
    start = year_start(year)
    count = (year_start(year + 1) - start).days // 7
    months = [index for index, (_, length) in enumerate(MONTHS) for _ in range(length)]
    for number, month in enumerate([*months, len(MONTHS) - 1][:count]):
        quarter = f"Q{month // MONTHS_PER_QUARTER + 1}"
        yield start + dt.timedelta(weeks=number), number + 1, MONTHS[month][0], quarter


def calendar_sql(tenant: Tenant) -> str:
    """Give one row per day: its week, month, quarter and year in the 4-5-4 calendar, and its sale."""
    settings = tenant.transactions.fiscal_calendar
    return _made(settings) if settings is not None else _loaded(tenant)


def _made(settings: FiscalCalendar) -> str:
    years = range(settings.first_year, settings.first_year + settings.years)
    rows = [
        f"  (DATE '{first}', {number}, '{month}', '{quarter}', {year})"
        for year in years
        for first, number, month, quarter in weeks(year)
    ]
    columns = {
        "calendar_date": "DATE_ADD(week_start, day)",
        "day_of_week": "DATE_FORMAT(DATE_ADD(week_start, day), 'EEEE')",
        "fiscal_week_end": "DATE_ADD(week_start, 6)",
        "fiscal_week_start": "week_start",
        "holiday_sale_name": _sale(settings.holidays),
    }
    chosen = ",\n  ".join(f"CAST({columns.get(name, name)} AS {kind}) AS {name}" for name, kind in FISCAL.items())
    all_weeks = ",\n".join(rows)
    return f"""SELECT
  {chosen}
FROM VALUES
{all_weeks}
AS w(week_start, fiscal_week_number, fiscal_month, fiscal_quarter, fiscal_year)
CROSS JOIN (SELECT EXPLODE(SEQUENCE(0, 6)) AS day) AS d"""


def _sale(holidays: tuple[Holiday, ...]) -> str:
    if not holidays:
        return "NULL"
    cases = [
        f"WHEN DATE_ADD(week_start, day) BETWEEN DATE '{one.first_day}' AND DATE '{one.last_day}'"
        f" THEN '{_quoted(one.name)}'"
        for one in holidays
    ]
    return f"CASE {' '.join(cases)} END"


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _loaded(tenant: Tenant) -> str:
    """Spell the calendar of the tagged feeds; of two rows of a day the one of the first feed and key stays."""
    days = "\nUNION ALL\n".join(_days(feed) for feed in feeds_of_family(tenant, "fiscal"))
    columns = {"fiscal_week_end": "DATE_ADD(fiscal_week_start, 6)"}
    chosen = ",\n  ".join(f"{columns[name]} AS {name}" if name in columns else name for name in FISCAL)
    return f"""WITH days AS (
{days}
),
ranked AS (
SELECT *, ROW_NUMBER() OVER (PARTITION BY calendar_date ORDER BY datasource, pk) AS place
FROM days
WHERE calendar_date IS NOT NULL
)
SELECT
  {chosen}
FROM ranked
WHERE place = 1"""


def _days(feed: Feed) -> str:
    told = {name: kind for name, kind in FISCAL.items() if name != "fiscal_week_end"}
    chosen = ",\n  ".join(selected(family_fields(feed, "fiscal"), told))
    return f"SELECT\n  '{feed.datasource}' AS datasource,\n  _pk AS pk,\n  {chosen}\nFROM {feed.table}"
