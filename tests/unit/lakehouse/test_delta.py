from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable

from cdp_assets.errors import LakeError, SourceError
from cdp_assets.lakehouse import delta

NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
ROWS = pa.table(
    {
        "_pk": ["a", "b"],
        "email": ["a@example.com", None],
        "at": pa.array([NOW, None], pa.timestamp("us", "UTC")),
        "amount": pa.array([None, None], pa.decimal128(38, 2)),
        "_updated": pa.array([1, 1], pa.int64()),
    }
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table"


def _people(path: Path) -> dict[str, str | None]:
    table = delta.read(path, columns=["_pk", "email"])
    return dict(zip(*table.to_pydict().values(), strict=True))


def test_absent_table_has_no_version_and_no_transaction(path: Path) -> None:
    assert delta.version(path) is None
    assert delta.transaction_version(path, "load") is None


def test_reading_an_absent_table_names_it(path: Path) -> None:
    with pytest.raises(LakeError, match="table: no table there"):
        delta.read(path)


def test_every_write_gives_its_version_and_keeps_its_transaction(path: Path) -> None:
    assert delta.create(path, ROWS.schema) == 0
    assert delta.append(path, ROWS, "first") == 1
    assert delta.overwrite(path, ROWS, "second", 7) == 2
    assert delta.transaction_version(path, "first") == 1
    assert delta.transaction_version(path, "second") == 7
    assert delta.version_by(path, "first") == 1


def test_creating_twice_changes_nothing(path: Path) -> None:
    delta.append(path, ROWS, "load")
    assert delta.create(path, ROWS.schema) == 0
    assert delta.count(path) == 2


def test_tables_stay_plain_and_keep_their_files_long_enough(path: Path) -> None:
    delta.create(path, ROWS.schema)
    delta.append(path, ROWS, "a")
    delta.merge(path, ROWS, "m", key="_pk", newest="_updated")
    delta.overwrite(path, ROWS, "o")
    assert delta.protocol(path) == (1, 2)
    assert DeltaTable(str(path)).metadata().configuration == delta.PROPERTIES


def test_an_old_version_reads_as_it_was(path: Path) -> None:
    first = delta.append(path, ROWS, "a")
    second = delta.overwrite(path, ROWS.slice(0, 1), "b")
    assert (delta.count(path, first), delta.count(path, second)) == (2, 1)
    assert delta.size_bytes(path, first) > 0


def test_read_chooses_columns_rows_and_a_head(path: Path) -> None:
    delta.append(path, ROWS, "a")
    assert delta.read(path, columns=["email"], sql_where="_pk = 'a'").to_pylist() == [{"email": "a@example.com"}]
    assert delta.read(path, limit=1).num_rows == 1
    assert delta.read(path, limit=0).num_rows == 0


def test_read_gives_the_types_that_were_written(path: Path) -> None:
    delta.append(path, ROWS, "a")
    assert delta.read(path).schema == ROWS.schema == delta.schema(path)


def test_merge_updates_inserts_and_keeps_the_newer(path: Path) -> None:
    delta.append(path, ROWS, "a")
    incoming = pa.table(
        {
            "_pk": ["a", "b", "c"],
            "email": ["older@example.com", "same@example.com", "new@example.com"],
            "at": pa.array([None] * 3, pa.timestamp("us", "UTC")),
            "amount": pa.array([None] * 3, pa.decimal128(38, 2)),
            "_updated": pa.array([0, 1, 5], pa.int64()),
        }
    )
    assert delta.merge(path, incoming, "m", key="_pk", newest="_updated") == 1
    assert _people(path) == {"a": "a@example.com", "b": "same@example.com", "c": "new@example.com"}
    assert delta.transaction_version(path, "m") == 1


def test_overwrite_replaces_the_schema(path: Path) -> None:
    delta.overwrite(path, ROWS, "a")
    delta.overwrite(path, pa.table({"other": ["x"]}), "b")
    assert delta.schema(path).names == ["other"]


def test_naive_timestamp_is_refused_by_name(path: Path) -> None:
    naive = pa.table({"born": pa.array([dt.datetime(2000, 1, 1)], pa.timestamp("us"))})
    with pytest.raises(LakeError, match="born: a timestamp without a zone"):
        delta.append(path, naive, "a")
    assert delta.version(path) is None


def test_append_of_other_columns_names_them_and_no_value(path: Path) -> None:
    delta.append(path, ROWS, "a")
    with pytest.raises(LakeError, match=r"SchemaMismatchError: .*extra") as caught:
        delta.append(path, pa.table({"extra": ["geheim"]}), "b")
    assert "geheim" not in str(caught.value)


def test_failing_cast_does_not_quote_the_value(path: Path) -> None:
    delta.append(path, ROWS, "a")
    with pytest.raises(LakeError) as caught:
        delta.sql(path, "SELECT CAST(email AS INT) FROM t")
    assert "a@example.com" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_error_of_the_stream_is_raised_as_it_was_and_writes_nothing(path: Path) -> None:
    delta.create(path, ROWS.schema)

    def batches() -> Iterator[pa.RecordBatch]:
        yield from ROWS.to_batches()
        raise SourceError("orders.csv", "too many bad rows", "at most 1 %", row=3)

    with pytest.raises(SourceError, match=r"orders\.csv, row 3"):
        delta.append(path, pa.RecordBatchReader.from_batches(ROWS.schema, batches()), "a")
    assert delta.version(path) == 0
    assert delta.transaction_version(path, "a") is None


STREAM = """
import resource, sys
import pyarrow as pa
from cdp_assets.lakehouse import delta
text = pa.array([("%08d" % n) * 128 for n in range(4096)])
schema = pa.schema({"text": pa.string()})
delta.append(sys.argv[1], pa.RecordBatchReader.from_batches(schema, [pa.record_batch([text], schema=schema)]), "one")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
def batches():
    for turn in range(int(sys.argv[2])):
        yield pa.record_batch([pa.array([f"{turn:04d}{n:04d}" * 128 for n in range(4096)])], schema=schema)
delta.append(sys.argv[1], pa.RecordBatchReader.from_batches(schema, batches()), "many")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) >> 10)
"""


def test_streamed_append_holds_a_fraction_of_what_it_writes(path: Path) -> None:
    batches, mib_each = 200, 4
    done = subprocess.run(
        [sys.executable, "-c", STREAM, str(path), str(batches)], capture_output=True, text=True, check=True
    )
    assert delta.count(path) == (batches + 1) * 4096
    assert int(done.stdout) < batches * mib_each / 2
