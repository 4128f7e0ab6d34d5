"""Lines to orders to buyers in DuckDB, from Parquet to Parquet: what the three tables about orders are held against.

    python -m benchmarks.peers.orders LINES IDS TODAY OUT

Every column that is worked out there is worked out here: sums per order and kind, first and latest order, and each
window's orders, revenue, items, largest order, different and preferred places.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb

KINDS = {
    "order": "NOT is_return AND NOT is_cancellation",
    "order_returned": "is_return AND NOT is_cancellation",
    "order_canceled": "is_cancellation",
}
WINDOWS = {
    "l30d": "order_datetime >= today - INTERVAL 30 DAY",
    "l3m": "order_datetime >= today - INTERVAL 3 MONTH",
    "l6m": "order_datetime >= today - INTERVAL 6 MONTH",
    "l12m": "order_datetime >= today - INTERVAL 12 MONTH",
    "ly12m": "order_datetime >= today - INTERVAL 24 MONTH AND order_datetime < today - INTERVAL 12 MONTH",
    "lifetime": "TRUE",
}
PLACES = ("purchase_brand", "purchase_channel", "store_id")


def main(lines: str, ids: str, today: str, out: str) -> int:
    """Write items, orders and buyers into a folder."""
    with duckdb.connect() as database:
        database.execute("SET memory_limit = '4GB'")
        for name, query in (("items", _items(lines, ids)), ("orders", _orders(out)), ("buyers", _buyers(out, today))):
            database.execute(f"COPY ({query}) TO '{Path(out) / name}.parquet' (FORMAT parquet)")
    return 0


def _items(lines: str, ids: str) -> str:
    return f"""SELECT order_id, product_id, is_return, is_cancellation, i.amperity_id, customer_id,
  MIN(order_datetime) AS order_datetime, MAX(purchase_channel) AS purchase_channel,
  MAX(purchase_brand) AS purchase_brand, MAX(store_id) AS store_id, MAX(currency) AS currency,
  SUM(item_quantity) AS item_quantity, SUM(item_revenue) AS item_revenue, SUM(item_list_price) AS item_list_price,
  SUM(item_discount_amount) AS item_discount_amount
FROM read_parquet('{lines}') AS t LEFT JOIN read_parquet('{ids}') AS i ON UPPER(i.pk) = UPPER(t.customer_id)
GROUP BY ALL"""


def _orders(out: str) -> str:
    sums = ", ".join(
        f"COALESCE(SUM(item_{what}) FILTER (WHERE {rows}), 0) AS {name}_{what}"
        for name, rows in KINDS.items()
        for what in ("quantity", "revenue")
    )
    texts = ", ".join(f"MAX({column}) AS {column}" for column in ("amperity_id", "currency", *PLACES))
    return f"""SELECT order_id, MIN(order_datetime) AS order_datetime, {texts}, {sums}
FROM '{out}/items.parquet' GROUP BY order_id"""


def _buyers(out: str, today: str) -> str:
    found = [column for window, rows in WINDOWS.items() for column in _window(window, rows)]
    return f"""SELECT amperity_id, ARG_MIN(order_id, order_datetime) AS first_order_id,
  ARG_MAX(order_id, order_datetime) AS latest_order_id, {", ".join(found)}
FROM (SELECT *, DATE '{today}' AS today FROM '{out}/orders.parquet')
WHERE amperity_id IS NOT NULL AND order_quantity > 0 AND order_datetime < today + INTERVAL 1 DAY
GROUP BY amperity_id"""


def _window(window: str, rows: str) -> list[str]:
    plain = {
        "order_frequency": "COUNT(*)",
        "order_revenue": "SUM(order_revenue)",
        "total_items": "SUM(order_quantity)",
        "largest_order_value": "MAX(order_revenue)",
    }
    plain |= {f"different_{column}": f"COUNT(DISTINCT {column})" for column in PLACES}
    plain |= {f"preferred_{column}": f"MODE({column})" for column in PLACES}
    return [f"{value} FILTER (WHERE {rows}) AS {window}_{name}" for name, value in plain.items()]


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:5]))
