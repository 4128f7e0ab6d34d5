"""When the news alone are resolved, and what a run says where everything is."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.pace import LEARN, NEWS, RUNS_SCHEMA, SCORES, STATE, Chosen, chosen_pace, runs_frame

AT = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
SETTINGS = Stitch(incremental_above_records=0)
BAD = pl.DataFrame({"datasource": ["*"], "semantic": ["email"], "value": ["x@y.z"], "is_preprocessed": [True]})


def given(**changes: Any) -> Given:
    """Give what a day's run is given: a model that was learnt the day before of the same hundred records."""
    first = Chosen(LEARN, "the first", 100)
    runs = runs_frame(first, Given(key=b"k", run_id="run-0", at=AT), 100, 365)
    state = {name: pl.DataFrame() for name in (*STATE, *SCORES)} | {"stitch_runs": runs}
    return replace(Given(key=b"k", run_id="run-1", at=AT + dt.timedelta(days=1), previous=state), **changes)


@pytest.mark.parametrize(
    ("settings", "changes", "why"),
    [
        ({}, {"settings_changed": True}, "the settings, a feed's tags or Stitch itself changed"),
        ({}, {"previous": {}}, "the run before left no stitch_ids"),
        ({"incremental_above_records": 101}, {}, "a whole run of so few records takes no longer"),
        ({"force_run": True}, {}, "a forced run"),
        ({"disable_stable_ids": True}, {}, "without stable ids everybody is named anew"),
        ({"enable_staple": True}, {}, "staples look at everybody who shares a value"),
        ({}, {"labels": BAD}, "labels or the lists of bad values or nicknames changed"),
        ({}, {"bad_values": BAD}, "labels or the lists of bad values or nicknames changed"),
        ({}, {"at": AT + dt.timedelta(days=31)}, "the model is older than 30 days"),
        ({"relearn_when_changed_percent": 3.0}, {}, "4 records have changed since the model was learnt"),
    ],
)
def test_everything_is_resolved_and_the_reason_said(settings: Any, changes: Any, why: str) -> None:
    """Where the news alone could give another answer, or the model is no longer that of the records."""
    found = chosen_pace(SETTINGS.model_copy(update=settings), given(**changes), 100, 4)
    assert (found.pace, found.why) == (LEARN, why)


def test_tables_need_be_there_and_not_given() -> None:
    """Spark has most of them; the news alone are enough where it has all."""
    before = given()
    some = replace(before, previous={"stitch_runs": before.previous["stitch_runs"]})
    assert chosen_pace(SETTINGS, some, 100, 1, (*STATE, *SCORES)).pace == NEWS
    assert chosen_pace(SETTINGS, some, 100, 1, (*STATE[1:], *SCORES)).why == "the run before left no stitch_ids"
    assert chosen_pace(SETTINGS, some, 100, 1, STATE).why == f"the run before left no {SCORES[0]}"
    unscored = SETTINGS.model_copy(update={"skip_unified_scores": True})
    assert chosen_pace(unscored, some, 100, 1, STATE).pace == NEWS


def test_an_empty_list_or_one_that_stays_the_same_stops_nothing() -> None:
    """Lists are known by what they hold."""
    assert chosen_pace(SETTINGS, given(labels=BAD.clear(), bad_values=BAD.clear()), 100, 1).pace == NEWS
    before = given(bad_values=BAD)
    runs = runs_frame(Chosen(LEARN, "", 1), replace(before, previous={}), 100, 365)
    same = replace(before, previous={**before.previous, "stitch_runs": runs}, at=AT + dt.timedelta(days=2))
    assert chosen_pace(SETTINGS, same, 100, 1).pace == NEWS


def test_labels_that_are_gone_are_undone() -> None:
    """Whom they joined or parted is looked at again, though no record changed; then the news alone do."""
    labelled = given(labels=BAD)
    found = chosen_pace(SETTINGS, labelled, 100, 0)
    runs = runs_frame(found, labelled, 100, 365)
    state = {**labelled.previous, "stitch_runs": runs}
    without = replace(labelled, labels=None, previous=state, at=AT + dt.timedelta(days=2))
    gone = chosen_pace(SETTINGS, without, 100, 0)
    assert (gone.pace, gone.why) == (LEARN, "labels or the lists of bad values or nicknames changed")
    state = {**state, "stitch_runs": runs_frame(gone, without, 100, 365)}
    later = replace(without, previous=state, at=AT + dt.timedelta(days=3))
    assert chosen_pace(SETTINGS, later, 100, 1).pace == NEWS


def test_changes_add_up_until_the_model_is_learnt_anew() -> None:
    """Three days of four records are more than ten of a hundred."""
    now, paces = given(), []
    for day in range(1, 5):
        now = replace(now, run_id=f"run-{day}", at=AT + dt.timedelta(days=day))
        found = chosen_pace(SETTINGS, now, 100, 4)
        paces.append(found.pace)
        now = replace(now, previous={**now.previous, "stitch_runs": runs_frame(found, now, 100, 365)})
    assert paces == [NEWS, NEWS, LEARN, NEWS]


def test_the_runs_are_kept_as_long_as_history_and_the_one_that_learnt_longer() -> None:
    """A run of the very same records adds no row."""
    now = given(at=AT + dt.timedelta(days=40))
    told = runs_frame(Chosen(NEWS, "little has changed", 2), now, 100, 30)
    assert told["job_id"].to_list() == ["run-0", "run-1"]
    assert dict(told.schema) == RUNS_SCHEMA
    assert runs_frame(Chosen(NEWS, "little has changed", 0), now, 100, 30).equals(now.previous["stitch_runs"])
    again = replace(now, run_id="run-2", previous={"stitch_runs": told}, at=AT + dt.timedelta(days=80))
    relearnt = runs_frame(Chosen(LEARN, "the model is older than 30 days", 0), again, 100, 30)
    assert relearnt["job_id"].to_list() == ["run-0", "run-2"]
    later = replace(again, run_id="run-3", previous={"stitch_runs": relearnt}, at=AT + dt.timedelta(days=120))
    assert runs_frame(Chosen(NEWS, "little has changed", 1), later, 100, 30)["job_id"].to_list() == ["run-2", "run-3"]


def test_an_old_model_is_learnt_anew_once_and_the_run_is_told() -> None:
    """Of the same records it would be learnt the same, however old it is."""
    now, paces = given(), []
    for day, news in ((1, 4), (40, 0), (80, 0), (81, 1)):
        now = replace(now, run_id=f"run-{day}", at=AT + dt.timedelta(days=day))
        found = chosen_pace(SETTINGS, now, 100, news)
        paces.append(found.pace)
        now = replace(now, previous={**now.previous, "stitch_runs": runs_frame(found, now, 100, 365)})
    assert paces == [NEWS, LEARN, NEWS, LEARN]
    assert now.previous["stitch_runs"]["job_id"].to_list() == ["run-0", "run-1", "run-40", "run-81"]
