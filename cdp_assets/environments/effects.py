"""What a change does to a table's rows and columns, and how that reaches whoever reads them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from cdp_assets.environments.lineage import Part, Shape, Source
from cdp_assets.names import TableName

NOTHING: frozenset[str] = frozenset()
MOST_NAMES = 5


@dataclass(frozen=True)
class Effect:
    """What differs between two definitions of a table, for the same world around them."""

    rows: bool = False
    """Whether there may be other rows."""
    removed: frozenset[str] = NOTHING
    changed: frozenset[str] = NOTHING
    """Columns whose values may be others."""
    widened: frozenset[str] = NOTHING
    """Columns whose values are the same, in a type that holds more."""
    added: frozenset[str] = NOTHING
    reordered: bool = False
    why: tuple[str, ...] = ()
    """The reasons, the gravest first."""
    causes: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    """Column -> why it changes, where that is not its own spelling."""

    @property
    def breaks(self) -> bool:
        """Say whether a reader may see other rows, other values or a column less."""
        return self.rows or bool(self.removed or self.changed)

    @property
    def is_silent(self) -> bool:
        """Say whether every reader, whatever it reads, sees what it saw."""
        return not (self.breaks or self.widened or self.added or self.reordered)

    @property
    def touched(self) -> frozenset[str]:
        """The columns that are not what they were."""
        return self.removed | self.changed | self.widened | self.added


SAME = Effect()
Effects = Mapping[TableName, Effect]


def anything(why: str) -> Effect:
    """Give the effect of what is not understood: any row may be another one."""
    return Effect(rows=True, why=(why,))


def effect_of(old: Shape, new: Shape, inputs: Effects) -> Effect:
    """Compare two shapes of a query, given what happens to the tables that they read.

    Equal spelling over equal inputs is equal data; everything else is held to differ.
    """
    return _compared(old, new, inputs, {})


Known = dict[tuple[int, int], Effect]
"""What two shapes, by identity, were found to do; a query in a query is compared once, however often it is read."""


def _compared(old: Shape, new: Shape, inputs: Effects, known: Known) -> Effect:
    pair = (id(old), id(new))
    if pair not in known:
        known[pair] = _Comparison(old, new, inputs, known).effect()
    return known[pair]


@dataclass
class _Comparison:
    """Two shapes side by side."""

    old: Shape
    new: Shape
    inputs: Effects
    known: Known
    sources: dict[str, Effect] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in self.old.sources.keys() & self.new.sources.keys():
            self.sources[name] = self._source(self.old.sources[name], self.new.sources[name])

    def _source(self, old: Source, new: Source) -> Effect:
        if isinstance(old, Shape) and isinstance(new, Shape):
            return _compared(old, new, self.inputs, self.known)
        if old != new:
            return anything("reads another table")
        return self.inputs.get(old, SAME) if isinstance(old, TableName) else SAME

    def effect(self) -> Effect:
        """Give the effect of the whole."""
        was, now = self.old.outputs, self.new.outputs
        rows = list(self._rows())
        reasons = {name: list(self._touching(was[name], now[name])) for name in was if name in now}
        changed = frozenset(name for name, found in reasons.items() if found)
        widened = frozenset(name for name in reasons if name not in changed and self._is_widened(now[name]))
        removed, added = frozenset(was.keys() - now.keys()), frozenset(now.keys() - was.keys())
        if (self.old.distinct or self.new.distinct) and (changed or removed or added):
            rows.append("what is told apart by all columns has others")
        told = [f"removes column {listed(removed)}"] if removed else []
        told += rows
        own = sorted(name for name in changed if reasons[name][0] == "")
        told += [f"changes column {listed(own)}"] if own else []
        causes = {name: reasons[name][0] for name in sorted(changed) if name not in own}
        told += [_told(names, cause) for cause, names in _grouped(causes).items()]
        told += [f"widens column {listed(widened)}"] if widened else []
        told += [f"adds column {listed(added)}"] if added else []
        reordered = [name for name in was if name in now] != [name for name in now if name in was]
        told += ["another order of columns"] if reordered else []
        return Effect(bool(rows), removed, changed, widened, added, reordered, tuple(dict.fromkeys(told)), causes)

    def _rows(self) -> Iterator[str]:
        """Give why the rows may be others."""
        for name, effect in sorted(self.sources.items()):
            if effect.rows:
                table = self.new.sources[name]
                yield f"reads {table}, whose rows may change" if isinstance(table, TableName) else effect.why[0]
        was, now = self.old.rows, self.new.rows
        differing = [name for name in {**was, **now} if was.get(name, Part("")).text != now.get(name, Part("")).text]
        if differing or self.old.distinct != self.new.distinct:
            yield f"changes the rows: {', '.join(differing) or 'DISTINCT'}"
            return
        for name, part in was.items():
            for reason in self._touching(part, now[name]):
                yield f"{name} {reason}"

    def _touching(self, was: Part, now: Part) -> Iterator[str]:
        """Give why a piece may have another value; an empty reason where it is spelled otherwise."""
        if was.text != now.text:
            yield ""
            return
        for source, column in sorted(now.reads):
            effect = self.sources.get(source, SAME)
            verb = "is removed" if column in effect.removed else "changes"
            if column in effect.removed | effect.changed or (column in effect.widened and not now.is_bare):
                yield self._reading(source, column, verb, effect)
        for old, new in zip(was.nested, now.nested, strict=True):
            inner = _compared(old, new, self.inputs, self.known)
            if inner.breaks or inner.widened:
                yield f"reads a query in which {inner.why[0]}"

    def _reading(self, source: str, column: str, verb: str, effect: Effect) -> str:
        table = self.new.sources[source]
        if isinstance(table, TableName):
            return f"reads {table}.{column}, which {verb}"
        return effect.causes.get(column, f"reads {source}.{column}, which {verb}")

    def _is_widened(self, part: Part) -> bool:
        return any(column in self.sources.get(source, SAME).widened for source, column in part.reads)


def _grouped(causes: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, cause in causes.items():
        found.setdefault(cause, []).append(name)
    return found


def _told(names: list[str], cause: str) -> str:
    if len(names) == 1:
        return f"column {names[0]} {cause}"
    return f"columns {listed(names)} {cause.replace('reads', 'read', 1)}"


def listed(names: Collection[str]) -> str:
    """List names in their order, the first few of many.

    >>> listed("bca"), listed("abcdefgh")
    ('a, b, c', 'a, b, c, d, e and 3 more')
    """
    more = f" and {len(names) - MOST_NAMES} more" if len(names) > MOST_NAMES + 1 else ""
    return ", ".join(sorted(names)[: MOST_NAMES if more else None]) + more
