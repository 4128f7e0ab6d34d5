"""Tells what rows a table holds, in a text that follows from the rows alone, whichever engine has them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import pyarrow as pa

from cdp_assets.lakehouse.arrow import plain_schema

SUMS = 2
"""Two 64-bit sums: one alone could be equal by chance somewhere among many tables and days."""
_HALF, _SPREAD = 1 << 29, 0x9E3779B97F4A7C15
_WORDS = 1 << 64


def content_of(rows: pa.Table) -> str:
    """Give a text that is the same for the same rows and columns, in whatever order they stand.

    It starts with the number of rows. A new version of polars may give other texts: then tables are written once more.
    """
    return _text(rows.num_rows, _sums(rows), _columns(rows))


def content_before(rows: pa.Table, known: int, content: str) -> str:
    """Give the content of so many rows at the front of some with a known content: only those behind are looked at."""
    return content_since(rows.slice(0, known), content, gone=rows.slice(known), came=rows.slice(0, 0))


def content_since(rows: pa.Table, content: str, gone: pa.Table, came: pa.Table) -> str:
    """Give the content of some rows, made of others with a known content, of which some went before some came.

    Only these are looked at, unless what came of them is plainly not the rows: other columns, or another number.
    """
    number, every, columns = _told(content)
    same = all(_columns(some) == columns for some in (rows, gone, came))
    if not same or number - gone.num_rows + came.num_rows != rows.num_rows:
        return content_of(rows)
    sums = zip(every, _sums(gone), _sums(came), strict=True)
    return _text(rows.num_rows, [known - lost + new for known, lost, new in sums], columns)


def content_together(contents: Sequence[str]) -> str:
    """Give the content of all rows, of which these are the contents of parts; of one part at least.

    >>> one, other = pa.table({"n": [1, 2]}), pa.table({"n": [3]})
    >>> content_together([content_of(one), content_of(other)]) == content_of(pa.concat_tables([other, one]))
    True
    """
    numbers, sums, columns = zip(*map(_told, contents), strict=True)
    return _text(sum(numbers), [sum(one) for one in zip(*sums, strict=True)], columns[0])


def _sums(rows: pa.Table) -> list[int]:
    """Give the sum of the rows' hashes, and that of what these are spread to."""
    frame = pl.DataFrame(rows.cast(_hashed(rows.schema))).select(sorted(rows.column_names))
    hashes = frame.hash_rows(1) if frame.height else pl.Series([], dtype=pl.UInt64)
    return [int(hashes.sum()), int(((hashes ^ (hashes // _HALF)) * _SPREAD).sum())]


def _hashed(schema: pa.Schema) -> pa.Schema:
    """Give the plain schema, but for texts, which have one hash whatever their kind."""
    return pa.schema(
        given if plain.type == pa.string() else plain for given, plain in zip(schema, plain_schema(schema), strict=True)
    )


def _columns(rows: pa.Table) -> list[str]:
    return sorted(f"{field.name}:{field.type}" for field in plain_schema(rows.schema))


def _text(number: int, sums: Sequence[int], columns: Sequence[str]) -> str:
    return "|".join([str(number), *(f"{one % _WORDS:016x}" for one in sums), *columns])


def _told(content: str) -> tuple[int, list[int], list[str]]:
    """Give back what a content was made of: the number of rows, the sums, the columns."""
    number, *rest = content.split("|")
    return int(number), [int(one, 16) for one in rest[:SUMS]], rest[SUMS:]
