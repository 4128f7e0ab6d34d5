"""Files of other people's making are read as far as they make sense, and refused in words otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp_assets.errors import SourceError
from cdp_assets.stitch import bare_file

SECRET = "ann.secret@mail.com"


def parquet(folder: Path, **columns: Any) -> Path:
    """Write a file of these columns."""
    pq.write_table(pa.table(columns), folder / "in.parquet")
    return folder / "in.parquet"


def csv(folder: Path, text: str | bytes) -> Path:
    """Write a file of this text."""
    (folder / "in.csv").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder / "in.csv"


def test_known_columns_are_read_as_text_and_the_others_named(tmp_path: Path) -> None:
    path = parquet(
        tmp_path,
        record_id=[1, 2],
        phone=[2065551234.0, None],
        fk_member=[7, 8],
        bk_flat=[9, 9],
        age=[40, 50],
    )
    read = bare_file.read(path)
    assert read.records.to_dict(as_series=False) == {
        "datasource": ["file", "file"],
        "pk": ["1", "2"],
        "phone": ["2065551234", None],
        "fk_member": ["7", "8"],
        "bk_flat": ["9", "9"],
    }
    assert list(read.ignored) == ["age"]


@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_a_column_is_known_however_its_name_is_written(tmp_path: Path, ending: str) -> None:
    """Unless another one has the very name."""
    table = pl.DataFrame(
        {"Record ID": ["1"], " GIVEN_NAME": ["Ann"], "sur-name": ["x"], "E-mail": ["y"], "EMAIL": ["z"]}
    )
    path = tmp_path / f"in.{ending}"
    table.write_parquet(path) if ending == "parquet" else table.write_csv(path)
    read = bare_file.read(path)
    assert read.records.to_dict(as_series=False) == {
        "datasource": ["file"], "pk": ["1"], "given_name": ["Ann"], "email": ["z"]
    }  # fmt: skip
    assert list(read.ignored) == ["sur-name", "E-mail"]
    both = parquet(tmp_path, record_id=[1], email=["a"], Email=["b"])
    assert bare_file.read(both).records["email"].to_list() == ["a"]
    with pytest.raises(SourceError, match="the column email stands there more than once"):
        bare_file.read(parquet(tmp_path, record_id=[1], EMAIL=["a"], Email=["b"]))


@pytest.mark.parametrize("column", ["given_name", "note"])
def test_a_quote_that_nothing_closes_loses_no_rows(tmp_path: Path, column: str) -> None:
    """All lines behind it would be one value; a quote within a value, or two of them, are no harm."""
    lines = [f"record_id,{column}", "1,Ann", '2,"Bob', "3,Cat", "4,Dan"]
    with pytest.raises(SourceError, match="row 2: a quote is opened that nothing closes"):
        bare_file.read(csv(tmp_path, "\n".join(lines)))
    assert bare_file.read(csv(tmp_path, 'record_id,city\n1,5" pipe\n2,x')).records.height == 2


def test_columns_with_ordinals_are_read(tmp_path: Path) -> None:
    """Those of semantics that are compared; `email_100` is no ordinal."""
    values = {"email": [None], "email_1": ["a@b.com"], "address2_2": ["Apt 4"], "email_100": ["x"], "note_1": ["x"]}
    read = bare_file.read(parquet(tmp_path, record_id=[1], **values))
    assert read.records.columns == ["datasource", "pk", "email", "email_1", "address2_2"]
    assert list(read.ignored) == ["email_100", "note_1"]


def test_keys_come_back_as_they_were_in_the_files_order(tmp_path: Path) -> None:
    path = parquet(tmp_path, record_id=pa.array([30, 10, 20], pa.int16()), source=["b", None, "a"])
    read = bare_file.read(path)
    ids = read.records.select("datasource", "pk", amperity_id="pk").sample(fraction=1.0, shuffle=True, seed=3)
    bare_file.write(tmp_path / "out.parquet", bare_file.with_ids(read, ids))
    written = pq.read_table(tmp_path / "out.parquet")
    assert written.schema.field("record_id").type == pa.int16()
    assert written.to_pydict() == {
        "source": ["b", None, "a"], "record_id": [30, 10, 20], "amperity_id": ["30", "10", "20"]
    }  # fmt: skip


def test_a_nested_column_is_ignored(tmp_path: Path) -> None:
    read = bare_file.read(parquet(tmp_path, record_id=[1], email=[["a@b.com", "c@d.com"]]))
    assert (read.records.columns, list(read.ignored)) == (["datasource", "pk"], ["email"])


def test_names_that_only_ignored_columns_share_are_no_matter(tmp_path: Path) -> None:
    table = pa.table([[1], ["x"], ["y"], ["Ann"]], names=["record_id", "note", "note", "given_name"])
    pq.write_table(table, tmp_path / "in.parquet")
    assert bare_file.read(tmp_path / "in.parquet").records["given_name"].to_list() == ["Ann"]


def test_csv_keeps_zeros_quotes_and_lines(tmp_path: Path) -> None:
    path = csv(tmp_path, '\ufeffrecord_id,postal,address,note\r\n007,02134,"1 ""Elm""\nSt",x\r\n008,,🏠,\r\n')
    assert bare_file.read(path).records.to_dict(as_series=False) == {
        "datasource": ["file", "file"],
        "pk": ["007", "008"],
        "postal": ["02134", None],
        "address": ['1 "Elm"\nSt', "🏠"],
    }


def test_csv_in_another_encoding_loses_those_letters_only(tmp_path: Path) -> None:
    path = csv(tmp_path, "record_id,given_name,city\n1,Zoë,Paris\n2,Ann,Lyon\n".encode("latin-1"))
    read = bare_file.read(path).records
    assert (read["given_name"].to_list(), read["city"].to_list()) == (["Zo", "Ann"], ["Paris", "Lyon"])


@pytest.mark.parametrize("name", ["in.parquet", "in.csv"])
def test_no_rows_are_no_mistake(tmp_path: Path, name: str) -> None:
    empty = pl.DataFrame({"record_id": [], "email": []}, schema={"record_id": pl.Int64, "email": pl.String})
    empty.write_parquet(tmp_path / name) if name == "in.parquet" else empty.write_csv(tmp_path / name)
    read = bare_file.read(tmp_path / name)
    assert read.records.is_empty()
    assert bare_file.with_ids(read, read.records.with_columns(amperity_id="pk")).num_rows == 0


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"email": [SECRET]}, "no column record_id"),
        ({"record_id": [1, 2, 1], "email": [SECRET] * 3}, "1 records repeat a source and record_id (row 3"),
        ({"record_id": [1, None], "email": [SECRET] * 2}, "1 records have no record_id (row 2"),
        ({"record_id": [[1]]}, "record_id holds a nested value"),
        ({"record_id": [1], "source": [{"a": 1}]}, "source holds a nested value"),
    ],
)
def test_records_without_a_name_of_their_own_are_refused(tmp_path: Path, columns: dict[str, Any], problem: str) -> None:
    with pytest.raises(SourceError, match=r"^in\.parquet: ") as raised:
        bare_file.read(parquet(tmp_path, **columns))
    assert problem in str(raised.value)
    assert SECRET not in str(raised.value)


def test_one_name_in_two_sources_is_two_records(tmp_path: Path) -> None:
    assert bare_file.read(parquet(tmp_path, record_id=["1", "1"], source=["a", "A"])).records.height == 2


def test_a_known_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    table = pa.table([[1], ["a@b.com"], ["c@d.com"]], names=["record_id", "email", "email"])
    pq.write_table(table, tmp_path / "in.parquet")
    with pytest.raises(SourceError, match="the column email stands there more than once"):
        bare_file.read(tmp_path / "in.parquet")


@pytest.mark.parametrize(
    ("name", "content", "problem"),
    [
        ("in.parquet", SECRET.encode(), "not readable as parquet"),
        ("in.parquet", b"", "not readable as parquet"),
        ("in.parquet", b"PAR1" + b"\0" * 100, "not readable as parquet"),
        ("in.csv", b"", "not readable as csv"),
        ("in.csv", f"record_id,email\n1,{SECRET}\n2,{SECRET},x\n".encode(), "not readable as csv"),
        ("in.xlsx", b"", "the ending .xlsx"),
        ("in", b"", "the ending is missing"),
    ],
)
def test_what_is_no_such_file_is_refused_without_its_content(
    tmp_path: Path, name: str, content: bytes, problem: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SourceError) as raised:
        bare_file.read(tmp_path / name)
    assert problem in str(raised.value)
    assert SECRET not in str(raised.value)


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.parquet").mkdir()
    for name, problem in (("absent.csv", "no such file"), ("folder.parquet", "not readable as parquet")):
        with pytest.raises(SourceError, match=problem):
            bare_file.read(tmp_path / name)


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    out.write_text("before")
    nested = pa.table({"amperity_id": [["a"]]})
    with pytest.raises(pa.ArrowException):
        bare_file.write(out, nested)
    assert [path.name for path in tmp_path.iterdir()] == ["out.csv"]
    assert out.read_text() == "before"
