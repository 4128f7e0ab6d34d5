"""What another business date changes of buyers' attributes is found by days and by ranks, as plain Python finds it."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal

import polars as pl
import pyarrow as pa
import pytest

from cdp_assets.unified.as_of import cuts, is_passed, restated
from tests.oracles.orders import windows

ENDS_OF_MONTHS = [dt.date(2024, 2, 29), dt.date(2025, 2, 28), dt.date(2025, 5, 30), dt.date(2025, 5, 31)]


def memberships(moment: dt.datetime, date: dt.date) -> set[str]:
    """Give the windows that an order is in."""
    return {name for name, (first, after) in windows(date).items() if first <= moment.date() < after}


@pytest.mark.parametrize("days", [1, -1, 2, 31, 800])
def test_an_order_is_passed_where_its_windows_are_others(days: int) -> None:
    """Month ends included; the last moment of a day is in it."""
    chance = random.Random(days)
    for before in [*ENDS_OF_MONTHS, dt.date(2025, 1, 1) + dt.timedelta(days=chance.randrange(365))]:
        now = before + dt.timedelta(days=days)
        edges = [day for date in (before, now) for ends in windows(date).values() for day in ends if day.year > 1]
        moments = [
            dt.datetime.combine(day + dt.timedelta(days=shift), time, dt.UTC)
            for day in edges
            for shift in (-1, 0, 1, chance.randrange(-99, 99))
            for time in (dt.time(0), dt.time(23, 59, 59, 999999))
        ]
        found = pl.DataFrame({"at": moments}).select(is_passed(pl.col("at"), before, now)).to_series().to_list()
        assert found == [memberships(moment, before) != memberships(moment, now) for moment in moments]


def test_cuts_give_everybody_the_decile_of_their_rank() -> None:
    """The definition, buyer by buyer: 1 + ten times the share of worse ones."""
    chance = random.Random(4)
    for size in (1, 9, 10, 11, 500):
        values = [Decimal(chance.randrange(size)) / 4 for _ in range(size)]
        found = cuts(pl.Series("value", values, pl.Decimal(38, 2)))
        for value in values:
            rank = sum(other < value for other in values)
            assert max(decile for decile, least in found if value >= least) == 1 + rank * 10 // size


def test_columns_of_everybody_are_put_in_their_place() -> None:
    """Types and order of the columns stay, and every other column does; who has not bought this year has no decile."""
    date = dt.date(2026, 3, 31)
    bought = [dt.datetime(2026, 3, 1, 12), dt.datetime(2026, 3, 2), dt.datetime(2020, 1, 1)]
    rows = pa.table(
        {
            "days_since_latest_order": pa.array([0, 0, 0], pa.int32()),
            "latest_order_datetime": pa.array(bought, pa.timestamp("us", "UTC")),
            "l12m_order_frequency": [2, 1, 0],
            "l12m_order_revenue": pa.array([Decimal("9.00"), Decimal("8.00"), Decimal("0.00")], pa.decimal128(38, 2)),
            "l12m_recency": pa.array([None] * 3, pa.int64()),
            "l12m_frequency": pa.array([7, 7, 7], pa.int64()),
            "l12m_monetary": pa.array([7, 7, 7], pa.int64()),
            "l12m_rfm_score": pa.array([7, 7, 7], pa.int64()),
            "other": ["a", "b", "c"],
        }
    )
    found = restated([pl.DataFrame(rows.slice(0, 1)).lazy(), pl.DataFrame(rows.slice(1)).lazy()], date)(rows)
    assert found.schema == rows.schema
    assert found.column("days_since_latest_order").to_pylist() == [30, 29, 2281]
    assert [found.column(f"l12m_{name}").to_pylist() for name in ("recency", "frequency", "monetary")] == [
        [1, 6, None],
        [6, 1, None],
        [6, 1, None],
    ]
    assert found.column("l12m_rfm_score").to_pylist() == [166, 611, None]
    assert found.column("other").to_pylist() == ["a", "b", "c"]
