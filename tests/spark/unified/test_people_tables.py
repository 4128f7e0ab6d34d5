"""The tables about people that Spark makes: a hand-made example of every rule, and plain Python on random records."""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
from typing import Any

import pytest

from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.loader import load_tenant
from cdp_assets.config.people_tables import (
    EMAIL_EVENTS,
    EMAIL_OPT,
    EMAILS,
    ENGAGEMENT,
    ENGAGEMENT_SUMMARY,
    HOUSEHOLDS,
    LOYALTY,
    LOYALTY_EVENTS,
    MERGED,
    PROFILES,
    SMS_OPT,
)
from cdp_assets.databases.build import database_sql
from cdp_assets.home import REPOSITORY
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName
from cdp_assets.unified.tables import unified_sql
from tests.oracles import merged as oracle
from tests.oracles.engagement import summaries
from tests.spark.unified import people_feeds
from tests.spark.unified import people_world as world

ONE_TO_ONE = world.tenant(stitch={"stitched_tables": list(world.SOURCES.values()), "one_to_one": True})
AS_WRITTEN = TableName("unified", "households_of_one_to_one")
ACME = load_tenant(REPOSITORY / "tenant_config")
PASSED_THROUGH, C360, FLAGS = (
    TableName("database__customer_360", name) for name in ("merged_customers", "customer_360", "customer_attributes")
)
Rows = dict[str, dict[str, Any]]
DATES = {"business_date": world.BUSINESS_DATE}
MADE = {
    EMAIL_EVENTS, EMAIL_OPT, EMAILS, ENGAGEMENT, ENGAGEMENT_SUMMARY, HOUSEHOLDS, LOYALTY, LOYALTY_EVENTS, MERGED,
    PROFILES, SMS_OPT,
}  # fmt: skip
TENANT = world.tenant(feeds=people_feeds.feeds(), custom_domain_tables={"choices": people_feeds.CHOICES})


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sessions: SparkSessions) -> dict[TableName, list[dict[str, Any]]]:
    """Every table's rows, each made from those before it."""
    lake = Lake(tmp_path_factory.mktemp("lake"), sessions)
    tables = {}
    for name, frame in people_feeds.tables().items():
        tables[name] = TableVersion(name.name, lake.overwrite(name.name, frame.to_arrow(), load_id="given"))
    found = {}
    for name in [one.name for one in build_catalog(TENANT).ordered() if one.name in MADE]:
        text = unified_sql(TENANT, name)
        rows = sessions.run(lambda text=text: lake.sql(text, tables, DATES).toArrow())
        tables[name] = TableVersion(name.name, lake.overwrite(name.name, rows, load_id="made"))
        found[name] = rows.to_pylist()
    alone = unified_sql(ONE_TO_ONE, HOUSEHOLDS)
    found[AS_WRITTEN] = sessions.run(lambda: lake.sql(alone, tables, DATES).toArrow()).to_pylist()
    tables[PASSED_THROUGH] = tables[MERGED]
    for name in (C360, FLAGS):
        text = database_sql(ACME, "customer_360", name.name)
        rows = sessions.run(lambda text=text: lake.sql(text, tables, DATES).toArrow())
        tables[name] = TableVersion(name.name, lake.overwrite(name.name, rows, load_id="made"))
        found[name] = rows.to_pylist()
    return found


@pytest.fixture(scope="module")
def merged(made: dict[TableName, list[dict[str, Any]]]) -> Rows:
    """Merged Customers by person."""
    return {row["amperity_id"]: row for row in made[MERGED]}


def test_the_most_complete_group_wins_and_says_where_it_is_from(merged: Rows) -> None:
    """An address of four parts beats a newer and more trusted one of two; of complete names the newest."""
    row = merged["complete"]
    assert (row["address"], row["city"], row["postal"]) == ("1 High St", "Ely", "90001")
    assert (row["address_pk"], row["address_datasource"], row["address_completion"]) == ("c1", world.SHOP, 4)
    assert (row["given_name"], row["surname"], row["name_pk"], row["name_completion"]) == ("Annie", "Lee", "c3", 1)
    assert (row["address_update_dt"], row["address_priority"]) == (world.day(1), 999)
    assert row["update_dt"] == world.day(9)
    assert (row["email"], row["email_pk"], row["email_completion"]) == (None, None, 0)


