"""A tenant's installation whose feeds are loaded by hand, to run its Stitch step as Dagster does."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl

from cdp_assets.config.catalog import STITCH_TABLES, build_catalog
from cdp_assets.config.tenant import Tenant
from cdp_assets.defs.platform import Platform, Revision
from cdp_assets.defs.stitch import stitch_assets
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.paths import path_of
from cdp_assets.home import Home
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.server import SparkServer
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state import environments, publications, revisions
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry, Publication

FEEDS = {"shop:customers": "shop_customers", "pos:shoppers": "pos_shoppers", "mail:list": "mail_list"}
FIELDS = ("given_name", "surname", "email", "phone", "address", "postal", "city")
ENGINES = {"one process": 1_000_000, "spark": 500}
"""Above how many records Spark resolves, by the engine that then resolves some more than that."""
OF_A_RUN = ("job_id", "run_id", "timestamp", "why")
"""Columns that tell one run from another over the same records."""


def tenant(engine: str, **settings: Any) -> Tenant:
    """Give a tenant whose records are resolved by this engine, also where nothing has changed."""
    fields = [{"name": "id", "tags": ["pk"]}, *({"name": name, "tags": [name.replace("_", "-")]} for name in FIELDS)]
    feeds = {
        key: dict(zip(("source", "name"), source.split(":"), strict=True))
        | {"primary_key": ["id"], "fields": fields, "available_to_stitch": True}
        for source, key in FEEDS.items()
    }
    stitch = {"stitched_tables": [*FEEDS.values()], "spark_above_records": ENGINES[engine], **settings}
    return Tenant.model_validate({"id": "t", "name": "T", "feeds": feeds, "stitch": stitch})


class Installation:
    """An installation beside the server of another one."""

    def __init__(self, root: Path, server: SparkServer) -> None:
        self.home = Home(root)
        self.home.make()
        (root / "spark").symlink_to(server.home / "spark")
        self.state = State.open(self.home.state)
        self.platform = Platform(home_path=str(root), environment=PRODUCTION)

    def load(self, records: pl.DataFrame, day: str) -> None:
        """Let readers see records in the tables of their feeds, beside all else that is published."""
        names = fingerprints(tenant("spark"))
        with self.state.read() as conn:
            before = publications.current(conn, PRODUCTION)
        entries = dict(before.entries) if before else {}
        for source, key in FEEDS.items():
            rows = records.filter(datasource=source).select(pl.col("pk").alias("_pk"), *FIELDS)
            table = TableName("domain", key)
            path = path_of({}, PRODUCTION, table, names[table])
            entries[table] = Entry(table, path, delta.overwrite(self.home.lake / path, rows.to_arrow(), day), {})
        with self.state.write() as conn:
            environments.get_or_create(conn, PRODUCTION)
            number = publications.insert(
                conn, environment=PRODUCTION, parent_id=None, run_id=day, business_date=dt.date(2026, 3, 1),
                revision_id=revisions.put(conn, {}, created_by="ann", message=""), entries=entries.values(),
            )  # fmt: skip
            environments.publish(conn, PRODUCTION, number)

    def published(self) -> Publication:
        """Give what readers see."""
        with self.state.read() as conn:
            found = publications.current(conn, PRODUCTION)
        assert found is not None
        return found

    def stitch(self, engine: str, **settings: Any) -> Any:
        """Resolve what is loaded, and give the step's metadata."""
        of_tenant = tenant(engine, **settings)
        with self.state.write() as conn:
            revision_id = revisions.put(conn, {"engine": engine}, created_by="ann", message="")
            now = environments.get_or_create(conn, PRODUCTION)
            environments.begin_again(conn, PRODUCTION, revision_id, now.publication_id)
        revision = Revision(
            PRODUCTION, revision_id, of_tenant, build_catalog(of_tenant), fingerprints(of_tenant), frozenset()
        )
        ran = dg.materialize(stitch_assets(revision), resources={"platform": self.platform})
        told = [event.materialization.metadata for event in ran.get_asset_materialization_events()]
        return next(metadata for metadata in told if "engine" in metadata)

    def go_back(self, publication: Publication) -> None:
        """Let readers, and the next run, see what they saw before."""
        with self.state.write() as conn:
            environments.publish(conn, PRODUCTION, publication.id)

    def entries(self) -> dict[str, Entry]:
        """Give the published tables of Stitch by name."""
        return {name.name: entry for name, entry in self.published().entries.items() if name in STITCH_TABLES}

    def tables(self) -> dict[str, pl.DataFrame]:
        """Give their rows in an order of their own, without what tells one run from another."""
        return {name: self._rows(entry) for name, entry in self.entries().items()}

    def _rows(self, entry: Entry) -> pl.DataFrame:
        rows = pl.DataFrame(delta.read(self.home.lake / entry.path, entry.version)).drop(*OF_A_RUN, strict=False)
        return rows.select(sorted(rows.columns)).sort(sorted(rows.columns))
