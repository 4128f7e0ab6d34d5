"""Semantic tags: what a column means, which type it must have, and whether it is about a person."""

from __future__ import annotations

import csv
import difflib
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from types import MappingProxyType

_ORDINAL = re.compile(r"(?P<base>.+?)-(?P<ordinal>[1-9][0-9]?)")
_WINDOWED = re.compile(
    r"(?P<what>email-summary/email-(clicks|opens)-last)-((1|3|5|7|14|30)-(?=days)|(3|6|9|12)-(?=months))(?P<unit>days|months)"
)
_NAMESPACED = re.compile(r"(?P<kind>fk|sk|bk)-(?P<name>[a-z0-9]+(-[a-z0-9]+)*)|source/(?P<key>[a-z0-9-]+)")


@dataclass(frozen=True)
class Semantic:
    """What a tag asks of a column."""

    tag: str
    type: str
    """The documented type; `any` and `string` accept every field type, `string!` and `date!` only that one."""
    required: bool
    """Whether a feed that uses any tag of this family must use this one."""
    personal: bool
    """Whether the column is about a person and is obfuscated wherever a value is shown."""
    once: bool
    """Whether a feed may use it at most once."""

    @property
    def enforced_type(self) -> str | None:
        """The one field type that the documents insist on, if any."""
        return self.type.removesuffix("!") if self.type.endswith("!") else None

    @property
    def column(self) -> str:
        """The column of a unified table: the tag without its family, in snake case.

        >>> semantic("txn-item/order-id").column, semantic("fk-customer-id").column
        ('order_id', 'fk_customer_id')
        """
        return self.tag.rpartition("/")[2].replace("-", "_")


def _table() -> dict[str, Semantic]:
    text = resources.files("cdp_assets").joinpath("semantics.csv").read_text(encoding="utf-8")
    return {
        row["tag"]: Semantic(
            row["tag"], row["type"], row["required"] == "yes", row["personal"] == "yes", row["once"] == "yes"
        )
        for row in csv.DictReader(text.splitlines())
    }


SEMANTICS: Mapping[str, Semantic] = MappingProxyType(_table())
"""Every documented tag."""
SPELLINGS: Mapping[str, str] = MappingProxyType({"blv/data-source": "blv/datasource"})
"""Tags that the documents spell in two ways: the other spelling -> the one that is a key of SEMANTICS."""


@functools.cache
def semantic(tag: str) -> Semantic | None:
    """Give what a tag means, or nothing for an unknown one.

    Keys with a name of the tenant's own (fk-, sk-, bk-, source/), ordinals (email-1) and windows of e-mails
    (email-summary/email-opens-last-7-days) are understood, and so is another spelling of a documented tag.

    >>> semantic("email-1").personal, semantic("given_name") is None
    (True, True)
    """
    if (documented := one_spelling(tag)) in SEMANTICS:
        return SEMANTICS[documented]
    if _NAMESPACED.fullmatch(tag):
        return Semantic(tag, "string", required=False, personal=True, once=False)
    if window := _WINDOWED.fullmatch(tag):
        return replace(SEMANTICS[f"{window['what']}-x-{window['unit']}"], tag=tag)
    name, ordinal = without_ordinal(tag)
    return replace(SEMANTICS[name], tag=tag, once=True) if ordinal else None


def without_ordinal(tag: str) -> tuple[str, int]:
    """Give a tag without its ordinal, and that; 0 where it has none.

    >>> without_ordinal("email-2"), without_ordinal("address2"), without_ordinal("fk-crm-2")
    (('email', 2), ('address2', 0), ('fk-crm-2', 0))
    """
    match = _ORDINAL.fullmatch(tag)
    if tag in SEMANTICS or match is None or match["base"] not in SEMANTICS:
        return tag, 0
    return match["base"], int(match["ordinal"])


def one_spelling(tag: str) -> str:
    """Give a tag as everything of ours spells it.

    >>> one_spelling("blv/data-source"), one_spelling("email")
    ('blv/datasource', 'email')
    """
    return SPELLINGS.get(tag, tag)


def nearest(tag: str) -> str:
    """Give the known tag that is spelled most like `tag`.

    >>> nearest("given_name")
    'given-name'
    """
    wanted = tag.replace("_", "-").lower()
    found = difflib.get_close_matches(wanted, SEMANTICS, n=1, cutoff=0.0)
    return found[0]


def family(tag: str) -> str:
    """Give a tag's family, the empty string for profile tags and keys.

    >>> family("txn-item/order-id"), family("email")
    ('txn-item', '')
    """
    return tag.partition("/")[0] if "/" in tag else ""
