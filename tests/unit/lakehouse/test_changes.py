"""What changed between versions of a table is found in its files and in its notes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.changes import KEPT, changed_rows, is_there, noted_changes, replace

SCHEMA = pa.schema([("k", pa.string()), ("n", pa.int64()), ("at", pa.timestamp("us", "UTC"))])


def table(**rows: int | None) -> pa.Table:
    """Give a table of keys and numbers; a key that begins with `none` is NULL."""
    values = [{"k": None if key.startswith("none") else key, "n": number, "at": 0} for key, number in rows.items()]
    return pa.Table.from_pylist(values, SCHEMA)


def held(path: Path, at: int) -> list[tuple[str | None, int]]:
    """Give keys and numbers of a version, in order."""
    rows = delta.read(path, at).to_pylist()
    return sorted(((row["k"], row["n"]) for row in rows), key=str)


def keys(*values: str) -> pl.Series:
    """Give changed keys."""
    return pl.Series("k", values, pl.String)


def test_new_changed_and_gone_rows_are_found(tmp_path: Path) -> None:
    """Both spellings of a changed row; what stayed is not among them, whichever file it stands in now."""
    before = delta.overwrite(tmp_path / "t", table(same=1, changed=1, gone=1), "a")
    after = delta.overwrite(tmp_path / "t", table(same=1, changed=2, new=1), "b")
    found = changed_rows(tmp_path / "t", before, after, ["k", "n"]).sort("k", "n").rows()
    assert found == [("changed", 1), ("changed", 2), ("gone", 1), ("new", 1)]
    assert changed_rows(tmp_path / "t", after, after, ["k", "n"]).is_empty()


def test_a_file_that_both_versions_have_is_not_read(tmp_path: Path) -> None:
    """An append is read by itself: the older file may be unreadable."""
    before = delta.overwrite(tmp_path / "t", table(old=1), "a")
    after = delta.append(tmp_path / "t", table(new=1), "b")
    for file in delta.files(tmp_path / "t", before):
        Path(file).write_bytes(b"")
    assert changed_rows(tmp_path / "t", before, after, ["k", "n"]).rows() == [("new", 1)]


def test_replaced_keys_and_rows_without_one_give_way(tmp_path: Path) -> None:
    """The others stay; a repeated write changes nothing, and the older version stays what it was."""
    before = delta.overwrite(tmp_path / "t", table(stays=1, changed=1, gone=1, none=1), "a")
    rows = table(changed=2, none=3)
    after = replace(tmp_path / "t", before, "k", keys("changed", "gone"), rows, "b")
    assert held(tmp_path / "t", after) == [("changed", 2), ("stays", 1), (None, 3)]
    assert replace(tmp_path / "t", before, "k", keys("changed", "gone"), rows, "b") == after
    assert held(tmp_path / "t", before) == [("changed", 1), ("gone", 1), ("stays", 1), (None, 1)]
    assert delta.protocol(tmp_path / "t") == (1, 2)


def test_what_is_of_all_rows_is_put_into_those_that_stay_too(tmp_path: Path) -> None:
    """Then other rows than the replaced ones have changed, and no note says that it was these alone."""
    before = delta.overwrite(tmp_path / "t", table(stays=1, changed=1), "a")
    seven = pa.array([7], pa.int64())
    after = replace(
        tmp_path / "t",
        before,
        "k",
        keys("changed"),
        table(changed=2),
        "b",
        lambda rows: rows.set_column(1, "n", pa.chunked_array([seven] * rows.num_rows, pa.int64())),
    )
    assert held(tmp_path / "t", after) == [("changed", 7), ("stays", 7)]
    assert noted_changes(tmp_path / "t", before, after) is None


def test_a_version_that_failed_to_be_published_is_passed_over(tmp_path: Path) -> None:
    """What is kept are the rows of the version that is named, not of the latest."""
    before = delta.overwrite(tmp_path / "t", table(stays=1, changed=1), "a")
    delta.overwrite(tmp_path / "t", table(stray=1), "lost")
    after = replace(tmp_path / "t", before, "k", keys("changed"), table(changed=2), "b")
    assert held(tmp_path / "t", after) == [("changed", 2), ("stays", 1)]
    assert noted_changes(tmp_path / "t", before, after).to_list() == ["changed"]  # type: ignore[union-attr]


def test_notes_add_up_and_a_whole_write_breaks_them(tmp_path: Path) -> None:
    """Whoever read the version before the whole write must read everything."""
    first = delta.overwrite(tmp_path / "t", table(a=1, b=1), "a")
    second = replace(tmp_path / "t", first, "k", keys("a"), table(a=2), "b")
    third = replace(tmp_path / "t", second, "k", keys("b"), table(b=2), "c")
    found = noted_changes(tmp_path / "t", first, third)
    assert found is not None
    assert sorted(found) == ["a", "b"]
    assert noted_changes(tmp_path / "t", third, third).is_empty()  # type: ignore[union-attr]
    whole = delta.overwrite(tmp_path / "t", table(a=3), "d")
    assert noted_changes(tmp_path / "t", third, whole) is None
    assert noted_changes(tmp_path / "t", third, second) is None


def test_only_the_latest_notes_are_kept(tmp_path: Path) -> None:
    first = delta.overwrite(tmp_path / "t", table(a=0), "a")
    at = [first]
    for number in range(KEPT + 1):
        at.append(replace(tmp_path / "t", at[-1], "k", keys("a"), table(a=number), f"n{number}"))
    assert noted_changes(tmp_path / "t", at[0], at[-1]) is None
    assert noted_changes(tmp_path / "t", at[1], at[-1]).to_list() == ["a"]  # type: ignore[union-attr]


@pytest.mark.parametrize("lost", [True, False])
def test_a_version_is_there_while_its_files_are(tmp_path: Path, lost: bool) -> None:
    at = delta.overwrite(tmp_path / "t", table(a=1), "a")
    for file in delta.files(tmp_path / "t", at) if lost else []:
        Path(file).unlink()
    assert is_there(tmp_path / "t", at) is not lost
