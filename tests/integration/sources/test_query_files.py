"""What an ingest query is given of files that Spark has no reader for; polars stands for Spark."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cbor2
import fastavro
import polars as pl
import pytest

from cdp_assets.lakehouse.lake import Lake
from cdp_assets.sources import spark
from cdp_assets.sources.spark import QueryTable
from tests.integration.sources.query_shop import shop

RECORDS = [{"id": f"k{n}", "more": {"amount": f"{n}.50", "on": "2026-11-20"}} for n in range(40)]


def avro() -> bytes:
    more = [{"name": name, "type": "string"} for name in ("amount", "on")]
    fields = [
        {"name": "id", "type": "string"},
        {"name": "more", "type": {"type": "record", "name": "M", "fields": more}},
    ]
    file = io.BytesIO()
    fastavro.writer(file, {"type": "record", "name": "R", "fields": fields}, RECORDS, codec="deflate")
    return file.getvalue()


FILES = {"avro": avro(), "cbor": cbor2.dumps(RECORDS), "json_stream": "".join(map(json.dumps, RECORDS)).encode()}


def answered(_: Lake, __: str, tables: Sequence[QueryTable], target: Path, ___: str) -> None:
    """Answer `SELECT id, more.amount AS amount, more.on AS ordered_on, kind AS note`."""
    (table,) = tables
    lines = [line for file in sorted(table.folder.iterdir()) for line in file.read_text().splitlines()]
    found = [json.loads(line) for line in lines]
    rows = [{"id": one["id"], "amount": one["more"]["amount"], "ordered_on": one["more"]["on"]} for one in found]
    target.mkdir()
    pl.DataFrame(rows).with_columns(note=pl.lit(table.format.kind)).write_parquet(
        target / "part-0.parquet", compression="snappy"
    )


@pytest.mark.parametrize("kind", FILES)
def test_records_come_as_lines_of_json(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark, "answer", answered)
    nested: dict[str, Any] = {"tag": "nested", "pattern": "'nested_'yyyyMMdd", "format": {"kind": kind}}
    made = shop(tmp_path, None, "SELECT * FROM nested", nested)  # type: ignore[arg-type] # no session is asked for
    made.drop("nested_20261120", FILES[kind])
    (loaded,) = made.run()
    assert (loaded.rows_loaded, loaded.rows_rejected) == (len(RECORDS), 0)
    assert set(made.rows()["note"].to_list()) == {"ndjson"}
    assert sorted(map(str, made.rows()["amount"].to_list())) == sorted(one["more"]["amount"] for one in RECORDS)