def test_the_groups_rank_beats_the_sources_and_both_beat_999(merged: Rows) -> None:
    """Phones are ranked apart; gender has the source's rank; e-mails have their own."""
    row = merged["ranked"]
    assert (row["phone"], row["phone_priority"]) == ("100", 1)
    assert (row["gender"], row["gender_priority"]) == ("M", 2)
    assert (row["email"], row["email_priority"], row["email_datasource"]) == ("club@m.com", 1, world.CLUB)


def test_equals_are_told_apart_by_date_then_key(merged: Rows) -> None:
    """A record without a date is the oldest; then the smaller pk, then the smaller source."""
    assert merged["undated"]["gender"] == "M"
    assert merged["undated"]["phone"] == "1"
    assert (merged["equal"]["gender"], merged["equal"]["company"]) == ("X", "Desk")


def test_a_value_on_a_blocklist_is_not_picked(merged: Rows) -> None:
    """Whoever has one is told of; others are not."""
    row = merged["listed"]
    assert (row["email"], row["phone"]) == ("own@m.com", None)
    assert (row["email_blv"], row["phone_blv"], row["name_blv"]) == (True, True, False)
    assert (row["phone_pk"], row["phone_completion"]) == (None, 0)
    assert not merged["complete"]["email_blv"]


def test_a_mailbox_is_one_persons_and_a_person_has_one(merged: Rows) -> None:
    """The better claim wins, the other has their next e-mail, and who has none left has none."""
    assert merged["spouse_a"]["email"] == "Us@m.com"
    assert merged["spouse_b"]["email"] == "b@m.com"
    assert merged["spouse_c"]["email"] is None
    assert merged["blank"]["email"] is None


def test_who_waits_for_others_is_assigned_too(merged: Rows) -> None:
    """A chain is longer than the rounds that take place side by side."""
    found = [merged[f"chain{place:02}"]["email"] for place in range(world.LINKS + 1)]
    assert found == [*(f"x{place}@m.com" for place in range(world.LINKS)), None]


def test_a_profile_is_of_one_brand(made: dict[TableName, list[dict[str, Any]]]) -> None:
    """Each brand's best, whatever the other has; a source of no brand has the default one."""
    rows = {(row["amperity_id"], row["brand"]): row for row in made[PROFILES]}
    assert rows["branded", "default"]["email"] == "bo@shop.com"
    club = rows["branded", "Ann's club"]
    assert (club["given_name"], club["email"], club["name_datasource"]) == ("Boris", "bo@club.com", world.CLUB)
    assert ("spouse_a", "Ann's club") not in rows


def test_plain_python_merges_random_records_alike(merged: Rows, made: dict[TableName, list[dict[str, Any]]]) -> None:
    """Every column that the oracle knows, of every person and of every person's brand."""
    expected = oracle.merged(world.RECORDS, world.RANKS)
    assert merged.keys() == {person for (person,) in expected}
    for (person,), row in expected.items():
        assert {name: merged[person][name] for name in row} == row
    branded = [one | {"brand": "Ann's club" if one["datasource"] == world.CLUB else "default"} for one in world.RECORDS]
    profiles = {(row["amperity_id"], row["brand"]): row for row in made[PROFILES]}
    for key, row in oracle.merged(branded, world.RANKS, ("amperity_id", "brand")).items():
        assert {name: profiles[key][name] for name in row} == row


def test_plain_python_assigns_random_emails_alike(made: dict[TableName, list[dict[str, Any]]], merged: Rows) -> None:
    """Round after round until nothing changes, where Spark takes pairs in their order."""
    expected = oracle.assigned(world.RECORDS, world.RANKS["email"])
    assert len(expected) > 90
    assert {row["amperity_id"]: row["email"] for row in made[EMAILS]} == expected
    assert {person: row["email"] for person, row in merged.items() if row["email"]} == expected


def test_a_household_shares_surname_and_address_and_keeps_its_id(made: dict[TableName, list[dict[str, Any]]]) -> None:
    """In the spelling that Stitch compares; a street without a town is no home. The id is this one for ever."""
    homes = {row["amperity_id"]: row for row in made[HOUSEHOLDS]}
    assert homes.keys() == {"home_a", "home_b", "home_c", "home_d"}
    assert homes["home_a"]["household_id"] == homes["home_b"]["household_id"] == homes["home_c"]["household_id"]
    assert homes["home_d"]["household_id"] != homes["home_a"]["household_id"]
    key = "\x1f".join(("LEE", "1 HIGH STREET", "ELY", "CA", "90001"))
    digits = hashlib.sha256(key.encode()).hexdigest()
    assert uuid.UUID(homes["home_a"]["household_id"]).version == 8
    assert homes["home_a"]["household_id"].startswith(digits[:8])
    assert homes["home_b"]["address"] == "1 HIGH STREET"


