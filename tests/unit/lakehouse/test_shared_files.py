"""A table with the files of another reads like it, stays what it was, and costs nothing."""

from __future__ import annotations

import os
from pathlib import Path

import pyarrow as pa
import pytest

from cdp_assets.errors import LakeError
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.shared_files import can_share, share


def rows(*keys: str) -> pa.Table:
    """Give rows with a key each."""
    return pa.table({"k": list(keys)}, pa.schema([("k", pa.string())]))


def held(path: Path, at: int) -> list[str]:
    """Give the keys of a version, in order."""
    return sorted(delta.read(path, at).column("k").to_pylist())


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """Give a table of two files, the second one added."""
    delta.overwrite(tmp_path / "source", rows("a"), "one")
    delta.append(tmp_path / "source", rows("b"), "two")
    return tmp_path / "source"


def test_the_same_rows_are_there_and_the_same_bytes(tmp_path: Path, source: Path) -> None:
    """A version that is not the latest too; the table has our properties and counts its rows."""
    copy = tmp_path / "copy"
    assert held(copy, share(copy, source, 0, "a")) == ["a"]
    at = share(copy, source, 1, "b")
    assert (held(copy, at), held(copy, 0), delta.count(copy, at)) == (["a", "b"], ["a"], 2)
    assert {os.stat(file).st_ino for file in delta.files(copy, at)} == {
        os.stat(file).st_ino for file in delta.files(source, 1)
    }
    assert delta.protocol(copy) == (1, 2)


def test_each_table_goes_its_own_way(tmp_path: Path, source: Path) -> None:
    """What the source has written since, or has lost, is not the other's; the other may be written like any table."""
    copy = tmp_path / "copy"
    first = share(copy, source, 1, "a")
    for file in delta.files(source, 1):
        Path(file).unlink()
    delta.overwrite(source, rows("c"), "three")
    assert held(copy, first) == ["a", "b"]
    own = delta.append(copy, rows("own"), "b")
    assert held(copy, own) == ["a", "b", "own"]
    assert held(copy, share(copy, source, 2, "c")) == ["c"]
    assert held(copy, own) == ["a", "b", "own"]


def test_repeated_it_is_written_once(tmp_path: Path, source: Path) -> None:
    """Under the same name, and under another where nothing differs."""
    copy = tmp_path / "copy"
    assert [share(copy, source, 1, name) for name in ("a", "a", "b")] == [0, 0, 0]
    assert [share(copy, source, 0, name) for name in ("c", "c", "d")] == [1, 1, 1]


def test_a_file_system_without_second_names_gets_copies(
    tmp_path: Path, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "link", refuse)
    at = share(tmp_path / "copy", source, 1, "a")
    assert held(tmp_path / "copy", at) == ["a", "b"]
    assert sorted(path.name for path in (tmp_path / "copy").iterdir()) == sorted(
        ["_delta_log", *(Path(file).name for file in delta.files(source, 1))]
    )


def test_an_empty_table_is_shared_too(tmp_path: Path) -> None:
    delta.create(tmp_path / "source", rows().schema)
    assert held(tmp_path / "copy", share(tmp_path / "copy", tmp_path / "source", 0, "a")) == []


def test_a_file_that_is_gone_is_an_error_of_ours_and_leaves_no_version(tmp_path: Path, source: Path) -> None:
    for file in delta.files(source, 1):
        Path(file).unlink()
    with pytest.raises(LakeError, match="FileNotFoundError"):
        share(tmp_path / "copy", source, 1, "a")
    assert delta.version(tmp_path / "copy") is None


def test_tables_of_other_columns_cannot_share(tmp_path: Path, source: Path) -> None:
    assert can_share(tmp_path / "copy", source, 1)
    delta.overwrite(tmp_path / "copy", pa.table({"n": [1]}), "a")
    assert not can_share(tmp_path / "copy", source, 1)


def test_a_table_that_needs_more_than_a_plain_reader_cannot_be_shared(tmp_path: Path, source: Path) -> None:
    """Rows may be marked as deleted beside the files, or columns stand in them under other names."""
    log = source / "_delta_log" / f"{2:020}.json"
    log.write_text('{"protocol": {"minReaderVersion": 2, "minWriterVersion": 5}}\n')
    assert not can_share(tmp_path / "copy", source, 1)
