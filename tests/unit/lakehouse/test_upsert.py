"""Rows go into a table by their key, whichever way is the shortest; a dictionary is the oracle."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest
from deltalake import DeltaTable
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp_assets.errors import LakeError
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.upsert import upsert

SCHEMA = pa.schema([("_pk", pa.string()), ("note", pa.string()), ("_updated", pa.int64())])
Rows = dict[str, int]
ROWS = st.dictionaries(st.sampled_from([f"k{number}" for number in range(9)]), st.integers(-2, 2), max_size=9)


def table(rows: Rows, note: str) -> pa.Table:
    """Give keys and their times; `note` says with which load they came."""
    return pa.Table.from_pylist([{"_pk": one, "note": note, "_updated": at} for one, at in rows.items()], SCHEMA)


def put(path: Path, rows: pa.Table, app_id: str) -> int:
    """Upsert rows."""
    known = pl.DataFrame(rows.select(["_pk", "_updated"]))
    return upsert(path, rows.to_reader(), known, app_id, key="_pk", newest="_updated")


def held(path: Path) -> dict[str, tuple[str, int]]:
    """Give what the table holds by key."""
    found = delta.read(path).to_pylist()
    by_key = {row["_pk"]: (row["note"], row["_updated"]) for row in found}
    assert len(by_key) == len(found)
    return by_key


def last_operation(path: Path) -> object:
    """Give how the last commit calls itself."""
    return DeltaTable(str(path)).history(1)[0]["operation"]


def in_files(path: Path, *files: list[str]) -> None:
    """Make a table of several files, each with some keys of time 1."""
    for number, keys in enumerate(files):
        delta.append(path, table(dict.fromkeys(keys, 1), "old"), f"file {number}")


@settings(max_examples=40, deadline=None)
@given(loads=st.lists(ROWS, min_size=1, max_size=4))
def test_the_newest_of_a_key_stays_and_of_equals_the_later(
    tmp_path_factory: pytest.TempPathFactory, loads: list[Rows]
) -> None:
    path = tmp_path_factory.mktemp("upsert") / "t"
    delta.create(path, SCHEMA)
    wanted: dict[str, tuple[str, int]] = {}
    for number, rows in enumerate(loads):
        put(path, table(rows, f"load {number}"), f"load {number}")
        for one, at in rows.items():
            if one not in wanted or at >= wanted[one][1]:
                wanted[one] = (f"load {number}", at)
        assert held(path) == wanted
        assert delta.transaction_version(path, f"load {number}") == 1


def test_rows_with_new_keys_alone_are_added_and_no_file_is_written_anew(tmp_path: Path) -> None:
    """Nor where an older version of what is there comes along."""
    path = tmp_path / "t"
    in_files(path, ["a", "b"], ["c"])
    before = set(delta.files(path, 1))
    at = put(path, table({"d": 1, "a": 0}, "new"), "news")
    assert before < set(delta.files(path, at))
    assert held(path) == {"a": ("old", 1), "b": ("old", 1), "c": ("old", 1), "d": ("new", 1)}


def test_a_file_without_a_replaced_row_stays_where_few_others_hold_one(tmp_path: Path) -> None:
    path = tmp_path / "t"
    in_files(path, ["a"], ["b", "c", "d"])
    (kept,) = set(delta.files(path, 1)) - set(delta.files(path, 0))
    at = put(path, table({"a": 2, "e": 1}, "new"), "news")
    assert kept in delta.files(path, at)
    assert last_operation(path) == "MERGE"
    assert held(path)["a"] == ("new", 2)


def test_where_most_files_hold_one_the_rest_is_written_along(tmp_path: Path) -> None:
    path = tmp_path / "t"
    in_files(path, ["a", "b"], ["c"], ["d"])
    put(path, table({"a": 2, "d": 1, "c": 0}, "new"), "news")
    assert last_operation(path) == "WRITE"
    assert held(path) == {"a": ("new", 2), "b": ("old", 1), "c": ("old", 1), "d": ("new", 1)}


@pytest.mark.parametrize("rows", [{"a": 2}, {"z": 2}], ids=["replaced", "added"])
def test_what_another_writes_meanwhile_is_neither_lost_nor_doubled(tmp_path: Path, rows: Rows) -> None:
    """The other's rows came after it was decided what is replaced."""
    path = tmp_path / "t"
    in_files(path, ["a"])

    def interrupted() -> list[pa.RecordBatch]:
        with ThreadPoolExecutor(1) as another:  # delta-rs cannot be called from the stream that it writes
            another.submit(delta.append, path, table(rows, "other"), "other").result()
        return table(rows, "new").to_batches()

    news = pa.RecordBatchReader.from_batches(SCHEMA, (batch for part in [interrupted] for batch in part()))
    known = pl.DataFrame(table(rows, "new").select(["_pk", "_updated"]))
    with pytest.raises(LakeError, match="CommitFailedError"):
        upsert(path, news, known, "news", key="_pk", newest="_updated")
    assert (delta.version(path), delta.transaction_version(path, "news")) == (1, None)


def test_a_file_that_is_gone_is_our_error(tmp_path: Path) -> None:
    path = tmp_path / "t"
    in_files(path, ["a"])
    for file in path.glob("*.parquet"):
        file.unlink()
    with pytest.raises(LakeError, match="cannot be read"):
        put(path, table({"a": 2}, "new"), "news")


def test_rows_with_other_columns_go_the_way_of_a_merge(tmp_path: Path) -> None:
    """It takes the table's columns; an overwrite would change them."""
    path = tmp_path / "t"
    in_files(path, ["a"])
    put(path, table({"a": 2}, "new").append_column("more", pa.array(["x"])), "news")
    assert last_operation(path) == "MERGE"
    assert (held(path), delta.schema(path)) == ({"a": ("new", 2)}, SCHEMA)