def test_without_stitch_capitals_and_signs_are_evened_out(made: dict[TableName, list[dict[str, Any]]]) -> None:
    """One-to-one Stitch spells nothing for us: words stay as they are."""
    homes = {row["amperity_id"]: row for row in made[AS_WRITTEN]}
    assert homes["home_a"]["household_id"] == homes["home_b"]["household_id"] == homes["home_c"]["household_id"]
    assert homes["home_b"]["address"] == "1 HIGH ST"
    assert homes["home_d"]["household_id"] != homes["home_a"]["household_id"]
    assert "home_e" not in homes


def test_a_membership_is_the_persons_whose_record_it_is(made: dict[TableName, list[dict[str, Any]]]) -> None:
    """A stitched feed's rows need no key."""
    rows = {row["loyalty_id"]: row for row in made[LOYALTY]}
    assert {card: row["amperity_id"] for card, row in rows.items()} == {"M1": "ranked", "M2": "branded"}
    assert (rows["M1"]["current_tier"], rows["M1"]["current_balance"]) == ("gold", 7)
    assert rows["M1"]["is_opted_in"] is None


def test_an_event_is_the_one_persons_of_its_key(made: dict[TableName, list[dict[str, Any]]]) -> None:
    """Whatever its letter case; a key of two people, or of none, gives no id."""
    rows = {row["loyalty_id"]: row for row in made[LOYALTY_EVENTS]}
    assert {card: row["amperity_id"] for card, row in rows.items()} == {"L1": "keyed", "L2": None, "L3": None}
    assert rows["L1"]["current_point_balance"] == 12
    assert rows["L1"]["event_datetime"] == dt.datetime(2026, 1, 5, 10, tzinfo=dt.UTC)


def test_a_choice_is_everybodys_who_has_the_address(made: dict[TableName, list[dict[str, Any]]]) -> None:
    """Once for each holder of a mailbox; phones by their last digits; a place of nobody is kept."""
    emails = {(row["amperity_id"], row["email"], row["is_email_opted_in"], row["brand"]) for row in made[EMAIL_OPT]}
    holders = {(person, "US@m.com", True, "shop") for person in ("spouse_a", "spouse_b", "spouse_c")}
    assert emails == {*holders, (None, "nobody@m.com", False, "shop")}
    phones = {(row["amperity_id"], row["is_sms_opted_in"], row["sms_program"]) for row in made[SMS_OPT]}
    assert ("keyed", True, "vip") in phones
    assert not [person for person, yes, _ in phones if yes and person != "keyed"]


def test_events_are_carried_as_they_are(made: dict[TableName, list[dict[str, Any]]]) -> None:
    """With where they are from."""
    rows = made[EMAIL_EVENTS]
    assert len(rows) == len(people_feeds.mails(2))
    last = next(row for row in rows if row["pk"] == "3000")
    assert (last["datasource"], last["event_type"], last["email"]) == ("mail:events", "Optin", "bo@club.com")


def test_plain_python_sums_random_events_up_alike(made: dict[TableName, list[dict[str, Any]]]) -> None:
    """Windows, rates, classes and dates of every mailbox; mailboxes without events have what a feed tells."""
    events = made[EMAIL_EVENTS]
    expected = summaries(events, world.BUSINESS_DATE)
    found = {(row["brand"], row["email"]): row for row in made[ENGAGEMENT_SUMMARY]}
    assert found.keys() == {*expected, ("shop", "told@m.com")}
    for key, row in expected.items():
        rates = {name: round(value, 4) for name, value in row.items() if name.endswith("rate_lifetime") and value}
        assert {name: float(found[key][name]) for name in rates} == pytest.approx(rates, abs=1e-4)
        assert {name: found[key][name] for name in row if name not in rates} == {
            name: value for name, value in row.items() if name not in rates
        }
    assert {row["engagement_status_last_15_months"] for row in expected.values()} >= {"New", "Active", "Inactive"}
    told = found["shop", "told@m.com"]
    assert (told["email_clicks_last_7_day"], told["engagement_status_last_15_months"]) == (5, "Active")
    assert told["most_recent_email_bounce_datetime"] == dt.datetime(2026, 2, 1, tzinfo=dt.UTC)
    assert found["shop", "quiet@m.com"]["engagement_status_last_15_months"] == "Inactive"


