"""In which format a file is, told by its bytes."""

from __future__ import annotations

import io
import json
from typing import Any

import cbor2
import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp_assets.exchange.formats.discover import columns_of
from cdp_assets.exchange.formats.sniff import format_of
from cdp_assets.exchange.formats.sniff_delimited import has_header

PEOPLE = [("id", "name", "day"), ("1", "Zoë, A", "2026-11-20"), ("2", "O'Hara", "2026-11-21"), ("3", "", "2026-11-22")]
RECORDS = [{"id": 1, "name": {"given": "A"}}, {"id": 2, "name": {"given": "B", "family": None}, "tags": ["x"]}]


def delimited(delimiter: str, line_end: str = "\n") -> str:
    return line_end.join(delimiter.join(f'"{field}"' if "," in field else field for field in row) for row in PEOPLE)


def avro() -> bytes:
    name = {"type": "record", "name": "N", "fields": [{"name": "given", "type": "string"}]}
    fields = [{"name": "id", "type": "int"}, {"name": "name", "type": name}]
    file = io.BytesIO()
    fastavro.writer(file, {"type": "record", "name": "R", "fields": fields}, [{"id": 1, "name": {"given": "A"}}])
    return file.getvalue()


def parquet() -> bytes:
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(RECORDS), file)
    return file.getvalue()


def dumped(*records: Any, end: str = "\n", **options: Any) -> bytes:
    return "".join(json.dumps(record, **options) + end for record in records).encode()


NESTED = ["id", "name.given", "name.family", "tags"]
FILES: dict[str, tuple[bytes, str, dict[str, Any], list[str]]] = {
    "csv": (delimited(",").encode(), "x", {}, ["id", "name", "day"]),
    "csv with CR LF": (delimited(",", "\r\n").encode(), "x", {}, ["id", "name", "day"]),
    "csv with a mark": (delimited(",").encode("utf-8-sig"), "x", {}, ["id", "name", "day"]),
    "csv in utf-16": (delimited(",").encode("utf-16"), "x", {}, ["id", "name", "day"]),
    "csv in utf-16 without a mark": (
        delimited(",").encode("utf-16-le"), "x", {"encoding": "utf-16-le"}, ["id", "name", "day"]
    ),
    "csv in latin": (delimited(",").encode("cp1252"), "x", {"encoding": "cp1252"}, ["id", "name", "day"]),
    "csv of an AS/400": (delimited(",").encode("cp037"), "x", {"encoding": "cp037"}, ["id", "name", "day"]),
    "tsv": (delimited("\t").encode(), "x", {"kind": "tsv"}, ["id", "name", "day"]),
    "psv": (delimited("|").encode(), "x", {"kind": "psv"}, ["id", "name", "day"]),
    "semicolons": (delimited(";").encode(), "x", {"kind": "dsv", "delimiter": ";"}, ["id", "name", "day"]),
    "carets": (delimited("^").encode(), "x.csv", {"kind": "dsv", "delimiter": "^"}, ["id", "name", "day"]),
    "another character": (delimited("§").encode(), "x", {"kind": "dsv", "delimiter": "§"}, ["id", "name", "day"]),
    "no header": (b"7,a@b.c\n8,\n9,d@e.f\n", "x", {"header": False}, ["column_1", "column_2"]),
    "one column": (b"email\na@b.c\n", "emails.csv", {}, ["email"]),
    "an escape": (b'id,x\n1,"a\\",b"\n2,"\\"c\\",d"\n', "x", {"escape": "\\"}, ["id", "x"]),
    "words for null": (b"id,x\n1,NULL\n2,\\N\n", "x", {"null_values": ("NULL", "\\N")}, ["id", "x"]),
    "fixed widths": (b"0001SMITH     \n0002JONES     \n", "x.dat", {"kind": "lines"}, ["_c0"]),
    "ndjson": (dumped(*RECORDS), "x", {"kind": "ndjson"}, NESTED),
    "json array": (dumped(RECORDS), "x", {"kind": "json"}, NESTED),
    "json object": (dumped(RECORDS[0], indent=1), "x", {"kind": "json"}, ["id", "name.given"]),
    "json sequence": (dumped(*RECORDS, end=""), "x", {"kind": "json_stream"}, NESTED),
    "json sequence of blocks": (dumped(*RECORDS, indent=1), "x", {"kind": "json_stream"}, NESTED),
    "xml": (
        b'<?xml version="1.0"?><rows><row id="1"><Name><given>A</given></Name></row><row id="2"/></rows>',
        "x", {"kind": "xml"}, ["_id", "name.given"],
    ),
    "xml in utf-16": (
        '<?xml version="1.0" encoding="utf-16"?><s:r xmlns:s="u"><s:p><n>é</n></s:p><s:p/></s:r>'.encode("utf-16"),
        "x", {"kind": "xml", "row_tag": "p"}, ["n"],
    ),
    "xml below a wrapper": (
        b"<r><head><v>1</v></head><body><c><x/></c><c/></body></r>", "x", {"kind": "xml", "row_tag": "c"}, ["x"]
    ),
    "avro": (avro(), "x", {"kind": "avro"}, ["id", "name.given"]),
    "parquet": (parquet(), "x", {"kind": "parquet"}, ["id", "name.family", "name.given"]),
    "cbor": (cbor2.dumps(RECORDS), "x", {"kind": "cbor"}, NESTED),
    "cbor, self-described": (
        b"\xd9\xd9\xf7" + cbor2.dumps(RECORDS[0]), "x", {"kind": "cbor"}, ["id", "name.given"]
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FILES)
def test_a_file_is_known_by_its_bytes_and_its_columns_by_their_names(kind: str) -> None:
    data, name, settings, columns = FILES[kind]
    format = format_of(data, name)
    told = {"kind": format.kind, **format.model_dump(exclude_defaults=True)}
    assert told == {"kind": "csv"} | settings
    found = columns_of(io.BytesIO(data), format, name)
    assert sorted(found) == sorted(columns) if format.kind == "parquet" else found == columns


@pytest.mark.parametrize("cut", [10, 25, 40])
def test_a_front_that_breaks_off_tells_as_much(cut: int) -> None:
    """Also within a character of several bytes."""
    data = delimited(",").encode()
    assert format_of(data[:cut], "x.csv") == format_of(data, "x.csv")


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([["id", "name"], ["1", "x"]], True),
        ([["id", "name"]], True),
        ([["id", "id"], ["1", "x"]], True),
        ([["a@b.c", "x"], ["d@e.f", "y"]], False),
        ([["2026-11-20", "x"], ["2026-11-21", "y"]], False),
        ([["red", "big"], ["blue", "small"], ["red", "big"]], False),
        ([], True),
    ],
)
def test_a_header_is_told_from_a_record(records: list[list[str]], said: bool) -> None:
    assert has_header(records) is said
