"""SQL of the tables about people: Stitch's input, Unified Coalesced, Unified Customer."""

from __future__ import annotations

from cdp_assets.config.catalog import stitched_feeds
from cdp_assets.config.tenant import Tenant
from cdp_assets.unified.columns import profile_columns, profile_fields, selected

DIAGNOSTICS = (
    "component_id",
    "rep_ds",
    "rep_pk",
    "is_supersized",
    "supersized_id",
    "has_blv",
    "blv_address",
    "blv_email",
    "blv_given_name",
    "blv_phone",
    "blv_surname",
)


def stitch_input_sql(tenant: Tenant) -> str:
    """Give every record of every stitched feed: datasource, pk, then the profile columns."""
    feeds = stitched_feeds(tenant)
    columns = profile_columns(feeds)
    parts = []
    for feed in feeds:
        chosen = ",\n  ".join(
            [f"'{feed.datasource}' AS datasource", "_pk AS pk", *selected(profile_fields(feed), columns)]
        )
        parts.append(f"SELECT\n  {chosen}\nFROM {feed.table}")
    return "\nUNION ALL\n".join(parts)


def coalesced_sql(tenant: Tenant) -> str:
    """Give every record with its original values, its person and what Stitch found about it.

    One-to-one Stitch compares nothing and has nothing to tell.
    """
    told = () if tenant.stitch.is_one_to_one else DIAGNOSTICS
    columns = [f"r.{column}" for column in profile_columns(stitched_feeds(tenant))]
    chosen = ",\n  ".join(["i.amperity_id", "r.datasource", "r.pk", *columns, *(f"s.{column}" for column in told)])
    joined = "\nJOIN stitch.stitch_records AS s ON s.datasource = r.datasource AND s.pk = r.pk" if told else ""
    return f"""WITH records AS (
{stitch_input_sql(tenant)}
)
SELECT
  {chosen}
FROM records AS r
JOIN stitch.stitch_ids AS i ON i.datasource = r.datasource AND i.pk = r.pk{joined}"""


def customer_sql(tenant: Tenant) -> str:
    """Give every record with its person, without Stitch's diagnostics."""
    columns = ",\n  ".join(["amperity_id", "datasource", "pk", *profile_columns(stitched_feeds(tenant))])
    return f"SELECT\n  {columns}\nFROM unified.unified_coalesced"
