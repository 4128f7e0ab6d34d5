"""The tables about orders once more, in plain Python and the words of the documents: slow, short and independent."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

Row = dict[str, Any]
ADDED = ("item_quantity", "item_revenue", "item_list_price", "item_discount_amount", "item_cost")
SAME = ("amperity_id", "customer_id", "order_id", "product_id", "is_return", "is_cancellation")
PLACES = {"purchase_brand": "purchase_brands", "purchase_channel": "purchase_channels", "store_id": "stores"}


def owner(people: Iterable[Row], column: str, value: str | None, *, exact: bool) -> str | None:
    """Give the one person whose records hold a key, or nobody."""
    spell: Callable[[str], str] = str.strip if exact else lambda text: text.strip().upper()
    held = {
        one["amperity_id"] for one in people if value is not None and one[column] and spell(one[column]) == spell(value)
    }
    return next(iter(held)) if len(held) == 1 else None


def itemized(lines: Iterable[Row]) -> list[Row]:
    """Add up the lines of one order, product and buyer, what comes back apart and never positive."""
    groups: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for line in lines:
        groups[tuple(line[column] for column in SAME)].append(line)
    return [_item(dict(zip(SAME, key, strict=True)), group) for key, group in groups.items()]


def _item(same: Row, group: list[Row]) -> Row:
    back = same["is_return"] or same["is_cancellation"]
    sums = {column: total(line[column] if not back else _negative(line[column]) for line in group) for column in ADDED}
    texts = {column: most(line[column] for line in group) for column in (*PLACES, "order_discount_amount")}
    pieces = [(line["unit_revenue"], abs(line["item_quantity"])) for line in group if line["unit_revenue"] is not None]
    amount, count = sum((price * n for price, n in pieces), Decimal(0)), sum(n for _, n in pieces)
    price = share(amount, count) if count else most(price for price, _ in pieces)
    return same | sums | texts | {"order_datetime": least(o["order_datetime"] for o in group), "unit_revenue": price}


def _negative(value: Any) -> Any:
    return None if value is None else -abs(value)


def orders(items: Iterable[Row], updated: dict[str, dt.datetime]) -> list[Row]:
    """Sum up each order; its buyer is whoever was updated last, of equals the smaller id."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for item in items:
        if item["order_id"] is not None:
            groups[item["order_id"]].append(item)
    return [_order(order, group, updated) for order, group in groups.items()]


def _order(order_id: str, group: list[Row], updated: dict[str, dt.datetime]) -> Row:
    canceled = [item for item in group if item["is_cancellation"]]
    returned = [item for item in group if item["is_return"] and not item["is_cancellation"]]
    bought = [item for item in group if not item["is_return"] and not item["is_cancellation"]]
    buyers = sorted({item["amperity_id"] for item in group if item["amperity_id"] is not None})
    buyers.sort(key=lambda one: updated[one], reverse=True)  # a stable sort: equals stay in the order of their ids
    row = {"order_id": order_id, "amperity_id": buyers[0] if buyers else None}
    row |= {column: most(item[column] for item in group) for column in (*PLACES, "customer_id")}
    row["order_datetime"] = least(item["order_datetime"] for item in group)
    discount = most(item["order_discount_amount"] for item in group)
    for name, part in (("order", bought), ("order_returned", returned), ("order_canceled", canceled)):
        row[f"{name}_quantity"] = total(item["item_quantity"] for item in part) or 0
        row[f"{name}_revenue"] = total(item["item_revenue"] for item in part) or Decimal(0)
    row["order_cost"] = total(item["item_cost"] for item in bought) or Decimal(0)
    kept = row["order_revenue"] + row["order_returned_revenue"] + row["order_canceled_revenue"]
    return row | {"order_discount_amount": discount, "net_order_revenue": kept - (discount or 0)}


def windows(today: dt.date) -> dict[str, tuple[dt.date, dt.date]]:
    """Give the first day of each window and the day after its last."""
    after = today + dt.timedelta(days=1)
    since = {"l30d": today - dt.timedelta(days=30)} | {f"l{n}m": months_before(today, n) for n in (3, 6, 12)}
    year = (months_before(today, 24), months_before(today, 12))
    return {name: (day, after) for name, day in since.items()} | {"ly12m": year, "lifetime": (dt.date.min, after)}


