"""How rows of tagged tables become rows of a unified table, and whose rows they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from cdp_assets.config.catalog import stitched_feeds
from cdp_assets.config.people_tables import COALESCED
from cdp_assets.config.tagged import TaggedTable
from cdp_assets.config.tenant import Tenant
from cdp_assets.semantics import semantic
from cdp_assets.unified.owners import known_keys, owner, owner_joins, owners

Kinds = Mapping[str, str]
"""Column of a unified table -> its type."""


def chosen(table: TaggedTable, kinds: Kinds, renamed: Mapping[str, str] | None = None) -> list[str]:
    """Spell the select list of one table `t`: each column in its type, NULL where no column carries its tag.

    `renamed` tells the columns that the documents call otherwise than their tag: tag -> column.
    """
    names = renamed or {}
    found: dict[str, str] = {}
    for tag, column in table.columns.items():
        meaning = semantic(tag)
        if meaning is not None:
            found.setdefault(names.get(tag, meaning.column), column)
    return [
        f"CAST(t.{found[name]} AS {kind}) AS {name}" if name in found else f"CAST(NULL AS {kind}) AS {name}"
        for name, kind in kinds.items()
    ]


def record_key(table: TaggedTable) -> str:
    """Spell the primary key of a row of `t`; a custom domain table has the one that it is tagged with, or none."""
    if table.kind == "feeds":
        return "t._pk"
    return f"CAST(t.{table.profile['pk']} AS STRING)" if "pk" in table.profile else "CAST(NULL AS STRING)"


def owned(tenant: Tenant, tables: Sequence[TaggedTable], columns_of: Callable[[TaggedTable], Sequence[str]]) -> str:
    """Spell the rows of all tables, each with its person in front.

    A record of a stitched feed is the person's that Stitch found. Any other row is the one person's whose records hold
    its foreign key; a key of two people, or of none, gives no id.
    """
    keys = sorted({key for one in tables for key in _foreign_keys(tenant, one)})
    union = "\nUNION ALL\n".join(_rows(tenant, one, columns_of(one)) for one in tables)
    parts = ",\n".join(owners(tenant, key) for key in keys)
    return f"WITH {parts}\n{union}" if keys else union


def _rows(tenant: Tenant, table: TaggedTable, columns: Sequence[str]) -> str:
    keys = _foreign_keys(tenant, table)
    person, joins = owner(list(keys)), owner_joins(tenant, keys)
    if _is_stitched(tenant, table):
        person = "p.amperity_id"
        joins = f"\nJOIN {COALESCED} AS p ON p.datasource = '{table.datasource}' AND p.pk = t._pk"
    lines = ",\n  ".join([f"{person} AS amperity_id", *columns])
    return f"SELECT\n  {lines}\nFROM {table.table} AS t{joins}"


def _foreign_keys(tenant: Tenant, table: TaggedTable) -> dict[str, str]:
    """Give the value of each foreign key of `t` that says whose a row is; a stitched feed needs none."""
    if _is_stitched(tenant, table):
        return {}
    fields = {tag.replace("-", "_"): column for tag, column in table.profile.items() if tag.startswith("fk-")}
    return {key: f"CAST(t.{fields[key]} AS STRING)" for key in known_keys(tenant, list(fields))}


def _is_stitched(tenant: Tenant, table: TaggedTable) -> bool:
    return table.table in {feed.table for feed in stitched_feeds(tenant)}
