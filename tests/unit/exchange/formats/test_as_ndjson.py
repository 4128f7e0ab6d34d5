"""Records of Avro, CBOR and JSON sequences as lines of JSON."""

from __future__ import annotations

import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import cbor2
import fastavro
import pytest

from cdp_assets.config.file_format import AvroFormat, CborFormat, JsonStreamFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import AsNdjson, write_as_ndjson

RECORDS: list[dict[str, Any]] = [
    {"id": 2**60, "lines": [{"sku": "é\n", "price": Decimal("1.50")}], "day": dt.date(2026, 11, 20), "none": None}
]
LINE = '{"id":1152921504606846976,"lines":[{"sku":"é\\n","price":1.50}],"day":"2026-11-20","none":null}\n'


def avro() -> bytes:
    line = {
        "type": "record",
        "name": "L",
        "fields": [{"name": "sku", "type": "string"}, {"name": "price", "type": PRICE}],
    }
    types = {"id": "long", "lines": {"type": "array", "items": line}, "day": DAY, "none": ["null", "string"]}
    fields = [{"name": name, "type": type_} for name, type_ in types.items()]
    file = io.BytesIO()
    fastavro.writer(file, {"type": "record", "name": "R", "fields": fields}, RECORDS * 3)
    return file.getvalue()


PRICE = {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}
DAY = {"type": "int", "logicalType": "date"}
FILES: dict[str, tuple[AsNdjson, bytes]] = {
    "avro": (AvroFormat(), avro()),
    "cbor": (CborFormat(row_tag="row"), cbor2.dumps({"row": RECORDS * 3}, date_as_datetime=False)),
    "json_stream": (JsonStreamFormat(), LINE.replace(",", " ,\n").encode() * 3),
}


def written(format: AsNdjson, data: bytes) -> str:
    target = io.BytesIO()
    write_as_ndjson(io.BytesIO(data), format, target, "in.bin")
    return target.getvalue().decode()


@pytest.mark.parametrize("kind", FILES)
def test_a_record_is_a_line_with_all_its_digits(kind: str) -> None:
    assert written(*FILES[kind]) == LINE * 3
    assert json.loads(LINE)["lines"][0]["sku"] == "é\n"


@pytest.mark.parametrize(
    ("format", "data", "problem"),
    [
        (JsonStreamFormat(), b'{"a": 1} 2', "row 2: is no record"),
        (JsonStreamFormat(), b'{"a": "\\ud800"}', "row 1: has values that JSON cannot say"),
        (JsonStreamFormat(), b'{"a": ' + b"[" * 600 + b"]" * 600 + b"}", "row 1: .*nests too deep"),
        (CborFormat(), cbor2.dumps([{}, "x"]), "row 2: is no record"),
        (CborFormat(), bytes.fromhex("a16161c4821a3b9aca0001"), "row 1: has values that JSON cannot say"),
        (AvroFormat(), FILES["avro"][1][:-1], "is cut short"),
    ],
)
def test_what_is_no_record_is_refused_with_its_row(format: AsNdjson, data: bytes, problem: str) -> None:
    with pytest.raises(SourceError, match=rf"in\.bin.*{problem}"):
        written(format, data)
