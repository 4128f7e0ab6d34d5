"""The tables about orders: every rule by a line made for it, and all of them against plain Python on random lines."""

from __future__ import annotations

import datetime as dt
import itertools
import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from cdp_assets.config import catalog
from cdp_assets.config.people_tables import COALESCED
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.columns import Columns
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName
from cdp_assets.unified.tables import unified_sql
from tests.oracles import orders as oracle
from tests.oracles.orders import Row

TODAY = dt.date(2026, 3, 31)
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
SETS = ["canceled", "returned", "net", "cost"]
ITEM_TAGS = (
    "order_id:string", "product_id:string", "is_return:boolean", "is_cancellation:boolean", "item_quantity:integer",
    "item_revenue:decimal", "item_list_price:decimal", "item_discount_amount:decimal", "item_cost:decimal",
    "item_profit:decimal", "unit_revenue:decimal", "order_datetime:datetime", "order_discount_amount:decimal",
    "purchase_brand:string", "purchase_channel:string", "store_id:string",
)  # fmt: skip
LINE = pa.schema(
    [("_pk", pa.string()), ("customer", pa.string()), ("member", pa.string()), ("colour", pa.string())]
    + [
        (name, {"boolean": pa.bool_(), "integer": pa.int64(), "decimal": pa.decimal128(38, 2)}.get(kind, pa.string()))
        for name, kind in (tag.split(":") for tag in ITEM_TAGS)
        if name != "order_datetime"
    ]
    + [("order_datetime", pa.timestamp("us", "UTC"))]
)
PERSON = pa.schema(
    [
        ("amperity_id", pa.string()),
        ("fk_customer_id", pa.string()),
        ("fk_member_id", pa.string()),
        ("update_dt", pa.timestamp("us", "UTC")),
    ]
)
HOLIDAY = {"name": "Mother's day", "first_day": "2026-05-10", "last_day": "2026-05-10"}


def field(name: str, kind: str = "string", *tags: str) -> Row:
    """Give a feed's field."""
    return {"name": name, "type": kind, "tags": list(tags)}


def tenant() -> Tenant:
    """Give a tenant with two feeds of lines; the shop's tell two keys, the customer's first."""
    items = [
        field(name, kind, f"txn-item/{name.replace('_', '-')}") for name, kind in (t.split(":") for t in ITEM_TAGS)
    ]
    customer, member = field("customer", "string", "fk-customer-id"), field("member", "string", "fk-member-id")
    colour = field("colour", "string", "pc/product-color")
    people = [field("email", "string", "email"), customer, member]
    feeds = {
        "web_lines": {"source": "web", "name": "lines", "fields": [customer, member, *items, colour]},
        "till_lines": {"source": "till", "name": "lines", "fields": [member, *items]},
        "web_people": {"source": "web", "name": "people", "fields": people, "available_to_stitch": True},
    }
    return Tenant.model_validate(
        {
            "id": "t",
            "name": "T",
            "feeds": {key: {**feed, "primary_key": [feed["fields"][0]["name"]]} for key, feed in feeds.items()},
            "stitch": {"stitched_tables": ["web_people"], "case_sensitive_fks": ["fk-member-id"]},
            "transactions": {
                "attribute_sets": SETS,
                "fiscal_calendar": {"first_year": 2023, "years": 4, "holidays": [HOLIDAY]},
            },
        }
    )


def person(amperity_id: str, customer: str | None = None, member: str | None = None, day: int | None = 1) -> Row:
    """Give a record of a person; without a day nobody knows when it was updated."""
    at = None if day is None else dt.datetime(2026, 1, day, tzinfo=dt.UTC)
    return {"amperity_id": amperity_id, "fk_customer_id": customer, "fk_member_id": member, "update_dt": at}


PEOPLE = [
    person("ann", "C1", "m1"),
    person("ann", "c1", None, 5),
    person("bob", "C2", "M1", 5),
    person("cid", "C3", None, None),
    person("dot", "C3", "M4", None),
    person("eve", "C99"),
]
"""C1 is Ann's whatever its case, m1 Ann's and M1 Bob's since its case counts, C3 two people's."""


def line(order: str | None, product: str = "p", quantity: int = 1, revenue: str = "10", **values: Any) -> Row:
    """Give a line of the web shop, bought by nobody at noon."""
    plain = dict.fromkeys(LINE.names) | {"order_id": order, "product_id": product, "order_datetime": NOON}
    return plain | {"item_quantity": quantity, "item_revenue": Decimal(revenue)} | values


