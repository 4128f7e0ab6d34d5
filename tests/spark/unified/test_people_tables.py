"""The tables about people that Spark makes: a hand-made example of every rule, and plain Python on random records."""

from __future__ import annotations

from typing import Any

import pytest

from cdp_assets.config.people_tables import COALESCED, EMAILS, MERGED, PROFILES
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName
from cdp_assets.unified.tables import unified_sql
from tests.oracles import merged as oracle
from tests.spark.unified import people_world as world

Rows = dict[str, dict[str, Any]]
TENANT = world.tenant()
GIVEN = {COALESCED: world.frame()}
ORDER = (EMAILS, MERGED, PROFILES)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, sessions: SparkSessions) -> dict[TableName, list[dict[str, Any]]]:
    """Every table's rows, each made from those before it."""
    lake = Lake(tmp_path_factory.mktemp("lake"), sessions)
    tables = {}
    for name, frame in GIVEN.items():
        tables[name] = TableVersion(name.name, lake.overwrite(name.name, frame.to_arrow(), load_id="given"))
    found = {}
    for name in ORDER:
        text, until = unified_sql(TENANT, name), {"business_date": world.BUSINESS_DATE}
        rows = sessions.run(lambda text=text, until=until: lake.sql(text, tables, until).toArrow())
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
