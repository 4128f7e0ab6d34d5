"""What the Avro reader does with files that fastavro writes, and with those that nobody should."""

from __future__ import annotations

import bz2
import datetime as dt
import io
import json
import lzma
import uuid
import zlib
from decimal import Decimal
from typing import Any

import fastavro
import pyarrow as pa
import pytest

from cdp_assets.config.file_format import AvroFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import Batch, read
from cdp_assets.exchange.formats.binary_values import RECORD_BYTES

SYNC = bytes(range(16))
ADDRESS = {"type": "record", "name": "Address", "namespace": "shop", "fields": [{"name": "City", "type": "string"}]}
FIELDS: list[tuple[str, Any, Any, str | None]] = [
    ("id", "long", 2**62, str(2**62)),
    ("name", ["null", "string"], "Zoë", "Zoë"),
    ("nothing", ["null", "string"], None, None),
    ("kind", {"type": "enum", "name": "Kind", "symbols": ["NEW", "OLD"]}, "OLD", "OLD"),
    ("tags", {"type": "array", "items": "string"}, ["a", '"b"'], '["a","\\"b\\""]'),
    ("counts", {"type": "map", "values": "int"}, {"x": 1}, '{"x":1}'),
    ("home", ["null", ADDRESS], {"City": "Bonn"}, '{"City":"Bonn"}'),
    ("mark", {"type": "fixed", "name": "Mark", "size": 2}, b"ab", "ab"),
    ("raw", "bytes", b"\xff\x00", "/wA="),
    ("ratio", "double", 0.1, "0.1"),
    ("known", "boolean", True, "true"),
    ("price", {"type": "bytes", "logicalType": "decimal", "precision": 20, "scale": 4}, Decimal("-12.5"), "-12.5000"),
    ("day", {"type": "int", "logicalType": "date"}, dt.date(2026, 2, 28), "2026-02-28"),
    ("time", {"type": "long", "logicalType": "time-micros"}, dt.time(1, 2, 3, 4), "01:02:03.000004"),
    (
        "at",
        {"type": "long", "logicalType": "timestamp-micros"},
        dt.datetime(2026, 11, 20, 13, 45, tzinfo=dt.UTC),
        "2026-11-20T13:45:00+00:00",
    ),
    ("key", {"type": "string", "logicalType": "uuid"}, uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
]
SCHEMA = {"type": "record", "name": "Row", "fields": [{"name": name, "type": type_} for name, type_, _, _ in FIELDS]}
RECORD = {name: value for name, _, value, _ in FIELDS}


def made(records: list[dict[str, Any]], schema: Any = SCHEMA, codec: str = "null") -> bytes:
    file = io.BytesIO()
    fastavro.writer(file, schema, records, codec=codec)
    return file.getvalue()


def rows(data: bytes, columns: list[str], optional: tuple[str, ...] = ()) -> list[tuple[str | None, ...]]:
    found: list[tuple[str | None, ...]] = []
    for part in read(io.BytesIO(data), AvroFormat(), columns, "in.avro", optional):
        assert isinstance(part, Batch), part
        found += zip(*(column.to_pylist() for column in part.table.columns), strict=True)
    return found


def container(schema: Any, blocks: bytes, codec: str = "null") -> bytes:
    """Give a file by hand: what no library would write."""
    header = b"Obj\x01\x04"
    for text in ("avro.schema", json.dumps(schema), "avro.codec", codec):
        header += varint(len(text)) + text.encode()
    return header + b"\x00" + SYNC + blocks


def block(count: int, data: bytes) -> bytes:
    return varint(count) + varint(len(data)) + data + SYNC


def varint(value: int) -> bytes:
    value, found = value << 1, b""
    while value > 0x7F:
        found += bytes([value & 0x7F | 0x80])
        value >>= 7
    return found + bytes([value])


def test_every_type_has_its_spelling() -> None:
    assert rows(made([RECORD]), list(RECORD)) == [tuple(text for _, _, _, text in FIELDS)]


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_every_compression_gives_the_same_rows(codec: str) -> None:
    records = [RECORD | {"id": number} for number in range(5000)]
    assert rows(made(records, codec=codec), ["id"]) == [(str(number),) for number in range(5000)]


@pytest.mark.parametrize("codec", ["snappy", "zstandard"])
def test_compressions_that_arrow_brings_are_read(codec: str) -> None:
    plain = b"".join(varint(number) for number in range(100))
    packed = bytes(pa.Codec(codec.replace("zstandard", "zstd")).compress(plain, asbytes=True))
    if codec == "snappy":
        packed += zlib.crc32(plain).to_bytes(4, "big")
    schema = {"type": "record", "name": "R", "fields": [{"name": "id", "type": "long"}]}
    assert rows(container(schema, block(100, packed), codec), ["id"]) == [(str(number),) for number in range(100)]


def test_columns_are_paths_in_any_case() -> None:
    columns = ["HOME.city", "tags.1", "counts.x", "home.city.street"]
    assert rows(made([RECORD, RECORD | {"home": None}]), columns) == [
        ("Bonn", '"b"', "1", None),
        (None, '"b"', "1", None),
    ]


def test_a_column_that_the_schema_lacks_is_absent_unless_optional() -> None:
    with pytest.raises(SourceError, match=r"in\.avro: has no column `c`, `d\.e`"):
        rows(made([]), ["id", "c", "d.e"])
    assert rows(made([RECORD]), ["kind", "c"], ("c",)) == [("OLD", None)]


INTEGER = {"type": "record", "name": "R", "fields": [{"name": "a", "type": "int"}]}
EMPTY = {"type": "record", "name": "E", "fields": []}


def listing(items: Any) -> dict[str, Any]:
    return {"type": "record", "name": "R", "fields": [{"name": "a", "type": {"type": "array", "items": items}}]}


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04", "is no Avro file"),
        (made([RECORD])[:-1], "is cut short"),
        (made([RECORD])[:40], "is cut short"),
        (container("long", b""), "holds values that are no records"),
        (container({"type": "record"}, b""), "has an unusable schema"),
        (container({"__fastavro_parsed__": True, **INTEGER}, b""), "claims that its schema has been checked"),
        (container(INTEGER, b"", "lzo"), "is compressed in a way that is not read"),
        (container(INTEGER, block(2, b"\x02")), r"row 2: has a record that is not as its schema says"),
        (container(INTEGER, block(1, b"\x02\x04")), "row 1: has a block that is longer than its records"),
        (container(INTEGER, block(1, b"\x02")[:-1] + b"x"), "has a block without its end mark"),
        (container(INTEGER, block(1, b"\x02"), "deflate"), "has a block that cannot be unpacked"),
        (container(INTEGER, varint(1) + varint(RECORD_BYTES + 1)), "has a block of more than"),
        (container(INTEGER, b"\x80" * 20), "is damaged"),
        (b"Obj\x01\x02" + varint(1 << 40), "has a header of more than"),
        (container(EMPTY, block(1 << 60, b"")), "that take no bytes"),
        (container(listing("null"), block(1, varint(1 << 60))), "that take no bytes"),
        (container(listing(EMPTY), block(1, varint(1 << 60))), "that take no bytes"),
        (container(listing("int"), block(1, varint(1 << 60))), "row 1: has a record that is not as its schema says"),
    ],
)
def test_what_is_no_whole_file_is_refused_with_its_place(data: bytes, problem: str) -> None:
    with pytest.raises(SourceError, match=problem):
        rows(data, ["a"], ("a",))


@pytest.mark.parametrize("codec", ["deflate", "bzip2", "xz", "zstandard"])
def test_a_block_that_unpacks_without_end_is_refused(codec: str) -> None:
    plain = bytes(RECORD_BYTES + 1)
    pack = {
        "deflate": lambda: zlib.compress(plain, wbits=-15),
        "zstandard": lambda: bytes(pa.Codec("zstd").compress(plain, asbytes=True)),
        "bzip2": lambda: bz2.compress(plain),
        "xz": lambda: lzma.compress(plain),
    }[codec]
    with pytest.raises(SourceError, match="bytes when unpacked"):
        rows(container(INTEGER, block(1, pack()), codec), ["a"])
