"""The plots of the report name what they show once."""

from __future__ import annotations

import base64
import datetime as dt
import re

import polars as pl
import pytest

from cdp_assets.stitch.report_plots import MOST_DAYS, by_day


@pytest.mark.parametrize("gaps", [(), (1,), (1, 1, 3), (30, 59)])
def test_days_below_the_changes_are_named_once_each(gaps: tuple[int, ...]) -> None:
    """One day, two, some with quiet ones between, and the most that are shown."""
    dates = [dt.date(2026, 3, 30)]
    for gap in gaps:
        dates.append(dates[-1] + dt.timedelta(days=gap))
    counts = {kind: [7] * len(dates) for kind in ("added", "deleted", "updated")}
    svg = base64.b64decode(by_day(pl.DataFrame({"date": dates, **counts})).picture.partition(",")[2]).decode()
    named = re.findall(r"<!-- (\d\d [A-Z][a-z]{2}) -->", svg)
    assert 1 <= len(named) <= MOST_DAYS + 2
    assert len(set(named)) == len(named)
