"""The kernel in a process of its own."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.child import StitchError, stitch_in_child
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import stitch
from cdp_assets.stitch.labels import LABEL_SCHEMA
from tests.unit.stitch.people import people


def test_the_child_finds_what_the_kernel_finds() -> None:
    """Every table of a second run is equal: all that the run is given reaches the child."""
    records = people(30).drop("person")
    first = stitch(records.head(40), Stitch(), Given(key=b"k" * 32))
    at = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    given = Given(key=b"k" * 32, run_id="second", at=at, previous=first.frames)
    here, there = stitch(records, Stitch(), given), stitch_in_child(records, Stitch(), given)
    assert here.frames.keys() == there.frames.keys()
    assert all(there.frames[name].equals(frame) for name, frame in here.frames.items())
    assert there.report.cluster_sizes == here.report.cluster_sizes


def test_labels_that_contradict_each_other_are_told_by_the_parent() -> None:
    """The run's error names the labels; the child's own log is not needed."""
    rows = [("ops", "L7", part, "shop:customers", "pk", "p1") for part in ("1", "2")]
    given = Given(key=b"k" * 32, labels=pl.DataFrame(rows, schema=LABEL_SCHEMA, orient="row"))
    with pytest.raises(StitchError, match="L7 parts records that L7 joined"):
        stitch_in_child(people(5).drop("person"), Stitch(), given)


def test_a_process_that_would_take_too_much_memory_ends_and_says_so() -> None:
    """The limit is the setting's; the machine goes on."""
    with pytest.raises(StitchError, match="memory_limit_mb"):
        stitch_in_child(people(20).drop("person"), Stitch(memory_limit_mb=1), Given(key=b"k" * 32))
