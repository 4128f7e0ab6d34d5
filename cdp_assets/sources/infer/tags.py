"""What columns mean: semantic tags by their names, where their values do not speak against them."""

from __future__ import annotations

import csv
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources

from cdp_assets.config.feed import FieldType
from cdp_assets.semantics import SEMANTICS, family, semantic
from cdp_assets.sources.infer.column import LOOKS, Column, squashed

PROFILE = ""
"""The family of tags about people; it has no name of its own."""
_FAMILIES = (PROFILE, "txn-item", "pc", "email-event", "email-opt", "sms-opt", "loy", "loy-event", "fiscal")
"""In the order in which they win where as many columns fit."""
_EVERYWHERE = {"fk-customer-id"}
_PREFIXES = ("customer", "cust", "contact", "member", "shopper", "client", "person", "user", "billing", "bill", "home")
_LEAST = 0.5
"""The share of values that must look as the tag's do, where it is known how they look."""
_SURE = 0.9
"""The share from which on the look alone is enough."""
_FEWEST = 3
"""Columns of a family that make a file one of it."""
_READERS: Mapping[str, tuple[FieldType, ...]] = {
    "date!": ("date", "datetime"),
    "date": ("date", "datetime"),
    "datetime": ("date", "datetime"),
    "integer": ("integer",),
    "decimal": ("decimal",),
    "boolean": ("boolean",),
}


@dataclass(frozen=True)
class Tagged:
    """A column's tag, or none, and why."""

    tag: str | None
    reason: str


def tags_of(columns: Sequence[Column]) -> dict[str, Tagged]:
    """Give the tag of each incoming column that has one, or nearly has.

    A file is of one family: the one that knows most of its columns by name. Only that family's tags are given, and
    each to the first column that it fits.
    """
    chosen = max(_FAMILIES, key=lambda one: _known(columns, one) if _known(columns, one) >= _FEWEST else 0)
    found: dict[str, Tagged] = {}
    for column in columns:
        taken = {one.tag for one in found.values()}
        tag = _by_name(column.incoming, chosen)
        if tag is not None and tag not in taken:
            found[column.incoming] = _checked(column, tag)
        elif tag is None and chosen == PROFILE and column.share("email") >= _SURE and "email" not in taken:
            found[column.incoming] = Tagged("email", f"{column.share('email'):.0%} of the values look so")
    return found


def _known(columns: Sequence[Column], chosen: str) -> int:
    return len({tag for one in columns if (tag := _by_name(one.incoming, chosen)) and tag not in _EVERYWHERE})


def _by_name(incoming: str, chosen: str) -> str | None:
    """Give the tag whose names hold a column's: the whole path, else its last part, else without a word before it."""
    whole, last = squashed(incoming), squashed(incoming.rpartition(".")[2])
    shorter = [last.removeprefix(one) for one in _PREFIXES if last.startswith(one) and last != one]
    names = _names()
    for name in (whole, last, *shorter):
        for tag in names.get(name, ()):
            if tag in _EVERYWHERE or (family(tag) == chosen and (name in (whole, last) or chosen == PROFILE)):
                return tag
    return None


@functools.cache
def _names() -> dict[str, tuple[str, ...]]:
    """Give the tags that a squashed name may mean: those of the list first, then the documented tags' own names."""
    text = resources.files("cdp_assets.sources.infer").joinpath("names.csv").read_text(encoding="utf-8")
    found: dict[str, tuple[str, ...]] = {}
    listed = [(name, row["tag"]) for row in csv.DictReader(text.splitlines()) for name in row["names"].split()]
    own = [(squashed(one.rpartition("/")[2]), one) for one in SEMANTICS if one not in ("pk", "ck")]
    for name, tag in (*listed, *own):
        found[name] = (*found.get(name, ()), tag)
    return found


def _checked(column: Column, tag: str) -> Tagged:
    """Give the tag, unless the values are of another type or look otherwise."""
    meaning = semantic(tag)
    readers = _READERS.get(meaning.type if meaning else "", ())
    if column.filled and readers and not any(_reads(column, kind) for kind in readers):
        return Tagged(None, f"named as {tag}, but not every value is a {' or '.join(readers)}")
    if tag in LOOKS and column.filled and column.share(tag) < _LEAST:
        return Tagged(None, f"named as {tag}, but only {column.share(tag):.0%} of the values look so")
    return Tagged(tag, f"named as {tag}")


def _reads(column: Column, kind: FieldType) -> bool:
    return column.reads(kind) or column.pattern_of(kind) is not None
