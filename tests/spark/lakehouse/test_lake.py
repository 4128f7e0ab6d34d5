"""Tables are the same whichever engine writes them, and a pinned read does not move."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Callable
from decimal import Decimal

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from cdp_assets.errors import LakeError
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName

ORDERS = TableName("domain", "orders")
ROWS = pa.table(
    {
        "text": pa.array(["a", None]),
        "whole": pa.array([1, None], pa.int64()),
        "small": pa.array([1, None], pa.int32()),
        "float": pa.array([1.5, None]),
        "yes": pa.array([True, None]),
        "day": pa.array([dt.date(2026, 11, 20), None]),
        "at": pa.array([dt.datetime(2026, 11, 20, 12, 30, 1, 5, tzinfo=dt.UTC), None], pa.timestamp("us", "UTC")),
        "amount": pa.array([Decimal("1.25"), None], pa.decimal128(38, 2)),
        "names": pa.array([["x", None], None], pa.list_(pa.field("element", pa.string()))),
        "inner": pa.array([{"a": 1, "b": "x"}, None], pa.struct({"a": pa.int64(), "b": pa.string()})),
    }
)
WRITERS: dict[str, Callable[[Lake, str], int]] = {
    "delta-rs": lambda lake, path: lake.overwrite(path, ROWS, load_id="one"),
    "spark": lambda lake, path: lake.overwrite(path, lake.sessions.session().createDataFrame(ROWS), load_id="one"),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_schema_protocol_properties_and_rows_are_the_same_whoever_writes(lake: Lake, writer: str) -> None:
    version = WRITERS[writer](lake, "t")
    path = lake.absolute("t")
    assert version == 0
    assert delta.protocol(path) == (1, 2)
    assert DeltaTable(str(path)).metadata().configuration == delta.PROPERTIES | delta.WITHOUT_VALUES
    assert delta.schema(path).equals(ROWS.schema, check_metadata=True)
    assert delta.read(path, sql_where="text = 'a'").to_pylist() == ROWS.slice(0, 1).to_pylist()
    by_spark = lake.sessions.run(
        lambda: lake.sql("SELECT * FROM domain.orders", {ORDERS: TableVersion("t", 0)}, {}).toArrow()
    )
    assert sorted(by_spark.to_pylist(), key=str) == sorted(ROWS.to_pylist(), key=str)
    assert lake.spark_columns(TableVersion("t", 0)) == {
        "text": "string", "whole": "bigint", "small": "int", "float": "double", "yes": "boolean", "day": "date",
        "at": "timestamp", "amount": "decimal(38,2)", "names": "array<string>", "inner": "struct<a:bigint,b:string>",
    }  # fmt: skip


@pytest.mark.parametrize("writer", WRITERS)
def test_the_log_of_a_table_names_no_value(lake: Lake, writer: str) -> None:
    """It stays for weeks after the files are gone; a file's rows are counted still."""
    WRITERS[writer](lake, "t")
    lines = (lake.absolute("t") / "_delta_log" / f"{0:020}.json").read_text().splitlines()
    told = [json.loads(json.loads(line)["add"]["stats"]) for line in lines if line.startswith('{"add"')]
    assert sum(one["numRecords"] for one in told) == ROWS.num_rows
    assert not any(value for one in told for name, value in one.items() if name != "numRecords")


@pytest.mark.parametrize("first", WRITERS)
@pytest.mark.parametrize("second", WRITERS)
def test_either_engine_goes_on_where_the_other_stopped(lake: Lake, first: str, second: str) -> None:
    WRITERS[first](lake, "t")
    version = (
        lake.overwrite("t", ROWS, load_id="two")
        if second == "delta-rs"
        else lake.overwrite("t", lake.sessions.session().createDataFrame(ROWS), load_id="two")
    )
    assert version == 1
    assert delta.protocol(lake.absolute("t")) == (1, 2)
    assert delta.schema(lake.absolute("t")).equals(ROWS.schema, check_metadata=True)


@pytest.mark.parametrize("writer", WRITERS)
def test_same_load_is_written_once_and_keeps_its_version(lake: Lake, writer: str) -> None:
    WRITERS[writer](lake, "t")
    lake.overwrite("t", lake.sessions.session().sql("SELECT 1 AS other"), load_id="later")
    assert WRITERS[writer](lake, "t") == 0
    assert delta.version(lake.absolute("t")) == 1


