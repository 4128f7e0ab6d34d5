"""What a new database begins with: the tables of its template that the tenant has, as files to edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cdp_assets.config import catalog as core
from cdp_assets.config import people_tables as people
from cdp_assets.config.catalog import Catalog
from cdp_assets.config.yaml_edit import fresh
from cdp_assets.names import TableName

TEMPLATES: Mapping[str, Sequence[TableName]] = {
    "customer_360": (
        people.MERGED, people.HOUSEHOLDS, people.CUSTOMER, people.BUYERS, core.ITEMIZED, core.TRANSACTIONS,
        core.CATALOG, people.LOYALTY, people.LOYALTY_EVENTS, people.EMAIL_EVENTS, people.ENGAGEMENT,
        people.ENGAGEMENT_SUMMARY, people.EMAIL_OPT, people.SMS_OPT, core.RECIPIENTS,
    ),
    "stitch_qa": (
        TableName("stitch", "detailed_examples"), core.CHANGED_PEOPLE, core.CHANGED_RECORDS, people.COALESCED,
        people.PREPROCESSED, TableName("unified", "unified_scores"),
    ),
}  # fmt: skip
"""Template -> the tables that it passes through, where the tenant's tags make them."""


def database_files(catalog: Catalog, name: str, template: str) -> dict[str, str]:
    """Give the files of a new database, by path in the tenant's folder: settings, and a pass-through of each table."""
    folder = f"databases/{name}"
    texts = {f"{folder}/database.yaml": fresh({"template": template})}
    for table in template_tables(catalog, template):
        values = {"description": catalog.tables[table].description, "mode": "passthrough", "source": str(table)}
        texts[f"{folder}/{table.name}.yaml"] = fresh(values)
    return texts


def template_tables(catalog: Catalog, template: str) -> list[TableName]:
    """Give the tables that a template passes through: for `passthrough` every unified one, for `none` no table."""
    if template == "passthrough":
        return sorted(name for name in catalog.tables if name.layer == "unified")
    return [name for name in TEMPLATES.get(template, ()) if name in catalog.tables]
