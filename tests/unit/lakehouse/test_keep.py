"""The same rows make no new version."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest
from deltalake.exceptions import DeltaError

from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.keep import Change, Stored, Target, held, keep, keep_all

ROWS = pa.table({"pk": ["a", "b", "c"], "n": [1, 2, None], "empty": pa.array([None] * 3, pa.string())})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table"


def test_the_same_rows_are_written_once(path: Path) -> None:
    """A later run, in another order, leaves the version as it is."""
    assert keep(Target(path, None, "run-1"), ROWS) == 0
    assert keep(Target(path, 0, "run-2"), ROWS.take([1, 2, 0])) == 0
    assert delta.version(path) == 0


def test_other_rows_replace_what_is_there(path: Path) -> None:
    """And going back to the first rows is a change too."""
    keep(Target(path, None, "run-1"), ROWS)
    assert keep(Target(path, 0, "run-2"), ROWS.slice(1)) == 1
    assert delta.read(path)["pk"].to_pylist() == ["b", "c"]
    assert keep(Target(path, 1, "run-3"), ROWS) == 2
    assert sorted(delta.read(path)["pk"].to_pylist()) == ["a", "b", "c"]


def test_rows_whose_change_is_known_are_those_that_a_later_run_knows(path: Path) -> None:
    """A run that is told no change finds the same rows there; nor does a change that is none write any."""
    keep(Target(path, None, "run-1"), ROWS.slice(0, 2))
    assert keep(Target(path, 0, "run-2"), ROWS.slice(1), Change(ROWS.slice(0, 1), ROWS.slice(2))) == 1
    assert sorted(delta.read(path)["pk"].to_pylist()) == ["b", "c"]
    assert keep(Target(path, 1, "run-3"), ROWS.slice(1)) == 1
    assert keep(Target(path, 1, "run-4"), ROWS.slice(1), Change(ROWS.slice(2), ROWS.slice(2))) == 1


def test_what_is_held_is_read_back(path: Path) -> None:
    """Of the version that is asked for, nulls and an empty table included."""
    keep(Target(path, None, "run-1"), ROWS.slice(0, 0))
    keep(Target(path, 0, "run-2"), ROWS)
    assert held(Stored(path, 0)).schema == held(Stored(path, 1)).schema
    assert held(Stored(path, 0)).height == 0
    assert held(Stored(path, 1)).sort("pk").to_dict(as_series=False) == ROWS.to_pydict()


def test_the_log_names_no_value(path: Path) -> None:
    """Whichever way rows came: the log outlives the files of rows that were deleted for good."""
    secret = pa.table({"pk": ["ann@mail.com"], "n": [77_123], "empty": pa.array([None], pa.string())})
    keep(Target(path, None, "run-1"), secret)
    keep(Target(path, 0, "run-2"), pa.concat_tables([secret, ROWS]))
    keep(Target(path, 1, "run-3"), ROWS)
    log = "".join(file.read_text() for file in sorted((path / "_delta_log").glob("*.json")))
    assert log.count("numRecords") == 3
    assert not [value for value in ("ann@mail.com", "77123") if value in log]


def test_rows_at_the_end_are_added_without_rewriting_the_others(path: Path) -> None:
    """The files of the first version stay in use, and the content is that of all rows."""
    keep(Target(path, None, "run-1"), ROWS.slice(0, 2))
    before = {file.name for file in path.glob("*.parquet")}
    assert keep(Target(path, 0, "run-2"), ROWS) == 1
    assert delta.size_bytes(path) > delta.size_bytes(path, 0)
    assert len({file.name for file in path.glob("*.parquet")} - before) == 1
    assert sorted(delta.read(path)["pk"].to_pylist()) == ["a", "b", "c"]
    assert keep(Target(path, 1, "run-3"), ROWS) == 1


def test_what_a_failed_run_left_behind_is_replaced_whole(path: Path) -> None:
    """The published version is not the latest: rows are not added to what nobody has seen."""
    keep(Target(path, None, "run-1"), ROWS.slice(0, 2))
    keep(Target(path, 0, "failed"), ROWS.slice(2))
    assert keep(Target(path, 0, "run-2"), ROWS) == 2
    assert sorted(delta.read(path)["pk"].to_pylist()) == ["a", "b", "c"]
    assert keep(Target(path, 0, "run-3"), ROWS.slice(0, 2)) == 0


def test_a_repeated_step_writes_once(path: Path) -> None:
    """The run that wrote version 1 gets it again, though it starts from version 0."""
    keep(Target(path, None, "run-1"), ROWS.slice(0, 2))
    assert [keep(Target(path, 0, "run-2"), ROWS.slice(1)) for _ in range(2)] == [1, 1]
    assert delta.version(path) == 1


def test_a_version_that_says_nothing_of_its_rows_is_replaced(path: Path) -> None:
    """Whoever wrote it did not know; writing once more costs less than being wrong."""
    delta.overwrite(path, ROWS, "somebody")
    assert keep(Target(path, 0, "run-1"), ROWS) == 1
    assert keep(Target(path, 1, "run-2"), ROWS) == 1


def test_several_tables_are_brought_to_their_rows_in_the_order_asked(tmp_path: Path) -> None:
    """Versions come back in order; a table that holds its rows already keeps its version."""
    names = [f"table_{number}" for number in range(5)]
    first = keep_all([(Target(tmp_path / name, None, f"one:{name}"), ROWS) for name in names])
    rows = [ROWS.slice(0, 1) if number % 2 else ROWS for number in range(5)]
    again = [(Target(tmp_path / name, 0, f"two:{name}"), some) for name, some in zip(names, rows, strict=True)]
    assert (first, keep_all(again)) == ([0] * 5, [0, 1, 0, 1, 0])
    assert [held(Stored(tmp_path / name, number % 2)).height for number, name in enumerate(names)] == [3, 1, 3, 1, 3]


def test_a_table_that_cannot_be_written_is_raised_and_the_others_stay_whole(tmp_path: Path) -> None:
    """What has begun is finished: no table is left half written."""
    (tmp_path / "bad").write_text("a file where a folder is wanted")
    with pytest.raises(DeltaError):
        keep_all([(Target(tmp_path / name, None, name), ROWS) for name in ("good", "bad")])
    assert held(Stored(tmp_path / "good", 0)).height == 3
