"""Which columns identify a row of a table."""

from __future__ import annotations

from collections.abc import Mapping

from cdp_assets.config.catalog import Table
from cdp_assets.config.database import DatabaseTable

Key = tuple[str, ...]
DOMAIN_KEY: Key = ("_pk",)
PERSON_KEY: Key = ("amperity_id",)
RECORD_KEY: Key = ("datasource", "pk")
PAIR_KEY: Key = ("source1", "pk1", "source2", "pk2")
NATURAL_KEYS: Mapping[str, Key] = {
    "stitch.stitch_ids": RECORD_KEY,
    "stitch.stitch_records": RECORD_KEY,
    "stitch.stitch_retired_ids": ("amperity_id", "datasource", "pk"),
    "stitch.stitch_explanations": PAIR_KEY,
    "stitch.stitch_blocks": ("strategy", "block"),
    "stitch.stitch_labelled": RECORD_KEY,
    "stitch.stitch_benchmarks": ("run_id", "benchmark"),
    "stitch.stitch_spelled": RECORD_KEY,
    "stitch.stitch_badvalues": ("datasource", "semantic", "value"),
    "stitch.stitch_scores": PAIR_KEY,
    "stitch.unified_preprocessed_raw": RECORD_KEY,
    "stitch.stitch_shares": ("field", "hash"),
    "stitch.stitch_runs": ("job_id",),
    "unified.unified_changes_clusters": ("job_id", "amperity_id"),
    "unified.unified_changes_pks": ("job_id", *RECORD_KEY),
    "unified.unified_coalesced": RECORD_KEY,
    "unified.unified_customer": RECORD_KEY,
    "unified.unified_scores": PAIR_KEY,
    "unified.campaign_recipients": ("pk",),
    "unified.merged_customers": PERSON_KEY,
    "unified.email_ampid_assignment": PERSON_KEY,
    "unified.unified_profiles": ("amperity_id", "brand"),
    "unified.merged_households": PERSON_KEY,
    "unified.email_engagement_summary": ("brand", "email"),
    "unified.email_engagement_attributes": ("amperity_id", "brand"),
    "unified.unified_transactions": ("order_id",),
    "unified.transaction_attributes_extended": PERSON_KEY,
    "unified.unified_product_catalog": RECORD_KEY,
    "unified.fiscal_calendar": ("calendar_date",),
}


def key_of(table: Table) -> Key:
    """Give the columns that identify a row, or none where the table declares no key."""
    if table.kind == "domain":
        return DOMAIN_KEY
    if table.kind == "segment":
        return PERSON_KEY
    return NATURAL_KEYS.get(str(table.name), ())


def likely_keys(table: Table) -> list[Key]:
    """Give every key that the table's rows may have, the likeliest first; the values decide.

    A database's `unique` is a wish that the data may break, and so is an `amperity_id` of a tenant's SQL, or a
    record's own key.
    """
    declared: list[Key] = [key_of(table)] if key_of(table) else []
    if isinstance(table.definition, DatabaseTable):
        declared += [(name,) for name, column in sorted(table.definition.columns.items()) if column.unique]
    return list(dict.fromkeys([*declared, PERSON_KEY, RECORD_KEY]))
