"""The explorer's page of a database's table, beside what else an operator sees of it."""

from __future__ import annotations

import dagster as dg

from cdp_assets.config.catalog import Catalog
from cdp_assets.environments.explorer import explored
from cdp_assets.environments.explorer_page import page
from cdp_assets.home import Home
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.output import write_whole
from cdp_assets.state.publications import Entry


def explorer_metadata(
    home: Home, lake: Lake, environment: str, catalog: Catalog, entry: Entry, personal: frozenset[str]
) -> dict[str, dg.MetadataValue]:
    """Write the page of a database's table as it has just been made, and give its place; of other tables nothing."""
    if catalog.tables[entry.table].kind != "database":
        return {}
    path = home.root / "reports" / environment / "explorer" / entry.table.layer / f"{entry.table.name}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    table = explored(lake, catalog, entry, personal, common=False)
    write_whole(path, page(str(entry.table), f"{environment}, version {entry.version}", [table]))
    return {"explorer": dg.MetadataValue.path(str(path))}
