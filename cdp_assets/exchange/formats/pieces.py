"""Reads a file that lies in a store piece by piece, with the readers that read it as a whole."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from cdp_assets.config.file_format import DelimitedFormat, FileFormat, NdjsonFormat, ParquetFormat
from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs.layer import FRONT_BYTES, SPELLED, layer_of
from cdp_assets.exchange.formats.batch import Batch, Malformed
from cdp_assets.exchange.formats.cut import can_be_cut, piece_of
from cdp_assets.exchange.formats.delimited import read_delimited_piece
from cdp_assets.exchange.formats.ndjson import read_ndjson
from cdp_assets.exchange.formats.parquet import read_parquet_piece
from cdp_assets.exchange.formats.read import READERS
from cdp_assets.exchange.formats.zero_bytes import without_zero_bytes
from cdp_assets.exchange.locations.pinned import PinnedObject


@dataclass(frozen=True)
class Piece:
    """The share of a file to which these places of it belong; `is_last` where no piece follows."""

    start: int
    end: int
    is_last: bool

    @property
    def is_whole(self) -> bool:
        """Whether the file is in one piece."""
        return self.start == 0 and self.is_last


def read_piece(
    source: PinnedObject,
    piece: Piece,
    format: FileFormat,
    columns: Sequence[str],
    file: str,
    optional: Collection[str] = (),
) -> Iterator[Batch | Malformed]:
    """Give the rows of one piece of a file, in order, numbered from 1; all pieces together give what `read` gives.

    A file whose lines cannot be told apart by their bytes is in its first piece as a whole.

    Raises SourceError as `read` does. For a piece that is not the whole file this may be because of where it was cut,
    inside a record, or because it alone lacks what the file has: the file is to be read in one piece then. A file that
    is packed or encrypted is always refused.
    """
    optional = frozenset(optional)
    if isinstance(format, ParquetFormat):
        with source.seekable() as stream:
            places = range(piece.start, piece.end)
            yield from without_zero_bytes(read_parquet_piece(stream, columns, file, optional, places))
        return
    assert isinstance(format, DelimitedFormat | NdjsonFormat)  # noqa: S101 - nothing else is split
    with source.front() as stream:
        front = stream.read(FRONT_BYTES)
    _refuse_packed(front, file)
    if piece.is_whole or not can_be_cut(front, format.encoding):
        if piece.start == 0:
            with source.stream() as stream:
                yield from without_zero_bytes(READERS[format.kind](stream, format, columns, file, optional))
        return
    yield from without_zero_bytes(_cut(source, piece, format, columns, file, optional))


def _cut(
    source: PinnedObject,
    piece: Piece,
    format: DelimitedFormat | NdjsonFormat,
    columns: Sequence[str],
    file: str,
    optional: Collection[str],
) -> Iterator[Batch | Malformed]:
    with source.stream(piece.start) as rest, contextlib.ExitStack() as opened:
        text = opened.enter_context(piece_of(rest, piece.start, None if piece.is_last else piece.end))
        if not text.peek(1):  # type: ignore[attr-defined]  # of BufferedReader
            return
        if isinstance(format, NdjsonFormat):
            yield from read_ndjson(text, format, columns, file, optional)
            return
        front = opened.enter_context(source.front())
        ends = {"is_first": piece.start == 0, "is_last": piece.is_last}
        yield from read_delimited_piece(text, front, format, columns, file, optional, **ends)


def _refuse_packed(front: bytes, file: str) -> None:
    if (layer := layer_of(front)) is not None:
        expected = "plain files where they are read in place; what is packed or encrypted is to be landed first"
        raise SourceError(file, f"is {SPELLED[layer]}", expected)
