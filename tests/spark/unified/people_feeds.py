"""Feeds about memberships, e-mails and choices, and what the tables that they fill hold."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from cdp_assets.config.people_tables import BUYERS, COALESCED, PREPROCESSED
from cdp_assets.names import TableName
from tests.spark.unified import people_world as world

UTC = pl.Datetime("us", "UTC")
CLUB_TAGS = {"member": "loy/loyalty-id", "tier": "loy/current-tier", "points": "loy/current-balance"}
EVENT_TAGS = {
    "member": "fk-member",
    "card": "loy-event/loyalty-id",
    "at": "loy-event/event-datetime",
    "what": "loy-event/event-type",
    "balance": "loy-event/current-balance",
}
MAIL_TAGS = {
    "brand": "email-event/brand",
    "address": "email-event/email",
    "at": "email-event/event-datetime",
    "what": "email-event/event-type",
    "mailing": "email-event/send-id",
}
TOTAL_TAGS = {
    "brand": "email-summary/brand",
    "address": "email-summary/email",
    "week": "email-summary/email-clicks-last-7-days",
    "status": "email-summary/engagement-status-last-15-months",
    "bounced": "email-summary/most-recent-bounce-datetime",
}
SMS_TAGS = {"number": "sms-opt/phone", "yes": "sms-opt/is-sms-opted-in", "program": "sms-opt/sms-program"}
ORDER_TAGS = {"number": "txn-item/order-id"}


def feed(source: str, name: str, tags: Mapping[str, str]) -> dict[str, Any]:
    """Give a feed that is not resolved to people."""
    fields = [{"name": "id", "tags": ["pk"]}, *({"name": column, "tags": [tag]} for column, tag in tags.items())]
    return {"source": source, "name": name, "primary_key": ["id"], "fields": fields}


def feeds() -> dict[str, Any]:
    """Give every feed; the club's members are people and memberships."""
    club = world.feed(world.CLUB)
    club["fields"] += [{"name": column, "tags": [tag]} for column, tag in CLUB_TAGS.items()]
    return {
        "club_members": club,
        "club_events": feed("club", "events", EVENT_TAGS),
        "mail_events": feed("mail", "events", MAIL_TAGS),
        "mail_totals": feed("mail", "totals", TOTAL_TAGS),
        "sms_choices": feed("sms", "choices", SMS_TAGS),
        "shop_orders": feed("shop", "orders", ORDER_TAGS),
    }


CHOICES = {
    "name": "choices",
    "sql": "SELECT 1",
    "tags": {"address": ["email-opt/email"], "yes": ["email-opt/is-email-opted-in"], "list": ["email-opt/brand"]},
}
"""A custom domain table that says who may be written to."""


def mail(
    number: int, address: str | None, at: dt.datetime, what: str, mailing: int, brand: str = "shop"
) -> dict[str, Any]:
    """Give an event of an e-mail."""
    return {"_pk": str(number), "brand": brand, "address": address, "at": at, "what": what, "mailing": str(mailing)}


def mails(seed: int) -> list[dict[str, Any]]:
    """Give events of some mailboxes over three years, some after the business date or at an edge of a window."""
    chance, found = random.Random(seed), []
    end = dt.datetime(2026, 3, 31, tzinfo=dt.UTC)
    for number in range(600):
        days = chance.choice((chance.randrange(-5, 40), chance.randrange(1000)))
        at = end - dt.timedelta(days=days, seconds=chance.choice((0, 1, 50_000)))
        what = chance.choice(("Sent", "Sent", "Sent", "Open", "Click", "Optin", "Bounce", "Unsubscribe", "open"))
        address = chance.choice((f"m{chance.randrange(12)}@m.com", f" M{chance.randrange(12)}@M.com", None, " "))
        found.append(mail(number, address, at, what, chance.randrange(40), chance.choice(("shop", "club"))))
    quiet = [mail(1000 + n, "quiet@m.com", world.day(n), "Sent", n) for n in range(6)]
    lively = [mail(2000 + n, "bo@club.com", world.day(n), "Sent", n) for n in range(6)]
    lively += [mail(2010 + n, "bo@club.com", world.day(n), "Open", n) for n in (1, 1, 2)]
    return [*found, *quiet, *lively, mail(3000, "bo@club.com", world.day(10), "Optin", 0)]


