"""What a target does to every table that it changes: from the feeds, through Stitch and SQL, to the queries."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from cdp_assets.config.catalog import Table, stitched_feeds
from cdp_assets.config.feed import Feed, FeedField
from cdp_assets.config.steering import steering_inputs
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.columns import Columns, columns_of
from cdp_assets.environments.effects import SAME, Effect, anything, effect_of
from cdp_assets.environments.fingerprint import data_fields, loads_of
from cdp_assets.environments.lineage import UnclearError
from cdp_assets.names import TableName, database_layer
from cdp_assets.unified.columns import profile_fields

LOOSER = frozenset({("integer", "float"), ("integer", "decimal"), ("decimal", "float"), ("date", "datetime")})
"""Types of which the second takes every value that the first takes; text takes all of them."""
WIDER = frozenset({("integer", "decimal")})
"""Looser types that keep every value as it is."""
_WORD = re.compile(r"\w+|\*")
EVERYWHERE = frozenset({"*", "natural"})
"""Words of SQL that may read a column without naming it."""


class TableEffects:
    """The effects of a target on the tables that two tenants both have, worked out in the order of their inputs."""

    def __init__(self, before: Tenant, target: Columns) -> None:
        self.now = target
        self._before = before
        self._found: dict[TableName, Effect] = {}

    @cached_property
    def was(self) -> Columns:
        """The tables as they are now."""
        return columns_of(self._before)

    def of(self, changed: frozenset[TableName]) -> dict[TableName, Effect]:
        """Give the effect on every changed table that was there before."""
        for table in self.now.catalog.ordered():
            if table.name in changed and table.name in self.was.catalog.tables:
                self._found[table.name] = self._effect(self.was.catalog.tables[table.name], table)
        return dict(self._found)

    def own(self, name: TableName) -> Effect:
        """Give what a table's own definition does, as if nothing that it reads changed."""
        old, new = self.was.catalog.tables[name], self.now.catalog.tables[name]
        if isinstance(old.definition, Feed) and isinstance(new.definition, Feed):
            return feed_effect(old.definition, new.definition)
        return self._compared(new, {})

    def _effect(self, old: Table, new: Table) -> Effect:
        if old.kind == "domain" and isinstance(old.definition, Feed) and isinstance(new.definition, Feed):
            if loads_of(self._before, old.definition) != loads_of(self.now.tenant, new.definition):
                return anything("how its files are read changes")
            return feed_effect(old.definition, new.definition)
        if new.kind == "stitch":
            return self._stitch()
        if other := _other_settings(old, new):
            return anything(f"{', '.join(other)} decides on the data")
        inputs = {name: self._found[name] for name in new.inputs if name in self._found}
        stays = self.was.text(old) == self.now.text(new) and old.inputs == new.inputs
        moved = sorted(str(name) for name, effect in inputs.items() if effect.rows)
        if moved and (stays or new.kind == "unified"):
            return anything(f"reads {', '.join(moved)}, whose rows may change")
        if stays and _reads_nothing_of(self.now.text(new) or "", inputs):
            return SAME
        return self._compared(new, inputs)

    def _compared(self, table: Table, inputs: dict[TableName, Effect]) -> Effect:
        try:
            return effect_of(self.was.shape(table.name), self.now.shape(table.name), inputs)
        except UnclearError as error:
            goes = [f"{name}.{one}" for name in table.inputs for one in _gone(inputs.get(name, SAME), error)]
            return anything(f"reads {', '.join(goes)}, which is removed" if goes else str(error))

    def _stitch(self) -> Effect:
        """Judge Stitch as a whole: whatever it compares, and every setting, decides on who is one person."""
        if data_fields(self._before.stitch) != data_fields(self.now.tenant.stitch):
            return anything("who is one person may change: Stitch's settings do")
        was, now = stitched_columns(self._before), stitched_columns(self.now.tenant)
        if other := sorted(name for name in {*was, *now} if was.get(name) != now.get(name)):
            return anything(f"who is one person may change: {', '.join(other)} gives it other columns")
        for feed, (_, columns) in now.items():
            effect = self._found.get(TableName("domain", feed), SAME)
            read = sorted({*columns.values()} & (effect.changed | effect.widened | effect.removed))
            if effect.rows or read:
                what = f"column {', '.join(read)} changes" if read else "rows may change"
                return anything(f"who is one person may change: of domain.{feed}, {what}")
        return self._steered()

    def _steered(self) -> Effect:
        """Judge the tables of labels and bad values: any change of them may join or part people."""
        was, now = steering_inputs(self._before), steering_inputs(self.now.tenant)
        if other := sorted(str(name) for name in {*was} ^ {*now}):
            return anything(f"who is one person may change: {', '.join(other)} steers Stitch or no longer does")
        if other := sorted(str(name) for name in now if self._found.get(name, SAME) != SAME):
            return anything(f"who is one person may change: {', '.join(other)}, which steers Stitch, changes")
        return SAME


