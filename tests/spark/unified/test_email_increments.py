"""E-mails that are assigned by what changed are those of a whole assignment."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import polars as pl
import pytest

from cdp_assets.config.people_tables import COALESCED, EMAILS
from cdp_assets.environments import increments
from cdp_assets.environments.increments import Build, updated_version
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.state.publications import Entry
from cdp_assets.unified.tables import unified_sql
from tests.oracles import merged as oracle
from tests.spark.unified import people_world as world

TENANT = world.tenant()
SQL = unified_sql(TENANT, EMAILS)
Records = list[dict[str, Any]]


def written(lake: Lake, records: Records, day: str) -> Entry:
    """Write Unified Coalesced as it is on a day."""
    rows = pl.DataFrame(records, schema=world.frame().schema).to_arrow()
    return Entry(COALESCED, "coalesced", lake.overwrite("coalesced", rows, load_id=day), {})


def assigned(lake: Lake, present: Entry | None, people: Entry, day: str) -> Entry:
    """Assign e-mails as a run does."""
    build = Build(EMAILS, "emails", SQL, present, {COALESCED: people}, day, {})
    version = updated_version(lake, TENANT, build)
    if version is None:
        at = {COALESCED: TableVersion(people.path, people.version)}
        version = lake.sessions.run(lambda: lake.overwrite("emails", lake.sql(SQL, at, {}), load_id=day))
    return Entry(EMAILS, "emails", version, {str(COALESCED): f"{people.path}@{people.version}"})


def a_day_of(records: Records, chance: random.Random) -> Records:
    """Give records that have another mailbox, date, person or blocklisted value, and lack or gain a few.

    The first record of the chain of people who wait for each other is gone: all of it is assigned otherwise.
    """
    kept = [dict(one) for one in records if one["pk"] != "x00" and chance.random() > 0.02]
    for one in chance.sample(kept, 12):
        one["email"] = chance.choice([" M3@m.com", "m5@m.com", "new@m.com", None])
    for one in chance.sample(kept, 6):
        one["update_dt"] = world.day(300) + dt.timedelta(minutes=chance.randrange(99))
    for one in chance.sample(kept, 6):
        one["amperity_id"] = chance.choice(kept)["amperity_id"]
    for one in chance.sample(kept, 6):
        one["blv_email"] = not one["blv_email"]
    return [*kept, world.record("newcomer", "n1", world.CLUB, email="m7@m.com", update_dt=world.day(400))]


def test_a_day_of_change_assigns_as_plain_python_does(
    lake: Lake, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody's is made anew who competes with nobody that changed."""
    monkeypatch.setattr(increments, "ROWS_PER_CHANGE", 0)  # so few people would be made as a whole
    caplog.set_level("INFO", "cdp_assets")
    first = assigned(lake, None, written(lake, world.RECORDS, "one"), "one")
    records = a_day_of(world.RECORDS, random.Random(3))
    second = assigned(lake, first, written(lake, records, "two"), "two")
    found = delta.read(lake.absolute("emails"), second.version).to_pylist()
    assert {row["amperity_id"]: row["email"] for row in found} == oracle.assigned(records, world.RANKS["email"])
    (told,) = [record.getMessage() for record in caplog.records if "made anew" in record.getMessage()]
    people = {one["amperity_id"] for one in records}
    assert 0 < int(told.split()[4]) < len(people)
