"""SQL of Transaction Attributes Extended: one row per buyer, as of the business date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cdp_assets.config.catalog import TRANSACTIONS
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.transactions import AttributeSet

AS_OF = "order_datetime < DATE_ADD(:business_date, 1)"
BACK: Mapping[str, str] = {
    "30d": "DATE_SUB(:business_date, 30)",
    "3mo": "ADD_MONTHS(:business_date, -3)",
    "6mo": "ADD_MONTHS(:business_date, -6)",
    "12mo": "ADD_MONTHS(:business_date, -12)",
    "24mo": "ADD_MONTHS(:business_date, -24)",
}
"""How far an edge of a window is behind the business date -> that day in SQL."""
WINDOWS: Mapping[str, str] = {
    "l30d": f"o.order_datetime >= {BACK['30d']}",
    "l3m": f"o.order_datetime >= {BACK['3mo']}",
    "l6m": f"o.order_datetime >= {BACK['6mo']}",
    "l12m": f"o.order_datetime >= {BACK['12mo']}",
    "ly12m": f"o.order_datetime >= {BACK['24mo']} AND o.order_datetime < {BACK['12mo']}",
    "lifetime": "",
}
"""Window -> which of a buyer's orders are in it. Every order is before the end of the business date."""
RANKED = {"first": "GET(bought, 0)", "second": "GET(bought, 1)", "latest": "ELEMENT_AT(bought, -1)"}
ORDER_FIELDS: Mapping[str, str] = {
    "order_datetime": "order_datetime",
    "order_id": "order_id",
    "order_revenue": "order_revenue",
    "order_total_items": "order_quantity",
    "order_purchase_brand": "purchase_brand",
    "order_purchase_channel": "purchase_channel",
    "order_store_id": "store_id",
}
"""What is told of the first, second and latest order -> the order's column."""
SET_FIELDS: Mapping[AttributeSet, tuple[str, ...]] = {
    "canceled": ("order_canceled_quantity", "order_canceled_revenue"),
    "returned": ("order_returned_quantity", "order_returned_revenue"),
    "net": ("order_canceled_quantity", "order_returned_quantity", "net_order_revenue"),
    "cost": ("order_cost",),
}
"""Which of an order's columns an optional set is worked out of."""
PLACES: Mapping[str, str] = {
    "purchase_brand": "purchase_brands",
    "purchase_channel": "purchase_channels",
    "store_id": "stores",
}
"""Where orders are made -> the name of the count of different ones."""
RETAINED_DAYS, EARLY_REPEAT_DAYS = 365, 84
DECILES: Mapping[str, str] = {"recency": "latest", "frequency": "orders", "monetary": "revenue"}
"""RFM: what the buyers of the last twelve months are ranked by, the best last."""
MONEY = "DECIMAL(38, 2)"


def attributes_sql(tenant: Tenant) -> str:
    """Give first, second and latest order, flags, sums per window and RFM of every buyer with a purchase.

    An order counts when something in it was neither returned nor canceled; orders after the business date do not.
    Orders of one moment follow their ids. What is returned, canceled and net is of all of a window's orders.
    A window without orders has counts and sums of 0, and no averages.
    """
    sets = tenant.transactions.attribute_sets
    fields = dict.fromkeys([*ORDER_FIELDS.values(), *(field for name in sets for field in SET_FIELDS[name])])
    told = [*_ranked(), *_flags(), *(line for window in WINDOWS for line in _window(window, sets))]
    windows = [f"{_in_window('bought', rows)} AS {window}" for window, rows in WINDOWS.items()]
    if sets:
        windows += [f"{_in_window('orders', rows)} AS {window}_all" for window, rows in WINDOWS.items()]
    return f"""WITH buyers AS (
SELECT amperity_id, SORT_ARRAY(COLLECT_LIST(STRUCT({", ".join(fields)}))) AS orders
FROM {TRANSACTIONS}
WHERE amperity_id IS NOT NULL AND {AS_OF}
GROUP BY amperity_id
),
purchases AS (
SELECT amperity_id, orders, FILTER(orders, o -> o.order_quantity > 0) AS bought
FROM buyers
),
windows AS (
SELECT
  amperity_id,
  bought,
  {_lines(windows)}
FROM purchases
WHERE SIZE(bought) > 0
),
{_rfm()}
SELECT
  w.amperity_id,
  {_lines([*told, *_scores()])}
FROM windows AS w
LEFT JOIN deciles AS d ON d.amperity_id = w.amperity_id"""


def _lines(expressions: Iterable[str]) -> str:
    return ",\n  ".join(expressions)


def _in_window(orders: str, rows: str) -> str:
    return f"FILTER({orders}, o -> {rows})" if rows else orders


def _ranked() -> Iterator[str]:
    for rank, order in RANKED.items():
        for column, field in ORDER_FIELDS.items():
            yield f"{order}.{field} AS {rank}_{column}"


