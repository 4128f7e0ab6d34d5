"""The fiscal calendar is the one that the National Retail Federation publishes, or the tenant's own."""

from __future__ import annotations

import datetime as dt
from itertools import groupby
from typing import Any

import pytest
from pydantic import ValidationError

from cdp_assets.config.catalog import FISCAL_CALENDAR, TRANSACTIONS, build_catalog
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.transactions import Holiday
from cdp_assets.environments.columns import Columns
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.names import TableName
from cdp_assets.unified.columns import FISCAL
from cdp_assets.unified.fiscal import weeks, year_start
from tests.unit.config.test_steering import TENANT

PUBLISHED = {
    2012: "2012-01-29",
    2013: "2013-02-03",
    2018: "2018-02-04",
    2019: "2019-02-03",
    2020: "2020-02-02",
    2021: "2021-01-31",
    2022: "2022-01-30",
    2023: "2023-01-29",
    2024: "2024-02-04",
    2025: "2025-02-02",
}
FEED = {"source": "finance", "name": "days", "primary_key": ["day"]}
FIELDS = [
    {"name": "day", "type": "date", "tags": ["fiscal/calendar-date"]},
    {"name": "week", "type": "date", "tags": ["fiscal/fiscal-week-start"]},
]


def tenant(**changes: Any) -> Tenant:
    """Give the demo tenant with other settings."""
    return Tenant.model_validate(TENANT.model_dump(mode="json", by_alias=True) | changes)


def test_a_year_begins_when_the_federation_says() -> None:
    """The years of the published calendars, among them those after 53 weeks."""
    assert {year: year_start(year).isoformat() for year in PUBLISHED} == PUBLISHED


@pytest.mark.parametrize(("year", "last"), [(2012, 5), (2017, 5), (2022, 4), (2023, 5), (2024, 4)])
def test_months_have_four_five_and_four_weeks(year: int, last: int) -> None:
    """The 53rd week of 2012, 2017 and 2023 is January's."""
    found = list(weeks(year))
    lengths = [len(list(group)) for _, group in groupby(found, key=lambda week: week[2])]
    assert lengths == [4, 5, 4] * 3 + [4, 5, last]
    assert [week[1] for week in found] == list(range(1, sum(lengths) + 1))
    assert [quarter for quarter, _ in groupby(week[3] for week in found)] == ["Q1", "Q2", "Q3", "Q4"]
    assert found[-1][0] + dt.timedelta(days=7) == year_start(year + 1)


def test_a_feed_of_days_is_the_calendar_unless_the_settings_make_one() -> None:
    """The end of a week follows from its start; nobody has a calendar who asks for none."""
    loaded = tenant(feeds=TENANT.model_dump(mode="json", by_alias=True)["feeds"] | {"days": FEED | {"fields": FIELDS}})
    made = tenant(transactions={"fiscal_calendar": {"first_year": 2024}})
    assert FISCAL_CALENDAR not in build_catalog(TENANT).tables
    assert build_catalog(loaded).tables[FISCAL_CALENDAR].inputs == (TableName("domain", "finance_days"),)
    assert build_catalog(made).tables[FISCAL_CALENDAR].inputs == ()
    for one in (loaded, made):
        assert Columns(one).of(FISCAL_CALENDAR) == tuple(FISCAL)
        assert "fiscal_year" in Columns(one).of(TRANSACTIONS)
    assert "fiscal_year" not in Columns(TENANT).of(TRANSACTIONS)


def test_optional_attributes_move_the_attributes_and_what_reads_them() -> None:
    """Orders stay where they are."""
    before, after = fingerprints(TENANT), fingerprints(tenant(transactions={"attribute_sets": ["cost"]}))
    moved = {str(name) for name, found in before.items() if after[name] != found}
    assert {str(name) for name in before if name.layer in ("unified", "domain", "stitch")} & moved == {
        "unified.transaction_attributes_extended"
    }
    assert "database__customer_360.customer_360" in moved


def test_a_sale_does_not_end_before_it_begins() -> None:
    with pytest.raises(ValidationError, match="last_day"):
        Holiday(name="x", first_day=dt.date(2026, 1, 2), last_day=dt.date(2026, 1, 1))
