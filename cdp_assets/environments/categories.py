"""What a change means for whoever uses the data: a category with its reason, from what happens to rows and columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cdp_assets.config.catalog import Table
from cdp_assets.environments.diff import ResourceChange
from cdp_assets.environments.effects import SAME, Effect, listed
from cdp_assets.names import TableName

Category = Literal["metadata", "non_breaking", "forward_only", "breaking", "destructive"]
SEVERITY: tuple[Category, ...] = ("metadata", "non_breaking", "forward_only", "breaking", "destructive")
"""From harmless to grave."""
HOLDS_DATA = frozenset({"feed", "custom_domain_table", "database", "database_table", "stitch"})
OF_THE_QUERY = frozenset({"sql", "mode", "source", "database"})
"""Fields of which lineage tells what they do."""
MOST_REASONS = 3


@dataclass(frozen=True)
class Judgement:
    """A category, and why."""

    category: Category
    reason: str
    alike: bool = False
    """Whether a reader gets the same rows and columns as before."""


def judged(
    change: ResourceChange, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None, effect: Effect | None
) -> Judgement:
    """Give the category of one resource's change, and its reason.

    Args:
        change: What differs, field by field.
        before: The resource's document as it was.
        after: The document as it would be.
        effect: What its own definition does to its table, where it has one and had it before.
    """
    kind = change.address.partition(".")[0]
    if change.action == "create":
        return Judgement("non_breaking", "a new resource changes nothing that is there")
    if change.action == "delete":
        if kind in HOLDS_DATA:
            return Judgement("destructive", "its data is retired")
        return Judgement("breaking", "what it does stops")
    touched = {field.affects for field in change.fields}
    if not touched & {"data", "schema"}:
        what = "metadata only" if touched <= {"metadata"} else "runs differently; no table changes"
        return Judgement("metadata", what)
    if kind == "feed" and effect is not None:
        return _feed(before or {}, after or {}, effect)
    fields = sorted(field.path for field in change.fields if field.affects in ("data", "schema"))
    if kind == "stitch":
        return Judgement("breaking", f"{', '.join(fields)}: who is one person may change")
    if effect is not None and OF_THE_QUERY.issuperset(fields):
        return of_effect(effect)
    return Judgement("breaking", f"{', '.join(fields)} decides on the data")


def _feed(before: Mapping[str, Any], after: Mapping[str, Any], effect: Effect) -> Judgement:
    """Judge a feed: a stateful kind, which grows an optional column without losing a row.

    Its tags say nothing about its own table, and much about who is one person.
    """
    was, now = ({one["name"]: one["tags"] for one in side["fields"]} for side in (before, after))
    tagged = sorted(name for name in now if set(now[name]) != set(was.get(name, [])))
    if tagged and not effect.breaks:
        return Judgement("breaking", f"tags of column {', '.join(tagged)} change: people and profiles may change")
    return of_domain(effect)


def of_domain(effect: Effect) -> Judgement:
    """Give what an effect on a domain table means: a column more takes nothing from anybody."""
    if effect.added and not effect.breaks and not effect.widened:
        return Judgement("forward_only", _told(effect))
    return of_effect(effect)


def of_effect(effect: Effect) -> Judgement:
    """Give what an effect on a table means: other rows, other values and a column less break, all else does not."""
    if effect.breaks:
        return Judgement("breaking", _told(effect))
    if effect.is_silent:
        return Judgement("non_breaking", "the same rows and columns", alike=True)
    return Judgement("non_breaking", _told(effect))


def _told(effect: Effect) -> str:
    more = len(effect.why) - MOST_REASONS
    return "; ".join(effect.why[:MOST_REASONS]) + (f"; and {more} more" if more > 0 else "")


def table_judgements(
    tables: Mapping[TableName, Table], effects: Mapping[TableName, Effect]
) -> dict[TableName, Judgement]:
    """Give the category of every changed table, also of those that only read a changed one."""
    return {name: _of_table(tables[name], effect, effects) for name, effect in effects.items()}


def _of_table(table: Table, effect: Effect, effects: Mapping[TableName, Effect]) -> Judgement:
    if not effect.is_silent:
        return of_domain(effect) if table.kind == "domain" else of_effect(effect)
    moving = [name for name in table.inputs if not effects.get(name, SAME).is_silent]
    reasons = [f"reads {name}, but none of the columns that change: {_columns(effects[name])}" for name in moving]
    return Judgement("non_breaking", "; ".join(reasons) or "the same rows and columns", alike=True)


def _columns(effect: Effect) -> str:
    return listed(effect.touched) or "only their order"
