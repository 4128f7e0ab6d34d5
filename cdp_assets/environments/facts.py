"""Reads from state everything that planning a target for an environment needs."""

from __future__ import annotations

from sqlalchemy.engine import Connection

from cdp_assets.config.catalog import Catalog, build_catalog
from cdp_assets.config.feed import Feed
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.table_actions import Built, Facts, Landing, Size
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state import landed_files, loads, physical_tables, publications
from cdp_assets.state.publications import Publication


def read_facts(
    conn: Connection,
    environment: str,
    *,
    before: Tenant | None,
    target: Tenant,
    production: Tenant | None,
    built: Built | None,
) -> Facts:
    """Give the facts for one target.

    Args:
        conn: A consistent view of state.
        environment: Whose active revision would change.
        before: What it runs now.
        target: What it would run.
        production: What production runs now, for what a sandbox shares.
        built: What the promoted sandbox, or the publication that a rollback goes back to, has built.
    """
    catalog = build_catalog(target)
    old, new = fingerprints(before) if before else {}, fingerprints(target)
    present = publications.current(conn, environment)
    changed = frozenset(table for table, found in new.items() if old.get(table) != found)
    shared: frozenset[TableName] = frozenset()
    if environment != PRODUCTION and production is not None:
        theirs = fingerprints(production)
        shared = frozenset(table for table in changed if theirs.get(table) == new[table])
    return Facts(
        catalog=catalog,
        before=old,
        after=new,
        publication=present,
        sizes={one.path: Size(one.rows, one.size_bytes, one.seconds) for one in physical_tables.all_tables(conn)},
        landing=_landings(conn, target, catalog, changed, present),
        built=built,
        shared=shared,
    )


def _landings(
    conn: Connection, tenant: Tenant, catalog: Catalog, changed: frozenset[TableName], present: Publication | None
) -> dict[TableName, Landing]:
    found = {}
    for name in sorted(changed):
        table = catalog.tables[name]
        if isinstance(table.definition, Feed):
            entry = present.entries.get(name) if present else None
            found[name] = _landing(conn, tenant, table.definition, None if entry is None else entry.path)
    return found


def _landing(conn: Connection, tenant: Tenant, feed: Feed, path: str | None) -> Landing:
    totals = [
        landed_files.totals(conn, PRODUCTION, courier.name, {tag for one in operations for tag in one.tags})
        for courier in tenant.couriers.values()
        if (operations := [one for one in courier.load if one.feed == feed.key])
    ]
    loaded = loads.committed_files(conn, feed.key)
    now = loaded.get(path, frozenset()) if path is not None else frozenset()
    return Landing(
        files=sum(count for count, _ in totals),
        size_bytes=sum(size_bytes for _, size_bytes in totals),
        loaded={other: len(ids & now) for other, ids in loaded.items()},
        loaded_now=len(now),
    )