LINES = [
    line("case", customer=" c1 "),
    line("exact", member="M1"),
    line("shared", customer="C3"),
    line("second_key", customer="C3", member="m1"),
    line("first_key", customer="C2", member="m1"),
    line("added", quantity=2, revenue="20", unit_revenue=Decimal("10"), colour="red"),
    line("added", quantity=1, revenue="7", unit_revenue=Decimal("7"), colour="blue"),
    line("added", product="q", revenue="1"),
    line("back", quantity=3, revenue="30", item_profit=Decimal("9")),
    line("back", quantity=1, revenue="10", is_return=True, item_profit=Decimal("3")),
    line("back", quantity=-2, revenue="-20", is_return=True, product="q", item_profit=Decimal("4")),
    line("back", quantity=1, revenue="5", is_cancellation=True, order_discount_amount=Decimal("2")),
    line("both", quantity=1, revenue="5", is_return=True, is_cancellation=True),
    line("newest", customer="C1"),
    line("newest", customer="C2", product="q"),
    line("equal", customer="C2", product="q"),
    line("equal", member="M4"),
    line("equal", customer="C1", product="r"),
    line("long_ago", customer="C99", order_datetime=dt.datetime(2024, 6, 1, tzinfo=dt.UTC)),
    line(None, revenue="3"),
]


def random_lines(seed: int, count: int) -> list[Row]:
    """Give lines of few people and orders, so that they meet; days lie close to where windows begin and end."""
    chance = random.Random(seed)
    edges = [day for ends in oracle.windows(TODAY).values() for day in ends if day > dt.date(2000, 1, 1)]
    moments = [
        dt.datetime.combine(day, dt.time(hour), dt.UTC) + dt.timedelta(days=shift)
        for day, hour, shift in itertools.product(edges, (0, 23), (-1, 0, 1, -200))
    ]
    made = []
    for number in range(count):
        order = f"r{chance.randrange(count // 3)}"
        fixed = random.Random(order)  # an order's lines are of one moment and place
        made.append(
            line(
                order,
                chance.choice("pqr"),
                chance.randrange(1, 4),
                str(Decimal(chance.randrange(100, 9999)) / 100),
                _pk=str(number),
                customer=fixed.choice([f"C{fixed.randrange(40)}", None]),
                member=chance.choice([f"M{fixed.randrange(40)}"] * 5 + [f"M{chance.randrange(40)}", None]),
                is_return=chance.choice([None, False, False, False, True]),
                is_cancellation=chance.choice([False] * 9 + [True]),
                item_cost=chance.choice([None, Decimal("1.25")]),
                item_list_price=Decimal("99.99"),
                unit_revenue=chance.choice([None, Decimal("3.10"), Decimal("4.20")]),
                order_discount_amount=chance.choice([None, Decimal("1.5")]),
                order_datetime=fixed.choice([*moments, None]),
                purchase_brand=fixed.choice(["acme", "outlet", None]),
                purchase_channel=fixed.choice(["web", "till"]),
                store_id=fixed.choice(["s1", "s2", "s3"]),
            )
        )
    return made


RANDOM_PEOPLE = [person(f"P{n % 25:02}", f"C{10 + n}", f"M{10 + n * 7 % 31}", 1 + n % 9) for n in range(30)]
RANDOM_LINES = random_lines(seed=11, count=900)
ALL_PEOPLE, WEB, TILL = PEOPLE + RANDOM_PEOPLE, LINES + RANDOM_LINES[::2], RANDOM_LINES[1::2]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sessions: SparkSessions) -> dict[TableName, list[Row]]:
    """Every table about orders, made by Spark of the lines above; each read by the next as it would be in a run."""
    lake = Lake(tmp_path_factory.mktemp("orders"), sessions)
    versions: dict[TableName, TableVersion] = {}

    def write(name: TableName, rows: pa.Table) -> None:
        versions[name] = TableVersion(str(name), lake.overwrite(str(name), rows, load_id="one"))

    write(TableName("domain", "web_lines"), pa.Table.from_pylist(WEB, LINE))
    write(TableName("domain", "till_lines"), pa.Table.from_pylist(TILL, LINE).drop_columns(["customer", "colour"]))
    write(COALESCED, pa.Table.from_pylist(ALL_PEOPLE, PERSON))
    found = {}
    for name in (catalog.FISCAL_CALENDAR, catalog.ITEMIZED, catalog.TRANSACTIONS, catalog.ATTRIBUTES):
        sql = unified_sql(tenant(), name)
        table = sessions.run(lambda sql=sql: lake.sql(sql, versions, {"business_date": TODAY}).toArrow())
        write(name, table)
        found[name] = table.to_pylist()
    return found


