"""Has Spark make and write the tables of Stitch, where there are more records than one process is to hold."""

from functools import partial
from typing import Any

import polars as pl

from cdp_assets.config.catalog import STITCH_IDS, STITCH_TABLES, Table
from cdp_assets.defs.step import Step
from cdp_assets.defs.stitch_report import labels_metadata, report_metadata
from cdp_assets.defs.stitch_tables import at_of, frame_of, given_of, stored, target
from cdp_assets.lakehouse.keep import held, keep
from cdp_assets.lakehouse.lake import Frame
from cdp_assets.lakehouse.spark_keep import keep_in_spark
from cdp_assets.lakehouse.stages import Make
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName
from cdp_assets.stitch.report import Report
from cdp_assets.stitch.spark.figures import figures_in_spark
from cdp_assets.stitch.spark.run import Asked, Made, stitched_in_spark
from cdp_assets.unified.people import stitch_input_sql

SMALL = ("stitch_runs", "stitch_benchmarks", "stitch_labelled")
"""Tables of the run before that are read here."""


def in_spark(now: Step, tables: list[Table]) -> tuple[list[int], Report, dict[str, Any]]:
    """Give the version of each table, which Spark has brought to its rows, what the run was like, and its page."""
    records = partial(frame_of, now, stitch_input_sql(now.revision.tenant))
    small = {name: stored(now, TableName("stitch", name)) for name in SMALL}
    given = given_of(now, {name: held(at) for name, at in small.items() if at is not None})
    before = {table.name: make for table in STITCH_TABLES if (make := _published(now, table)) is not None}
    with stitched_in_spark(now.lake, records, Asked(now.revision.tenant.stitch, given, before)) as made:
        versions = [_written(now, made, table) for table in tables]
        figures = figures_in_spark(made.stages, made.tables, before.get(STITCH_IDS.name), made.report)
    page = report_metadata(now.platform.home, now.run.environment, now.run.began_at, figures)
    said = made.tables["stitch_labelled"]
    named = labels_metadata(given.labels, said) if isinstance(said, pl.DataFrame) else {}
    return versions, made.report, page | named


def _published(now: Step, table: TableName) -> Make | None:
    """Give the frame of what the environment's current publication says."""
    entry = now.run.base_entry(table)
    return None if entry is None else partial(_pinned, now, now.at(entry))


def _pinned(now: Step, at: TableVersion) -> Frame:
    return now.lake.frame(f"SELECT * FROM {now.lake.pinned(at)}")


def _written(now: Step, made: Made, table: Table) -> int:
    """Bring a table to its rows, and give the version that holds them."""
    rows = made.tables[table.name.name]
    if isinstance(rows, pl.DataFrame):
        return keep(target(now, table), rows.to_arrow())
    path, at = now.run.paths[table.name], at_of(now, table)
    return keep_in_spark(now.lake, made.stages, rows, path, at, now.load_id(table.name))
