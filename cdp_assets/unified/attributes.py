"""SQL of Transaction Attributes Extended: one row per buyer, as of the business date."""

from __future__ import annotations

from collections.abc import Mapping

from cdp_assets.config.tenant import Tenant

AS_OF = "order_datetime < DATE_ADD(:business_date, 1)"
WINDOWS: Mapping[str, str] = {
    "l30d": "order_datetime >= DATE_SUB(:business_date, 30)",
    "l3m": "order_datetime >= ADD_MONTHS(:business_date, -3)",
    "l6m": "order_datetime >= ADD_MONTHS(:business_date, -6)",
    "l12m": "order_datetime >= ADD_MONTHS(:business_date, -12)",
    "ly12m": "order_datetime >= ADD_MONTHS(:business_date, -24) AND order_datetime < ADD_MONTHS(:business_date, -12)",
    "lifetime": "TRUE",
}
"""Window -> which of a buyer's orders are in it. Every order is before the end of the business date."""
PLACES = ("purchase_brand", "purchase_channel", "store_id")
RANKED = {"first": "oldest[0]", "second": "GET(oldest, 1)", "latest": "ELEMENT_AT(oldest, -1)"}
ORDER_FIELDS: Mapping[str, str] = {
    "order_datetime": "order_datetime",
    "order_id": "order_id",
    "order_revenue": "order_revenue",
    "order_total_items": "order_quantity",
    "order_purchase_brand": "purchase_brand",
    "order_purchase_channel": "purchase_channel",
    "order_store_id": "store_id",
}
RETAINED_DAYS, EARLY_REPEAT_DAYS = 365, 84


def attributes_sql(_: Tenant) -> str:
    """Give first, second and latest order, flags, and sums per window of every buyer with a purchase.

    Orders without a purchased item, and orders after the business date, do not count.
    """
    ranked = [
        f"{source}.{field} AS {rank}_{column}"
        for rank, source in RANKED.items()
        for column, field in ORDER_FIELDS.items()
    ]
    windows = [name for window in WINDOWS for name in _window_columns(window)]
    aggregates = [line for window, rows in WINDOWS.items() for line in _aggregates(window, rows)]
    return f"""WITH buyers AS (
SELECT
  amperity_id,
  SORT_ARRAY(COLLECT_LIST(STRUCT({", ".join(ORDER_FIELDS.values())}))) AS oldest,
  {_lines(aggregates)}
FROM unified.unified_transactions
WHERE amperity_id IS NOT NULL AND order_quantity > 0 AND {AS_OF}
GROUP BY amperity_id
)
SELECT
  amperity_id,
  {_lines(ranked)},
  {_lines(_flags())},
  {_lines(windows)}
FROM buyers"""


def _lines(expressions: list[str]) -> str:
    return ",\n  ".join(expressions)


def _flags() -> list[str]:
    first, second, latest = (f"{RANKED[rank]}.order_datetime" for rank in ("first", "second", "latest"))
    third = "GET(oldest, 2).order_datetime"
    return [
        f"COALESCE(DATEDIFF({second}, {first}) <= {RETAINED_DAYS}, FALSE) AS first_order_is_retained",
        f"CASE WHEN {second} IS NOT NULL THEN COALESCE(DATEDIFF({third}, {second}) <= {RETAINED_DAYS}, FALSE) END"
        " AS second_order_is_retained",
        f"COALESCE(DATEDIFF({second}, {first}) <= {EARLY_REPEAT_DAYS}, FALSE) AS early_repeat_purchaser",
        "SIZE(oldest) = 1 AS one_and_done",
        "lifetime_purchase_brands > 1 AS multi_purchase_brand",
        "lifetime_purchase_channels > 1 AS multi_purchase_channel",
        f"DATEDIFF(:business_date, {latest}) AS days_since_latest_order",
        f"DATEDIFF({second}, {first}) AS first_to_second_order_days",
        f"DATEDIFF({latest}, {first}) AS first_to_latest_order_days",
    ]


def _aggregates(window: str, rows: str) -> list[str]:
    """Give what one window sums up; a window without orders has counts of 0 and no averages."""
    kept = "" if rows == "TRUE" else f" FILTER (WHERE {rows})"
    plurals = {"purchase_brand": "purchase_brands", "purchase_channel": "purchase_channels", "store_id": "stores"}
    return [
        f"COUNT(*){kept} AS {window}_order_frequency",
        f"CAST(COALESCE(SUM(order_revenue){kept}, 0) AS DECIMAL(38, 2)) AS {window}_order_revenue",
        f"COALESCE(SUM(order_quantity){kept}, 0) AS {window}_total_items",
        f"MAX(order_revenue){kept} AS {window}_largest_order_value",
        *(f"SIZE(COLLECT_SET({column}){kept}) AS {window}_{plural}" for column, plural in plurals.items()),
        *(f"MODE({column}, TRUE){kept} AS {window}_preferred_{column}" for column in PLACES),
    ]


def _window_columns(window: str) -> list[str]:
    """Give the window's columns in the final select; averages are of its own sums."""
    revenue, orders, items = f"{window}_order_revenue", f"{window}_order_frequency", f"{window}_total_items"
    averages = [
        f"CAST({revenue} / NULLIF({items}, 0) AS DECIMAL(38, 2)) AS {window}_average_item_price",
        f"CAST({items} / NULLIF({orders}, 0) AS DECIMAL(38, 2)) AS {window}_average_num_items",
        f"CAST({revenue} / NULLIF({orders}, 0) AS DECIMAL(38, 2)) AS {window}_average_order_value",
    ]
    plain = ["largest_order_value", "order_frequency", "order_revenue", "total_items"]
    plain += ["purchase_brands", "purchase_channels", "stores", *(f"preferred_{column}" for column in PLACES)]
    return [*averages, *(f"{window}_{column}" for column in plain)]
