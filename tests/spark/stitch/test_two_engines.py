"""What one process made of a tenant's records is told in Spark as it is here: the same figures, the same content."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator

import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.content import content_of
from cdp_assets.lakehouse.keep import Stored, Target, held, keep
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.lakehouse.spark_keep import content_in_spark, keep_in_spark
from cdp_assets.lakehouse.stages import Make, Stages, stages_of
from cdp_assets.stitch import learn
from cdp_assets.stitch.figures.run import OF_ONE_TABLE, Examples, figures_of
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import StitchResult, resolve, stitch
from cdp_assets.stitch.outputs.scores import stitch_scores
from cdp_assets.stitch.outputs.tables import OUTPUTS
from cdp_assets.stitch.spark.figures import SMALL, figures_in_spark
from cdp_assets.stitch.spark.with_scores import ids_and_scores_in_spark
from tests.unit.stitch.people import people

KEY = b"k" * 32
DAYS = [dt.datetime(2026, 3, day, tzinfo=dt.UTC) for day in (1, 2)]
RECORDS = people(300).drop("person").with_columns(fk_member=pl.col("surname").str.head(1) + pl.col("phone").str.tail(4))
"""Records of which some share a key, so that not only the model decides."""
LABELS = pl.DataFrame(
    [("labels", "1", "1", "shop:customers", "pk", f"p{number}") for number in (1, 2, 3, 4, 5)],
    schema=["labels_table", "label_id", "partition_id", "datasource", "semantic", "value"],
    orient="row",
)
"""People whom an operator took for one, who look like several."""
HERE = [OF_ONE_TABLE[name][0] for name in SMALL]
MOST = 4
"""So few examples that each part has more."""


@pytest.fixture(scope="module")
def days() -> tuple[StitchResult, StitchResult]:
    """What one process makes of two days, on the second of which records came, went and changed."""
    number = pl.col("pk").str.slice(1).cast(pl.Int64)
    second = RECORDS.filter(number % 9 != 0).with_columns(
        email=pl.when(number % 7 == 0).then(pl.lit(None, pl.String)).otherwise("email")
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learn, "RANDOM_PAIRS", 20_000)
        one = stitch(RECORDS.filter(number % 11 != 0), Stitch(), Given(KEY, "one", DAYS[0], labels=LABELS))
        return one, stitch(second, Stitch(), Given(KEY, "two", DAYS[1], previous=one.frames, labels=LABELS))


@pytest.fixture(scope="module")
def stages(sessions: SparkSessions, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stages]:
    """An empty folder of stages."""
    with stages_of(Lake(tmp_path_factory.mktemp("lake"), sessions)) as opened:
        yield opened


def in_spark(stages: Stages, rows: pl.DataFrame) -> Make:
    """Give rows as a frame of Spark's."""
    name = f"{uuid.uuid4()}.parquet"
    rows.write_parquet(stages.folder / name)
    return lambda: stages.read(name)


def test_figures_are_the_same(stages: Stages, days: tuple[StitchResult, StitchResult]) -> None:
    """Every one of them, though Spark makes each part by itself and shows a few examples of each."""
    before, now = days
    tables = {name: rows if name in HERE else in_spark(stages, rows) for name, rows in now.frames.items()}
    found = figures_in_spark(stages, tables, in_spark(stages, before.frames["stitch_ids"]), now.report, MOST)
    expected = figures_of(now.frames, before.frames["stitch_ids"], Examples(MOST))
    assert [name for name, frame in expected.frames.items() if frame.is_empty()] == ["blocks"]
    assert found.to_json() == expected.to_json()


def test_a_first_run_adds_everybody(stages: Stages, days: tuple[StitchResult, StitchResult]) -> None:
    """There is nobody to be recognized."""
    ids = in_spark(stages, days[0].frames["stitch_ids"])
    found = figures_in_spark(stages, {"stitch_ids": ids}, None, days[0].report)
    assert found.frames["changes"].filter(pl.col("people_after") > 0)["kind"].to_list() == ["added"]


def test_content_is_the_same_whichever_engine_has_the_rows(
    stages: Stages, days: tuple[StitchResult, StitchResult]
) -> None:
    """Of tables with texts, numbers, dates and moments, and of one without rows."""
    names = ["stitch_ids", "unified_preprocessed_raw", "unified_scores", "unified_changes_pks", "stitch_blocks"]
    assert set(names) <= set(OUTPUTS)
    frames = [days[1].frames[name] for name in names]
    found = [content_in_spark(stages, in_spark(stages, rows)) for rows in frames]
    assert found == [content_of(rows.to_arrow()) for rows in frames]
    assert frames[-1].is_empty()


def test_either_engine_leaves_a_version_that_the_other_one_wrote(
    lake: Lake, stages: Stages, days: tuple[StitchResult, StitchResult]
) -> None:
    """The same rows make no new version; other rows make one, which is read as it was written."""
    first, second = (day.frames["unified_changes_pks"] for day in days)
    path = lake.absolute("t")
    assert keep(Target(path, None, "here"), second.to_arrow()) == 0
    assert keep_in_spark(lake, stages, in_spark(stages, second), "t", 0, "there") == 0
    assert keep_in_spark(lake, stages, in_spark(stages, first), "t", 0, "there") == 1
    assert keep_in_spark(lake, stages, in_spark(stages, second), "t", 1, "again") == 2
    assert delta.version_by(path, "there") == 1
    assert keep(Target(path, 2, "here again"), second.to_arrow()) == 2
    assert held(Stored(path, 2)).sort("datasource", "pk").equals(second.sort("datasource", "pk"))


@pytest.mark.long
def test_scores_of_a_bare_file_are_the_same_in_the_same_order(lake: Lake) -> None:
    """Pairs of one person first, then those of two, though the settings leave scores out of a tenant's tables."""
    given, settings = people(120).drop("person"), Stitch(skip_unified_scores=True)
    taken: list[pl.DataFrame] = []
    ids, pairs = ids_and_scores_in_spark(
        lake, given, settings, KEY, lambda batches: taken.append(pl.DataFrame(batches.read_all()))
    )
    run = resolve(given, settings, Given(KEY))
    expected = stitch_scores(run)
    assert 0 < expected.filter(pl.col("amperity_id1") != pl.col("amperity_id2")).height < expected.height
    assert taken[0].select(expected.columns).equals(expected)
    assert (ids.equals(run.assigned.ids), pairs) == (True, len(run.pairs.left))
