"""What of Transaction Attributes Extended another business date changes: whose windows, and what of everybody.

A window is the same for a buyer of whom no order came into it or left it. `days_since_latest_order` is another number
for everybody, and the deciles are of everybody together; both follow from what a buyer's row holds already.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import polars as pl
import pyarrow as pa

from cdp_assets.unified.attributes import BACK

LATEST = "latest_order_datetime"
RANKED: Mapping[str, pl.Expr] = {
    "l12m_recency": pl.col(LATEST).cast(pl.Date),
    "l12m_frequency": pl.col("l12m_order_frequency"),
    "l12m_monetary": pl.col("l12m_order_revenue"),
}
"""RFM: what the buyers of the last twelve months are ranked by, of what their rows hold."""
READ = (LATEST, "l12m_order_frequency", "l12m_order_revenue")
IS_RANKED = pl.col("l12m_order_frequency") > 0
Cuts = Sequence[tuple[int, object]]
"""Each decile that anybody is in, with the least value that is in it."""


def is_passed(moment: pl.Expr, before: dt.date, now: dt.date) -> pl.Expr:
    """Say whether an edge of a window has passed over a moment from one business date to another, either way."""
    day = moment.cast(pl.Date)
    met = []
    for back in (*(f"-{back}" for back in BACK), "1d"):  # an order counts until the end of the business date
        edges = sorted(pl.Series([before, now]).dt.offset_by(back).to_list())
        met.append((day >= edges[0]) & (day < edges[1]))
    return pl.any_horizontal(met)


def restated(parts: Sequence[pl.LazyFrame], date: dt.date) -> Callable[[pa.Table], pa.Table]:
    """Give what puts the columns of the date and of everybody's deciles anew into any of the table's rows.

    `parts` are all of its rows; three of their columns are read.
    """
    year = pl.concat([part.filter(IS_RANKED).select(**RANKED) for part in parts]).collect()
    columns = _columns({name: cuts(year[name]) for name in RANKED}, date)
    return lambda rows: _put(rows, columns)


def cuts(values: pl.Series) -> Cuts:
    """Give the deciles of values: 1 + ten times the share of smaller ones, so that equals are equal.

    >>> cuts(pl.Series("n", [1, 1, 1, 5]))
    [(1, 1), (8, 5)]
    """
    counted = values.alias("value").value_counts(name="equal").sort("value")
    worse = pl.col("equal").cum_sum() - pl.col("equal")
    deciles = counted.group_by(decile=1 + worse.cast(pl.Int64) * 10 // len(values)).agg(pl.col("value").min())
    return deciles.sort("decile").rows()


def _columns(deciles: Mapping[str, Cuts], date: dt.date) -> list[pl.Expr]:
    found = {name: _decile(RANKED[name], of_all).alias(name) for name, of_all in deciles.items()}
    score = pl.concat_str([decile.cast(pl.String) for decile in found.values()]).cast(pl.Int64)
    days = (pl.lit(date) - RANKED["l12m_recency"]).dt.total_days().cast(pl.Int32)
    return [days.alias("days_since_latest_order"), *found.values(), score.alias("l12m_rfm_score")]


def _decile(value: pl.Expr, of_all: Cuts) -> pl.Expr:
    """Spell the decile of a value; who has not bought in the last twelve months is in none."""
    reached = [pl.when(value >= pl.lit(least)).then(pl.lit(decile, pl.Int64)) for decile, least in of_all]
    return pl.when(IS_RANKED).then(pl.max_horizontal(pl.lit(None, pl.Int64), *reached))


def _put(rows: pa.Table, columns: Sequence[pl.Expr]) -> pa.Table:
    told = pl.DataFrame(rows.select(READ)).select(columns).to_arrow()
    for field in told.schema:
        place = rows.schema.get_field_index(field.name)
        rows = rows.set_column(place, rows.schema.field(place), told.column(field.name).cast(rows.schema.types[place]))
    return rows
