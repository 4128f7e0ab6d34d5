"""Tells in which format a file is, from its first bytes and its name."""

from __future__ import annotations

import contextlib
import json
from xml.parsers import expat

from cdp_assets.config.file_format import (
    AvroFormat,
    CborFormat,
    FileFormat,
    JsonFormat,
    JsonStreamFormat,
    LinesFormat,
    NdjsonFormat,
    ParquetFormat,
    XmlFormat,
)
from cdp_assets.exchange.formats.json_values import DECODER
from cdp_assets.exchange.formats.sniff_delimited import delimited_format
from cdp_assets.exchange.formats.sniff_encoding import WESTERN, decoded

FRONT_BYTES = 1 << 20
"""What is looked at."""
_CBOR_FRONTS = (4, 5)
"""The major types of CBOR's arrays and maps, in the first three bits of a byte."""
_CBOR_TAG = b"\xd9\xd9\xf7"


def format_of(front: bytes, name: str) -> FileFormat:
    """Give the format of a file that is unpacked already.

    Binary formats are known by their first bytes, the others by the way their text is built; what is neither built of
    JSON or XML nor parted by one character is `lines`.

    Args:
        front: The file's first bytes, up to `FRONT_BYTES` of them.
        name: The file's name, which decides where its bytes would do for several.
    """
    if front.startswith(b"PAR1"):
        return ParquetFormat()
    if front.startswith(b"Obj\x01"):
        return AvroFormat()
    text, encoding = decoded(front)
    if encoding == WESTERN and (front.startswith(_CBOR_TAG) or front[0] >> 5 in _CBOR_FRONTS):
        return CborFormat()
    bare = text.lstrip()
    if bare.startswith("<"):
        return XmlFormat(row_tag=row_tag(front))
    if bare.startswith(("{", "[")):
        return _json(bare, encoding)
    return delimited_format(text, name, encoding) or LinesFormat(encoding=encoding)


def _json(text: str, encoding: str | None) -> FileFormat:
    """Tell an array or one object from objects a line, and those from objects one after another."""
    if text.startswith("["):
        return JsonFormat(encoding=encoding)
    lines = [line for line in text.splitlines() if line.strip()]
    if all(_is_object(line) for line in lines[: max(1, len(lines) - 1)]):
        return NdjsonFormat(encoding=encoding)
    try:
        _, end = DECODER.raw_decode(text)
    except ValueError:
        return JsonFormat(encoding=encoding)
    return JsonStreamFormat(encoding=encoding) if text[end:].strip() else JsonFormat(encoding=encoding)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def row_tag(front: bytes) -> str:
    """Give the element that is a record: below the root, past wrappers that stand alone, the one that comes most often.

    >>> row_tag(b"<r><head/><rows><a><x/></a><a/></rows></r>")
    'a'
    """
    counted: dict[tuple[str, ...], int] = {}
    open_tags: list[str] = []

    def start(tag: str, _: dict[str, str]) -> None:
        open_tags.append(tag.rpartition(":")[2])
        counted[tuple(open_tags)] = counted.get(tuple(open_tags), 0) + 1

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_tags.pop() and None
    with contextlib.suppress(expat.ExpatError):  # the front may break off anywhere
        parser.Parse(front, False)
    return _most_repeated(counted)


def _most_repeated(counted: dict[tuple[str, ...], int]) -> str:
    """Give the tag that is repeated at the least depth, the most frequent one there; else the first below the root."""
    below_root = [path for path in counted if len(path) > 1]
    repeated = [path for path in below_root if counted[path] > 1]
    shallowest = [path for path in repeated if len(path) == min(map(len, repeated))]
    if shallowest:
        return max(shallowest, key=lambda path: counted[path])[-1]
    return below_root[0][-1] if below_root else XmlFormat().row_tag
