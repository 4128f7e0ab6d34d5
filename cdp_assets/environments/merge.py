"""Three-way merge of configurations: resource by resource, field by field, never line by line.

Names of the sides: `base` is what both came from, `ours` is what receives the merge, `theirs` is what is merged in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from cdp_assets.config.resources import Documents
from cdp_assets.hashing import sha256_of

Side = Literal["ours", "theirs"]
ConflictKind = Literal["add/add", "modify/modify", "modify/delete", "delete/modify", "order/order"]
IDENTITIES = (("name",), ("tag",), ("feed", "file", "type"))
"""What tells the elements of a list of records apart, the first that every element has."""


class Absent:
    """The value of what is not there."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = Absent()


@dataclass(frozen=True)
class Conflict:
    """A place that both sides changed, differently. Absent values are None with `kind` saying so."""

    address: str
    path: tuple[str, ...]
    kind: ConflictKind
    base: Any
    ours: Any
    theirs: Any

    @property
    def place(self) -> str:
        """The address and the field, as a user names them: `feed.orders:fields.amount.type`."""
        return self.address if not self.path else f"{self.address}:{'.'.join(self.path)}"

    @property
    def key(self) -> str:
        """What a recorded resolution is bound to: it expires when any of the three values changes."""
        return sha256_of([self.place, self.kind, self.base, self.ours, self.theirs])


@dataclass
class Merged:
    """What came of a merge; `conflicts` are those that no resolution settles, and `documents` has our side there."""

    documents: dict[str, dict[str, Any]]
    conflicts: list[Conflict] = field(default_factory=list)
    settled: list[tuple[Conflict, Side]] = field(default_factory=list)


def merge(base: Documents, ours: Documents, theirs: Documents, resolutions: Mapping[str, Side] | None = None) -> Merged:
    """Merge two tenants that come from one.

    Args:
        base: What both came from.
        ours: The side that receives.
        theirs: The side that is merged in.
        resolutions: By the conflict's key, whose value is taken.
    """
    merging = _Merging(dict(resolutions or {}))
    for address in sorted({*base, *ours, *theirs}):
        sides = [side.get(address, ABSENT) for side in (base, ours, theirs)]
        value = merging.value(address, (), *sides)
        if not isinstance(value, Absent):
            merging.result.documents[address] = value
    return merging.result


class _Merging:
    """One merge under way."""

    def __init__(self, resolutions: dict[str, Side]) -> None:
        self._resolutions = resolutions
        self.result = Merged({})

    def value(self, address: str, path: tuple[str, ...], base: Any, ours: Any, theirs: Any) -> Any:
        """Merge one value; whoever changed it wins, and two who changed it alike agree."""
        if _same(ours, theirs) or _same(base, theirs):
            return ours
        if _same(base, ours):
            return theirs
        if isinstance(base, dict) and isinstance(ours, dict) and isinstance(theirs, dict):
            return self._record(address, path, base, ours, theirs)
        if (keyed := _keyed(base, ours, theirs)) is not None:
            return self._records(address, path, *keyed)
        if _both_sql(path, base, ours, theirs):
            if _spelled(ours) == _spelled(theirs) or _spelled(base) == _spelled(theirs):
                return ours
            if _spelled(base) == _spelled(ours):
                return theirs
        return self._conflict(address, path, _kind(base, ours, theirs), base, ours, theirs)

    def _record(self, address: str, path: tuple[str, ...], base: Any, ours: Any, theirs: Any) -> dict[str, Any]:
        names = [*ours, *(name for name in theirs if name not in ours)]
        values = {
            name: self.value(address, (*path, name), *(side.get(name, ABSENT) for side in (base, ours, theirs)))
            for name in names
        }
        return {name: value for name, value in values.items() if not isinstance(value, Absent)}

    def _records(self, address: str, path: tuple[str, ...], base: Any, ours: Any, theirs: Any) -> list[Any]:
        merged = self._record(address, path, base, ours, theirs)
        order = self._order(address, path, list(base), list(ours), list(theirs), set(merged))
        return [merged[name] for name in order]

    def _order(
        self,
        address: str,
        path: tuple[str, ...],
        base: list[str],
        ours: list[str],
        theirs: list[str],
        kept: set[str],
    ) -> list[str]:
        """Give the order of a list: the one of the side that changed it, with the other's additions in their places."""
        common = set(base) & set(ours) & set(theirs)
        was, here, there = ([name for name in side if name in common] for side in (base, ours, theirs))
        first, second = (ours, theirs)
        if here == was and there != was:
            first, second = theirs, ours
        elif here not in (was, there) and there != was:
            taken = self._conflict(address, (*path, "(order)"), "order/order", was, here, there)
            first, second = (ours, theirs) if taken == here else (theirs, ours)
        order = [name for name in first if name in kept]
        for at, name in enumerate(second):
            if name in kept and name not in order:
                before = next((other for other in reversed(second[:at]) if other in order), None)
                order.insert(0 if before is None else order.index(before) + 1, name)
        return order

    def _conflict(
        self, address: str, path: tuple[str, ...], kind: ConflictKind, base: Any, ours: Any, theirs: Any
    ) -> Any:
        plain = [None if isinstance(side, Absent) else side for side in (base, ours, theirs)]
        conflict = Conflict(address, path, kind, *plain)
        taken = self._resolutions.get(conflict.key)
        if taken is None:
            self.result.conflicts.append(conflict)
            return ours
        self.result.settled.append((conflict, taken))
        return ours if taken == "ours" else theirs


def _same(one: Any, other: Any) -> bool:
    """Say whether two values are equal; unlike in Python, true is not 1."""
    if isinstance(one, Absent) or isinstance(other, Absent):
        return one is other
    return type(one) is type(other) and bool(one == other)


def _kind(base: Any, ours: Any, theirs: Any) -> ConflictKind:
    if isinstance(base, Absent):
        return "add/add"
    if isinstance(theirs, Absent):
        return "modify/delete"
    return "delete/modify" if isinstance(ours, Absent) else "modify/modify"


def _keyed(*sides: Any) -> tuple[dict[str, Any], ...] | None:
    """Give lists of records by what tells their elements apart, or nothing where that does not apply."""
    if not all(isinstance(side, list) and all(isinstance(element, dict) for element in side) for side in sides):
        return None
    elements = [element for side in sides for element in side]
    names = next((names for names in IDENTITIES if all(names[0] in element for element in elements)), None)
    if names is None:
        return None
    keyed = tuple({identity(element, names): element for element in side} for side in sides)
    return keyed if all(len(found) == len(side) for found, side in zip(keyed, sides, strict=True)) else None


def identity(element: Mapping[str, Any], names: Sequence[str]) -> str:
    """Give what tells an element apart from the others of its list."""
    return "/".join(str(element.get(name)) for name in names if element.get(name) is not None)


def _both_sql(path: tuple[str, ...], *sides: Any) -> bool:
    return bool(path) and path[-1] == "sql" and all(isinstance(side, str) for side in sides)


def _spelled(text: str) -> str:
    """Spell SQL so that layout and comments make no difference; text that is not SQL is itself."""
    import sqlglot  # takes 0.1 s, and few merges compare SQL
    from sqlglot.errors import SqlglotError

    try:
        return sqlglot.parse_one(text, read="spark").sql(dialect="spark", comments=False)
    except SqlglotError:
        return text
