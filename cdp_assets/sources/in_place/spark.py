"""Has Spark's workers read files where they lie, and gives their records as the table is to have them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import pyarrow as pa
from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

from cdp_assets.lakehouse.arrow import plain_schema
from cdp_assets.lakehouse.batches import of_batches
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.sealed import sealed
from cdp_assets.lakehouse.stages import Stages
from cdp_assets.sources import key
from cdp_assets.sources.in_place.outcome import Outcome, is_read_apart, rows_before
from cdp_assets.sources.in_place.shares import PIECE_BYTES, shares_of, tasks_of, whole_shares
from cdp_assets.sources.in_place.store import Store
from cdp_assets.sources.in_place.worker import FILE, OUTCOME, PART, PLACE, Asked, Share, read_task, stage_schema
from cdp_assets.sources.parse import table_schema

PIECES, WHOLE = "pieces", "whole"
"""Stages: files in pieces, and those of them that had to be read again in one."""
_BEFORE, _RANK = "_cdp_before", "_cdp_rank"


@dataclass(frozen=True)
class InPlace:
    """What reads files where they lie: the lake with its Spark, and the store that the files are in."""

    lake: Lake
    store: Store
    piece_bytes: int = PIECE_BYTES


@dataclass(frozen=True)
class Staged:
    """Files that were read: their records in stages, and of each file what came of its pieces, in order."""

    stages: Stages
    asked: Asked
    pieces: Mapping[int, Sequence[Outcome]]
    again: frozenset[int]
    """The files that are in the stage of whole ones."""


def staged(stages: Stages, place: InPlace, asked: Asked) -> Staged:
    """Read the files in pieces, and again in one piece those of which pieces do not give what the file gives."""
    pieces = _read(stages, place.store, asked, PIECES, shares_of(asked.files, place.piece_bytes))
    again = frozenset(file for file, found in pieces.items() if not is_read_apart(found))
    if again:
        files = {number: asked.files[number] for number in sorted(again)}
        pieces |= _read(stages, place.store, asked, WHOLE, whole_shares(files))
    return Staged(stages, asked, pieces, again)


def _read(stages: Stages, store: Store, asked: Asked, stage: str, shares: Sequence[Share]) -> dict[int, list[Outcome]]:
    """Keep the records of shares as a stage, and give each file's outcomes in the order of its pieces."""
    asked = replace(asked, tasks=tasks_of(shares))
    stages.keep(stage, partial(_frame, stages, store, asked))
    told = stages.answer(lambda: stages.read(stage).where(f.col(OUTCOME).isNotNull()).select(OUTCOME))
    found: dict[int, list[Outcome]] = {share.file: [] for share in shares}
    for one in map(Outcome.read, told[OUTCOME].to_pylist()):
        found[one.file].append(one)
    return {file: sorted(outcomes, key=lambda one: one.part) for file, outcomes in found.items()}


def _frame(stages: Stages, store: Store, asked: Asked) -> DataFrame:
    session = stages.session()
    on_worker = store.sealed(sealed(session, store.spelled_secrets()))

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for task in batch.column(0).to_pylist():
                yield from read_task(asked, on_worker, task)

    count = len(asked.tasks)
    return of_batches(session.range(0, count, 1, count), run, stage_schema(asked.feed))


def winners(staged: Staged, first: int, last: int) -> DataFrame:
    """Give one record per key of the files from `first` to `last`: the greatest `_updated`, of equal ones the last.

    Belongs inside `sessions.run`.
    """
    rows = staged.stages.read(PIECES)
    if staged.again:
        rows = rows.where(~f.col(FILE).isin(sorted(staged.again))).union(staged.stages.read(WHOLE))
    rows = rows.where(f.col(OUTCOME).isNull() & f.col(FILE).between(first, last))
    if staged.asked.feed.last_updated is None:
        rows = _numbered(staged, rows)
    newest = [f.col(name).desc() for name in (key.UPDATED, FILE, PART, PLACE)]
    ranked = rows.withColumn(_RANK, f.row_number().over(Window.partitionBy(key.PK).orderBy(*newest)))
    schema = plain_schema(table_schema(staged.asked.feed))
    return ranked.where(f.col(_RANK) == 1).select(*schema.names)


def _numbered(staged: Staged, rows: DataFrame) -> DataFrame:
    """Count the rows in `_updated` on from the pieces before."""
    before = [
        {FILE: file, PART: part, _BEFORE: count}
        for file, found in staged.pieces.items()
        for part, count in enumerate(rows_before(found))
        if count
    ]
    if not before:
        return rows
    table = pa.Table.from_pylist(before, pa.schema([(FILE, pa.int32()), (PART, pa.int32()), (_BEFORE, pa.int64())]))
    counts = f.broadcast(staged.stages.sessions.session().createDataFrame(table))
    counted = f.col(key.UPDATED) + f.coalesce(f.col(_BEFORE), f.lit(0))
    return rows.join(counts, [FILE, PART], "left").withColumn(key.UPDATED, counted)
