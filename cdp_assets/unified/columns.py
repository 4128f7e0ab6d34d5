"""Which columns the unified tables have, and how a feed's field becomes one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from cdp_assets.config.feed import Feed, FeedField
from cdp_assets.semantics import SEMANTICS, family, semantic

PROFILE: Mapping[str, str] = {
    "address": "STRING",
    "address2": "STRING",
    "birthdate": "DATE",
    "city": "STRING",
    "ck": "STRING",
    "company": "STRING",
    "country": "STRING",
    "create_dt": "TIMESTAMP",
    "email": "STRING",
    "full_name": "STRING",
    "gender": "STRING",
    "generational_suffix": "STRING",
    "given_name": "STRING",
    "loyalty_id": "STRING",
    "phone": "STRING",
    "postal": "STRING",
    "state": "STRING",
    "surname": "STRING",
    "title": "STRING",
    "update_dt": "TIMESTAMP",
}
"""The documented columns of a person's record; every tenant has them all, NULL where no field is tagged."""
ITEM: Mapping[str, str] = {
    "currency": "STRING",
    "digital_channel": "STRING",
    "is_cancellation": "BOOLEAN",
    "is_return": "BOOLEAN",
    "item_cost": "DECIMAL(38, 2)",
    "item_discount_amount": "DECIMAL(38, 2)",
    "item_discount_percent": "DECIMAL(38, 4)",
    "item_list_price": "DECIMAL(38, 2)",
    "item_profit": "DECIMAL(38, 2)",
    "item_quantity": "BIGINT",
    "item_revenue": "DECIMAL(38, 2)",
    "item_subtotal": "DECIMAL(38, 2)",
    "item_tax_amount": "DECIMAL(38, 2)",
    "order_datetime": "TIMESTAMP",
    "order_discount_amount": "DECIMAL(38, 2)",
    "order_id": "STRING",
    "payment_method": "STRING",
    "product_id": "STRING",
    "purchase_brand": "STRING",
    "purchase_channel": "STRING",
    "store_id": "STRING",
    "unit_cost": "DECIMAL(38, 2)",
    "unit_discount_amount": "DECIMAL(38, 2)",
    "unit_list_price": "DECIMAL(38, 2)",
    "unit_profit": "DECIMAL(38, 2)",
    "unit_revenue": "DECIMAL(38, 2)",
    "unit_subtotal": "DECIMAL(38, 2)",
    "unit_tax_amount": "DECIMAL(38, 2)",
}
"""The documented columns of an order line."""
PRODUCT: Mapping[str, str] = {
    meaning.column: "DECIMAL(38, 2)" if meaning.column == "product_msrp" else "STRING"
    for tag, meaning in sorted(SEMANTICS.items())
    if family(tag) == "pc"
}
"""The documented columns of a product."""
FISCAL: Mapping[str, str] = {
    "calendar_date": "DATE",
    "day_of_week": "STRING",
    "fiscal_month": "STRING",
    "fiscal_quarter": "STRING",
    "fiscal_week_end": "DATE",
    "fiscal_week_number": "BIGINT",
    "fiscal_week_start": "DATE",
    "fiscal_year": "BIGINT",
    "holiday_sale_name": "STRING",
}
"""The documented columns of a day of the fiscal calendar."""


def profile_columns(feeds: Iterable[Feed]) -> dict[str, str]:
    """Give the columns of a person's record with their types: the documented ones, then the tenant's own keys."""
    own = {column for feed in feeds for column in profile_fields(feed)} - PROFILE.keys()
    return dict(PROFILE) | dict.fromkeys(sorted(own), "STRING")


def profile_fields(feed: Feed) -> dict[str, FeedField]:
    """Give the field of each profile column that a feed is tagged with; the first field with a tag counts."""
    return _fields(feed, lambda tag: family(tag) == "" and tag != "pk")


def family_fields(feed: Feed, wanted: str) -> dict[str, FeedField]:
    """Give the field of each column of a family of tags, such as `txn-item`."""
    return _fields(feed, lambda tag: family(tag) == wanted)


def _fields(feed: Feed, chosen: Callable[[str], bool]) -> dict[str, FeedField]:
    found: dict[str, FeedField] = {}
    for field in feed.fields:
        for tag in field.tags:
            meaning = semantic(tag)
            if meaning is not None and chosen(tag):
                found.setdefault(meaning.column, field)
    return found


def selected(fields: Mapping[str, FeedField], columns: Mapping[str, str], table: str = "") -> Sequence[str]:
    """Spell the select list of one feed: each column in its type, NULL where the feed has no such field.

    `table` is what stands before each field, such as `t.`, where other tables are joined.
    """
    return [
        f"CAST({table + fields[column].name if column in fields else 'NULL'} AS {kind}) AS {column}"
        for column, kind in columns.items()
    ]
