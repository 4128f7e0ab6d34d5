"""What a change means for whoever uses the data: judged column by column, from the SQL's tree and not from its text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlglot import exp

from cdp_assets.config import sql
from cdp_assets.config.catalog import Catalog, Table
from cdp_assets.environments.diff import ResourceChange
from cdp_assets.errors import ConfigError
from cdp_assets.names import TableName

Category = Literal["metadata", "non_breaking", "forward_only", "breaking", "destructive"]
SEVERITY: tuple[Category, ...] = ("metadata", "non_breaking", "forward_only", "breaking", "destructive")
"""From harmless to grave."""
HOLDS_DATA = frozenset({"feed", "custom_domain_table", "database", "database_table", "stitch"})
ROW_PARTS = ("from_", "where", "joins", "group", "having", "qualify", "distinct", "order", "limit", "laterals", "with_")
"""What of a SELECT decides on its rows."""


@dataclass(frozen=True)
class Judgement:
    """A category, and why."""

    category: Category
    reason: str


def judged(change: ResourceChange, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Judgement:
    """Give the category of one resource's change, and its reason.

    Args:
        change: What differs, field by field.
        before: The resource's document as it was.
        after: The document as it would be.
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
    if kind == "feed":
        return _feed(before or {}, after or {})
    if kind == "stitch":
        names = ", ".join(sorted(field.path for field in change.fields if field.affects == "data"))
        return Judgement("breaking", f"{names}: who is one person may change")
    if [field.path for field in change.fields if field.affects in ("data", "schema")] == ["sql"]:
        dialect = "trino" if kind == "query" else "spark"
        return sql_judgement((before or {})["sql"], (after or {})["sql"], dialect)
    names = ", ".join(sorted(field.path for field in change.fields if field.affects in ("data", "schema")))
    return Judgement("breaking", f"{names} decides on the data")


def _feed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Judgement:
    """Judge a feed: a stateful kind, which grows an optional column without losing a row."""
    old, new = ({one["name"]: one for one in side["fields"]} for side in (before, after))
    if gone := sorted(old.keys() - new.keys()):
        return Judgement("breaking", f"removes column {', '.join(gone)}")
    changed = sorted(name for name in old if _without_text(old[name]) != _without_text(new[name]))
    if changed:
        return Judgement("breaking", f"changes column {', '.join(changed)}")
    rest = [name for name in before if name not in ("fields", "description") and before[name] != after.get(name)]
    if rest:
        return Judgement("breaking", f"{', '.join(sorted(rest))} decides on the data")
    added = [name for name in new if name not in old]
    if any(new[name]["required"] for name in added):
        return Judgement("breaking", f"requires column {', '.join(added)}, which earlier files lack")
    if any(new[name]["tags"] for name in added):
        return Judgement("breaking", f"column {', '.join(added)} has a semantic tag: people and profiles may change")
    return Judgement("forward_only", f"adds optional column {', '.join(added)}")


def _without_text(field: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in field.items() if name != "description"}


def sql_judgement(before: str, after: str, dialect: str) -> Judgement:
    """Judge a changed query: added columns break nobody; whatever may touch a row or a column that is read does.

    >>> sql_judgement("SELECT a FROM t", "SELECT a, b FROM t", "spark").reason
    'adds column b'
    """
    try:
        old, new = sql.parse(before, dialect, "before"), sql.parse(after, dialect, "after")
    except ConfigError:
        return Judgement("breaking", "its SQL changes")
    if not isinstance(old, exp.Select) or not isinstance(new, exp.Select):
        return Judgement("breaking", "its SQL changes")
    if old.is_star or new.is_star:
        return Judgement("breaking", "selects *: its columns are those of its inputs")
    parts = [name for name in ROW_PARTS if _part(old, name, dialect) != _part(new, name, dialect)]
    was, now = (
        {one.alias_or_name.lower(): one.sql(dialect=dialect, comments=False) for one in side.selects}
        for side in (old, new)
    )
    if gone := sorted(was.keys() - now.keys()):
        return Judgement("breaking", f"removes column {', '.join(gone)}")
    if changed := sorted(name for name in was if was[name] != now[name]):
        return Judgement("breaking", f"changes column {', '.join(changed)}")
    if parts:
        return Judgement("breaking", f"changes the rows: {', '.join(part.strip('_').upper() for part in parts)}")
    added = [name for name in now if name not in was]
    if _multiplies(new, added):
        return Judgement("breaking", f"column {', '.join(added)} may change the number of rows")
    return Judgement("non_breaking", f"adds column {', '.join(added)}" if added else "another order of columns")


def _part(query: exp.Select, name: str, dialect: str) -> list[str]:
    value = query.args.get(name)
    values = value if isinstance(value, list) else [value]
    return [one.sql(dialect=dialect, comments=False) for one in values if isinstance(one, exp.Expression)]


def _multiplies(query: exp.Select, added: Iterable[str]) -> bool:
    """Say whether an added column may give several rows, or one instead of many: a generator or an aggregate."""
    wanted = set(added)
    found = [one for one in query.selects if one.alias_or_name.lower() in wanted]
    if any(one.find(exp.UDTF, exp.Explode) is not None for one in found):
        return True
    return query.args.get("group") is None and any(one.find(exp.AggFunc) is not None for one in found)


def table_judgements(
    catalog: Catalog, direct: Mapping[TableName, Judgement], changed: frozenset[TableName]
) -> dict[TableName, Judgement]:
    """Give the category of every changed table, also of those that only read a changed one.

    A child breaks when a table that it reads does; where those only gain columns, it breaks only if it
    selects `*`.
    """
    found: dict[TableName, Judgement] = {}
    for table in catalog.ordered():
        if table.name not in changed:
            continue
        parents = [(name, found[name]) for name in table.inputs if name in found]
        inherited = _inherited(table, parents)
        own = direct.get(table.name)
        options = [one for one in (own, inherited) if one is not None]
        found[table.name] = max(
            options or [Judgement("breaking", "what makes it changes")], key=lambda one: SEVERITY.index(one.category)
        )
    return found


def _inherited(table: Table, parents: list[tuple[TableName, Judgement]]) -> Judgement | None:
    if not parents:
        return None
    name, worst = max(parents, key=lambda pair: SEVERITY.index(pair[1].category))
    if SEVERITY.index(worst.category) >= SEVERITY.index("breaking"):
        return Judgement("breaking", f"reads {name}")
    if table.sql is not None and _selects_star(table):
        return Judgement("breaking", f"selects * from {name}, which gains columns")
    return Judgement("non_breaking", f"reads {name}, but no column that changes")


def _selects_star(table: Table) -> bool:
    query = sql.parse(table.sql or "", "trino" if table.kind == "query" else "spark", str(table.name))
    return any(select.is_star for select in query.find_all(exp.Select))
