"""A run follows another: what has not changed is not written, and what has is told."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.keep import Target, keep
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import StitchResult, stitch
from tests.unit.stitch.people import people

KEYS = ["datasource", "pk"]
START = dt.datetime(2026, 11, 20, 6, tzinfo=dt.UTC)
RECORDS = people(150).drop("person")
SETTINGS = Stitch()


def run(
    records: pl.DataFrame, day: int, before: StitchResult | None = None, settings: Stitch = SETTINGS
) -> StitchResult:
    """Resolve a day's records after the run of another day, or as the first."""
    previous = before.frames if before else {}
    changed = before is not None and settings is not SETTINGS
    at = START + dt.timedelta(days=day)
    given = Given(key=b"k" * 32, run_id=f"run-{day}", at=at, settings_changed=changed, previous=previous)
    return stitch(records, settings, given)


def written(folder: Path, result: StitchResult, versions: dict[str, int], name: str) -> dict[str, int]:
    """Bring every table to what a run found and give the versions that hold it."""
    tables = result.tables().items()
    return {table: keep(Target(folder / table, versions.get(table), f"{name}:{table}"), rows) for table, rows in tables}


def causes(result: StitchResult) -> dict[str, int]:
    """Count the changes of records by cause."""
    return dict(result.frames["unified_changes_pks"]["_cdp_cause"].value_counts().iter_rows())


def test_the_same_records_make_no_new_version_of_any_table(tmp_path: Path) -> None:
    """In any order, the next day and in a forced run: every table stays at the version that it has."""
    first = run(RECORDS, 0)
    versions = written(tmp_path, first, {}, "run-0")
    assert set(versions.values()) == {0}
    again = run(RECORDS.sample(fraction=1.0, shuffle=True, seed=3), 1, first)
    assert written(tmp_path, again, versions, "run-1") == versions
    assert {delta.version(tmp_path / table) for table in versions} == {0}


def test_a_new_record_writes_the_tables_that_it_changes(tmp_path: Path) -> None:
    """A stranger changes who is there, but no pair of records within a person."""
    first = run(RECORDS, 0)
    versions = written(tmp_path, first, {}, "run-0")
    stranger = pl.DataFrame({"datasource": ["shop:customers"], "pk": ["new"], "email": ["wholly@other.example"]})
    second = run(pl.concat([RECORDS, stranger], how="diagonal"), 1, first)
    after = written(tmp_path, second, versions, "run-1")
    grown = {table for table in versions if after[table] != versions[table]}
    assert {"stitch_ids", "unified_changes_pks", "unified_changes_clusters"} <= grown
    assert "stitch_retired_ids" not in grown
    assert causes(second) == {"new record": 1}


def test_records_that_are_gone_leave_every_table_but_the_histories() -> None:
    """No row names them where people are described; that they went is told once."""
    gone = RECORDS.filter(pl.col("pk") == "p7").select(KEYS)
    first = run(RECORDS, 0)
    second = run(RECORDS.join(gone, on=KEYS, how="anti"), 1, first)
    histories = {"stitch_retired_ids", "unified_changes_pks"}
    for name, frame in second.frames.items():
        named = [column for column in frame.columns if column.startswith("pk") or column.endswith("_pk")]
        if name not in histories:
            assert all("p7" not in frame[column] for column in named), name
    told = second.frames["unified_changes_pks"].filter(change_type="deleted")
    assert sorted(told.select(KEYS).rows()) == sorted(gone.rows())
    assert set(told["_cdp_cause"]) == {"record gone"}


