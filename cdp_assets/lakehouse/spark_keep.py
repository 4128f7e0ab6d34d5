"""Brings a table to rows that Spark has, as `keep` does with rows that are here: the same rows make no new version."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa
from pyspark.sql import DataFrame

from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.batches import of_batches
from cdp_assets.lakehouse.content import content_of, content_together
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.stages import Make, Stages

CONTENT = "content"


def keep_in_spark(lake: Lake, stages: Stages, rows: Make, path: str, at: int | None, load_id: str) -> int:
    """Bring a table to rows in one commit that carries `load_id`, and give the version that holds them.

    Where version `at` holds them already nothing is written, whichever engine wrote it. Repeated, it is written once.
    The rows are made twice, so they are best those of a stage.
    """
    content = content_in_spark(stages, rows)
    if at is not None and delta.content(lake.absolute(path), at) == content:
        return at
    return lake.sessions.run(lambda: lake.overwrite(path, rows(), load_id=load_id, content=content))


def content_in_spark(stages: Stages, rows: Make) -> str:
    """Give what `content_of` gives of rows that Spark has; a text per partition comes here."""
    parts: list[str] = stages.answer(lambda: _contents(rows())).column(CONTENT).to_pylist()
    return content_together(parts or [content_of(stages.answer(lambda: rows().limit(0)))])


def _contents(frame: DataFrame) -> DataFrame:
    """Give the content of each partition that has rows."""

    def run(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        if found := [content_of(pa.Table.from_batches([batch])) for batch in batches if batch.num_rows]:
            yield pa.RecordBatch.from_pydict({CONTENT: [content_together(found)]})

    return of_batches(frame, run, pa.schema([(CONTENT, pa.string())]))