def of_order(made: Mapping[TableName, list[Row]], table: TableName, order: str) -> list[Row]:
    """Give an order's rows, by product."""
    found = [row for row in made[table] if row["order_id"] == order]
    return sorted(found, key=lambda row: (row.get("product_id") or "", str(row.get("is_return"))))


def only(made: Mapping[TableName, list[Row]], table: TableName, order: str) -> Row:
    """Give an order's one row."""
    (row,) = of_order(made, table, order)
    return row


@pytest.mark.parametrize(
    ("order", "buyer", "customer"),
    [
        ("case", "ann", " c1 "),
        ("exact", "bob", "M1"),
        ("shared", None, "C3"),
        ("second_key", "ann", "C3"),
        ("first_key", "bob", "C2"),
    ],
)
def test_a_key_gives_an_id_when_one_person_alone_holds_it(
    made: Mapping[TableName, list[Row]], order: str, buyer: str | None, customer: str
) -> None:
    """The first key that says one person counts; case counts only where the settings say so."""
    row = only(made, catalog.ITEMIZED, order)
    assert (row["amperity_id"], row["customer_id"]) == (buyer, customer)


def test_lines_of_one_order_and_product_are_one_row(made: Mapping[TableName, list[Row]]) -> None:
    """Amounts are added, a price is the mean over the pieces, and the line's own product columns come along."""
    first, second = of_order(made, catalog.ITEMIZED, "added")
    assert (first["item_quantity"], first["item_revenue"], first["unit_revenue"]) == (3, 27, 9)
    assert (first["product_color"], second["product_id"]) == ("red", "q")


def test_what_comes_back_is_negative_whatever_the_source_says(made: Mapping[TableName, list[Row]]) -> None:
    """A return spelled positive and one spelled negative; a profit is turned with its line's revenue."""
    rows = of_order(made, catalog.ITEMIZED, "back")
    told = {(row["product_id"], row["is_return"], row["is_cancellation"]): row for row in rows}
    assert [told[key]["item_revenue"] for key in (("p", True, None), ("q", True, None), ("p", None, True))] == [
        -10,
        -20,
        -5,
    ]
    assert (told["p", True, None]["item_profit"], told["q", True, None]["item_profit"]) == (-3, 4)
    assert told["q", True, None]["item_quantity"] == -2


def test_an_order_sums_purchases_returns_and_cancellations_apart(made: Mapping[TableName, list[Row]]) -> None:
    """The net is what is left after both and the discount; no tag says what shipping cost."""
    order = only(made, catalog.TRANSACTIONS, "back")
    assert (order["order_quantity"], order["order_revenue"], order["order_profit"]) == (3, 30, 9)
    assert (order["order_returned_quantity"], order["order_returned_revenue"]) == (-3, -30)
    assert (order["order_canceled_quantity"], order["order_canceled_revenue"]) == (-1, -5)
    assert (order["net_order_revenue"], order["sum_item_revenue"], order["order_shipping_amount"]) == (-7, -5, None)
    both = only(made, catalog.TRANSACTIONS, "both")
    assert (both["order_returned_revenue"], both["order_canceled_revenue"]) == (0, -5)


def test_an_order_of_several_people_is_the_last_updated_ones(made: Mapping[TableName, list[Row]]) -> None:
    """Ann and Bob were updated on one day: the smaller id; who was never updated comes last."""
    assert only(made, catalog.TRANSACTIONS, "newest")["amperity_id"] == "ann"
    assert only(made, catalog.TRANSACTIONS, "equal")["amperity_id"] == "ann"
    assert len(of_order(made, catalog.ITEMIZED, "equal")) == 3


def test_an_order_knows_its_fiscal_day(made: Mapping[TableName, list[Row]]) -> None:
    """March 1, 2026 is the first day of the fiscal March."""
    order = only(made, catalog.TRANSACTIONS, "case")
    names = ("fiscal_year", "fiscal_quarter", "fiscal_month", "fiscal_week_number", "fiscal_week_start", "day_of_week")
    assert [order[name] for name in names] == [2026, "Q1", "March", 5, dt.date(2026, 3, 1), "Sunday"]


