"""Makes every output table of a tenant's Stitch in Spark: what one process makes, none of it held in one place."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import polars as pl
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse.batches import with_plain_texts
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.stages import Make, Stages, stages_of
from cdp_assets.stitch.assign_ids import KEYS
from cdp_assets.stitch.carry import NAMED_BY
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve
from cdp_assets.stitch.outputs.benchmarks import benchmarks_since
from cdp_assets.stitch.outputs.tables import SCORES
from cdp_assets.stitch.pace import LEARN, Chosen, runs_frame
from cdp_assets.stitch.report import Report
from cdp_assets.stitch.spark import outputs
from cdp_assets.stitch.spark.closed import Before, keep_closed
from cdp_assets.stitch.spark.clusters import keep_roots
from cdp_assets.stitch.spark.counts import news, report
from cdp_assets.stitch.spark.figures import Rows, of_spark
from cdp_assets.stitch.spark.frames import Schema
from cdp_assets.stitch.spark.ids import parts_of
from cdp_assets.stitch.spark.made import MAKERS, Work, keep_everybody, keep_made, made
from cdp_assets.stitch.spark.resolve import Lists, Weighed, keep_weighed
from cdp_assets.stitch.spelled import HASH

WHY = "Spark resolves all records, since there are more than spark_above_records"
LABELLED = "stitch_labelled"
CHANGES = ("unified_changes_clusters", "unified_changes_pks")
WORKED = (
    "stitch_ids", "stitch_retired_ids", "stitch_records", "unified_preprocessed_raw", "stitch_spelled",
    "stitch_shares", "stitch_blocking_keys", "unified_scores", "stitch_explanations", "detailed_examples", *CHANGES,
)  # fmt: skip
"""Tables of which each bucket of records gives a part."""
Parts = Mapping[str, Make]


@dataclass(frozen=True, eq=False)
class Asked:
    """What a run in Spark is given.

    given: With small tables alone: the others of the run before are frames. changes: Those of CHANGES, by name.
    """

    settings: Stitch
    given: Given
    before: Before | None = None
    changes: Mapping[str, Make] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Made:
    """Every output table, as long as the stages are there, and what the run was like."""

    stages: Stages
    tables: Mapping[str, Rows]
    report: Report

    def of_spark(self, name: str) -> Make:
        """Give a table that Spark has."""
        return of_spark(self.tables[name])


@contextmanager
def stitched_in_spark(lake: Lake, records: Make, asked: Asked) -> Iterator[Made]:
    """Give what `kernel.stitch` gives of the same records where it learns the model anew.

    Records, pairs and tables stay where Spark has them. Here come counts, the records that labels name, and a sample
    of 10,000 people that a later day is held against.

    Args:
        records: datasource, pk and one column per profile semantic.
    """
    records = partial(_without, records, asked.given.erased)
    size = int(lake.sessions.run(lambda: records().count()))
    with stages_of(lake, parts_of(size)) as stages:
        schemas = _schemas(pl.DataFrame(stages.answer(lambda: records().limit(0))), asked.settings)
        weighed = _keep_all(stages, records, asked, schemas)
        parts = {name: partial(made, stages, name, schemas[name]) for name in WORKED if name in schemas}
        chosen = Chosen(LEARN, WHY, news(stages, weighed, asked.before))
        tables = {name: _kept(stages, name, make) for name, make in _of_spark(stages, weighed, asked, parts, schemas)}
        told = report(stages, weighed, parts, chosen, follows=asked.before is not None)
        yield Made(stages, tables | _small(stages, weighed, asked, parts, chosen), told)


def _kept(stages: Stages, name: str, make: Make) -> Make:
    """Keep a table as a stage, since it is read more than once."""
    stage = f"table_{name}"
    stages.keep(stage, make)
    return lambda: with_plain_texts(stages.read(stage))


def _schemas(nobody: pl.DataFrame, settings: Stitch) -> dict[str, Schema]:
    """Give the columns of every table that is made of records such as these."""
    run = resolve(nobody, settings, Given(key=b""))
    skipped = SCORES if settings.skip_unified_scores else ()
    wanted = [name for name in (*WORKED, "stitch_scores", "stitch_badvalues") if name not in skipped]
    return {name: dict(MAKERS[name](run).schema) for name in wanted}


def _keep_all(stages: Stages, records: Make, asked: Asked, schemas: Mapping[str, Schema]) -> Weighed:
    given = asked.given
    weighed = keep_weighed(stages, records, asked.settings, Lists(given.labels, given.bad_values, given.nicknames))
    keep_roots(stages, weighed.comparison)
    keep_everybody(stages, weighed)
    if asked.before is not None:
        keep_closed(stages, asked.before, given.key)
    few = {name: table for name, table in given.previous.items() if name == LABELLED}
    plain = Given(given.key, given.run_id, given.at, given.settings_changed, "learn", few)
    columns = tuple(name for name in schemas["stitch_spelled"] if name != HASH)
    worked = {name: schemas[name] for name in WORKED if name in schemas}
    keep_made(stages, Work(weighed.comparison, weighed.model, columns, plain, asked.before is not None, worked))
    return weighed


def _of_spark(
    stages: Stages, weighed: Weighed, asked: Asked, parts: Parts, schemas: Mapping[str, Schema]
) -> Iterable[tuple[str, Make]]:
    """Give the tables whose rows Spark has, without the records that were deleted for good."""
    found = {name: make for name, make in parts.items() if name != "detailed_examples"}
    found |= {name: partial(_with_history, parts[name], asked, name) for name in CHANGES}
    found["stitch_shares"] = lambda: parts["stitch_shares"]().distinct()
    found["stitch_blocking_keys"] = lambda: outputs.shared_keys(parts["stitch_blocking_keys"]())
    found["stitch_badvalues"] = partial(outputs.badvalues, stages, schemas["stitch_badvalues"])
    found["stitch_blocks"] = partial(outputs.blocks, stages, weighed, outputs.large_strategies(stages))
    if not asked.settings.skip_unified_scores:
        both = (parts["stitch_ids"], parts["unified_scores"])
        found["stitch_scores"] = partial(outputs.both_scores, stages, weighed, *both, schemas["stitch_scores"])
    return [(name, partial(_without, make, asked.given.erased)) for name, make in found.items()]


def _small(stages: Stages, weighed: Weighed, asked: Asked, parts: Parts, chosen: Chosen) -> dict[str, Rows]:
    """Give the tables that are small however many records there are."""
    given, days = asked.given, asked.settings.recorded_history_days
    found: dict[str, Rows] = {
        "stitch_model": outputs.model_table(stages, weighed),
        LABELLED: weighed.comparison.labels.said,
        "stitch_runs": runs_frame(chosen, given, weighed.everything.size, days),
        "stitch_benchmarks": benchmarks_since(outputs.benchmarks(stages, parts["unified_preprocessed_raw"]), given),
    }
    if "detailed_examples" in parts:
        found["detailed_examples"] = outputs.examples(stages, parts["detailed_examples"])
    return found


def _with_history(make: Make, asked: Asked, name: str) -> DataFrame:
    """Give the changes of earlier runs that are no older than the settings say, then those of this one."""
    rows = make()
    if name not in asked.changes:
        return rows
    oldest = asked.given.at - dt.timedelta(days=asked.settings.recorded_history_days)
    return asked.changes[name]().where(f.col("timestamp") > f.lit(oldest)).select(*rows.columns).union(rows)


def _without(make: Make, erased: pl.DataFrame | None) -> DataFrame:
    """Give a table without the rows that name one of some records."""
    frame = make()
    if erased is None or erased.is_empty():
        return frame
    gone = frame.sparkSession.createDataFrame(erased.select(KEYS).to_arrow(compat_level=pl.CompatLevel.oldest()))
    for source, pk in NAMED_BY:
        if {source, pk} <= set(frame.columns):
            named = gone.toDF(source, pk)
            frame = frame.join(f.broadcast(named), [source, pk], "left_anti").select(*frame.columns)
    return frame
