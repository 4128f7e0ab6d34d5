"""The demo retailer's records, day by day, against all of them with the same model."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.home import REPOSITORY
from cdp_assets.stitch.given import Given, Pace
from cdp_assets.stitch.kernel import StitchResult, stitch
from tests.integration.stitch.acme import acme_records
from tests.unit.stitch.test_incremental import ALWAYS, assert_equal

START = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
SETTINGS = load_tenant(REPOSITORY / "tenant_config").stitch.model_copy(update=ALWAYS)
DAYS = 4


def run(records: pl.DataFrame, before: StitchResult | None, pace: Pace, day: int) -> StitchResult:
    """Resolve a day's records."""
    at = START + dt.timedelta(days=day)
    previous = before.frames if before else {}
    return stitch(records, SETTINGS, Given(key=b"k" * 32, run_id=f"run-{day}", at=at, pace=pace, previous=previous))


@pytest.mark.long
def test_four_days_equal_whole_runs_with_the_same_model() -> None:
    """Each day one in a hundred of 20,000 records is new, one is gone and one has another's phone."""
    everybody = acme_records().with_columns(lot=pl.struct("datasource", "pk").hash(7) % 100)
    swapped = everybody["phone"].shuffle(seed=1)
    before: StitchResult | None = None
    for day in range(DAYS):
        here = everybody.filter((pl.col("lot") >= day) & (pl.col("lot") < 90 + day))
        phone = pl.when(pl.col("lot") == 50 + day).then("swapped").otherwise("phone")
        records = everybody.with_columns(swapped=swapped).join(
            here.select("datasource", "pk"), on=["datasource", "pk"], how="semi"
        )
        records = records.with_columns(phone=phone).drop("lot", "swapped")
        found = run(records, before, "auto", day)
        if before is not None:
            assert found.report.pace == "news"
            assert found.report.news > 100
            assert_equal(found, run(records, before, "whole", day))
        before = found
