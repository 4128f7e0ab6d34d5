"""What a tenant writes down to steer Stitch arrives as the kernel reads it."""

from __future__ import annotations

from typing import Any

import polars as pl
import pyarrow as pa

from cdp_assets.config.steering import steering_tables
from cdp_assets.config.tenant import Tenant
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName
from cdp_assets.stitch.bad_values import BadBy, without_bad_values
from cdp_assets.stitch.labelled import said_of
from cdp_assets.stitch.normalise.records import normalised
from cdp_assets.unified.steering import bad_values_sql, labels_sql

LABELS = pa.table(
    {
        "row": [1, 2],
        "label": ["L", "L"],
        "part": pa.array([1, 2], pa.int64()),
        "source": ["*", "*"],
        "what": ["email", "pk"],
        "said": ["Ann@Mail.com", "2"],
    }
)
LISTED = pa.table({"what": ["phone"], "said": ["206-555-0100"]})
TAGS = {"label": "label-id", "part": "partition-id", "source": "datasource", "what": "semantic", "said": "value"}


def tenant() -> Tenant:
    """Give a tenant with a feed of labels, whose partitions are integers, and a custom table of bad values."""
    fields: list[dict[str, Any]] = [{"name": name, "tags": [f"sl/{tag}"]} for name, tag in TAGS.items()]
    feed = {"source": "ops", "name": "labels", "primary_key": ["row"], "fields": [{"name": "row"}, *fields]}
    custom = {"name": "bad", "sql": "SELECT 1", "tags": {"what": ["blv/semantic"], "said": ["blv/value"]}}
    return Tenant.model_validate(
        {"id": "t", "name": "T", "feeds": {"ops_labels": feed}, "custom_domain_tables": {"bad": custom}}
    )


def read(lake: Lake, sql: str | None, table: TableName, rows: pa.Table) -> pl.DataFrame:
    """Write a table and read it by the SQL of its purpose."""
    version = TableVersion(table.name, lake.overwrite(table.name, rows, load_id="one"))
    return pl.DataFrame(lake.sessions.run(lambda: lake.sql(str(sql), {table: version}, {}).toArrow()))


def test_labels_and_bad_values_do_what_they_say(lake: Lake) -> None:
    """A partition that is a number, a source that is any, and a list that does not say how it is spelled."""
    records = normalised(
        pl.DataFrame(
            {
                "datasource": ["a:b"] * 2,
                "pk": ["1", "2"],
                "email": ["ann@mail.com", None],
                "phone": ["206 555 0100", "206 555 0199"],
            }
        )
    )
    labels = read(lake, labels_sql(tenant()), steering_tables(tenant(), "sl")[0].table, LABELS)
    found = said_of(labels, records).forced
    assert len(found.apart) == 1
    listed = read(lake, bad_values_sql(tenant()), steering_tables(tenant(), "blv")[0].table, LISTED)
    assert without_bad_values(records, BadBy(given=listed)).flags["blv_phone"].to_list() == [True, False]
