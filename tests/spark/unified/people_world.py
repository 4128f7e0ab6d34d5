"""A small tenant's records of people, made by hand where a rule needs an example, and at random for the rest."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import polars as pl

from cdp_assets.config.tenant import Tenant

SHOP, CLUB, DESK = "shop:customers", "club:members", "desk:calls"
SOURCES = {SHOP: "shop_customers", CLUB: "club_members", DESK: "desk_calls"}
BUSINESS_DATE = dt.date(2026, 3, 31)
RANKS = {
    "address": {CLUB: 2},
    "birthdate": {CLUB: 2},
    "email": {SHOP: 2, CLUB: 1},
    "gender": {CLUB: 2},
    "name": {CLUB: 2},
    "phone": {DESK: 1, CLUB: 2},
}
"""What the policy below says of each source, as the oracle reads it."""
POLICY = {
    "sources": {"club_members": 2},
    "email": {"shop_customers": 2, "club_members": 1},
    "phone": {"desk_calls": 1},
    "brands": {"club_members": "Ann's club"},
}
LINKS = 12
FLAGS = ("blv_address", "blv_email", "blv_given_name", "blv_phone", "blv_surname")
TEXTS = (
    "given_name", "surname", "full_name", "generational_suffix", "address", "address2", "city", "state", "postal",
    "country", "email", "phone", "gender", "company", "title", "loyalty_id", "fk_member",
)  # fmt: skip
TAGS = {name.replace("_", "-"): name for name in TEXTS} | {"create-dt": "create_dt", "update-dt": "update_dt"}
"""Tag -> the field of each source."""


def feed(datasource: str) -> dict[str, Any]:
    """Give a feed of people."""
    source, _, name = datasource.partition(":")
    fields = [{"name": "id", "tags": ["pk"]}, {"name": "birthdate", "type": "date", "tags": ["birthdate"]}]
    fields += [{"name": column, "tags": [tag]} for tag, column in TAGS.items()]
    return {"source": source, "name": name, "primary_key": ["id"], "fields": fields, "available_to_stitch": True}


def tenant(**more: Any) -> Tenant:
    """Give the tenant; `more` adds to its document."""
    feeds = {key: feed(datasource) for datasource, key in SOURCES.items()} | more.pop("feeds", {})
    stitch = {"stitched_tables": list(SOURCES.values())}
    return Tenant.model_validate(
        {"id": "t", "name": "T", "feeds": feeds, "stitch": stitch, "merge_policy": POLICY} | more
    )


def day(number: int) -> dt.datetime:
    """Give a day of the year."""
    return dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=number)


def record(person: str, pk: str, datasource: str = SHOP, /, **values: Any) -> dict[str, Any]:
    """Give a record of Unified Coalesced; what is not said is NULL, and nothing is on a blocklist."""
    empty = dict.fromkeys((*TEXTS, "birthdate", "create_dt", "update_dt")) | dict.fromkeys(FLAGS, False)
    known = {"amperity_id": person, "datasource": datasource, "pk": pk, "rep_ds": datasource, "rep_pk": pk}
    return known | empty | values


HOUSE = {"address": "1 High St", "city": "Ely", "state": "CA", "postal": "90001"}
BY_HAND = [
    # the most complete address beats a newer and a trusted one; the newest name of equals wins
    record("complete", "c1", SHOP, **HOUSE, given_name="Ann", surname="Lee", update_dt=day(1)),
    record("complete", "c2", CLUB, address="2 Low Rd", postal="90002", given_name="Anna", update_dt=day(9)),
    record("complete", "c3", SHOP, given_name="Annie", surname="Lee", update_dt=day(2)),
    # a rank of the group beats the source's, and a source's beats 999; both beat newer records
    record("ranked", "r1", DESK, phone="100", email="desk@m.com", gender="F", update_dt=day(1)),
    record("ranked", "r2", CLUB, phone="200", email="club@m.com", gender="M", update_dt=day(2)),
    record("ranked", "r3", SHOP, phone="300", email="shop@m.com", gender="X", update_dt=day(3)),
    # a record without a date is the oldest; of equals the smaller pk, then the smaller source
    record("undated", "u9", SHOP, gender="F", phone="1"),
    record("undated", "u8", SHOP, gender="M", update_dt=day(0), phone=None),
    record("equal", "e2", SHOP, gender="F", update_dt=day(5), company="Two"),
    record("equal", "e1", SHOP, gender="M", update_dt=day(5), company="One"),
    record("equal", "e1", DESK, gender="X", update_dt=day(5), company="Desk"),
    # what is on a blocklist is not picked, and is told of
    record("listed", "l1", SHOP, email="info@m.com", phone="0", blv_email=True, blv_phone=True, update_dt=day(9)),
    record("listed", "l2", SHOP, email="own@m.com", update_dt=day(1)),
    # two brands
    record("branded", "b1", SHOP, given_name="Bo", surname="Ek", email="bo@shop.com", update_dt=day(1)),
    record("branded", "b2", CLUB, given_name="Boris", surname="Ek", email="bo@club.com", update_dt=day(0)),
    # one mailbox of two people: who has it newest keeps it, and the other's next e-mail is the best that is left
    record("spouse_a", "s1", SHOP, email="Us@m.com", update_dt=day(8)),
    record("spouse_b", "s2", SHOP, email=" us@m.com", update_dt=day(7)),
    record("spouse_b", "s3", SHOP, email="b@m.com", update_dt=day(1)),
    record("spouse_c", "s4", SHOP, email="us@m.com", update_dt=day(6)),
    record("blank", "n1", SHOP, email="  "),
    record("tester", "t1", SHOP, given_name="Test", surname="Account", email="clerk@acme.example"),
    # whoever shares a surname and an address is a household, however they spell it; h2 is a duplicate of h1
    record("home_a", "h1", SHOP, **HOUSE, given_name="Al", surname="Lee"),
    record("home_b", "h2", SHOP, **HOUSE | {"address": "1, high  st."}, given_name="Al", surname="LEE", rep_pk="h1"),
    record("home_c", "h3", SHOP, **HOUSE, given_name="Cy", surname="Lee"),
    record("home_d", "h4", SHOP, **HOUSE, given_name="Di", surname="Ek"),
    record("home_e", "h5", SHOP, address="1 High St", given_name="Ed", surname="Lee"),
    # a foreign key of one person, and one of two
    record("keyed", "k1", SHOP, fk_member="AB-1", phone="206.555.0100"),
    record("keyed", "k2", SHOP, fk_member="shared"),
    record("rival", "k3", SHOP, fk_member="SHARED"),
]


def chain(length: int) -> list[dict[str, Any]]:
    """Give people each of whom shares a mailbox with the next, where each pair waits for the one before."""
    found = []
    for place in range(length):
        found.append(
            record(f"chain{place:02}", f"x{place:02}", SHOP, email=f"x{place}@m.com", update_dt=day(200 - 2 * place))
        )
        found.append(
            record(
                f"chain{place:02}",
                f"y{place:02}",
                SHOP,
                email=f"x{place + 1}@m.com",
                update_dt=day(199 - 2 * place - 2),
            )
        )
        found.append(
            record(
                f"chain{place + 1:02}", f"z{place:02}", SHOP, email=f"x{place}@m.com", update_dt=day(199 - 2 * place)
            )
        )
    return found


def at_random(people: int, seed: int) -> list[dict[str, Any]]:
    """Give records of people who share mailboxes and dates, with some values missing and some on a blocklist."""
    chance, found = random.Random(seed), []
    some = ("Ann", "Bob", None)
    for number in range(people * 3):
        values: dict[str, Any] = {
            "given_name": chance.choice(some),
            "surname": chance.choice(("Lee", "Ek", None)),
            "full_name": chance.choice(("Ann Lee", None, None)),
            "email": chance.choice(
                (f"m{chance.randrange(people)}@m.com", f" M{chance.randrange(people)}@M.com ", None)
            ),
            "phone": chance.choice((str(chance.randrange(9)), None)),
            "gender": chance.choice(("F", "M", None)),
            "birthdate": chance.choice((dt.date(1980, 1, 1 + number % 9), None)),
            "update_dt": chance.choice((day(chance.randrange(9)), None)),
        }
        values |= {part: chance.choice((value, value, None)) for part, value in HOUSE.items()}
        values |= {flag: chance.random() < 0.1 for flag in FLAGS}
        person, source = f"p{chance.randrange(people):03}", chance.choice(list(SOURCES))
        found.append(record(person, f"{number % (people * 2):04}", source, **values))
    unique = {(one["datasource"], one["pk"]): one for one in found}
    return list(unique.values())


MANY = [f"many{number:02}" for number in range(20)]
"""People of whom nothing is known but what they have bought, each as much as the other."""
RECORDS = [*BY_HAND, *(record(person, person) for person in MANY), *chain(LINKS), *at_random(120, seed=1)]


def frame() -> pl.DataFrame:
    """Give Unified Coalesced."""
    dates = {"birthdate": pl.Date, "create_dt": pl.Datetime("us", "UTC"), "update_dt": pl.Datetime("us", "UTC")}
    texts = dict.fromkeys(TEXTS, pl.String)
    return pl.DataFrame(RECORDS, schema_overrides=dates | texts, infer_schema_length=None)
