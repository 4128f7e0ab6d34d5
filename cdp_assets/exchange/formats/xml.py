"""Reads XML with one element per record, without ever holding more than one record of it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache
from typing import BinaryIO
from xml.parsers import expat

from cdp_assets.config.file_format import XmlFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.batch import Batch, Malformed
from cdp_assets.exchange.formats.columns import fold, refuse_absent
from cdp_assets.exchange.formats.json_values import text
from cdp_assets.exchange.formats.records import RECORD_BYTES, Gathered

_CHUNK_BYTES = 1 << 16
_DEPTH = 64
"""Records nested deeper than this are an attack, not data."""


def read_xml(
    stream: BinaryIO, format: XmlFormat, columns: Sequence[str], file: str, optional: Collection[str]
) -> Iterator[Batch | Malformed]:
    """Give each `row_tag` element as a row of strings.

    A column is a child's name, a dotted path of names, or a path that ends in `_name` for an attribute
    (as Spark's rowTag reader names them); case and namespace prefixes do not matter. A child that comes
    several times is a JSON array, an absent one null. A column that no row of the file has is absent.

    Raises SourceError for a document that is not well-formed, and for any document type declaration:
    entities are neither expanded nor fetched.
    """
    rows, gathered, count = _Rows(format.row_tag, file), Gathered(columns), 0
    paths = [fold(column) for column in columns]
    seen: set[str] = set()
    for found in rows.parse(stream):
        count += 1
        seen.update(found)
        values = [_text(found.get(path)) for path in paths]
        if gathered.add(count, values, sum(len(value or "") for value in values)):
            yield from gathered.flush()
    yield from gathered.flush()
    if count:
        refuse_absent([column for column in columns if fold(column) not in seen], optional, file)
    elif rows.others:
        raise SourceError(file, f"has no <{format.row_tag}> element", "the format's `row_tag`")


def xml_records(stream: BinaryIO, format: XmlFormat, file: str) -> Iterator[dict[str, list[str]]]:
    """Give the texts of each record by path, in folded letters."""
    return _Rows(format.row_tag, file).parse(stream)


def _text(values: list[str] | None) -> str | None:
    if not values:
        return None
    return values[0] if len(values) == 1 else text(values)


class _Rows:
    """A parser that keeps the record under way and nothing else."""

    def __init__(self, row_tag: str, file: str) -> None:
        self._row_tag, self._file = fold(row_tag), file
        self.others = False
        """Whether there are elements below the root, rows or not."""
        self._done: list[dict[str, list[str]]] = []
        self._row: dict[str, list[str]] | None = None
        self._open: list[_Element] = []
        self._count = self._depth = self._size = 0
        self._parser = parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._refuse_doctype

    def parse(self, stream: BinaryIO) -> Iterator[dict[str, list[str]]]:
        """Give the values of each record by path."""
        empty = True
        while chunk := stream.read(_CHUNK_BYTES):
            empty = False
            self._feed(chunk, last=False)
            yield from self._taken()
        if empty:
            raise SourceError(self._file, "is empty", "an XML document")
        self._feed(b"", last=True)
        yield from self._taken()

    def _taken(self) -> list[dict[str, list[str]]]:
        done, self._done = self._done, []
        return done

    def _feed(self, chunk: bytes, *, last: bool) -> None:
        try:
            self._parser.Parse(chunk, last)
        except expat.ExpatError as error:
            problem = f"is not well-formed XML at line {error.lineno}: {expat.ErrorString(error.code)}"
            raise self._refused(problem, "a whole XML document") from None
        except (ValueError, LookupError):
            raise self._refused("declares an unknown encoding", "UTF-8 or UTF-16") from None

    def _refused(self, problem: str, expected: str) -> SourceError:
        return SourceError(self._file, problem, expected, self._count + 1)

    def _refuse_doctype(self, *_: object) -> None:
        raise SourceError(self._file, "has a document type declaration", "XML without DTD and entities")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        self._depth += 1
        self.others = self.others or self._depth > 1
        if self._row is not None:
            outer = self._open[-1]
            outer.has_children = True
            element = _Element(f"{outer.path}.{name}" if outer.path else name)
        elif name == self._row_tag:
            self._row, self._size, element = {}, 0, _Element("")
        else:
            return
        self._open.append(element)
        if len(self._open) > _DEPTH:
            raise self._refused("nests too deep", f"at most {_DEPTH} levels in a record")
        for attribute, value in attributes.items():
            self._grow(len(value))
            self._put(self._row, f"{element.path}._{_local(attribute)}".lstrip("."), value)

    def _characters(self, data: str) -> None:
        if self._row is not None:
            self._grow(len(data))
            self._open[-1].texts.append(data)

    def _end(self, tag: str) -> None:
        self._depth -= 1
        if self._row is None:
            return
        element = self._open.pop()
        if not self._open:
            self._done.append(self._row)
            self._count += 1
            self._row = None
            return
        value = "".join(element.texts)
        if not element.has_children or not (value == "" or value.isspace()):
            self._put(self._row, element.path, value)

    def _put(self, row: dict[str, list[str]], path: str, value: str) -> None:
        self._grow(len(path))  # its text has been counted as it came
        row.setdefault(path, []).append(value)

    def _grow(self, size: int) -> None:
        self._size += size
        if self._size > RECORD_BYTES:
            raise self._refused(f"has a record of more than {RECORD_BYTES} bytes", "smaller records")


class _Element:
    """An element that has not ended yet."""

    __slots__ = ("has_children", "path", "texts")

    def __init__(self, path: str) -> None:
        self.path, self.has_children = path, False
        self.texts: list[str] = []


@lru_cache(maxsize=1024)
def _local(name: str) -> str:
    """Give a tag's or attribute's name without its prefix, folded."""
    return fold(name.rpartition(":")[2])