def test_a_person_answers_by_the_email_that_is_best(made: dict[TableName, list[dict[str, Any]]]) -> None:
    """Three opens of two e-mails of six; the first order came six days before the sign-up."""
    [row] = [one for one in made[ENGAGEMENT] if one["amperity_id"] == "branded"]
    assert (row["brand"], row["email"]) == ("shop", "bo@club.com")
    assert (row["engagement_status_last_15_months"], row["engagement_frequency_last_15_months"]) == ("Active", "Medium")
    assert (row["purchase_before_signup"], row["signup_to_purchase_days"]) == (True, -6)
    assert {one["amperity_id"] for one in made[ENGAGEMENT]} <= {one["amperity_id"] for one in made[EMAILS]}


@pytest.fixture(scope="module")
def flags(made: dict[TableName, list[dict[str, Any]]]) -> Rows:
    """Customer Attributes by person, as the demo tenant's database makes them."""
    return {row["amperity_id"]: row for row in made[FLAGS]}


def told(flags: Rows, column: str) -> set[str]:
    """Give the people of whom a flag is true, but the many that are there to be compared with."""
    return {person for person, row in flags.items() if row[column] and person not in world.MANY}


def test_customer_attributes_have_the_documented_columns_of_everybody(flags: Rows, merged: Rows) -> None:
    """In the documents' order, the demo's own behind them; the parts that a model would predict are not among them."""
    assert flags.keys() == merged.keys()
    documented = [
        "amperity_id", "churn_trigger", "churn_trigger_start_datetime", "contactable_address", "contactable_email",
        "contactable_global", "contactable_paid_social", "contactable_phone", "historical_purchaser_lifecycle_status",
        "is_business", "is_employee", "is_gift_giver", "is_no_pii_amperity_id", "is_opted_into_email",
        "is_opted_into_sms", "is_outlier", "is_primary_buyer_household", "is_prospect", "is_purchaser", "is_reseller",
        "is_test_account",
    ]  # fmt: skip
    own = ["days_since_latest_order", "age", "average_order_value", "address_household_id", "people_at_address"]
    assert list(flags["complete"]) == [*documented, *own]


def test_a_lifecycle_turns_on_the_documented_day(flags: Rows) -> None:
    """New up to 30 days after the first order; active 365, lapsed 730 after the latest; churn starts the day after."""
    status = {person: row["historical_purchaser_lifecycle_status"] for person, row in flags.items()}
    assert (status["complete"], status["ranked"]) == ("New", "Active")
    assert (status["home_a"], status["home_c"]) == ("Active", "Lapsed")
    assert (status["keyed"], status["rival"]) == ("Lapsed", "Dormant")
    assert (status["blank"], flags["blank"]["is_prospect"], flags["blank"]["is_purchaser"]) == ("Prospect", True, False)
    start = dt.datetime(2026, 3, 31, tzinfo=dt.UTC)
    assert (flags["home_c"]["churn_trigger"], flags["home_c"]["churn_trigger_start_datetime"]) == ("Lapsed", start)
    assert (flags["rival"]["churn_trigger"], flags["rival"]["churn_trigger_start_datetime"]) == ("Dormant", start)
    assert flags["home_a"]["churn_trigger"] is None


def test_who_can_be_reached(flags: Rows) -> None:
    """By e-mail who has opted in with the best one; by post with all four parts; by anything at all."""
    assert told(flags, "contactable_email") == told(flags, "is_opted_into_email") == {"spouse_a"}
    assert {"complete", "home_a"} <= told(flags, "contactable_address")
    assert "home_e" not in told(flags, "contactable_address")
    assert flags["blank"]["is_no_pii_amperity_id"]
    assert not flags["blank"]["contactable_global"]
    assert (flags["undated"]["contactable_phone"], flags["undated"]["contactable_paid_social"]) == (True, True)
    assert (flags["equal"]["contactable_phone"], flags["equal"]["contactable_paid_social"]) == (False, False)


def test_who_somebody_is_to_the_business(flags: Rows) -> None:
    """One example of each flag, and nobody else."""
    assert told(flags, "is_business") == {"equal"}
    assert told(flags, "is_employee") == told(flags, "is_test_account") == {"tester"}
    assert told(flags, "is_outlier") == {"equal"}
    assert told(flags, "is_reseller") == {"complete"}
    bought = {"complete", "ranked", "home_c", "keyed", "rival", "equal", "branded"}
    assert told(flags, "is_primary_buyer_household") == bought
    assert told(flags, "is_purchaser") == {*bought, "home_a"}
