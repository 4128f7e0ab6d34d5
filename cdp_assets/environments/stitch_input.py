"""What Stitch would be given now: the records of every stitched feed and what steers it, as a publication has them."""

from __future__ import annotations

import polars as pl

from cdp_assets.config.catalog import STITCH_IDS, build_catalog
from cdp_assets.config.tenant import Tenant
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.state.publications import Publication
from cdp_assets.unified.people import stitch_input_sql
from cdp_assets.unified.steering import STEERING


def stitch_input(lake: Lake, publication: Publication, tenant: Tenant) -> pl.DataFrame:
    """Give datasource, pk and the profile columns; raises StateError for a feed that is not published."""
    return _rows(lake, publication, tenant, stitch_input_sql(tenant))


def stitch_steering(lake: Lake, publication: Publication, tenant: Tenant) -> dict[str, pl.DataFrame]:
    """Give labels, bad_values and nicknames, those that the tenant has tables of; raises as `stitch_input` does."""
    asked = {name: make(tenant) for name, make in STEERING.items()}
    return {name: _rows(lake, publication, tenant, sql) for name, sql in asked.items() if sql}


def _rows(lake: Lake, publication: Publication, tenant: Tenant, sql: str) -> pl.DataFrame:
    """Give the rows of SQL over what Stitch reads."""
    inputs = build_catalog(tenant).tables[STITCH_IDS].inputs
    entries = {name: publication.entry(name) for name in inputs}
    tables = {name: TableVersion(entry.path, entry.version) for name, entry in entries.items()}
    return pl.DataFrame(lake.sessions.run(lambda: lake.sql(sql, tables, {}).toArrow()))
