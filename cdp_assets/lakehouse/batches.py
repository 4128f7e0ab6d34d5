"""Runs functions of Arrow batches on Spark's frames; what they make can be written to Delta.

Spark names the collation of a text that a function made, in a stage's files too, and delta-rs reads no table with one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.lakehouse.arrow import spark_type

Run = Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]


def of_batches(frame: DataFrame, run: Run, schema: pa.Schema) -> DataFrame:
    """Give what a function makes of each partition's batches; `schema` is of what it gives, in plain types."""
    return with_schema(frame.mapInArrow(run, spelled(schema)), schema)


def with_schema(made: DataFrame, schema: pa.Schema) -> DataFrame:
    """Give what a function has made, its texts as plain ones."""
    return _plain_texts(made, [field.name for field in schema if spark_type(field.type) == "string"])


def with_plain_texts(stage: DataFrame) -> DataFrame:
    """Give the texts of a stage as plain ones."""
    return _plain_texts(stage, [field.name for field in stage.schema if field.dataType.simpleString() == "string"])


def spelled(schema: pa.Schema) -> str:
    """Spell a schema for Spark."""
    return ", ".join(f"`{field.name}` {spark_type(field.type)}" for field in schema)


def _plain_texts(frame: DataFrame, names: Sequence[str]) -> DataFrame:
    return frame.withColumns({name: f.col(name).cast("string") for name in names}) if names else frame
