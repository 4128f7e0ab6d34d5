"""The same rows make no new version."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake.exceptions import DeltaError

from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.keep import Kept, held, keep, keep_all

ROWS = pa.table({"pk": ["a", "b", "c"], "n": [1, 2, None], "empty": pa.array([None] * 3, pa.string())})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table"


def test_the_same_rows_are_written_once(path: Path) -> None:
    """A later run, in another order, leaves the version as it is."""
    assert keep(path, None, ROWS, "run-1") == 0
    assert keep(path, 0, ROWS.take([1, 2, 0]), "run-2") == 0
    assert delta.version(path) == 0


def test_other_rows_replace_what_is_there(path: Path) -> None:
    """And going back to the first rows is a change too."""
    keep(path, None, ROWS, "run-1")
    assert keep(path, 0, ROWS.slice(1), "run-2") == 1
    assert delta.read(path)["pk"].to_pylist() == ["b", "c"]
    assert keep(path, 1, ROWS, "run-3") == 2
    assert sorted(delta.read(path)["pk"].to_pylist()) == ["a", "b", "c"]


def test_what_is_held_is_read_back(path: Path) -> None:
    """Of the version that is asked for, nulls and an empty table included."""
    keep(path, None, ROWS.slice(0, 0), "run-1")
    keep(path, 0, ROWS, "run-2")
    assert held(path, 0).schema == held(path, 1).schema
    assert held(path, 0).height == 0
    assert held(path, 1).sort("pk").to_dict(as_series=False) == ROWS.to_pydict()


def test_the_log_names_no_value(path: Path) -> None:
    """Whichever way rows came: the log outlives the files of rows that were deleted for good."""
    secret = pa.table({"pk": ["ann@mail.com"], "n": [77_123], "empty": pa.array([None], pa.string())})
    keep(path, None, secret, "run-1")
    keep(path, 0, pa.concat_tables([secret, ROWS]), "run-2")
    keep(path, 1, ROWS, "run-3")
    log = "".join(file.read_text() for file in sorted((path / "_delta_log").glob("*.json")))
    assert log.count("numRecords") == 3
    assert not [value for value in ("ann@mail.com", "77123") if value in log]


def test_rows_at_the_end_are_added_without_rewriting_the_others(path: Path) -> None:
    """The files of the first version stay in use, and the content is that of all rows."""
    keep(path, None, ROWS.slice(0, 2), "run-1")
    before = {file.name for file in path.glob("*.parquet")}
    assert keep(path, 0, ROWS, "run-2") == 1
    assert delta.size_bytes(path) > delta.size_bytes(path, 0)
    assert len({file.name for file in path.glob("*.parquet")} - before) == 1
    assert sorted(delta.read(path)["pk"].to_pylist()) == ["a", "b", "c"]
    assert keep(path, 1, ROWS, "run-3") == 1


def test_what_a_failed_run_left_behind_is_replaced_whole(path: Path) -> None:
    """The published version is not the latest: rows are not added to what nobody has seen."""
    keep(path, None, ROWS.slice(0, 2), "run-1")
    keep(path, 0, ROWS.slice(2), "failed")
    assert keep(path, 0, ROWS, "run-2") == 2
    assert sorted(delta.read(path)["pk"].to_pylist()) == ["a", "b", "c"]
    assert keep(path, 0, ROWS.slice(0, 2), "run-3") == 0


def test_a_repeated_step_writes_once(path: Path) -> None:
    """The run that wrote version 1 gets it again, though it starts from version 0."""
    keep(path, None, ROWS.slice(0, 2), "run-1")
    assert [keep(path, 0, ROWS.slice(1), "run-2") for _ in range(2)] == [1, 1]
    assert delta.version(path) == 1


def test_a_version_that_says_nothing_of_its_rows_is_replaced(path: Path) -> None:
    """Whoever wrote it did not know; writing once more costs less than being wrong."""
    delta.overwrite(path, ROWS, "somebody")
    assert keep(path, 0, ROWS, "run-1") == 1
    assert keep(path, 1, ROWS, "run-2") == 1


def test_several_tables_are_brought_to_their_rows_in_the_order_asked(tmp_path: Path) -> None:
    """Versions come back in order; a table that holds its rows already keeps its version."""
    names = [f"table_{number}" for number in range(5)]
    first = keep_all([Kept(tmp_path / name, None, ROWS, f"one:{name}") for name in names])
    rows = [ROWS.slice(0, 1) if number % 2 else ROWS for number in range(5)]
    again = [Kept(tmp_path / name, 0, some, f"two:{name}") for name, some in zip(names, rows, strict=True)]
    assert (first, keep_all(again)) == ([0] * 5, [0, 1, 0, 1, 0])
    assert [held(tmp_path / name, number % 2).height for number, name in enumerate(names)] == [3, 1, 3, 1, 3]


def test_a_table_that_cannot_be_written_is_raised_and_the_others_stay_whole(tmp_path: Path) -> None:
    """What has begun is finished: no table is left half written."""
    (tmp_path / "bad").write_text("a file where a folder is wanted")
    with pytest.raises(DeltaError):
        keep_all([Kept(tmp_path / name, None, ROWS, name) for name in ("good", "bad")])
    assert held(tmp_path / "good", 0).height == 3
