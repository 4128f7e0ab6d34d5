"""How many rows of a Parquet file are read at once, by what its pages say of themselves before one is unpacked."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import BinaryIO

from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats.parquet_footer import Chunk, PageHeader, page_header

PAGE_BYTES = 256 << 20
"""Of one page, unpacked. Writers end a page at 1 MB, DuckDB at 100; the format itself allows 2 GB."""
AT_ONCE_BYTES = 1 << 30
"""Of the values of one column that are in memory together."""
MOST_ROWS = 1024
"""A few, because one text that a file holds once, in a dictionary, may stand in all of them."""
_HEADER_BYTES, _LONGEST_HEADER_BYTES = 1 << 10, 16 << 20
"""A header holds a page's least and greatest value, which may be long texts; Arrow's own limit is the second."""


def rows_at_once(stream: BinaryIO, chunks: Collection[Chunk], file: str) -> int:
    """Give how many rows of these columns may be read together.

    A value is taken to be as long as its page's average, and one of a dictionary as long as the whole dictionary.
    Raises SourceError for a page that is too large, before any is unpacked; ValueError where there are no pages.
    """
    filled = (chunk for chunk in chunks if chunk.values)
    widest = max((_width(page) for chunk in filled for page in _pages(stream, chunk, file)), default=0)
    return max(1, min(MOST_ROWS, AT_ONCE_BYTES // max(1, widest)))


def _width(page: PageHeader) -> int:
    return page.unpacked_bytes // (1 if page.is_dictionary else max(1, page.values))


def _pages(stream: BinaryIO, chunk: Chunk, file: str) -> Iterator[PageHeader]:
    at, end = chunk.start, chunk.start + chunk.packed_bytes
    while at < end:
        page = _header(stream, at)
        if page.unpacked_bytes > PAGE_BYTES:
            problem = f"has a page that is {page.unpacked_bytes:,} bytes when unpacked"
            raise SourceError(file, problem, f"pages of at most {PAGE_BYTES:,} bytes")
        yield page
        at += page.header_bytes + page.packed_bytes


def _header(stream: BinaryIO, at: int) -> PageHeader:
    """Read the header at a place, however long its texts are."""
    size_bytes = _HEADER_BYTES
    while True:
        stream.seek(at)
        data = stream.read(size_bytes)
        try:
            return page_header(data)
        except IndexError:
            if len(data) < size_bytes or size_bytes >= _LONGEST_HEADER_BYTES:
                raise ValueError from None
        size_bytes *= 16
