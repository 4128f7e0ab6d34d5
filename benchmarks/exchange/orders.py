"""A shop's orders as its system exports them: a large CSV with repeats and bad rows, and the same again a day later."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from cdp_assets.config.feed import Feed

REPEATED, BAD, CHANGED = 0.02, 0.002, 0.1
BATCH_ROWS = 100_000
FIELDS = [
    {"name": "order_id", "required": True},
    {"name": "email"},
    {"name": "comment"},
    {"name": "ordered_at", "type": "datetime"},
    {"name": "shipped_on", "type": "date"},
    {"name": "birthdate", "type": "date"},
    {"name": "revenue", "type": "decimal", "scale": 2},
    {"name": "discount", "type": "decimal", "scale": 2},
    {"name": "quantity", "type": "integer"},
    {"name": "is_return", "type": "boolean"},
]
KEY = {"source": "shop", "name": "orders", "primary_key": ["order_id"]}
TYPED = Feed.model_validate(KEY | {"fields": FIELDS, "last_updated": "ordered_at"})
RAW = Feed.model_validate(KEY | {"fields": [{"name": one["name"]} for one in FIELDS]})
"""Every column as the text that it is in the file."""


@dataclass(frozen=True)
class Made:
    """A file that was made, and what a table that it was loaded into must hold."""

    path: Path
    rows: int
    keys: int
    """Distinct keys of all rows."""
    good_keys: int
    """Distinct keys of rows without a bad value."""

    @property
    def mb(self) -> float:
        """Its size in millions of bytes."""
        return self.path.stat().st_size / 1e6


def make_orders(path: Path, size_mb: int, day: int = 1) -> Made:
    """Write a day's file: on the second day the same orders, of which a tenth has other values."""
    keys: list[npt.NDArray[np.int64]] = []
    good: list[npt.NDArray[np.bool_]] = []
    with path.open("wb") as file:
        while file.tell() < size_mb * 1_000_000:
            batch, number, sound = _batch(len(keys), day)
            batch.write_csv(file, include_header=not keys)
            keys.append(number)
            good.append(sound)
    numbers, sound = np.concatenate(keys), np.concatenate(good)
    return Made(path, len(numbers), len(np.unique(numbers)), len(np.unique(numbers[sound])))


def _batch(place: int, day: int) -> tuple[pl.DataFrame, npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    draw, start = np.random.default_rng([7, place]), place * BATCH_ROWS
    number = np.arange(start, start + BATCH_ROWS)
    repeated = draw.random(BATCH_ROWS) < REPEATED
    number = np.where(repeated, draw.integers(0, start + BATCH_ROWS, BATCH_ROWS), number)
    bad = draw.random(BATCH_ROWS) < BAD
    seconds = draw.integers(1_600_000_000, 1_790_000_000, BATCH_ROWS)
    days = draw.integers(-10_000, 14_000, BATCH_ROWS)
    cents = draw.integers(0, 1_000_000, BATCH_ROWS)
    if day > 1:
        other = draw.random(BATCH_ROWS) < CHANGED
        cents, seconds = np.where(other, cents + 1, cents), np.where(other, seconds + 86_400, seconds)
    columns = {"number": number, "seconds": seconds, "days": days, "cents": cents, "bad": bad}
    return pl.DataFrame(columns).select(*_spelled()), number, ~bad


def _spelled() -> list[pl.Expr]:
    moment = pl.from_epoch("seconds")
    birthdate = pl.col("days").cast(pl.Date).dt.to_string("%Y-%m-%d")
    return [
        pl.format("O{}", pl.col("number").cast(pl.String).str.zfill(10)).alias("order_id"),
        pl.format("person{}@mail{}.example", pl.col("number") * 7 % 1_000_003, pl.col("number") % 97).alias("email"),
        pl.format("note {} of the customer, with a comma", pl.col("cents")).alias("comment"),
        moment.dt.to_string("%Y-%m-%d %H:%M:%S").alias("ordered_at"),
        moment.dt.offset_by("3d").dt.to_string("%m/%d/%Y").alias("shipped_on"),
        pl.when("bad").then(pl.lit("not a date")).otherwise(birthdate).alias("birthdate"),
        (pl.col("cents") / 100).round(2).cast(pl.String).alias("revenue"),
        (pl.col("cents") % 500 / 100).round(2).cast(pl.String).alias("discount"),
        (pl.col("cents") % 9).alias("quantity"),
        pl.when(pl.col("cents") % 10 == 0).then(pl.lit("true")).otherwise(pl.lit("false")).alias("is_return"),
    ]