def stitched_columns(tenant: Tenant) -> dict[str, tuple[str, dict[str, str]]]:
    """Give what Stitch reads: feed -> its datasource, and the field of each column that it compares or carries."""
    return {
        feed.key: (feed.datasource, {column: field.name for column, field in profile_fields(feed).items()})
        for feed in stitched_feeds(tenant)
    }


def table_of(address: str) -> TableName | None:
    """Give the table that a resource defines by itself, if it does."""
    kind, _, name = address.partition(".")
    if kind == "database_table":
        database, _, name = name.partition(".")
        return TableName(database_layer(database), name)
    layer = {"feed": "domain", "custom_domain_table": "custom", "segment": "segment", "query": "query"}.get(kind)
    return None if layer is None else TableName(layer, name)


def feed_effect(before: Feed, after: Feed) -> Effect:
    """Give what a feed's change does to its domain table; tags and descriptions do nothing to it.

    A value that a column cannot hold refuses its row, so a stricter type may cost rows and a looser one costs none;
    what a looser type may bring back of rows that were refused is not reckoned with.
    """
    old, new = ({one.name: one for one in side.fields} for side in (before, after))
    removed, added = frozenset(old.keys() - new.keys()), frozenset(new.keys() - old.keys())
    both = [(old[name], new[name]) for name in old if name in new]
    changed = frozenset(one.name for one, other in both if _reading(one) != _reading(other) and not _widens(one, other))
    widened = frozenset(one.name for one, other in both if _widens(one, other))
    rows = list(_feed_rows(before, after, [(old[name], new[name]) for name in changed | widened]))
    rows += _requirements(old, new)
    told = [f"removes column {', '.join(sorted(removed))}"] if removed else []
    told += [f"changes column {', '.join(_retyped(old, new, name) for name in sorted(changed))}"] if changed else []
    told += rows
    told += [f"widens column {', '.join(_retyped(old, new, name) for name in sorted(widened))}"] if widened else []
    told += [f"adds optional column {', '.join(name for name in new if name in added)}"] if added else []
    reordered = [name for name in old if name in new] != [name for name in new if name in old]
    told += ["another order of columns"] if reordered else []
    return Effect(bool(rows), removed, changed, widened, added, reordered, tuple(told))


def _feed_rows(before: Feed, after: Feed, changed: list[tuple[FeedField, FeedField]]) -> Iterator[str]:
    for name in ("source", "name", "primary_key", "last_updated"):
        if getattr(before, name) != getattr(after, name):
            yield f"{name} decides on the rows"
    keys = {*after.primary_key, after.last_updated}
    if touched := sorted(other.name for _, other in changed if other.name in keys):
        yield f"the key or the order of records is made of {', '.join(touched)}"
    if stricter := sorted(one.name for one, other in changed if not _is_looser(one, other)):
        yield f"rows whose {', '.join(stricter)} does not fit any more are refused"


def _requirements(old: dict[str, FeedField], new: dict[str, FeedField]) -> Iterator[str]:
    before, after = ({name for name, one in side.items() if one.required} for side in (old, new))
    if must := sorted(after - before):
        yield f"requires column {', '.join(must)}, which earlier files may lack"
    if may := sorted(before - after):
        yield f"requires column {', '.join(may)} no more: rows without it are kept"


def _reading(field: FeedField) -> tuple[object, ...]:
    """Give what decides on a column's values."""
    scale = field.scale if field.type == "decimal" else None
    return field.incoming.lower(), field.type, field.pattern, scale


def _is_looser(old: FeedField, new: FeedField) -> bool:
    if (old.incoming.lower(), old.pattern) != (new.incoming.lower(), new.pattern):
        return not new.required and old.type == new.type == "string"
    return new.type == "string" or (old.type, new.type) in LOOSER or _widens(old, new)


def _widens(old: FeedField, new: FeedField) -> bool:
    if old.incoming.lower() != new.incoming.lower():
        return False
    wider_scale = old.type == new.type == "decimal" and new.scale > old.scale
    return wider_scale or (old.type, new.type) in WIDER


def _retyped(old: dict[str, FeedField], new: dict[str, FeedField], name: str) -> str:
    one, other = old[name].type, new[name].type
    return f"{name} ({one} -> {other})" if one != other else name


def _other_settings(old: Table, new: Table) -> list[str]:
    """Give the data fields beside the SQL in which two definitions differ; what they read is compared elsewhere."""
    if old.definition is None or new.definition is None:
        return []
    was, now = data_fields(old.definition), data_fields(new.definition)
    return sorted(
        name for name in {*was, *now} - {"sql", "mode", "source", "database"} if was.get(name) != now.get(name)
    )


def _reads_nothing_of(text: str, inputs: dict[TableName, Effect]) -> bool:
    """Say whether SQL cannot read what changes in its inputs, since it does not even hold the names."""
    words = {word.lower() for word in _WORD.findall(text)}
    touched = {column for effect in inputs.values() for column in effect.touched}
    moves = bool(touched) or any(effect.reordered for effect in inputs.values())
    return not (moves and words & (touched | EVERYWHERE))


def _gone(effect: Effect, error: UnclearError) -> list[str]:
    return [name for name in error.columns if name in effect.removed]
