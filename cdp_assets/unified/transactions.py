"""SQL of the tables about orders and products."""

from __future__ import annotations

from cdp_assets.config.catalog import feeds_of_family, stitched_feeds
from cdp_assets.config.feed import Feed
from cdp_assets.config.tenant import Tenant
from cdp_assets.semantics import SEMANTICS, semantic
from cdp_assets.unified.columns import ITEM, PRODUCT_DECIMALS, family_fields, profile_fields, selected

PURCHASED = "NOT COALESCE(is_return, FALSE) AND NOT COALESCE(is_cancellation, FALSE)"
RETURNED = "COALESCE(is_return, FALSE)"
CANCELED = "COALESCE(is_cancellation, FALSE)"
ORDER_TEXTS = ("currency", "digital_channel", "payment_method", "purchase_brand", "purchase_channel", "store_id")


def itemized_sql(tenant: Tenant) -> str:
    """Give one row per order line with its buyer.

    A line gets the id of the one person whose record holds its foreign key; letter case counts only for keys
    that Stitch's settings name. A key of two people, or of none, gives no id.
    """
    feeds = feeds_of_family(tenant, "txn-item")
    return "\nUNION ALL\n".join(_lines(tenant, feed) for feed in feeds)


def _lines(tenant: Tenant, feed: Feed) -> str:
    columns = ",\n  ".join(selected(family_fields(feed, "txn-item"), ITEM))
    keys = [column for column in profile_fields(feed) if column.startswith("fk_") and _is_known(tenant, column)]
    if not keys:
        return f"SELECT\n  CAST(NULL AS STRING) AS amperity_id,\n  CAST(NULL AS STRING) AS customer_id,\n  {columns}\nFROM {feed.table}"  # noqa: E501
    field = profile_fields(feed)[keys[0]].name
    exact = {keys[0], keys[0].removeprefix("fk_").replace("_", "-")} & set(tenant.stitch.case_sensitive_fks)
    owner, line = (f"{keys[0]}", f"t.{field}") if exact else (f"UPPER({keys[0]})", f"UPPER(t.{field})")
    return f"""SELECT
  p.amperity_id,
  CAST(t.{field} AS STRING) AS customer_id,
  {columns}
FROM {feed.table} AS t
LEFT JOIN (
  SELECT {owner} AS fk, MIN(amperity_id) AS amperity_id
  FROM unified.unified_coalesced
  WHERE {keys[0]} IS NOT NULL
  GROUP BY {owner}
  HAVING MIN(amperity_id) = MAX(amperity_id)
) AS p ON p.fk = {line}"""


def _is_known(tenant: Tenant, key: str) -> bool:
    return any(key in profile_fields(feed) for feed in stitched_feeds(tenant))


def transactions_sql(_: Tenant) -> str:
    """Give one row per order. Purchases, returns and cancellations are summed apart; no row of one counts in another.

    An order has one buyer: of its lines', the person with the latest `update_dt`, then the greater id.
    """
    texts = ",\n  ".join(f"MAX(t.{column}) AS {column}" for column in ORDER_TEXTS)
    return f"""WITH people AS (
  SELECT amperity_id, MAX(update_dt) AS update_dt
  FROM unified.unified_coalesced
  GROUP BY amperity_id
),
orders AS (
SELECT
  t.order_id,
  MAX_BY(
    t.amperity_id,
    CASE WHEN t.amperity_id IS NOT NULL THEN STRUCT(p.update_dt, t.amperity_id) END
  ) AS amperity_id,
  MAX(t.customer_id) AS customer_id,
  MIN(t.order_datetime) AS order_datetime,
  {texts},
  {_sums()},
  MAX(t.order_discount_amount) AS order_discount_amount
FROM unified.unified_itemized_transactions AS t
LEFT JOIN people AS p ON p.amperity_id = t.amperity_id
WHERE t.order_id IS NOT NULL
GROUP BY t.order_id
)
SELECT
  *,
  CAST(ROUND(order_discount_amount / NULLIF(order_list_price, 0), 4) AS DECIMAL(38, 4)) AS order_discount_percent,
  CAST(
    order_revenue + order_returned_revenue + order_canceled_revenue - COALESCE(order_discount_amount, 0)
    AS DECIMAL(38, 2)
  ) AS net_order_revenue
FROM orders"""


def _sums() -> str:
    sums = [
        ("item_quantity", PURCHASED, "order_quantity", "BIGINT"),
        ("item_revenue", PURCHASED, "order_revenue", "DECIMAL(38, 2)"),
        ("item_list_price", PURCHASED, "order_list_price", "DECIMAL(38, 2)"),
        ("item_cost", PURCHASED, "order_cost", "DECIMAL(38, 2)"),
        ("item_profit", PURCHASED, "order_profit", "DECIMAL(38, 2)"),
        ("item_subtotal", PURCHASED, "order_subtotal", "DECIMAL(38, 2)"),
        ("item_tax_amount", PURCHASED, "order_tax_amount", "DECIMAL(38, 2)"),
        ("item_discount_amount", PURCHASED, "sum_item_discount_amount", "DECIMAL(38, 2)"),
        ("item_quantity", RETURNED, "order_returned_quantity", "BIGINT"),
        ("item_revenue", RETURNED, "order_returned_revenue", "DECIMAL(38, 2)"),
        ("item_quantity", CANCELED, "order_canceled_quantity", "BIGINT"),
        ("item_revenue", CANCELED, "order_canceled_revenue", "DECIMAL(38, 2)"),
    ]
    spelled = [
        f"CAST(COALESCE(SUM(t.{column}) FILTER (WHERE {rows}), 0) AS {kind}) AS {name}"
        for column, rows, name, kind in sums
    ]
    return ",\n  ".join([*spelled, "CAST(COALESCE(SUM(t.item_revenue), 0) AS DECIMAL(38, 2)) AS sum_item_revenue"])


def catalog_sql(tenant: Tenant) -> str:
    """Give every product of every catalog feed: datasource, pk, then the documented columns."""
    names = sorted({semantic_column(tag) for tag in SEMANTICS if tag.startswith("pc/")})
    columns = {name: "DECIMAL(38, 2)" if name in PRODUCT_DECIMALS else "STRING" for name in names}
    parts = []
    for feed in feeds_of_family(tenant, "pc"):
        chosen = ",\n  ".join(selected(family_fields(feed, "pc"), columns))
        parts.append(f"SELECT\n  '{feed.datasource}' AS datasource,\n  _pk AS pk,\n  {chosen}\nFROM {feed.table}")
    return "\nUNION ALL\n".join(parts)


def semantic_column(tag: str) -> str:
    """Give the column of a documented tag."""
    meaning = semantic(tag)
    return meaning.column if meaning is not None else tag
