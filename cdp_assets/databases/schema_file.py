"""The schema of a database as a file that people send around: CSV, JSON or XLSX."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable, Collection, Mapping, Sequence
from html import escape
from pathlib import Path

from cdp_assets.config.database import DatabaseColumn, DatabaseTable
from cdp_assets.errors import ConfigError

HEAD = ("table", "column", "type", "personal", "unique", "required", "description")
Row = Mapping[str, object]
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
OPEN = "http://schemas.openxmlformats.org"
MAIN, OFFICE = f"{OPEN}/spreadsheetml/2006/main", f"{OPEN}/officeDocument/2006/relationships"
PACKAGE, SHEETS = f"{OPEN}/package/2006", "application/vnd.openxmlformats-officedocument.spreadsheetml"
BOOK = {
    "[Content_Types].xml": (
        f'<Types xmlns="{PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{SHEETS}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{SHEETS}.worksheet+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">'
        '<sheets><sheet name="schema" sheetId="1" r:id="rId1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}
"""What every workbook holds beside its sheet (ECMA-376, part 1)."""


def schema_rows(
    table: str, types: Mapping[str, str], personal: Collection[str], said: DatabaseTable | None
) -> list[dict[str, object]]:
    """Give one row a column of a table: its type as it is published, and what the database says about it."""
    columns = said.columns if said is not None else {}
    rows = []
    for name, kind in types.items():
        of = columns.get(name, DatabaseColumn())
        about = {"unique": of.unique, "required": of.required, "description": of.description}
        rows.append({"table": table, "column": name, "type": kind, "personal": name in personal, **about})
    return rows


def write_schema(path: Path, rows: Sequence[Row]) -> None:
    """Write one row a column, with the columns of HEAD; raises ConfigError for an ending that cannot be written."""
    writer = WRITERS.get(path.suffix)
    if writer is None:
        raise ConfigError(
            path.name, f"{path.suffix or 'no ending'} cannot be written", "the ending .csv, .json or .xlsx"
        )
    writer(path, rows)


def _csv(path: Path, rows: Sequence[Row]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, HEAD, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _json(path: Path, rows: Sequence[Row]) -> None:
    path.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")


def _xlsx(path: Path, rows: Sequence[Row]) -> None:
    """Write the smallest workbook that the format allows: one sheet, every cell a text in its place."""
    lines = (HEAD, *([str(row[name]) for name in HEAD] for row in rows))
    cells = ("".join(f'<c t="inlineStr"><is><t>{escape(cell)}</t></is></c>' for cell in line) for line in lines)
    sheet = "".join(f"<row>{line}</row>" for line in cells)
    parts = {name: f"{XML}{text}" for name, text in BOOK.items()}
    parts["xl/worksheets/sheet1.xml"] = f'{XML}<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(name, text)


WRITERS: Mapping[str, Callable[[Path, Sequence[Row]], None]] = {".csv": _csv, ".json": _json, ".xlsx": _xlsx}
