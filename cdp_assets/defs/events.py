"""Tells Dagster of tables that an apply took over, without computing anything."""

from __future__ import annotations

from collections.abc import Sequence

import dagster as dg

from cdp_assets.defs import keys
from cdp_assets.environments.runs import latest_publication
from cdp_assets.names import TableName
from cdp_assets.state import physical_tables
from cdp_assets.state.database import State

APPLY = "cdp/apply"


def report_reused(state: State, environment: str, tables: Sequence[str], apply: str) -> None:
    """Report one materialisation per table, once per apply: what it holds and where it came from."""
    instance = dg.DagsterInstance.get()
    published = latest_publication(state, environment)
    with state.read() as conn:
        known = {one.path: one for one in physical_tables.all_tables(conn)}
    keyed = {keys.asset_key(environment, TableName.parse(name)): TableName.parse(name) for name in tables}
    entries = [one.asset_entry for one in instance.get_asset_records(list(keyed))]
    told = {one.asset_key: one.last_materialization for one in entries}
    for key, table in keyed.items():
        entry = published.entries.get(table) if published else None
        last = told.get(key)
        reported = last.asset_materialization.tags if last and last.asset_materialization else None
        if entry is None or (reported or {}).get(APPLY) == apply:
            continue
        facts: dict[str, int | str] = {"path": entry.path, "version": entry.version, "reused": "built by a sandbox"}
        if (size := known.get(entry.path)) is not None and size.rows is not None:
            facts["dagster/row_count"] = size.rows
        event = dg.AssetMaterialization(asset_key=key, metadata=facts, tags={APPLY: apply})
        instance.report_runless_asset_event(event)
