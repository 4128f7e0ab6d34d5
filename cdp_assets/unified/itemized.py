"""SQL of Unified Itemized Transactions: one row per order and product, with the buyer."""

from __future__ import annotations

from collections.abc import Mapping

from cdp_assets.config.catalog import feeds_of_family
from cdp_assets.config.feed import Feed
from cdp_assets.config.tenant import Tenant
from cdp_assets.unified.columns import ITEM, PRODUCT, family_fields, profile_fields, selected
from cdp_assets.unified.owners import first, known_keys, owner, owner_joins, owners

KEY = ("order_id", "product_id", "is_return", "is_cancellation", "amperity_id", "customer_id")
"""What lines have in common that are one row. A purchase and its return are two, and so are two customers' lines."""
SIGNED = (
    "item_cost",
    "item_discount_amount",
    "item_list_price",
    "item_quantity",
    "item_revenue",
    "item_subtotal",
    "item_tax_amount",
)
"""What is not positive on a line that is returned or canceled, whatever the source says."""
BACK = "COALESCE(is_return, FALSE) OR COALESCE(is_cancellation, FALSE)"


def itemized_sql(tenant: Tenant) -> str:
    """Give one row per order, product and buyer; purchases, returns and cancellations are rows of their own.

    A line belongs to the one person whose record holds its foreign key. Of several foreign keys the first that
    says one person counts. Letter case counts only for keys that Stitch's settings name. A key of two people, or
    of none, gives no id. Amounts of equal lines are added; a price per piece is the mean over the pieces.
    """
    feeds = feeds_of_family(tenant, "txn-item")
    keys = sorted({key for feed in feeds for key in keys_of(tenant, feed)})
    products = product_columns(tenant)
    lines = "\nUNION ALL\n".join(_lines(tenant, feed, products) for feed in feeds)
    with_owners = "".join(f"{owners(tenant, key)},\n" for key in keys)
    columns = ",\n  ".join(["amperity_id", "customer_id", *_columns(products)])
    return f"""WITH {with_owners}lines AS (
{lines}
)
SELECT
  {columns}
FROM lines
GROUP BY {", ".join(KEY)}"""


def product_columns(tenant: Tenant) -> dict[str, str]:
    """Give the columns of the product catalog that order lines themselves are tagged with."""
    found = {column for feed in feeds_of_family(tenant, "txn-item") for column in family_fields(feed, "pc")}
    return {name: kind for name, kind in PRODUCT.items() if name in found - ITEM.keys()}


def foreign_keys(feed: Feed) -> dict[str, str]:
    """Give the field of each foreign key of a feed, in the feed's order."""
    return {column: field.name for column, field in profile_fields(feed).items() if column.startswith("fk_")}


def keys_of(tenant: Tenant, feed: Feed) -> list[str]:
    """Give those of a feed's foreign keys that say whose a line is, in the feed's order."""
    return known_keys(tenant, list(foreign_keys(feed)))


def _lines(tenant: Tenant, feed: Feed, products: Mapping[str, str]) -> str:
    """Spell one feed's lines with their persons, values as the source says them."""
    fields, known = foreign_keys(feed), keys_of(tenant, feed)
    customers = first([f"CAST(t.{field} AS STRING)" for field in fields.values()])
    typed = selected(family_fields(feed, "txn-item") | family_fields(feed, "pc"), {**ITEM, **products}, "t.")
    chosen = ",\n  ".join([f"{owner(known)} AS amperity_id", f"{customers} AS customer_id", *typed])
    joins = owner_joins(tenant, {key: f"t.{fields[key]}" for key in known})
    return f"SELECT\n  {chosen}\nFROM {feed.table} AS t{joins}"


def _columns(products: Mapping[str, str]) -> list[str]:
    return [f"{_grouped(column, kind)} AS {column}" for column, kind in {**ITEM, **products}.items()]


def _grouped(column: str, kind: str) -> str:
    """Spell what becomes of a column where several lines are one row."""
    if column in KEY:
        return column
    if column == "order_datetime":
        return f"MIN({column})"
    if column.startswith("unit_") or column == "item_discount_percent":
        return f"CAST(COALESCE({_mean(column)}, MAX({column})) AS {kind})"
    if column == "item_profit":  # may be a loss: it is turned where its line's revenue is
        return f"CAST(SUM(CASE WHEN ({BACK}) AND item_revenue > 0 THEN -item_profit ELSE item_profit END) AS {kind})"
    if column in SIGNED:
        return f"CAST(CASE WHEN {BACK} THEN -SUM(ABS({column})) ELSE SUM({column}) END AS {kind})"
    return f"MAX({column})"


def _mean(column: str) -> str:
    """Spell the mean over the pieces of the lines that say anything."""
    pieces = f"CASE WHEN {column} IS NOT NULL THEN ABS(item_quantity) END"
    return f"SUM({column} * ABS(item_quantity)) / NULLIF(SUM({pieces}), 0)"