def _flags() -> list[str]:
    first, second, latest = (f"{RANKED[rank]}.order_datetime" for rank in ("first", "second", "latest"))
    third = "GET(bought, 2).order_datetime"
    return [
        f"COALESCE(DATEDIFF({second}, {first}) <= {RETAINED_DAYS}, FALSE) AS first_order_is_retained",
        f"CASE WHEN {second} IS NOT NULL THEN COALESCE(DATEDIFF({third}, {second}) <= {RETAINED_DAYS}, FALSE) END"
        " AS second_order_is_retained",
        f"COALESCE(DATEDIFF({second}, {first}) <= {EARLY_REPEAT_DAYS}, FALSE) AS early_repeat_purchaser",
        "SIZE(bought) = 1 AS one_and_done",
        f"{_different('lifetime', 'purchase_brand')} > 1 AS multi_purchase_brand",
        f"{_different('lifetime', 'purchase_channel')} > 1 AS multi_purchase_channel",
        f"DATEDIFF(:business_date, {latest}) AS days_since_latest_order",
        f"DATEDIFF({second}, {first}) AS first_to_second_order_days",
        f"DATEDIFF({latest}, {first}) AS first_to_latest_order_days",
    ]


def _window(window: str, sets: Iterable[AttributeSet]) -> Iterator[str]:
    """Give what one window says, column by column."""
    revenue, items = _sum(window, "order_revenue"), _sum(window, "order_quantity")
    orders = f"SIZE({window})"
    yield f"{_share(revenue, items)} AS {window}_average_item_price"
    yield f"{_share(items, orders)} AS {window}_average_num_items"
    yield f"{_share(revenue, orders)} AS {window}_average_order_value"
    yield f"ARRAY_MAX({window}.order_revenue) AS {window}_largest_order_value"
    yield f"CAST({orders} AS BIGINT) AS {window}_order_frequency"
    yield f"{revenue} AS {window}_order_revenue"
    yield f"{items} AS {window}_total_items"
    for column, plural in PLACES.items():
        yield f"{_different(window, column)} AS {window}_{plural}"
        yield f"{_preferred(window, column)} AS {window}_preferred_{column}"
    for name in dict.fromkeys(sets):
        yield from SETS[name](window)


def _canceled(window: str) -> Iterator[str]:
    yield from _taken_back(window, "canceled")


def _returned(window: str) -> Iterator[str]:
    yield from _taken_back(window, "returned")


def _taken_back(window: str, how: str) -> Iterator[str]:
    orders = f"{window}_all"
    count = f"SIZE(FILTER({orders}, o -> o.order_{how}_quantity <> 0 OR o.order_{how}_revenue <> 0))"
    yield f"CAST({count} AS BIGINT) AS {window}_order_{how}_frequency"
    yield f"{_sum(orders, f'order_{how}_revenue')} AS {window}_order_{how}_revenue"
    yield f"{_sum(orders, f'order_{how}_quantity')} AS {window}_total_{how}_items"


def _net(window: str) -> Iterator[str]:
    """Give the net set: the price of an item that was kept, the net value of an order."""
    orders, revenue = f"{window}_all", _sum(f"{window}_all", "net_order_revenue")
    quantities = ("order_quantity", "order_returned_quantity", "order_canceled_quantity")
    kept = " + ".join(_sum(orders, column) for column in quantities)
    yield f"{_share(revenue, f'({kept})')} AS {window}_average_net_item_price"
    yield f"ARRAY_MAX({orders}.net_order_revenue) AS {window}_largest_net_order_value"
    yield f"{revenue} AS {window}_net_order_revenue"
    yield f"{_share(revenue, f'SIZE({window})')} AS {window}_net_order_value"


def _cost(window: str) -> Iterator[str]:
    yield f"{_sum(window, 'order_cost')} AS {window}_order_cost"


SETS = {"canceled": _canceled, "returned": _returned, "net": _net, "cost": _cost}


def _sum(orders: str, column: str) -> str:
    kind = "BIGINT" if column.endswith("_quantity") else MONEY
    return f"AGGREGATE({orders}.{column}, CAST(0 AS {kind}), (total, one) -> CAST(total + one AS {kind}))"


def _share(whole: str, parts: str) -> str:
    return f"CAST({whole} / NULLIF({parts}, 0) AS {MONEY})"


def _different(orders: str, column: str) -> str:
    return f"CAST(SIZE(ARRAY_DISTINCT(ARRAY_COMPACT({orders}.{column}))) AS BIGINT)"


def _preferred(orders: str, column: str) -> str:
    """Spell the most frequent value; of equally frequent ones the smallest, so that a run repeats."""
    values = f"ARRAY_COMPACT({orders}.{column})"
    counted = f"TRANSFORM(ARRAY_DISTINCT({values}), v -> STRUCT(-SIZE(FILTER({values}, w -> w = v)) AS n, v AS place))"
    return f"ARRAY_MIN({counted}).place"


def _rfm() -> str:
    """Spell the deciles, 10 the best: by the share of the last year's buyers that are worse, so equals are equal."""
    ranks = [
        f"1 + (RANK() OVER (ORDER BY {value}) - 1) * 10 DIV COUNT(*) OVER () AS {name}"
        for name, value in DECILES.items()
    ]
    return f"""year AS (
SELECT
  o.amperity_id,
  CAST(MAX(o.order_datetime) AS DATE) AS latest,
  COUNT(*) AS orders,
  SUM(o.order_revenue) AS revenue
FROM {TRANSACTIONS} AS o
WHERE o.amperity_id IS NOT NULL AND o.order_quantity > 0 AND o.{AS_OF} AND {WINDOWS["l12m"]}
GROUP BY o.amperity_id
),
deciles AS (
SELECT
  amperity_id,
  {_lines(ranks)}
FROM year
)"""


def _scores() -> Iterator[str]:
    for name in DECILES:
        yield f"CAST(d.{name} AS BIGINT) AS l12m_{name}"
    yield "CAST(CONCAT(d.recency, d.frequency, d.monetary) AS BIGINT) AS l12m_rfm_score"
