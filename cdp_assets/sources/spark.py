"""Runs an ingest query: each file a table, the answer as Parquet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql.types import StructType

from cdp_assets.config.file_format import DelimitedFormat, FileFormat, JsonFormat, XmlFormat
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.sources.ingest_sql import over

NONE = "\u0000"
"""What Spark reads as: no such character."""


@dataclass(frozen=True)
class QueryTable:
    """The files of one tag, unpacked into one folder and in UTF-8; none where an optional one is absent."""

    tag: str
    format: FileFormat
    folder: Path
    columns: str | None
    is_empty: bool


def answer(lake: Lake, text: str, tables: Sequence[QueryTable], target: Path, name: str) -> None:
    """Write a query's rows as Parquet into the folder `target`, in their order.

    `name`, a word of letters and digits, keeps views of queries apart that run at the same time. Raises LakeError for
    what Spark refuses, without the values that its message may quote.
    """

    def write() -> None:
        session = lake.sessions.session()
        views = {one.tag.lower(): f"_cdp_{name}_{number}" for number, one in enumerate(tables)}
        for one in tables:
            _frame(session, one).createOrReplaceTempView(views[one.tag.lower()])
        rows = session.sql(over(text, views, name))
        rows.write.mode("overwrite").parquet(str(target), compression="snappy")  # a cluster's own may be zstd
        for view in views.values():
            session.catalog.dropTempView(view)

    lake.sessions.run(write)


def _frame(session: SparkSession, table: QueryTable) -> DataFrame:
    schema = _schema(table.columns)
    if table.is_empty:
        return session.createDataFrame([], schema=schema)
    if table.format.kind == "lines":
        return session.read.text(str(table.folder)).toDF("_c0")
    if table.format.kind == "parquet":
        return session.read.parquet(str(table.folder))
    reader = session.read.options(**options_of(table.format))
    reader = reader if schema is None else reader.schema(schema)
    return reader.load(str(table.folder), format=READERS.get(table.format.kind, "csv"))


READERS = {"json": "json", "ndjson": "json", "xml": "xml"}
"""Kind of format -> Spark's reader; every other one is delimited text."""


def options_of(format: FileFormat) -> dict[str, Any]:
    """Give the options of Spark's reader that mean what a format says; all text is UTF-8 by now."""
    if isinstance(format, DelimitedFormat):
        return {
            "sep": format.separator,
            "quote": format.quote or NONE,
            "escape": format.escape or NONE,
            "header": format.header,
            "multiLine": format.multi_line,
            "encoding": "UTF-8",
            "nullValue": next(iter(format.null_values), ""),
        }
    if isinstance(format, XmlFormat):
        return {"rowTag": format.row_tag}
    return {"multiLine": isinstance(format, JsonFormat)}


def _schema(columns: str | None) -> StructType | str | None:
    """Read columns as Spark spells them: as JSON, or as in CREATE TABLE."""
    return StructType.fromJson(json.loads(columns)) if columns and columns.lstrip().startswith("{") else columns