@pytest.mark.parametrize("above", [0, 1_000_000])
def test_records_that_were_deleted_for_good_leave_no_trace_in_any_table(above: int) -> None:
    """Neither their key nor a value that was theirs alone; whether all records are resolved or the news alone."""
    settings = Stitch(incremental_above_records=above)
    own = {"email": "only@theirs.example", "surname": "Onlytheirs", "phone": "2065550123", "address": "77 Only Lane"}
    marked = RECORDS.with_columns(
        pl.when(pl.col("pk") == "p7").then(pl.lit(text)).otherwise(pl.col(name)).alias(name)
        for name, text in own.items()
    )
    first = run(marked, 0, settings=settings)
    erased = marked.filter(pl.col("pk") == "p7").select(KEYS)
    rest = marked.filter(pl.col("pk") != "p7")
    traces = ("p7", *(text.upper() for text in own.values()))
    before = Given(key=b"k" * 32, run_id="run-1", at=START + dt.timedelta(days=1), previous=first.frames)
    told, second = (stitch(rest, settings, replace(before, erased=list_)) for list_ in (None, erased))
    assert {name for name, frame in told.frames.items() if holds(frame, traces)} == {
        "stitch_retired_ids",
        "unified_changes_pks",
    }
    assert {name for name, frame in second.frames.items() if holds(frame, traces)} == set()
    assert second.report.pace == ("news" if above == 0 else "learn")
    sent_again = stitch(marked, settings, replace(before, erased=erased))
    assert all(frame.equals(second.frames[name]) for name, frame in sent_again.frames.items())
    later = stitch(rest, settings, replace(before, run_id="run-2", previous=told.frames, erased=erased))
    assert {name for name, frame in later.frames.items() if holds(frame, traces)} == set()


def holds(frame: pl.DataFrame, traces: tuple[str, ...]) -> bool:
    """Say whether a text of a table is one of some."""
    texts = frame.select(pl.col(pl.String).str.to_uppercase())
    wanted = [trace.upper() for trace in traces]
    return any(frame_column.is_in(wanted).any() for frame_column in texts.get_columns())


def test_a_change_of_the_settings_is_the_cause_and_no_jitter() -> None:
    """A stricter threshold parts people, who are joined again when it is taken back; nobody gets a third id."""
    first = run(RECORDS, 0)
    strict = run(RECORDS, 1, first, Stitch(threshold=4.5))
    assert set(causes(strict)) == {"settings changed"}
    assert strict.report.jitter_percent == 0.0
    back = run(RECORDS, 2, strict, Stitch(threshold=3.0))
    ids = [one.frames["stitch_ids"] for one in (first, strict, back)]
    pairs = ids[0].join(ids[2], on=KEYS).select("amperity_id", "amperity_id_right").unique()
    assert pairs["amperity_id"].is_unique().all()
    assert pairs["amperity_id_right"].is_unique().all()
    assert set(ids[2]["amperity_id"]) <= {*ids[0]["amperity_id"], *ids[1]["amperity_id"]}
    assert back.frames["unified_changes_pks"]["job_id"].unique().sort().to_list() == ["run-1", "run-2"]


def test_history_ends_after_the_recorded_days() -> None:
    """A change of thirty-one days ago is forgotten, one of thirty is not yet older than thirty days."""
    short = Stitch(recorded_history_days=30)
    second = run(RECORDS.head(200), 1, run(RECORDS, 0))
    days = [run(RECORDS.head(200), day, second, short).frames["unified_changes_pks"].height for day in (30, 31)]
    assert days[0] > 0
    assert days[1] == 0


def test_without_stable_ids_a_run_starts_afresh() -> None:
    """A person whose smallest record has gone gets another id, which with stable ids they do not."""
    loose = Stitch(disable_stable_ids=True)
    kept, made = (run(RECORDS, 0, settings=settings) for settings in (SETTINGS, loose))
    assert kept.frames["stitch_ids"].equals(made.frames["stitch_ids"])
    fewer = RECORDS.filter(pl.col("datasource") != "mail:list")
    changed = [run(fewer, 1, kept, settings).report.jitter_percent for settings in (SETTINGS, loose)]
    moved = [
        run(fewer, 1, kept, settings).frames["unified_changes_pks"].filter(change_type="updated").height
        for settings in (SETTINGS, loose)
    ]
    assert moved[0] < moved[1]
    assert changed[0] < SETTINGS.jitter_alert_percent
