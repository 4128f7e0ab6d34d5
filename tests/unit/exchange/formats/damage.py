"""Small files of every kind, and what may happen to their bytes; run alone, it reads many of them within a limit.

python -m tests.unit.exchange.formats.damage KIND ROUNDS
"""

from __future__ import annotations

import contextlib
import io
import json
import random
import resource
import sys
import zlib
from collections.abc import Iterator
from typing import Any

import cbor2
import fastavro
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import TypeAdapter

from cdp_assets.config.file_format import FileFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import Batch, Malformed, read
from cdp_assets.exchange.formats.discover import columns_of
from cdp_assets.exchange.formats.sniff import format_of

MEMORY_BYTES = 3 << 30
"""Of address space, which is more than is ever used: a reader that asks for what a few bytes claim goes beyond it."""
COLUMNS = ["id", "name.given", "tags"]
RECORDS = [
    {"id": number, "name": {"given": f"Zoë {number}"}, "tags": ["a", "b"], "price": number / 4, "note": None}
    for number in range(40)
]
FORMATS: TypeAdapter[FileFormat] = TypeAdapter(FileFormat)


def sound(kind: str) -> tuple[FileFormat, list[bytes]]:
    """Give a kind's format, and files of it that are as they should be."""
    settings: dict[str, Any] = {"dsv": {"delimiter": ";", "multi_line": False, "null_values": ["b"]}}.get(kind, {})
    made = {"parquet": _parquet, "avro": _avro, "cbor": _cbor, "xml": _xml, "lines": _lines}
    files = made[kind]() if kind in made else _json(kind) if "json" in kind else _delimited(kind)
    return FORMATS.validate_python({"kind": kind, **settings}), files


def _delimited(kind: str) -> list[bytes]:
    mark = {"csv": ",", "tsv": "\t", "psv": "|", "dsv": ";"}[kind]
    lines = [mark.join(["id", "name.given", "tags"])]
    lines += [mark.join([str(one["id"]), f'"Zoë{mark} ""x"""', "b\\"]) for one in RECORDS]
    return ["\r\n".join(lines).encode(), "\n".join(lines).encode("utf-16")]


def _json(kind: str) -> list[bytes]:
    if kind == "json":
        return [json.dumps(RECORDS).encode(), json.dumps(RECORDS[0], indent=1).encode("utf-16")]
    return [b"\n".join(json.dumps(one).encode() for one in RECORDS)]


def _parquet() -> list[bytes]:
    files = []
    for options in ({"compression": "snappy"}, {"compression": "gzip", "version": "1.0", "use_dictionary": False}):
        file = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(RECORDS), file, row_group_size=15, **options)
        files.append(file.getvalue())
    return files


def _avro() -> list[bytes]:
    name = {"type": "record", "name": "Name", "fields": [{"name": "given", "type": "string"}]}
    types = {"id": "long", "name": name, "tags": {"type": "array", "items": "string"}, "price": "double"}
    fields = [{"name": one, "type": type_} for one, type_ in types.items()]
    fields.append({"name": "note", "type": ["null", "string"]})  # type: ignore[dict-item]
    files = []
    for codec in ("null", "deflate"):
        file = io.BytesIO()
        fastavro.writer(file, {"type": "record", "name": "Row", "fields": fields}, RECORDS, codec=codec)
        files.append(file.getvalue())
    return files


def _cbor() -> list[bytes]:
    return [b"".join(map(cbor2.dumps, RECORDS)), cbor2.dumps(RECORDS)]


def _xml() -> list[bytes]:
    rows = "".join(f"<row id='{one['id']}'><name><given>Zoë</given></name><tags/></row>" for one in RECORDS)
    return [f"<?xml version='1.0'?><r>{rows}</r>".encode()]


def _lines() -> list[bytes]:
    return [b"0001SMITH   \r\n0002JONES   \r\n" * 20]


def damaged(content: bytes, draw: random.Random) -> bytes:
    """Cut, drop, repeat, or put noise, extremes or claims of great length somewhere."""
    start = draw.randrange(len(content) + 1)
    length = draw.choice([1, 1, 2, 4, 8, 50])
    before, piece, after = content[:start], content[start : start + length], content[start + length :]
    claims = [b"\xff" * length, b"\x00" * length, b"\x7f" * length, b"\xfe\xff\xff\xff\x0f", b"\x9b\x7f" + b"\xff" * 7]
    return draw.choice(
        [before, after, before + after, before + piece * 50 + after, before + draw.randbytes(length) + after]
        + [before + claim + after for claim in claims]
        + [bytes(byte ^ (1 << draw.randrange(8)) for byte in piece).join([before, after])]
    )


def damages(kind: str, rounds: int) -> Iterator[tuple[FileFormat, bytes]]:
    """Give so many damaged files of a kind, always the same ones; every tenth is damaged many times over."""
    format, files = sound(kind)
    draw = random.Random(zlib.crc32(kind.encode()))
    for number in range(rounds):
        content = draw.choice(files)
        for _ in range(draw.randrange(2, 20) if number % 10 == 0 else 1):
            content = damaged(content, draw)
        yield format, content


def outcome(format: FileFormat, content: bytes) -> str:
    """Read a file whole, also as what it looks like; anything but rows, refused rows or a SourceError is raised."""
    with contextlib.suppress(SourceError):
        columns_of(io.BytesIO(content), format_of(content, "in.bin"), "in.bin")
    try:
        parts = list(read(io.BytesIO(content), format, COLUMNS[:2], "in.bin", COLUMNS))
    except SourceError as error:
        return str(error)
    assert all(isinstance(part, Batch | Malformed) for part in parts)
    return "read"


def main() -> None:
    """Read damaged files within a limit of memory."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    for format, content in damages(sys.argv[1], int(sys.argv[2])):
        outcome(format, content)


if __name__ == "__main__":
    main()
