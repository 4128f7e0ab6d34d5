"""SQL of Unified Transactions: one row per order, summed up from its rows in Unified Itemized Transactions."""

from __future__ import annotations

from cdp_assets.config.catalog import FISCAL_CALENDAR, ITEMIZED, has_fiscal_calendar
from cdp_assets.config.people_tables import COALESCED
from cdp_assets.config.tenant import Tenant
from cdp_assets.unified.columns import FISCAL

CANCELED = "COALESCE(is_cancellation, FALSE)"
RETURNED = f"COALESCE(is_return, FALSE) AND NOT {CANCELED}"
PURCHASED = f"NOT COALESCE(is_return, FALSE) AND NOT {CANCELED}"
"""Each row is one of the three; what is returned and canceled at once is canceled."""
ORDER_TEXTS = ("currency", "digital_channel", "payment_method", "purchase_brand", "purchase_channel", "store_id")
MONEY = "DECIMAL(38, 2)"
SUMS = (
    ("item_quantity", PURCHASED, "order_quantity", "BIGINT"),
    ("item_revenue", PURCHASED, "order_revenue", MONEY),
    ("item_list_price", PURCHASED, "order_list_price", MONEY),
    ("item_cost", PURCHASED, "order_cost", MONEY),
    ("item_profit", PURCHASED, "order_profit", MONEY),
    ("item_subtotal", PURCHASED, "order_subtotal", MONEY),
    ("item_tax_amount", PURCHASED, "order_tax_amount", MONEY),
    ("item_discount_amount", PURCHASED, "sum_item_discount_amount", MONEY),
    ("item_quantity", RETURNED, "order_returned_quantity", "BIGINT"),
    ("item_revenue", RETURNED, "order_returned_revenue", MONEY),
    ("item_quantity", CANCELED, "order_canceled_quantity", "BIGINT"),
    ("item_revenue", CANCELED, "order_canceled_revenue", MONEY),
    ("item_revenue", "TRUE", "sum_item_revenue", MONEY),
)
"""What is added up, of which rows, under which name and type."""
RECKONED = (
    "CAST(ROUND(o.order_discount_amount / NULLIF(o.order_list_price, 0), 4) AS DECIMAL(38, 4))"
    " AS order_discount_percent",
    "CAST(NULL AS DECIMAL(38, 2)) AS order_shipping_amount",
    "CAST(o.order_revenue + o.order_returned_revenue + o.order_canceled_revenue"
    " - COALESCE(o.order_discount_amount, 0) AS DECIMAL(38, 2)) AS net_order_revenue",
)


def transactions_sql(tenant: Tenant) -> str:
    """Give one row per order. Purchases, returns and cancellations are summed apart; no row of one counts in another.

    An order has one buyer: of its rows' people the one with the latest `update_dt`, then the smaller id. Its day
    in the fiscal calendar is that of its datetime in UTC. No tag says what shipping cost.
    """
    fiscal = [column for column in FISCAL if column != "calendar_date"] if has_fiscal_calendar(tenant) else []
    days = f"\nLEFT JOIN {FISCAL_CALENDAR} AS f ON f.calendar_date = CAST(o.order_datetime AS DATE)" if fiscal else ""
    columns = ["b.amperity_id", *(f"o.{column}" for column in _order_columns()), *RECKONED]
    chosen = ",\n  ".join([*columns, *(f"f.{column}" for column in fiscal)])
    summed = ",\n  ".join(f"{value} AS {column}" for column, value in _order_columns().items())
    return f"""WITH people AS (
SELECT amperity_id, MAX(update_dt) AS update_dt
FROM {COALESCED}
GROUP BY amperity_id
),
candidates AS (
SELECT DISTINCT order_id, amperity_id
FROM {ITEMIZED}
WHERE amperity_id IS NOT NULL
),
buyers AS (
SELECT
  c.order_id,
  MIN_BY(
    c.amperity_id,
    STRUCT(-COALESCE(UNIX_MICROS(p.update_dt), -9000000000000000000), c.amperity_id)
  ) AS amperity_id
FROM candidates AS c
JOIN people AS p ON p.amperity_id = c.amperity_id
GROUP BY c.order_id
),
orders AS (
SELECT
  {summed}
FROM {ITEMIZED}
WHERE order_id IS NOT NULL
GROUP BY order_id
)
SELECT
  {chosen}
FROM orders AS o
LEFT JOIN buyers AS b ON b.order_id = o.order_id{days}"""


def _order_columns() -> dict[str, str]:
    """Give what is worked out of an order's rows by themselves."""
    texts = {column: f"MAX({column})" for column in ("customer_id", *ORDER_TEXTS)}
    sums = {
        name: f"CAST(COALESCE(SUM({column}) FILTER (WHERE {rows}), 0) AS {kind})" for column, rows, name, kind in SUMS
    }
    fixed = {"order_id": "order_id", "order_datetime": "MIN(order_datetime)"}
    return fixed | texts | {"order_discount_amount": "MAX(order_discount_amount)"} | sums
