"""One small run, whose tables the tests look at."""

from __future__ import annotations

from functools import cache

import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve
from cdp_assets.stitch.resolved import Resolved
from tests.unit.stitch.people import people

AGAIN = "copy:customers"
"""A source that says what shop:customers says, so that its records collapse."""


def records() -> pl.DataFrame:
    """Give the records of eighty people, some of them twice, with a key and a blocking key of their own."""
    found = (
        people(80)
        .drop("person")
        .with_columns(fk_member=pl.when(pl.col("pk").str.ends_with("3")).then("pk"), bk_club=pl.col("postal"))
    )
    return pl.concat([found, found.filter(datasource="shop:customers").with_columns(datasource=pl.lit(AGAIN))])


@cache
def run() -> Resolved:
    """Give the run over all of them."""
    return resolve(records(), Stitch(wider_blocking=False), Given(key=b"k" * 32))
