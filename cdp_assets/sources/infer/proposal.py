"""Reads a file whole and proposes the feed that loads it, and what its courier says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cdp_assets.config.courier import Courier
from cdp_assets.config.feed import Feed
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import Malformed, read
from cdp_assets.exchange.formats.discover import columns_of
from cdp_assets.semantics import semantic
from cdp_assets.sources.infer.column import MOST_HASHED, Column
from cdp_assets.sources.infer.keys import KeyFound, key_of
from cdp_assets.sources.infer.names import base_name, field_names, file_pattern, snake
from cdp_assets.sources.infer.opened import Looked, looked_at
from cdp_assets.sources.infer.tags import Tagged, tags_of
from cdp_assets.sources.infer.types import TypeFound, type_of

MOST_HASHES = 64_000_000
"""Of all columns together: half a gigabyte."""


@dataclass(frozen=True)
class Proposal:
    """A feed and its courier, as they would stand in their files, and why."""

    feed: Feed
    courier: Courier
    rows: int
    malformed: int
    reasons: Mapping[str, str]
    """Field name -> why it is as it is; `primary_key` -> what tells records apart. No value of the file is in them."""


def propose(path: Path, *, source: str | None = None, name: str | None = None, contents: str | None = None) -> Proposal:
    """Propose a feed for a file of any kind; it loads the file without rejecting one of its sound rows.

    Args:
        path: The file, as it would arrive.
        source: The feed's source; the file's folder unless given.
        name: The feed's name; the file's, without its date, unless given.
        contents: Which members of an archive are meant.

    Raises SourceError for a file that cannot be read.
    """
    looked = looked_at(path, contents)
    incoming = _incoming(looked)
    columns, malformed = _columns(looked, incoming)
    tags = tags_of(columns)
    source = source or snake(path.resolve().parent.name, "source")
    name = name or base_name(path.name)
    return _proposal(looked, columns, tags, source, name, malformed)


def _incoming(looked: Looked) -> list[str]:
    """Give the columns of all the file's members that have any."""
    found: dict[str, str] = {}
    for name, stream in looked.files():
        for column in columns_of(stream, looked.format, name):
            found.setdefault(column.casefold(), column)
    if not found:
        raise SourceError(looked.path.name, "has no columns", "records with at least one")
    return list(found.values())


def _columns(looked: Looked, incoming: list[str]) -> tuple[list[Column], int]:
    most_hashed = min(MOST_HASHED, MOST_HASHES // len(incoming))
    columns, malformed = [Column(one, most_hashed) for one in incoming], 0
    for name, stream in looked.files():
        for part in read(stream, looked.format, incoming, name, incoming):
            if isinstance(part, Malformed):
                malformed += 1
                continue
            for column, values in zip(columns, part.table.columns, strict=True):
                column.take(values)
    return columns, malformed


def _proposal(
    looked: Looked, columns: list[Column], tags: dict[str, Tagged], source: str, name: str, malformed: int
) -> Proposal:
    names, key = field_names((one.incoming for one in columns), _meanings(tags)), key_of(columns)
    tagged = {one: _tags(one, tags, key) for one in names}
    types = {one.incoming: type_of(one, tagged[one.incoming]) for one in columns}
    newest = next((one for one in columns if _tells_time(one, tagged, types)), None)
    feed = {
        "source": source,
        "name": name,
        "fields": [_field(one, names, types[one], tagged[one], key) for one in names],
        "primary_key": [names[one] for one in key.columns],
        "last_updated": newest and names[newest.incoming],
        "available_to_stitch": any("pk" in one for one in tagged.values()),
    }
    reasons = {names[one]: _reason(types[one], tags.get(one)) for one in names}
    made = Feed.model_validate(feed)
    return Proposal(made, _courier(looked, made), columns[0].rows, malformed, reasons | {"primary_key": key.reason})


def _meanings(tags: dict[str, Tagged]) -> dict[str, str]:
    """Give what values deep in nested records are called: as their tag."""
    known = {one: semantic(tagged.tag) for one, tagged in tags.items() if tagged.tag and "." in one}
    return {one: meaning.column for one, meaning in known.items() if meaning is not None}


def _tags(incoming: str, tags: dict[str, Tagged], key: KeyFound) -> tuple[str, ...]:
    """Give a column's tags; the key of people's records is tagged so, for Stitch to know them by."""
    own = tags.get(incoming)
    is_people = any(one.tag and "/" not in one.tag and not one.tag.startswith("fk-") for one in tags.values())
    found = ("pk",) if is_people and key.columns == (incoming,) else ()
    return (*found, own.tag) if own and own.tag else found


def _tells_time(column: Column, tagged: dict[str, tuple[str, ...]], types: dict[str, TypeFound]) -> bool:
    return (
        "update-dt" in tagged[column.incoming]
        and types[column.incoming].type in ("datetime", "integer")
        and column.filled == column.rows
    )


def _field(
    incoming: str, names: dict[str, str], found: TypeFound, tags: tuple[str, ...], key: KeyFound
) -> dict[str, Any]:
    field: dict[str, Any] = {"name": names[incoming], "type": found.type}
    field |= {"from": incoming} if incoming.casefold() != names[incoming] else {}
    field |= {"pattern": found.pattern} if found.pattern else {}
    field |= {"scale": found.scale} if found.type == "decimal" else {}
    field |= {"required": True} if incoming in key.columns else {}
    return field | ({"tags": list(tags)} if tags else {})


def _reason(found: TypeFound, tagged: Tagged | None) -> str:
    return found.reason if tagged is None else f"{found.reason}; {tagged.reason}"


def _courier(looked: Looked, feed: Feed) -> Courier:
    file: dict[str, Any] = {
        "tag": feed.name,
        "pattern": file_pattern(looked.path.name),
        "format": looked.format,
        "archive": looked.archive,
    }
    load = {"feed": feed.key, "file": feed.name}
    location = {"kind": "local", "path": feed.source}
    return Courier.model_validate({"name": feed.source, "location": location, "files": [file], "load": [load]})
