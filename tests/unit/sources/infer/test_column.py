"""What a column's values are and mean, learnt batch by batch."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from cdp_assets.sources.infer.column import Column
from cdp_assets.sources.infer.keys import key_of
from cdp_assets.sources.infer.tags import tags_of
from cdp_assets.sources.infer.types import type_of


def column(name: str, *values: object, type_: pa.DataType | None = None) -> Column:
    """Give a column that has seen its values, one batch each half."""
    found, half = Column(name), len(values) // 2
    for part in (values[:half], values[half:]):
        found.take(pa.array(part, type_ or pa.string()))
    return found


@pytest.mark.parametrize(
    ("name", "values", "wanted"),
    [
        ("points", ["1", "-20", "", None], ("integer", None)),
        ("points", ["1.00", "2.0"], ("integer", None)),
        ("points", ["1.5", "2"], ("decimal", None)),
        ("weight", ["1e-3", "2"], ("float", None)),
        ("ratio", ["0.12345678901234567", "2"], ("float", None)),
        ("customer_no", ["17", "18"], ("string", None)),
        ("level", ["007", "8"], ("string", None)),
        ("level", ["7", "8", "x"], ("string", None)),
        ("level", ["", None], ("string", None)),
        ("is_member", ["1", "0"], ("boolean", None)),
        ("member", ["1", "0"], ("integer", None)),
        ("member", ["yes", "no"], ("boolean", None)),
        ("paid", ["2026-11-20", "2026-11-21"], ("date", None)),
        ("paid", ["2026-11-20 10:00", "2026-11-21T11:00:00Z"], ("datetime", None)),
        ("paid", ["11/20/2026", "03/04/2026"], ("date", "MM/dd/yyyy")),
        ("paid", ["20/11/2026", "03/04/2026"], ("date", "dd/MM/yyyy")),
        ("paid", ["20/11/2026 01:02 pm"], ("datetime", "dd/MM/yyyy hh:mm a")),
        ("paid", ["20.11.26", "01.02.99"], ("date", "dd.MM.yy")),
        ("paid", ["20261120", "20261121"], ("integer", None)),
        ("paid_date", ["20261120", "20261121"], ("date", None)),
        ("paid_at", ["20261120134530"], ("datetime", "yyyyMMddHHmmss")),
        ("paid_at", ["1763600000"], ("integer", None)),
    ],
)
def test_the_type_is_the_narrowest_that_reads_every_value(
    name: str, values: list[str | None], wanted: tuple[str, str | None]
) -> None:
    found = type_of(column(name, *values), ())
    assert (found.type, found.pattern) == wanted


@pytest.mark.parametrize(
    ("value", "type_", "wanted"),
    [
        (7, pa.int32(), "integer"),
        (Decimal("1.25"), pa.decimal128(9, 2), "decimal"),
        (0.25, pa.float64(), "decimal"),
        (True, pa.bool_(), "boolean"),
        (dt.date(2026, 11, 20), pa.date32(), "date"),
        (dt.datetime(2026, 11, 20), pa.timestamp("us"), "datetime"),
    ],
)
def test_what_has_a_type_in_its_file_keeps_it(value: object, type_: pa.DataType, wanted: str) -> None:
    assert type_of(column("some_id", value, type_=type_), ()).type == wanted


def test_a_date_that_would_do_both_ways_says_so() -> None:
    found = type_of(column("paid", "03/04/2026", "05/06/2026"), ())
    assert (found.pattern, "dd/MM/yyyy: check which" in found.reason) == ("MM/dd/yyyy", True)


def test_a_few_values_that_spoil_a_type_are_counted_and_never_shown() -> None:
    found = type_of(column("paid", *["2026-11-20"] * 400, "SECRET", *["2026-11-20"] * 99), ())
    assert (found.type, found.reason) == ("string", "text, because 1 of 500 values are no date")


def test_an_amount_is_a_decimal_even_where_all_its_values_are_whole() -> None:
    found = type_of(column("revenue", "1.0", "2.125"), ("txn-item/item-revenue",))
    assert (found.type, found.scale) == ("decimal", 3)
    assert type_of(column("revenue", "1.0", "2.0"), ("txn-item/item-revenue",)).type == "decimal"


def test_a_birthdate_without_values_is_a_date_and_a_phone_number_text() -> None:
    assert type_of(column("dob", ""), ("birthdate",)).type == "date"
    assert type_of(column("phone", "15551234567"), ("phone",)).type == "string"


PEOPLE = {
    "CustomerID": ["1", "2"],
    "FirstName": ["A", "B"],
    "last-name": ["C", ""],
    "E-Mail Address": ["a@b.co", "c@d.org"],
    "Mobile": ["(555) 123-4567", "+1 555 7654321"],
    "dob": ["2000-01-01", ""],
    "updated": ["2026-11-20 10:00", "2026-11-20 11:00"],
    "brand": ["x", "y"],
}


def meant(columns: dict[str, list[str]]) -> dict[str, str | None]:
    """Give the tag of each column that has one, or was refused one."""
    return {name: one.tag for name, one in tags_of([column(name, *values) for name, values in columns.items()]).items()}


def test_people_are_known_by_the_names_of_their_columns() -> None:
    assert meant(PEOPLE) == {
        "CustomerID": "fk-customer-id",
        "FirstName": "given-name",
        "last-name": "surname",
        "E-Mail Address": "email",
        "Mobile": "phone",
        "dob": "birthdate",
        "updated": "update-dt",
    }


def test_values_speak_against_names_and_for_themselves() -> None:
    spoiled = PEOPLE | {"dob": ["young", "old"], "E-Mail Address": ["yes", "no"], "contact": ["a@b.co", "c@d.org"]}
    found = meant(spoiled)
    assert (found["dob"], found["E-Mail Address"], found["contact"]) == (None, None, "email")


def test_a_file_is_of_one_family() -> None:
    orders = {"order_id": ["1"], "qty": ["2"], "sku": ["a"], "order_date": ["2026-11-20"], "channel": ["web"]}
    assert meant(orders) == {
        "order_id": "txn-item/order-id",
        "qty": "txn-item/item-quantity",
        "sku": "txn-item/product-id",
        "order_date": "txn-item/order-datetime",
        "channel": "txn-item/purchase-channel",
    }
    assert meant({"a": ["1"], "brand": ["x"]}) == {}


@pytest.mark.parametrize(
    ("columns", "key", "reason"),
    [
        ({"name": ["a", "b"], "row_id": ["1", "2"]}, ("row_id",), "tells all 2 records apart"),
        ({"id": ["1", ""], "name": ["a", "b"]}, ("name",), "tells all 2 records apart"),
        ({"at": ["2026-01-01", "2026-01-02"], "name": ["a", "b"]}, ("name",), "tells all 2 records apart"),
        (
            {"order_id": ["1", "1", "2"], "line_no": ["1", "2", "1"]},
            ("order_id", "line_no"),
            "tells all 3 records apart",
        ),
        (
            {"id": [*map(str, range(19)), "18"], "x": [""] * 20},
            ("id",),
            "19 of 20 records are distinct by it, the others are versions or mistakes",
        ),
        ({"a": ["x", "x", "y"]}, ("a",), "2 of 3 records are distinct by it, the others are versions or mistakes"),
        ({"a": ["", ""]}, ("a",), "0 of 2 records are distinct by it, the others are versions or mistakes"),
    ],
)
def test_the_key_is_what_tells_records_apart(columns: dict[str, list[str]], key: tuple[str, ...], reason: str) -> None:
    found = key_of([column(name, *values) for name, values in columns.items()])
    assert (found.columns, found.reason) == (key, reason)


def test_a_key_is_looked_for_in_the_first_rows_of_a_long_file() -> None:
    """What comes after them is neither kept nor counted; a gap that comes late still speaks against a key."""
    long, gap = Column("id", most_hashed=3), Column("no", most_hashed=3)
    for values in (["1", "2"], ["3", "3", "3"]):
        long.take(pa.array(values))
        gap.take(pa.array([*values[:-1], None if len(values) > 2 else "x"]))
    found = key_of([gap, long])
    assert (found.columns, found.rows, found.distinct, len(long.hashes)) == (("id",), 3, 3, 3)
