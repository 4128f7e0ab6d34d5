"""Makes output tables in Spark with the functions of one process: a worker makes its people's rows of all of them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.lakehouse.stages import Stages
from cdp_assets.stitch.assign_ids import ID, KEYS, Assigned, assign_ids
from cdp_assets.stitch.bad_values import VALUES_SCHEMA, Judged, judged_by
from cdp_assets.stitch.collapse import Collapsed
from cdp_assets.stitch.column import Labels
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.outputs.blocking import keyed
from cdp_assets.stitch.outputs.examples import cases
from cdp_assets.stitch.outputs.tables import OUTPUTS
from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.spark.closed import CLOSED, RETIRED, closed, held
from cdp_assets.stitch.spark.clusters import grouped_of, inside
from cdp_assets.stitch.spark.components import ROOT
from cdp_assets.stitch.spark.evidence import Comparison
from cdp_assets.stitch.spark.frames import Schema, bucketed_together, mapped
from cdp_assets.stitch.spark.numbered import NUMBER, ROW
from cdp_assets.stitch.spark.outline import USERS
from cdp_assets.stitch.spark.people import STANDS
from cdp_assets.stitch.spark.resolve import Weighed
from cdp_assets.stitch.spelled import HASH
from cdp_assets.stitch.weigh import Model

TABLE, ROWS = "table", "rows"
PIECES = {TABLE: pl.String, ROWS: pl.Binary}
ROWS_PER_PIECE = 10_000
BAD_IN = "_cdp_bad"
"""The columns in which a record has a bad value."""


@dataclass(frozen=True, eq=False)
class Work:
    """What a worker needs to know to make tables.

    columns: Those of normalised records. given: Of the tables of before with stitch_labelled alone.
    follows: Whether there was a run before. schemas: Of every table that is to be made.
    """

    comparison: Comparison
    model: Model
    columns: tuple[str, ...]
    given: Given
    follows: bool
    schemas: Mapping[str, Schema]


def keep_everybody(stages: Stages, weighed: Weighed) -> None:
    """Keep `everybody`: all records as they were normalised, who stands for each, and the root of its component."""

    def everybody() -> DataFrame:
        blanks = stages.read("bad").groupBy(NUMBER).agg(f.collect_set("column").alias(BAD_IN))
        records = (
            weighed.everything.frame(NUMBER).join(stages.read("twins"), NUMBER, "left").join(blanks, NUMBER, "left")
        )
        return records.withColumn(STANDS, f.coalesce(STANDS, NUMBER)).join(_standing(stages, weighed), STANDS)

    stages.keep("everybody", everybody)


def _standing(stages: Stages, weighed: Weighed) -> DataFrame:
    """Give stands, row, root and how many share the values of everybody who stands for others or themselves."""
    people = weighed.people.frame(ROW).select(f.col(NUMBER).alias(STANDS), ROW)
    profiles = stages.read("profiles")
    users = profiles.select(ROW, *(name for name in profiles.columns if name.startswith(USERS)))
    found = people.join(users, ROW, "left").join(stages.read("members"), ROW, "left")
    return found.withColumn(ROOT, f.coalesce(ROOT, ROW))


def keep_made(stages: Stages, work: Work) -> None:
    """Keep `made`: table, rows (Arrow) of all tables of `work.schemas`."""

    def made() -> DataFrame:
        rows = closed(stages, stages.read("everybody"), follows=work.follows)
        if work.follows:
            rows = rows.unionByName(held(stages), allowMissingColumns=True)
        pairs = closed(stages, inside(stages, work.comparison), follows=work.follows)
        return bucketed_together(rows, pairs, CLOSED, stages.parts, partial(_made, work), PIECES)

    stages.keep("made", made)


def made(stages: Stages, name: str, schema: Schema) -> DataFrame:
    """Give the rows of one table."""
    return mapped(stages.read("made").where(f.col(TABLE) == name), _whole, schema)


def _whole(pieces: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([pl.read_ipc(io.BytesIO(piece)) for piece in pieces[ROWS]])


def _made(work: Work, rows: pl.DataFrame, pairs: pl.DataFrame) -> pl.DataFrame:
    """Give the pieces of all tables of one bucket."""
    run = _run(work, rows, pairs)
    found = [{TABLE: name, ROWS: piece} for name in work.schemas for piece in _pieces(MAKERS[name](run))]
    return pl.DataFrame(found, schema=PIECES)


def _keyed(run: Resolved) -> pl.DataFrame:
    return pl.concat(keyed(run.collapsed.records, run.settings))


MAKERS = {**OUTPUTS, "stitch_blocking_keys": _keyed, "detailed_examples": cases}
"""Table -> what makes a bucket's part of it: of some, rows from which all buckets together are made."""


def _pieces(frame: pl.DataFrame) -> Iterator[bytes]:
    for part in frame.iter_slices(ROWS_PER_PIECE):
        file = io.BytesIO()
        part.write_ipc(file, compression="zstd")
        yield file.getvalue()


def _run(work: Work, rows: pl.DataFrame, pairs: pl.DataFrame) -> Resolved:
    """Give the run over the records of a bucket, which holds whole components and everybody who held their ids."""
    comparison = work.comparison
    records = rows.drop_nulls(NUMBER).sort(NUMBER)
    judged = _judged(work, records)
    collapsed = _collapsed(records, judged.records)
    people = records[collapsed.rows].with_columns(collapsed.records)
    found = grouped_of(comparison, work.model, people, pairs)
    before = rows.filter(pl.col(NUMBER).is_null()) if work.follows else None
    assigned = _assigned(work, judged, found.found.labels[collapsed.representative], before)
    said = records.select(*KEYS, HASH)
    given = work.given if before is None else replace(work.given, previous={**work.given.previous, **_previous(before)})
    return Resolved(
        comparison.settings,
        given,
        said,
        judged,
        collapsed,
        found.pairs,
        found.bits,
        found.judge,
        found.found,
        assigned,
        comparison.labels.said,
    )


def _judged(work: Work, records: pl.DataFrame) -> Judged:
    spelled = records.select(work.columns)
    blank = records[BAD_IN].fill_null([])
    columns = sorted(set(blank.explode().drop_nulls()))
    masks = {name: blank.list.contains(name) for name in columns}
    return judged_by(masks, spelled, pl.DataFrame(schema=VALUES_SCHEMA))


def _collapsed(records: pl.DataFrame, judged: pl.DataFrame) -> Collapsed:
    """Give who stands for whom; `judged` are the same records without bad values."""
    standing = np.flatnonzero((records[NUMBER] == records[STANDS]).to_numpy())
    numbers = records[NUMBER].to_numpy()[standing]
    return Collapsed(judged[standing], standing, np.searchsorted(numbers, records[STANDS].to_numpy()))


def _assigned(work: Work, judged: Judged, labels: Labels, before: pl.DataFrame | None) -> Assigned:
    members = judged.records.select(KEYS).with_columns(cluster=pl.Series(labels, dtype=pl.Int64))
    if before is None or work.comparison.settings.disable_stable_ids:
        return assign_ids(members, previous=None, retired=None, key=work.given.key)
    previous, retired = before.filter(~pl.col(RETIRED)), before.filter(RETIRED)
    return assign_ids(members, previous=previous, retired=retired, key=work.given.key)


def _previous(before: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """Give the tables of the run before that say what changes, of the records of a bucket."""
    ids = before.filter(~pl.col(RETIRED))
    return {"stitch_ids": ids.select(*KEYS, ID), "stitch_spelled": ids.select(*KEYS, HASH).drop_nulls()}
