"""How rows of tagged tables become rows of a unified table, and whose rows they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdp_assets.config.catalog import stitched_feeds
from cdp_assets.config.tagged import TaggedTable
from cdp_assets.config.tenant import Tenant
from cdp_assets.semantics import semantic
from cdp_assets.unified.columns import profile_columns

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


def owned(tenant: Tenant, table: TaggedTable, columns: Sequence[str]) -> str:
    """Spell the rows of `t` with the person of each in front.

    A record of a stitched feed is the person's that Stitch found. Any other row is the one person's whose records hold
    its foreign key, the first that the tenant's people have; a key of two people, or of none, gives no id.
    """
    stitched = {feed.table for feed in stitched_feeds(tenant)}
    keys = [tag for tag in table.profile if tag.startswith("fk-") and _is_known(tenant, tag)]
    if table.table in stitched:
        join = f"""
JOIN unified.unified_coalesced AS p ON p.datasource = '{table.datasource}' AND p.pk = t._pk"""
    elif keys:
        join = _by_key(tenant, table, keys[0])
    else:
        join = ""
    person = "p.amperity_id" if join else "CAST(NULL AS STRING) AS amperity_id"
    lines = ",\n  ".join([person, *columns])
    return f"SELECT\n  {lines}\nFROM {table.table} AS t{join}"


def _by_key(tenant: Tenant, table: TaggedTable, tag: str) -> str:
    column = tag.replace("-", "_")
    is_exact = column in {name.replace("-", "_") for name in tenant.stitch.case_sensitive_fks}
    held, said = (f"TRIM({one})" for one in (column, f"CAST(t.{table.profile[tag]} AS STRING)"))
    if not is_exact:
        held, said = f"UPPER({held})", f"UPPER({said})"
    return f"""
LEFT JOIN (
  SELECT {held} AS fk, MIN(amperity_id) AS amperity_id
  FROM unified.unified_coalesced
  WHERE {column} IS NOT NULL
  GROUP BY {held}
  HAVING MIN(amperity_id) = MAX(amperity_id)
) AS p ON p.fk = {said}"""


def _is_known(tenant: Tenant, tag: str) -> bool:
    return tag.replace("-", "_") in profile_columns(stitched_feeds(tenant))
