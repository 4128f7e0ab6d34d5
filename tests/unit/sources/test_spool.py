"""Which of a key's records wins, however much of the file is in memory at once."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp_assets.sources import key
from cdp_assets.sources.parse import Records
from cdp_assets.sources.spool import Spool

SCHEMA = pa.schema([("note", pa.int64()), (key.PK, pa.string()), (key.UUID_PK, pa.string()), (key.UPDATED, pa.int64())])
ROWS = st.lists(st.tuples(st.integers(0, 8), st.integers(-3, 3)), max_size=40)


def records(rows: list[tuple[int, int]], first: int) -> Records:
    """Give records of these keys and times; `note` is their place in the file."""
    keys = [f"k{one}" for one, _ in rows]
    columns = [pa.array(range(first, first + len(rows)), pa.int64()), pa.array(keys, pa.string())]
    table = pa.RecordBatch.from_arrays(columns, schema=key.told_apart(SCHEMA))
    updated = np.array([updated for _, updated in rows], dtype=np.int64)
    return Records(table, key.digests(pl.Series(keys, dtype=pl.String), "seed"), updated)


@settings(max_examples=60, deadline=None)
@given(batches=st.lists(ROWS, max_size=5), rows_at_once=st.sampled_from([1, 7, 1000]))
def test_the_newest_of_a_key_wins_and_of_equals_the_last(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[tuple[int, int]]], rows_at_once: int
) -> None:
    """A dictionary is the oracle; the winners keep the order of the file."""
    kept: dict[str, tuple[int, int]] = {}
    place = 0
    given_records = []
    for batch in batches:
        given_records.append(records(batch, place))
        for number, updated in batch:
            if f"k{number}" not in kept or updated >= kept[f"k{number}"][0]:
                kept[f"k{number}"] = (updated, place)
            place += 1
    folder = tmp_path_factory.mktemp("spool")
    with Spool(folder, "x", SCHEMA, rows_at_once) as spool:
        assert spool.fill(given_records) == place
        found = spool.winners().read_all()
    assert found.column("note").to_pylist() == sorted(place for _, place in kept.values())
    keys = found.column(key.PK).to_pylist()
    assert found.column(key.UPDATED).to_pylist() == [kept[one][0] for one in keys]
    uuids = key.uuids(key.digests(pl.Series(keys, dtype=pl.String), "seed"))
    assert found.column(key.UUID_PK).to_pylist() == uuids.to_pylist()
    assert list(folder.iterdir()) == []


def test_an_error_on_the_way_leaves_nothing_on_disk(tmp_path: Path) -> None:
    """What was put aside holds customers' values."""

    def failing() -> list[Records]:
        raise ValueError("no more")

    with pytest.raises(ValueError, match="no more"), Spool(tmp_path, "x", SCHEMA) as spool:
        spool.fill(one for part in (lambda: [records([(1, 1)], 0)], failing) for one in part())
    assert list(tmp_path.iterdir()) == []


def test_extreme_times_are_compared_as_numbers_with_a_sign(tmp_path: Path) -> None:
    """The oldest possible loses against zero and against the greatest."""
    extremes = [(1, 0), (1, key.OLDEST), (2, int(np.iinfo(np.int64).max)), (2, -1)]
    with Spool(tmp_path, "x", SCHEMA) as spool:
        spool.fill([records(extremes, 0)])
        assert spool.winners().read_all().column("note").to_pylist() == [0, 2]
