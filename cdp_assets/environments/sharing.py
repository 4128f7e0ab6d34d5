"""Which tables a sandbox reads from production instead of building its own."""

from __future__ import annotations

from collections.abc import Mapping

from cdp_assets.environments.fingerprint import fingerprints as fingerprints_of
from cdp_assets.environments.revision import active_tenant
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state import publications
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry


def shared_tables(state: State, environment: str, fingerprints: Mapping[TableName, str]) -> frozenset[TableName]:
    """Give the tables whose fingerprint is production's: production owns and writes them.

    Production itself shares nothing. Query results are never shared: they belong to a publication.
    """
    active = None if environment == PRODUCTION else active_tenant(state, PRODUCTION)
    if active is None:
        return frozenset()
    production = fingerprints_of(active[1])
    return frozenset(
        table
        for table, fingerprint in fingerprints.items()
        if table.layer != "query" and production.get(table) == fingerprint
    )


def shared_entries(state: State, environment: str, fingerprints: Mapping[TableName, str]) -> dict[TableName, Entry]:
    """Give production's published entries of the shared tables; one not yet published is absent."""
    shared = shared_tables(state, environment, fingerprints)
    if not shared:
        return {}
    with state.read() as conn:
        production = publications.current(conn, PRODUCTION)
    entries = production.entries if production is not None else {}
    return {table: entries[table] for table in shared if table in entries}
