"""Every output table that Spark makes of a tenant's records holds the rows of one process, on a first day and after."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.lakehouse.stages import Make
from cdp_assets.stitch import learn
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import stitch
from cdp_assets.stitch.outputs.tables import OUTPUTS
from cdp_assets.stitch.report import Report
from cdp_assets.stitch.spark.figures import Rows
from cdp_assets.stitch.spark.rows import frame_of
from cdp_assets.stitch.spark.run import Asked, stitched_in_spark
from tests.spark.stitch.test_resolve import BAD, KEY, LABELS, RECORDS
from tests.spark.stitch.test_resolve import SETTINGS as PLAIN

SETTINGS = PLAIN.model_copy(update={"incremental_above_records": 1_000})
"""As of so many records that a sample is kept to hold a later day against."""
DAYS = tuple(dt.datetime(2026, 3, day, tzinfo=dt.UTC) for day in (1, 2, 3))
NUMBER = pl.col("pk").str.slice(1).cast(pl.Int64)
BEGINNING = RECORDS.filter(NUMBER % 7 != 0).with_columns(
    surname=pl.when(NUMBER % 11 == 0).then(pl.lit("Ferreira")).otherwise("surname")
)
"""Most records, some of which say something else later."""
MIDDLE = RECORDS.filter(NUMBER % 5 != 0)
TODAY = RECORDS.filter(NUMBER % 30 != 0)
ERASED = RECORDS.select("datasource", "pk").filter(pl.col("pk") == "p5")
"""A record of the beginning that was deleted for good."""
Frames = dict[str, pl.DataFrame]


@pytest.fixture(scope="module", autouse=True)
def _few_random_pairs() -> Iterator[None]:
    """A small set of records is told from strangers by few of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learn, "RANDOM_PAIRS", 20_000)
        yield


def given_of(day: int, previous: Frames) -> Given:
    """Give what the run of a day is given: all of it learns the model anew; one label comes on the third day."""
    erased, labels = (ERASED, LABELS) if day == 2 else (None, LABELS.filter(pl.col("label_id") == "1"))
    return Given(
        KEY, f"run {day}", DAYS[day], pace="learn", previous=previous, labels=labels, bad_values=BAD, erased=erased
    )


@pytest.fixture(scope="module")
def before() -> Frames:
    """The tables after two days, with ids that nobody holds any more."""
    first = stitch(BEGINNING, SETTINGS, given_of(0, {})).frames
    return stitch(MIDDLE, SETTINGS, given_of(1, first)).frames


@pytest.fixture(scope="module")
def alone(before: Frames) -> tuple[Frames, Report]:
    """What one process makes of the third day."""
    found = stitch(TODAY, SETTINGS, given_of(2, before))
    return found.frames, found.report


@pytest.fixture(scope="module")
def spread(sessions: SparkSessions, tmp_path_factory: pytest.TempPathFactory, before: Frames) -> tuple[Frames, Report]:
    """What Spark makes of it."""
    return in_spark(Lake(tmp_path_factory.mktemp("lake"), sessions), TODAY, SETTINGS, given_of(2, before))


def in_spark(lake: Lake, records: pl.DataFrame, settings: Stitch, given: Given) -> tuple[Frames, Report]:
    """Give all tables of a run in Spark, and its report."""

    def frame(rows: pl.DataFrame) -> Make:
        return lambda: frame_of(lake.sessions.session(), rows)

    before = {name: frame(rows) for name, rows in given.previous.items()}
    with stitched_in_spark(lake, frame(records), Asked(settings, given, before)) as made:
        return {name: read(lake, name, rows) for name, rows in made.tables.items()}, made.report


def read(lake: Lake, name: str, rows: Rows) -> pl.DataFrame:
    """Give a table's rows, of what Spark makes as everybody finds them once it is written."""
    if isinstance(rows, pl.DataFrame):
        return rows
    version = lake.sessions.run(lambda: lake.overwrite(name, rows(), load_id=name))
    return pl.DataFrame(delta.read(lake.absolute(name), version))


def in_order(frame: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Give a table's rows in an order of their own."""
    return frame.select(columns).sort(columns)


@pytest.mark.parametrize("name", [*OUTPUTS, "stitch_runs"])
def test_a_table_holds_the_same_rows(name: str, alone: tuple[Frames, Report], spread: tuple[Frames, Report]) -> None:
    """Column by column, whatever the order of rows; but for why the run resolved all records."""
    expected, found = (tables[name].drop("why", strict=False) for tables in (alone[0], spread[0]))
    assert expected.height > 0
    if name == "unified_changes_pks":
        assert "label" in expected["_cdp_cause"]
    assert sorted(found.columns) == sorted(expected.columns)
    assert in_order(found, expected.columns).cast(expected.schema).equals(in_order(expected, expected.columns))


def test_the_report_says_the_same(alone: tuple[Frames, Report], spread: tuple[Frames, Report]) -> None:
    """But for how long it took, and why all records were resolved."""
    names = [name for name in Report.__dataclass_fields__ if name not in ("seconds", "why")]
    assert {name: getattr(spread[1], name) for name in names} == {name: getattr(alone[1], name) for name in names}
    assert 0 < alone[1].news < TODAY.height
