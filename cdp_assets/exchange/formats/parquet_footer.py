"""Reads a Parquet file's table of contents as far as it says how the columns are compressed.

Asked about one column of a damaged table of contents, Arrow 26 ends the process (`terminate called after throwing an
instance of 'parquet::ParquetException'`), so that much is read here. It is in Thrift's compact protocol; the fields'
numbers are those of https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift.
"""

from __future__ import annotations

from collections.abc import Iterator

_BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT, _UUID = 3, 7, 8, 9, 10, 11, 12, 13
_BOOLEANS, _INTEGERS, _FIXED_BYTES = (1, 2), (4, 5, 6), {_BYTE: 1, _DOUBLE: 8, _UUID: 16}
_PATH = (4, 1, 3, 4)
"""The file's row groups, a group's columns, a column's meta data, its codec."""
_DEPTH = 32


def codecs_of(footer: bytes) -> set[int]:
    """Give the number of every compression that a column has; raises ValueError where this is no table of contents."""
    try:
        return set(_Compact(footer).struct(_PATH, _DEPTH))
    except IndexError:
        raise ValueError from None


class _Compact:
    """A place in a text of Thrift's compact protocol; IndexError and ValueError say that it is none."""

    def __init__(self, data: bytes) -> None:
        self._data, self._at = data, 0

    def struct(self, path: tuple[int, ...], depth: int) -> Iterator[int]:
        """Take a struct; give the whole numbers that a path of fields leads to, in whatever lists they are."""
        if not depth:
            raise ValueError
        field = 0
        while header := self._byte():
            field = field + (header >> 4) if header >> 4 else self._zigzag()
            kind, inner = header & 15, path[1:] if path[:1] == (field,) else None
            if inner == () and kind in _INTEGERS:
                yield self._zigzag()
            elif kind not in _BOOLEANS:  # those are told by their kind alone
                yield from self._value(kind, inner or (), depth)

    def _value(self, kind: int, path: tuple[int, ...], depth: int) -> Iterator[int]:
        """Take a value; give what the path leads to in it, nothing where the path is empty."""
        if kind in _INTEGERS:
            self._zigzag()
        elif kind in _FIXED_BYTES or kind in _BOOLEANS:
            self._skip(_FIXED_BYTES.get(kind, 1))
        elif kind == _BINARY:
            self._skip(self._varint())
        elif kind == _STRUCT:
            yield from self.struct(path, depth - 1)
        elif kind in (_LIST, _SET):
            yield from self._list(path, depth)
        elif kind == _MAP:
            yield from self._map(depth)
        else:
            raise ValueError

    def _list(self, path: tuple[int, ...], depth: int) -> Iterator[int]:
        header = self._byte()
        count = header >> 4 if header >> 4 < 15 else self._varint()
        for _ in range(count):
            yield from self._value(header & 15, path, depth)

    def _map(self, depth: int) -> Iterator[int]:
        count = self._varint()
        kinds = self._byte() if count else 0
        for _ in range(count):
            yield from self._value(kinds >> 4, (), depth)
            yield from self._value(kinds & 15, (), depth)

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1]

    def _skip(self, count: int) -> None:
        self._at += count
        if self._at > len(self._data):
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