def tables() -> dict[TableName, pl.DataFrame]:
    """Give everything that the tables about people are made from."""
    return {
        COALESCED: world.frame(),
        PREPROCESSED: pl.DataFrame(HOMES, orient="row", schema=HOME_COLUMNS),
        BUYERS: buyers(),
        TableName("domain", "club_members"): pl.DataFrame(
            {"_pk": ["r2", "b2"], "member": ["M1", "M2"], "tier": ["gold", None], "points": ["7", None]}
        ),
        TableName("domain", "club_events"): pl.DataFrame(EVENTS, orient="row", schema=EVENT_COLUMNS),
        TableName("domain", "mail_events"): pl.DataFrame(mails(2), schema_overrides={"at": UTC}),
        TableName("domain", "mail_totals"): pl.DataFrame(TOTALS, orient="row", schema=TOTAL_COLUMNS),
        TableName("domain", "sms_choices"): pl.DataFrame(
            {
                "_pk": ["1", "2"],
                "number": ["+1 (206) 555-0100", "5"],
                "yes": ["true", "false"],
                "program": ["vip", None],
            }
        ),
        TableName("custom", "email_opt_ins"): pl.DataFrame(
            {"email": ["us@m.com", "own@m.com"], "is_email_opted_in": [True, False]}
        ),
        TableName("custom", "choices"): pl.DataFrame(
            {"address": ["US@m.com", "nobody@m.com"], "yes": [True, False], "list": ["shop", "shop"]}
        ),
    }


LAST_DAY = dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)
ORDERS = {
    # person: days since the first and the latest order, revenue, items of the last twelve months
    "complete": (30, 30, 5, 200),
    "ranked": (31, 31, 5, 199),
    "home_a": (2000, 365, 50, 1),
    "home_c": (2000, 366, 60, 1),
    "keyed": (2000, 730, 5, 0),
    "rival": (2000, 731, 5, 0),
    "equal": (400, 10, 100_000, 1),
} | dict.fromkeys(world.MANY, (100, 100, 5, 1))


def buyers() -> pl.DataFrame:
    """Give what is known of orders; one person bought before signing up for e-mails."""
    rows = [
        (person, LAST_DAY - dt.timedelta(days=first), LAST_DAY - dt.timedelta(days=latest), Decimal(revenue), items)
        for person, (first, latest, revenue, items) in ORDERS.items()
    ]
    rows.append(("branded", world.day(4), world.day(4), Decimal(5), 1))
    kinds = {"first_order_datetime": UTC, "latest_order_datetime": UTC, "lifetime_order_revenue": pl.Decimal(38, 2)}
    schema = {"amperity_id": pl.String, **kinds, "l12m_total_items": pl.Int64}
    return pl.DataFrame(rows, orient="row", schema=schema).with_columns(
        lifetime_order_frequency=pl.lit(1, pl.Int64), lifetime_preferred_purchase_channel=pl.lit("web")
    )


EVENT_COLUMNS = ["_pk", "member", "card", "at", "what", "balance"]
EVENTS = [
    ("1", "ab-1", "L1", "2026-01-05 10:00:00", "earn", "12"),
    ("2", "shared", "L2", "2026-01-06 10:00:00", "earn", "3"),
    ("3", "none", "L3", "2026-01-07 10:00:00", "earn", "4"),
]
TOTAL_COLUMNS = ["_pk", "brand", "address", "week", "status", "bounced"]
TOTALS = [
    ("1", "shop", "Told@m.com", 5, "Active", "2026-02-01 00:00:00"),
    ("2", "shop", "quiet@m.com", 9, "Active", None),
]
HOME_COLUMNS = ["datasource", "pk", "surname", "address", "city", "state", "postal"]
HOMES = [
    (world.SHOP, "h1", "LEE", "1 HIGH STREET", "ELY", "CA", "90001"),
    (world.SHOP, "h3", "LEE", "1 HIGH STREET", "ELY", "CA", "90001"),
    (world.SHOP, "h4", "EK", "1 HIGH STREET", "ELY", "CA", "90001"),
    (world.SHOP, "h5", "LEE", "1 HIGH STREET", None, None, None),
]
