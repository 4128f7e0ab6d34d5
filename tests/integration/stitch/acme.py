"""The demo retailer's people, loaded by the platform's own sources."""

from __future__ import annotations

import tempfile
from pathlib import Path

import polars as pl

from cdp_assets.config.catalog import stitched_feeds
from cdp_assets.config.loader import load_tenant
from cdp_assets.home import REPOSITORY
from cdp_assets.unified.columns import profile_fields
from tests.integration.sources.shop import Shop


def acme_records() -> pl.DataFrame:
    """Give the records of every stitched feed as Stitch gets them."""
    tenant = load_tenant(REPOSITORY / "tenant_config")
    frames = []
    with tempfile.TemporaryDirectory() as folder:
        for feed in stitched_feeds(tenant):
            shop = Shop(Path(folder) / feed.key)
            shop.the_feed = feed
            shop.the_courier = next(
                one for one in tenant.couriers.values() if any(load.feed == feed.key for load in one.load)
            )
            (shop.root / "drop").symlink_to(REPOSITORY / "sample_data" / "acme")
            shop.run()
            columns = [pl.col(field.name).cast(pl.String).alias(name) for name, field in profile_fields(feed).items()]
            frames.append(
                shop.rows().select(pl.lit(feed.datasource).alias("datasource"), pl.col("_pk").alias("pk"), *columns)
            )
    return pl.concat(frames, how="diagonal")
