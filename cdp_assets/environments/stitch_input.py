"""The records that Stitch would be given now: those of every stitched feed, as a publication has them."""

from __future__ import annotations

import polars as pl

from cdp_assets.config.catalog import STITCH_IDS, build_catalog
from cdp_assets.config.tenant import Tenant
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.state.publications import Publication
from cdp_assets.unified.people import stitch_input_sql


def stitch_input(lake: Lake, publication: Publication, tenant: Tenant) -> pl.DataFrame:
    """Give datasource, pk and the profile columns; raises StateError for a feed that is not published."""
    inputs = build_catalog(tenant).tables[STITCH_IDS].inputs
    entries = {name: publication.entry(name) for name in inputs}
    tables = {name: TableVersion(entry.path, entry.version) for name, entry in entries.items()}
    return pl.DataFrame(lake.sessions.run(lambda: lake.sql(stitch_input_sql(tenant), tables, {}).toArrow()))