def test_the_calendar_has_every_day_once_and_a_53rd_week(made: Mapping[TableName, list[Row]]) -> None:
    """Four years from January 29, 2023; the year 2023 has 371 days."""
    days = sorted(made[catalog.FISCAL_CALENDAR], key=lambda row: row["calendar_date"])
    first = dt.date(2023, 1, 29)
    assert [row["calendar_date"] for row in days] == [first + dt.timedelta(days=n) for n in range(371 + 3 * 364)]
    assert {row["fiscal_month"] for row in days if row["fiscal_week_number"] == 53} == {"January"}
    assert [row["calendar_date"] for row in days if row["holiday_sale_name"] == HOLIDAY["name"]] == [
        dt.date(2026, 5, 10)
    ]
    assert all(row["fiscal_week_end"] - row["fiscal_week_start"] == dt.timedelta(days=6) for row in days)


def expected_items() -> list[Row]:
    """Give the itemized rows by plain Python."""
    lines = [{**row, "sources": ("customer", "member")} for row in WEB] + [
        {**row, "customer": None, "sources": ("member",)} for row in TILL
    ]
    for row in lines:
        owners = {
            "customer": oracle.owner(ALL_PEOPLE, "fk_customer_id", row["customer"], exact=False),
            "member": oracle.owner(ALL_PEOPLE, "fk_member_id", row["member"], exact=True),
        }
        row["amperity_id"] = next((owners[key] for key in row["sources"] if owners[key]), None)
        row["customer_id"] = next((row[key] for key in row["sources"] if row[key]), None)
    return oracle.itemized(lines)


def expected_orders() -> list[Row]:
    """Give the orders by plain Python."""
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    updated: dict[str, dt.datetime] = {}
    for row in ALL_PEOPLE:
        updated[row["amperity_id"]] = max(updated.get(row["amperity_id"], never), row["update_dt"] or never)
    return oracle.orders(expected_items(), updated)


def shown(rows: list[Row], columns: list[str]) -> list[str]:
    """Give rows as text in one order; a number is the same however many zeros it ends with."""
    return sorted(str([plain(row[column]) for column in columns]) for row in rows)


def plain(value: Any) -> Any:
    """Give a value as it compares."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return format(Decimal(value).normalize(), "f") if type(value) in (int, Decimal) else value


def test_items_and_orders_equal_plain_python(made: Mapping[TableName, list[Row]]) -> None:
    """Every row of both, to the cent."""
    for table, wanted in ((catalog.ITEMIZED, expected_items()), (catalog.TRANSACTIONS, expected_orders())):
        assert len(wanted) > 100
        columns = sorted(wanted[0])
        assert shown(made[table], columns) == shown(wanted, columns)


def test_attributes_equal_plain_python(made: Mapping[TableName, list[Row]]) -> None:
    """Every attribute of every buyer, with the optional sets, close to where windows begin and end."""
    wanted = oracle.attributes(expected_orders(), TODAY)
    found = {row["amperity_id"]: row for row in made[catalog.ATTRIBUTES]}
    assert len(wanted) > 20
    assert found.keys() == wanted.keys()
    differing = {
        (who, column): (found[who][column], value)
        for who, row in wanted.items()
        for column, value in row.items()
        if plain(found[who][column]) != plain(value)
    }
    assert differing == {}


def test_equal_buyers_have_equal_deciles(made: Mapping[TableName, list[Row]]) -> None:
    """RFM of the buyers of twelve months; nobody else has one."""
    buyers = {row["amperity_id"]: row for row in made[catalog.ATTRIBUTES] if row["l12m_order_frequency"]}
    others = [row for row in made[catalog.ATTRIBUTES] if not row["l12m_order_frequency"]]
    ranked = {
        "recency": oracle.deciles({who: -row["days_since_latest_order"] for who, row in buyers.items()}),
        "frequency": oracle.deciles({who: row["l12m_order_frequency"] for who, row in buyers.items()}),
        "monetary": oracle.deciles({who: row["l12m_order_revenue"] for who, row in buyers.items()}),
    }
    for who, row in buyers.items():
        parts = [ranked[name][who] for name in ranked]
        assert [row[f"l12m_{name}"] for name in ranked] == parts
        assert row["l12m_rfm_score"] == int("".join(str(part) for part in parts))
    assert others
    assert {row["l12m_rfm_score"] for row in others} == {None}


def test_columns_are_those_that_plans_reckon_with(made: Mapping[TableName, list[Row]]) -> None:
    """Names in the order of the select list."""
    for name, rows in made.items():
        assert tuple(rows[0]) == Columns(tenant()).of(name)
    assert len(made[catalog.ATTRIBUTES][0]) > 170
