"""Reads a Parquet file's table of contents, and the headers of its pages, as far as they tell sizes and compressions.

Asked about one column of a damaged table of contents, Arrow 26 ends the process (`terminate called after throwing an
instance of 'parquet::ParquetException'`), so that much is read here. It is in Thrift's compact protocol; the fields'
numbers are those of https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT, _UUID = 3, 7, 8, 9, 10, 11, 12, 13
_BOOLEANS, _INTEGERS, _FIXED_BYTES = (1, 2), (4, 5, 6), {_BYTE: 1, _DOUBLE: 8, _UUID: 16}
Path = tuple[int, ...]
"""Numbers of fields, from the outside in."""
_CHUNKS = (4, 1, 3)
"""The file's row groups, a group's columns, a column's meta data."""
_CODEC, _CHUNK_VALUES, _TOTAL_COMPRESSED, _DATA_PAGE, _DICTIONARY_PAGE = 4, 5, 7, 9, 11
_TYPE, _UNPACKED, _PACKED = (1,), (2,), (3,)
_VALUES = ((5, 1), (7, 1), (8, 1))
"""How many values a page has, in the header of a data page, a dictionary page or one of the second version."""
_DICTIONARY = 2
_DEPTH = 32


@dataclass(frozen=True)
class Chunk:
    """One column of one row group: how it is compressed, where its pages are and how many bytes they take there.

    Of one without values nobody looks for pages, and there may be none.
    """

    codec: int
    values: int
    start: int
    packed_bytes: int


@dataclass(frozen=True)
class PageHeader:
    """What stands before a page; sizes in bytes."""

    header_bytes: int
    packed_bytes: int
    unpacked_bytes: int
    values: int
    is_dictionary: bool


def chunks_of(footer: bytes) -> list[Chunk]:
    """Give every column of every row group, in order; raises ValueError where this is no table of contents."""
    try:
        return [_chunk(found) for found in _Compact(footer).structs(_CHUNKS, _DEPTH)]
    except (IndexError, KeyError):
        raise ValueError from None


def page_header(data: bytes) -> PageHeader:
    """Give the header that data begins with; raises IndexError where more is needed, ValueError where there is none."""
    reader = _Compact(data)
    found = reader.numbers(_DEPTH)
    if not {_TYPE, _UNPACKED, _PACKED} <= found.keys() or min(found[_UNPACKED], found[_PACKED]) < 0:
        raise ValueError
    values = max((found[path] for path in _VALUES if path in found), default=0)
    return PageHeader(reader.at, found[_PACKED], found[_UNPACKED], values, found[_TYPE] == _DICTIONARY)


def _chunk(found: Mapping[int, int]) -> Chunk:
    """Make it of a column's meta data; some writers say 0 where there is no dictionary."""
    places = [found[_DATA_PAGE], *([found[_DICTIONARY_PAGE]] if found.get(_DICTIONARY_PAGE, 0) > 0 else [])]
    return Chunk(found[_CODEC], found[_CHUNK_VALUES], min(places), found[_TOTAL_COMPRESSED])


class _Compact:
    """A place in a text of Thrift's compact protocol; IndexError and ValueError say that it is none."""

    def __init__(self, data: bytes) -> None:
        self._data, self.at = data, 0

    def structs(self, path: Path | None, depth: int) -> Iterator[Mapping[int, int]]:
        """Take a struct; give the whole numbers, by field, of each struct that a path of fields leads to.

        Lists on the way are gone through; no path leads to nothing.
        """
        numbers: dict[int, int] = {}
        for field, kind in self._fields(depth):
            if kind in _INTEGERS:
                numbers[field] = self._zigzag()
            else:
                yield from self._value(kind, path[1:] if path and path[0] == field else None, depth)
        if path == ():
            yield numbers

    def numbers(self, depth: int) -> dict[Path, int]:
        """Take a struct; give its whole numbers and those of the structs in it, by the fields that lead there."""
        found: dict[Path, int] = {}
        for field, kind in self._fields(depth):
            if kind in _INTEGERS:
                found[(field,)] = self._zigzag()
            elif kind == _STRUCT:
                found |= {(field, *path): number for path, number in self.numbers(depth - 1).items()}
            else:
                for _ in self._value(kind, None, depth):
                    pass
        return found

    def _fields(self, depth: int) -> Iterator[tuple[int, int]]:
        """Give number and kind of each field of a struct whose value is to be taken; of a boolean the kind tells it."""
        if not depth:
            raise ValueError
        field = 0
        while header := self._byte():
            field = field + (header >> 4) if header >> 4 else self._zigzag()
            if header & 15 not in _BOOLEANS:
                yield field, header & 15

    def _value(self, kind: int, path: Path | None, depth: int) -> Iterator[Mapping[int, int]]:
        """Take a value; give what `structs` gives of it."""
        if kind in _INTEGERS:
            self._zigzag()
        elif kind in _FIXED_BYTES or kind in _BOOLEANS:
            self._skip(_FIXED_BYTES.get(kind, 1))
        elif kind == _BINARY:
            self._skip(self._varint())
        elif kind == _STRUCT:
            yield from self.structs(path, depth - 1)
        elif kind in (_LIST, _SET):
            yield from self._list(path, depth)
        elif kind == _MAP:
            yield from self._map(depth)
        else:
            raise ValueError

    def _list(self, path: Path | None, depth: int) -> Iterator[Mapping[int, int]]:
        header = self._byte()
        count = header >> 4 if header >> 4 < 15 else self._varint()
        for _ in range(count):
            yield from self._value(header & 15, path, depth)

    def _map(self, depth: int) -> Iterator[Mapping[int, int]]:
        count = self._varint()
        kinds = self._byte() if count else 0
        for _ in range(count):
            yield from self._value(kinds >> 4, None, depth)
            yield from self._value(kinds & 15, None, depth)

    def _byte(self) -> int:
        self.at += 1
        return self._data[self.at - 1]

    def _skip(self, count: int) -> None:
        self.at += count
        if self.at > len(self._data):
            raise IndexError

    def _zigzag(self) -> int:
        found = self._varint()
        return (found >> 1) ^ -(found & 1)

    def _varint(self) -> int:
        found = shift = 0
        while True:
            byte = self._byte()
            found |= (byte & 0x7F) << shift
            if byte < 0x80:
                return found
            shift += 7
            if shift > 63:
                raise ValueError
