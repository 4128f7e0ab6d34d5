"""SQL of the tables about people: Stitch's input, Unified Coalesced, Unified Customer, Merged Customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdp_assets.config.catalog import stitched_feeds
from cdp_assets.config.tenant import Tenant
from cdp_assets.unified.columns import PROFILE, profile_columns, profile_fields, selected

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
DEFAULT_PRIORITY = 999
"""The documented priority of a source that no merge policy ranks."""
GROUPS: Mapping[str, Sequence[str]] = {
    "name": ("given_name", "surname", "full_name", "generational_suffix"),
    "address": ("address", "address2", "city", "state", "postal", "country"),
    "email": ("email",),
    "phone": ("phone",),
    "birthdate": ("birthdate",),
    "gender": ("gender",),
    "company": ("company",),
    "title": ("title",),
    "loyalty": ("loyalty_id",),
}
"""What is taken together from one record, so that nobody gets one person's street and another's town."""
COMPLETION: Mapping[str, str] = {
    "name": "CAST((given_name IS NOT NULL AND surname IS NOT NULL) OR full_name IS NOT NULL AS INT)",
    "address": " + ".join(f"CAST({part} IS NOT NULL AS INT)" for part in ("address", "city", "state", "postal")),
}


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


def merged_sql(_: Tenant) -> str:
    """Give one row per person: each group of fields from the record that is most complete, then newest.

    Completion first, then priority, then `update_dt`, then the smaller pk; a group that nobody fills is NULL.
    """
    picked = [f"  MIN_BY(\n    {_group(name)},\n    {_order(name)}\n  ) AS {name}_of" for name in GROUPS]
    fields = [f"  {_field(name, column)}" for name, columns in GROUPS.items() for column in columns]
    origins = [
        f"  {_field(name, f'{name}_{part}')}"
        for name in GROUPS
        for part in ("pk", "datasource", "update_dt", "priority", "completion")
    ]
    return (
        "WITH best AS (\nSELECT\n  amperity_id,\n"
        + ",\n".join([*picked, "  MIN(create_dt) AS create_dt", "  MAX(update_dt) AS update_dt"])
        + "\nFROM unified.unified_coalesced\nGROUP BY amperity_id\n)\nSELECT\n  amperity_id,\n"
        + ",\n".join([*fields, "  create_dt", "  update_dt", *origins])
        + "\nFROM best"
    )


def _completion(name: str) -> str:
    return f"({COMPLETION.get(name, f'CAST({GROUPS[name][0]} IS NOT NULL AS INT)')})"


def _group(name: str) -> str:
    pairs = [f"'{column}', {column}" for column in GROUPS[name]]
    pairs += [f"'{name}_pk', pk", f"'{name}_datasource', datasource", f"'{name}_update_dt', update_dt"]
    pairs += [f"'{name}_priority', {DEFAULT_PRIORITY}", f"'{name}_completion', {_completion(name)}"]
    return f"NAMED_STRUCT({', '.join(pairs)})"


def _order(name: str) -> str:
    newest = "-COALESCE(UNIX_MICROS(update_dt), -9000000000000000000)"
    return f"STRUCT(-{_completion(name)}, {DEFAULT_PRIORITY}, {newest}, pk, datasource)"


def _field(name: str, column: str) -> str:
    """Spell one field of a group; where the best record has nothing of the group, its origin says nothing either."""
    if column in PROFILE or column == f"{name}_completion":
        return f"{name}_of.{column} AS {column}"
    return f"CASE WHEN {name}_of.{name}_completion > 0 THEN {name}_of.{column} END AS {column}"