def test_transaction_of_a_write_does_not_stay_in_the_session(lake: Lake) -> None:
    frame = lake.sessions.session().sql("SELECT 1 AS n")
    lake.overwrite("a", frame, load_id="one")
    frame.write.format("delta").save(str(lake.absolute("b")))
    assert delta.transaction_version(lake.absolute("b"), "one") is None


def test_merge_by_delta_rs_into_a_table_that_spark_wrote(lake: Lake) -> None:
    lake.overwrite("t", lake.sessions.session().sql("SELECT 'a' AS pk, 1L AS updated"), load_id="one")
    delta.merge(lake.absolute("t"), pa.table({"pk": ["a", "b"], "updated": [2, 1]}), "two", key="pk", newest="updated")
    assert sorted(delta.read(lake.absolute("t")).to_pylist(), key=str) == [
        {"pk": "a", "updated": 2},
        {"pk": "b", "updated": 1},
    ]
    assert delta.protocol(lake.absolute("t")) == (1, 2)


@pytest.mark.parametrize(
    "expression",
    ["TIMESTAMP_NTZ '2026-01-01 00:00:00'", "NULL", "PARSE_JSON('1')", "ARRAY(NULL)", "'a' COLLATE UNICODE"],
)
def test_type_that_would_lift_the_protocol_is_refused_by_name(lake: Lake, expression: str) -> None:
    with pytest.raises(LakeError, match=r"odd .*cannot be kept"):
        lake.overwrite("t", lake.sessions.session().sql(f"SELECT {expression} AS odd"), load_id="one")
    assert delta.version(lake.absolute("t")) is None


def test_query_reads_each_reference_at_its_version_in_every_place(lake: Lake) -> None:
    for number in range(3):
        lake.overwrite("t", pa.table({"n": [number]}), load_id=str(number))
    text = """
        WITH kept AS (SELECT * FROM domain.orders)
        SELECT o.n, domain.orders.n, (SELECT MAX(n) FROM domain.orders), (SELECT MAX(n) FROM kept),
               (SELECT SUM(v) FROM domain.orders LATERAL VIEW EXPLODE(ARRAY(n)) e AS v), :business_date
        FROM domain.orders AS o JOIN domain.orders ON o.n = orders.n
        WHERE EXISTS (SELECT 1 FROM domain.orders WHERE orders.n = o.n)
    """
    date = dt.date(2026, 11, 20)
    pins = {ORDERS: TableVersion("t", 1)}
    rows = lake.sessions.run(lambda: lake.sql(text, pins, {"business_date": date}).toArrow())
    assert [column.to_pylist() for column in rows.columns] == [[1], [1], [1], [1], [1], [date]]


def test_pivot_reads_the_pinned_version(lake: Lake) -> None:
    lake.overwrite("t", pa.table({"who": ["a", "a"], "kind": ["x", "y"], "n": [1, 2]}), load_id="1")
    text = "SELECT * FROM domain.orders PIVOT (SUM(n) FOR kind IN ('x', 'y'))"
    rows = lake.sessions.run(lambda: lake.sql(text, {ORDERS: TableVersion("t", 0)}, {}).toArrow())
    assert rows.to_pylist() == [{"who": "a", "x": 1, "y": 2}]


def test_table_that_is_not_pinned_is_refused(lake: Lake) -> None:
    with pytest.raises(LakeError, match=r"domain\.people: not among"):
        lake.sql("SELECT * FROM domain.people", {ORDERS: TableVersion("t", 0)}, {})


def test_pinned_read_stands_still_while_a_writer_overwrites(lake: Lake) -> None:
    lake.overwrite("t", pa.table({"n": list(range(100))}), load_id="first")
    stop = threading.Event()
    written: list[int] = []

    def overwrite() -> None:
        while not stop.is_set():
            rows = pa.table({"n": [-1] * (len(written) + 1)})
            written.append(lake.overwrite("t", rows, load_id=f"loop {len(written)}"))

    writer = threading.Thread(target=overwrite)
    writer.start()
    try:
        pins = {ORDERS: TableVersion("t", 0)}
        text = "SELECT COUNT(*) AS rows, SUM(n) AS total FROM domain.orders"
        for _ in range(4):
            rows = lake.sessions.run(lambda: lake.sql(text, pins, {}).toArrow())
            assert rows.to_pylist() == [{"rows": 100, "total": 4950}]
            assert delta.count(lake.absolute("t"), 0) == 100
    finally:
        stop.set()
        writer.join()
    assert len(written) > 4
