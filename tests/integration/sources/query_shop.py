"""A shop whose feed is filled by an ingest query."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cdp_assets.config.transforms import IngestQuery
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.names import PRODUCTION
from cdp_assets.sources.ingest import load_queried
from cdp_assets.sources.load import LoadResult
from tests.integration.sources.shop import Shop

LINES = {"tag": "lines", "pattern": "'lines_'yyyyMMdd'.dat*'", "format": {"kind": "lines", "encoding": "cp037"}}
STORES = {"tag": "stores", "pattern": "'stores_'yyyyMMdd'.csv'", "format": {"kind": "dsv", "delimiter": "~"}}
NESTED = {"tag": "nested", "pattern": "'nested_'yyyyMMdd'.*'", "format": {"kind": "ndjson"}}


class QueryShop(Shop):
    """A shop whose courier fills its feed by a query."""

    lake_of_queries: Lake
    sql: str

    def load(self) -> list[LoadResult]:
        """Load what has landed."""
        return load_queried(
            self.the_feed,
            self.the_courier,
            {"made": IngestQuery(name="made", sql=self.sql)},
            self.lake_of_queries,
            state=self.state,
            environment=PRODUCTION,
            landing_environment=PRODUCTION,
            table_path=self.table,
        )


def shop(
    root: Path, sessions: SparkSessions, sql: str, *files: dict[str, Any], threshold: int = 1, **courier: Any
) -> QueryShop:
    """Give a shop with a query over these files."""
    operation = {"feed": "shop_orders", "type": "spark-sql", "query": "made"}
    operation |= {"files": [{"file": one["tag"]} for one in files]}
    feed = {"error_threshold_percent": threshold}
    made = QueryShop(root, feed=feed, courier={"files": list(files), "load": [operation]} | courier)
    made.lake_of_queries, made.sql = Lake(made.lake, sessions), sql
    return made