def months_before(day: dt.date, months: int) -> dt.date:
    """Give the same day of an earlier month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    lengths = (dt.date(year + (month == 11), (month + 1) % 12 + 1, 1) - dt.date(year, month + 1, 1)).days
    return dt.date(year, month + 1, min(day.day, lengths))


def attributes(found: Iterable[Row], today: dt.date) -> dict[str, Row]:
    """Give each buyer's attributes, with every optional set, but for RFM."""
    people: dict[str, list[Row]] = defaultdict(list)
    for order in found:
        when = order["order_datetime"]
        if order["amperity_id"] is not None and when is not None and when.date() <= today:
            people[order["amperity_id"]].append(order)
    made = {person: _buyer(sorted(group, key=_moment), today) for person, group in people.items()}
    return {person: row for person, row in made.items() if row["lifetime_order_frequency"]}


def _moment(order: Row) -> tuple[dt.datetime, str]:
    return order["order_datetime"], order["order_id"]


def _buyer(found: list[Row], today: dt.date) -> Row:
    bought = [order for order in found if order["order_quantity"] > 0]
    row: Row = {}
    for name, order in (("first", bought[:1]), ("second", bought[1:2]), ("latest", bought[-1:])):
        for column in ("datetime", "id", "revenue"):
            row[f"{name}_order_{column}"] = order[0][f"order_{column}"] if order else None
        row[f"{name}_order_store_id"] = order[0]["store_id"] if order else None
    days = [order["order_datetime"].date() for order in bought]
    gaps = [(after - before).days for before, after in pairwise(days)]
    row["first_order_is_retained"] = bool(gaps) and gaps[0] <= 365
    row["second_order_is_retained"] = None if not gaps else len(gaps) > 1 and gaps[1] <= 365
    row["early_repeat_purchaser"] = bool(gaps) and gaps[0] <= 84
    row["one_and_done"] = len(bought) == 1
    row["multi_purchase_brand"] = len({order["purchase_brand"] for order in bought} - {None}) > 1
    row["days_since_latest_order"] = (today - days[-1]).days if days else None
    row["first_to_second_order_days"] = gaps[0] if gaps else None
    row["first_to_latest_order_days"] = sum(gaps) if days else None
    for window, (since, until) in windows(today).items():
        inside = [order for order in found if since <= order["order_datetime"].date() < until]
        row |= {f"{window}_{name}": value for name, value in _window(inside).items()}
    return row


def _window(inside: Sequence[Row]) -> Row:
    bought = [order for order in inside if order["order_quantity"] > 0]
    revenue, items = (sum(order[column] for order in bought) for column in ("order_revenue", "order_quantity"))
    row = {
        "order_frequency": len(bought),
        "order_revenue": revenue,
        "total_items": items,
        "largest_order_value": most(order["order_revenue"] for order in bought),
        "average_item_price": share(revenue, items),
        "average_num_items": share(items, len(bought)),
        "average_order_value": share(revenue, len(bought)),
        "order_cost": sum(order["order_cost"] for order in bought),
        "largest_net_order_value": most(order["net_order_revenue"] for order in inside),
        "net_order_revenue": (net := sum(order["net_order_revenue"] for order in inside)),
        "net_order_value": share(net, len(bought)),
    }
    kept = sum(order[f"order{how}_quantity"] for order in inside for how in ("", "_returned", "_canceled"))
    row["average_net_item_price"] = share(net, kept)
    for how in ("returned", "canceled"):
        back = [order for order in inside if order[f"order_{how}_quantity"] or order[f"order_{how}_revenue"]]
        row[f"order_{how}_frequency"] = len(back)
        row[f"order_{how}_revenue"] = sum(order[f"order_{how}_revenue"] for order in back)
        row[f"total_{how}_items"] = sum(order[f"order_{how}_quantity"] for order in back)
    for column, plural in PLACES.items():
        counts = Counter(order[column] for order in bought if order[column] is not None)
        row[plural] = len(counts)
        row[f"preferred_{column}"] = min(counts, key=lambda place: (-counts[place], place)) if counts else None
    return row


def deciles(values: dict[str, Any]) -> dict[str, int]:
    """Give each person's decile by the share of people whose value is smaller."""
    return {
        one: 1 + sum(other < value for other in values.values()) * 10 // len(values) for one, value in values.items()
    }


def total(values: Iterable[Any]) -> Any:
    """Give the sum of what is there, or nothing."""
    there = [value for value in values if value is not None]
    return sum(there) if there else None


def most(values: Iterable[Any]) -> Any:
    """Give the greatest of what is there, or nothing."""
    return max((value for value in values if value is not None), default=None)


def least(values: Iterable[Any]) -> Any:
    """Give the smallest of what is there, or nothing."""
    return min((value for value in values if value is not None), default=None)


def share(whole: Any, parts: int) -> Decimal | None:
    """Give a quotient to the cent, half a cent up."""
    return None if not parts else (Decimal(whole) / parts).quantize(Decimal("0.01"), ROUND_HALF_UP)
