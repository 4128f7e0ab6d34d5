"""Finds the columns asked for in records that may be nested, and gathers them into batches."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from cdp_assets.exchange.formats.batch import Batch, Malformed
from cdp_assets.exchange.formats.columns import fold, refuse_absent
from cdp_assets.exchange.formats.json_values import text
from cdp_assets.exchange.formats.records import Gathered

_SHAPES = 4096
"""How many sets of keys are remembered; files have a handful."""

Place = tuple[str, tuple[str, ...]] | None
"""Where a column is in a record: the top-level key, then the rest of the path; None for nowhere."""

Spell = Callable[[Any], str | None]


def batches_of(
    records: Iterable[tuple[Any, int]],
    columns: Sequence[str],
    optional: Collection[str],
    file: str,
    *,
    no_record: str,
    spell: Spell = text,
) -> Iterator[Batch | Malformed]:
    """Give the columns of records as strings; what is no record is Malformed, and counted as a row.

    A column is a key, in any case, or a dotted path (`name.given`, `lines.0.sku`); an absent key is null. A column
    that no record of the file has is an absent column: SourceError, unless it is optional.

    Args:
        records: Each decoded record and the bytes that it took.
        columns: The columns asked for.
        optional: Those that may be absent.
        file: How errors call the file.
        no_record: Why what is no object is refused.
        spell: Gives a value as text.
    """
    found, gathered = _Columns(columns, spell), Gathered(columns)
    for row, (record, size_bytes) in enumerate(records, 1):
        values = found.values(record)
        if values is None:
            yield Malformed(row, no_record)
        elif gathered.add(row, values, size_bytes):
            yield from gathered.flush()
    yield from gathered.flush()
    if found.any_record:
        refuse_absent(found.absent(), optional, file)


class _Columns:
    """The columns asked for and where records keep them."""

    def __init__(self, columns: Sequence[str], spell: Spell) -> None:
        self._columns, self._spell = columns, spell
        self._shapes: dict[tuple[str, ...], list[Place]] = {}
        self._seen: set[str] = set()
        self.any_record = False

    def values(self, record: Any) -> list[str | None] | None:
        """Give one value per column, or None where the record is no object, or too deep or too odd to be spelled."""
        if not isinstance(record, dict):
            return None
        self.any_record = True
        try:
            return [self._value(record, place) for place in self._places(record)]
        except (ValueError, RecursionError):
            return None

    def absent(self) -> list[str]:
        """Give the columns that no record had so far."""
        return [column for column in self._columns if column not in self._seen]

    def _places(self, record: dict[str, Any]) -> list[Place]:
        shape = tuple(record)
        places = self._shapes.get(shape)
        if places is None:
            places = [_place(record, column) for column in self._columns]
            self._seen.update(c for c, place in zip(self._columns, places, strict=True) if place is not None)
            if len(self._shapes) < _SHAPES:
                self._shapes[shape] = places
        return places

    def _value(self, record: dict[str, Any], place: Place) -> str | None:
        if place is None:
            return None
        value = record[place[0]]
        for part in place[1]:
            value = _step(value, part)
        return value if value is None or value.__class__ is str else self._spell(value)


def _place(record: dict[str, Any], column: str) -> Place:
    """Find the top-level key of a column: its whole name, else the longest front of its path."""
    keys = {fold(str(key)): key for key in reversed(record)} | {key: key for key in record}
    parts = column.split(".")
    for size in range(len(parts), 0, -1):
        name = ".".join(parts[:size])
        key = keys.get(name) or keys.get(fold(name))
        if key is not None:
            return key, tuple(parts[size:])
    return None


def _step(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        if part in value:
            return value[part]
        return next((item for key, item in value.items() if fold(str(key)) == fold(part)), None)
    if isinstance(value, list) and part.isdecimal() and int(part) < len(value):
        return value[int(part)]
    return None
