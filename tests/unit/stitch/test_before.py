"""The run before, made ready before there are records."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.before import before_of
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import StitchResult, stitch
from tests.unit.stitch.people import people

RECORDS = people(60).drop("person")
SETTINGS = Stitch(incremental_above_records=0, relearn_when_changed_percent=1000, relearn_when_weights_move_bits=1000)
AT = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def first() -> StitchResult:
    return stitch(RECORDS.head(120), SETTINGS, Given(key=b"k" * 32, at=AT))


@pytest.fixture(scope="module")
def given(first: StitchResult) -> Given:
    """What a second run is given, its tables in another order than they were written."""
    previous = {name: frame.reverse() for name, frame in first.frames.items()}
    return Given(key=b"k" * 32, run_id="second", at=AT + dt.timedelta(days=1), previous=previous)


def test_a_run_is_the_same_whether_the_one_before_is_ready_or_not(given: Given) -> None:
    changed = RECORDS.with_columns(email=pl.when(pl.col("pk") == "p3").then(pl.lit("new@x.org")).otherwise("email"))
    ready = stitch(changed, SETTINGS, given, before_of(SETTINGS, given))
    assert ready.report.pace == "news"
    anew = stitch(changed, SETTINGS, given)
    assert all(frame.equals(anew.frames[name]) for name, frame in ready.frames.items())


def test_tables_with_a_row_for_each_record_are_in_order(first: StitchResult, given: Given) -> None:
    tables = before_of(SETTINGS, given).tables
    assert tables["stitch_ids"].equals(first.frames["stitch_ids"].select(tables["stitch_ids"].columns))
    assert tables.keys() == first.frames.keys()


@pytest.mark.parametrize("change", [{"pace": "learn"}, {"pace": "whole"}, {"settings_changed": True}])
def test_nothing_is_made_for_a_run_that_looks_at_everybody(given: Given, change: dict[str, object]) -> None:
    assert before_of(SETTINGS, given).state is not None
    assert before_of(SETTINGS, replace(given, **change)).state is None
    assert before_of(SETTINGS, Given(key=b"k" * 32)).state is None
