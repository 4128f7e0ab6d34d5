"""A database's schema as a file."""

from __future__ import annotations

import csv
import json
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest

from cdp_assets.config.database import DatabaseTable
from cdp_assets.databases.schema_file import HEAD, MAIN, schema_rows, write_schema
from cdp_assets.errors import ConfigError

SAID = DatabaseTable.model_validate(
    {"name": "people", "sql": "SELECT 1", "columns": {"id": {"unique": True, "description": "who, for short"}}}
)
ROWS = schema_rows("people", {"id": "string", "age": "int"}, {"id"}, SAID)


def test_a_column_is_told_with_its_type_and_what_the_database_says() -> None:
    assert [tuple(row[name] for name in HEAD) for row in ROWS] == [
        ("people", "id", "string", True, True, False, "who, for short"),
        ("people", "age", "int", False, False, False, ""),
    ]
    assert [row["unique"] for row in schema_rows("people", {"id": "string"}, (), None)] == [False]


def test_csv_and_json_hold_the_same_rows(tmp_path: Path) -> None:
    for name in ("a.csv", "a.json"):
        write_schema(tmp_path / name, ROWS)
    with (tmp_path / "a.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [{name: str(row[name]) for name in HEAD} for row in ROWS]
    assert json.loads((tmp_path / "a.json").read_text()) == ROWS


def test_another_ending_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"Expected the ending \.csv, \.json or \.xlsx"):
        write_schema(tmp_path / "a.txt", ROWS)


def test_xlsx_holds_them_as_texts_in_one_sheet(tmp_path: Path) -> None:
    rows = schema_rows("a & <b>", {"id": "string"}, (), None)
    write_schema(tmp_path / "a.xlsx", rows)
    with zipfile.ZipFile(tmp_path / "a.xlsx") as book:
        roots = {name: ElementTree.fromstring(book.read(name)) for name in book.namelist()}  # noqa: S314 - our own
    sheet = roots["xl/worksheets/sheet1.xml"]
    lines = [[cell.text or "" for cell in row.iter(f"{{{MAIN}}}t")] for row in sheet.iter(f"{{{MAIN}}}row")]
    assert lines == [list(HEAD), [str(rows[0][name]) for name in HEAD]]
    named = [one.get("PartName") for one in roots["[Content_Types].xml"] if one.get("PartName")]
    assert {str(name).removeprefix("/") for name in named} <= roots.keys()
