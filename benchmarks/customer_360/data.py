"""A retailer of any size: customers, who each of them is, order lines, and what one more day brings."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import numpy as np
import polars as pl
import pyarrow as pa

from cdp_assets.config.database import DatabaseTable
from cdp_assets.config.loader import load_tenant
from cdp_assets.config.tenant import Tenant
from cdp_assets.home import REPOSITORY
from cdp_assets.sources.parse import table_schema

TODAY = dt.date(2026, 11, 20)
DAYS = 3 * 365
LINES_PER_ORDER = 2.5
RETURNED, CANCELED = 0.05, 0.015
NEWS = 0.001
"""The part of the lines that a day adds, of the customers that it changes, and of those that turn out to be another."""
KEPT_FEEDS = ("ecom_customers", "orders_order_items", "email_list_subscribers")
KEPT_TABLES = ("customer_360", "customer_attributes", "merged_customers")


def tenant() -> Tenant:
    """Give the demo tenant with the feeds of one shop alone; a customer number is a person."""
    found = load_tenant(REPOSITORY / "tenant_config")
    database = found.databases["customer_360"]
    tables = {name: _without_bad_values(database.tables[name]) for name in KEPT_TABLES}
    people = found.stitch.model_copy(update={"stitched_tables": ("ecom_customers",), "one_to_one": True})
    return found.model_copy(
        update={
            "feeds": {key: found.feeds[key] for key in KEPT_FEEDS},
            "stitch": people,
            "databases": {"customer_360": database.model_copy(update={"tables": tables})},
            "queries": {},
            "orchestrations": {},
        }
    )


def _without_bad_values(table: DatabaseTable) -> DatabaseTable:
    """Give a table that asks for no bad values: who is told by a number is not compared, and so nobody has any."""
    if table.sql is None:
        return table
    return table.model_copy(update={"sql": re.sub(r"COALESCE\(\w\.\w+_blv, FALSE\)", "FALSE", table.sql)})


@dataclass(frozen=True)
class Day:
    """What the tables hold at the end of a day."""

    date: dt.date
    customers: pa.Table
    ids: pa.Table
    lines: pa.Table


def first_day(settings: Tenant, customers: int, lines: int) -> Day:
    """Give everything that came in three years."""
    return Day(
        TODAY,
        _customers(settings, np.arange(customers), TODAY),
        _ids(np.arange(customers), np.arange(customers)),
        _lines(settings, 0, lines, customers, last=TODAY, days=DAYS),
    )


def next_day(settings: Tenant, customers: int, lines: int) -> Day:
    """Give what another day adds or changes; ids are whole, as Stitch writes them.

    New customers and lines, returns of older orders, customers who have moved, and some who turn out to be
    somebody who is known: their orders go to another person.
    """
    chance = np.random.default_rng(2)
    tomorrow = TODAY + dt.timedelta(days=1)
    news = max(10, int(customers * NEWS))
    moved = chance.choice(customers, news, replace=False)
    numbers = np.arange(customers + news)
    people = numbers.copy()
    joined = chance.choice(np.arange(1, customers), news // 4, replace=False)
    people[joined] = joined - 1
    return Day(
        tomorrow,
        _customers(settings, np.concatenate([moved, numbers[customers:]]), tomorrow),
        _ids(numbers, people),
        _lines(settings, lines, max(20, int(lines * NEWS)), customers, last=tomorrow, days=1, older=lines),
    )


def _customers(settings: Tenant, numbers: np.ndarray, day: dt.date) -> pa.Table:
    chance = np.random.default_rng(int(numbers[0]) + len(numbers))
    names = [f"name{index}" for index in range(5000)]
    told = pl.Series("number", numbers)
    text = told.cast(pl.String)
    at = pl.Series(np.full(len(numbers), day.toordinal() - 719163, np.int64) * 86_400_000_000 - numbers % 10**9 * 1000)
    frame = pl.DataFrame(
        {
            "customer_id": "C" + text,
            "first_name": pl.Series(names).gather(chance.integers(0, 5000, len(numbers))),
            "last_name": pl.Series(names).gather(chance.integers(0, 5000, len(numbers))),
            "email": text + "@example.com",
            "phone": "+1206" + (told % 10_000_000).cast(pl.String),
            "street": text + " Main Street",
            "city": "Town" + (told % 900).cast(pl.String),
            "state": "WA",
            "zip": (10_000 + told % 80_000).cast(pl.String),
            "updated_at": at.cast(pl.Datetime("us", "UTC")),
            "created_at": at.cast(pl.Datetime("us", "UTC")),
            "_pk": "C" + text,
            "_uuid_pk": text,
            "_updated": at,
        }
    )
    return _typed(frame, table_schema(settings.feeds["ecom_customers"]))


def _ids(numbers: np.ndarray, people: np.ndarray) -> pa.Table:
    keys, persons = pl.Series(numbers).cast(pl.String), pl.Series(people).cast(pl.String).str.zfill(12)
    frame = pl.DataFrame({"pk": "C" + keys, "amperity_id": "00000000-0000-4000-8000-" + persons})
    return frame.with_columns(datasource=pl.lit("ecom:customers")).select("amperity_id", "datasource", "pk").to_arrow()


def _lines(
    settings: Tenant, first: int, count: int, customers: int, *, last: dt.date, days: int, older: int = 0
) -> pa.Table:
    """Give order lines; of a day's, every tenth is a return to one of the orders of the last month."""
    chance = np.random.default_rng(first + 7)
    orders = np.sort(chance.integers(0, max(1, int(count / LINES_PER_ORDER)), count)) + int(first / LINES_PER_ORDER)
    returns = chance.random(count) < (0.1 if older else 0)
    recent = int(older / LINES_PER_ORDER)
    orders = np.where(returns, chance.integers(recent - recent // 36 - 1, max(recent, 1), count), orders)
    buyers = (orders * 7919) % customers
    new = orders[~returns]
    share = (orders - new.min()) / (np.ptp(new) + 1)
    since = (last.toordinal() - 719163 - days + 1) * 86_400
    seconds = since + (np.maximum(share, 0) * days * 86_400).astype(np.int64)
    kinds = chance.random(count)
    quantity = chance.integers(1, 4, count)
    cents = chance.integers(500, 30_000, count) * quantity
    back = returns | (kinds < RETURNED + CANCELED)
    sign = np.where(back, -1, 1)
    line = pl.Series(np.arange(first, first + count)).cast(pl.String)
    frame = pl.DataFrame(
        {
            "line_id": "L" + line,
            "order_id": "O" + pl.Series(orders).cast(pl.String),
            "customer_id": "C" + pl.Series(buyers).cast(pl.String),
            "order_datetime": pl.Series(seconds * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "purchase_channel": pl.Series(["online", "store"]).gather(orders % 2),
            "purchase_brand": pl.Series(["Acme", "Acme Outlet"]).gather(orders % 3 // 2),
            "store_id": "S" + pl.Series(orders % 97).cast(pl.String),
            "currency": "USD",
            "product_id": "SKU" + pl.Series(chance.integers(0, 5000, count)).cast(pl.String),
            "item_quantity": quantity * sign,
            "item_revenue": _money(cents * sign),
            "item_list_price": _money(cents * sign),
            "item_discount_amount": _money(cents * 0),
            "is_return": back & (returns | (kinds >= CANCELED)),
            "is_cancellation": back & ~returns & (kinds < CANCELED),
            "_pk": "L" + line,
            "_uuid_pk": line,
            "_updated": np.arange(first, first + count),
        }
    )
    return _typed(frame, table_schema(settings.feeds["orders_order_items"]))


def _money(cents: np.ndarray) -> pl.Series:
    return (pl.Series(cents) / 100).round(2).cast(pl.Decimal(38, 2))


def _typed(frame: pl.DataFrame, schema: pa.Schema) -> pa.Table:
    """Give the frame as its feed's table; a column that it lacks is NULL."""
    absent = [pl.lit(None).alias(name) for name in schema.names if name not in frame.columns]
    return frame.with_columns(absent).select(schema.names).to_arrow().cast(schema)
