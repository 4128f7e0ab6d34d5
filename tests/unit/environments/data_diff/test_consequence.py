"""What a plan says of the data that a promotion changes."""

from __future__ import annotations

import json
import re
import uuid
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.environments.data_diff.consequence import IN_A_PLAN, NOBODY_READS, data_consequence
from cdp_assets.environments.data_diff.model import DataConsequence, RowChanges, read_consequence
from cdp_assets.environments.data_diff.text import consequence_lines
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.home import REPOSITORY
from cdp_assets.names import PRODUCTION
from tests.unit.environments.data_diff.lakes import ENVIRONMENT, SANDBOX, Installation

TENANT = load_tenant(REPOSITORY / "tenant_config")
LOWERED = TENANT.model_copy(update={"stitch": TENANT.stitch.model_copy(update={"threshold": 2.0})})
FEED, IDS = "domain.ecom_customers", "stitch.stitch_ids"
ANN, BOB = (str(uuid.UUID(int=number)) for number in (1, 2))


def ids(*people: str) -> pl.DataFrame:
    """Make the ids of the records K-1, K-2 and so on of one source."""
    rows = [("ecom", f"K-{n}", who) for n, who in enumerate(people, 1)]
    return pl.DataFrame(rows, schema=["datasource", "pk", "amperity_id"], orient="row")


def feed(*names: str) -> pl.DataFrame:
    """Make a feed's table."""
    return pl.DataFrame({"_pk": [f"K-{n}" for n in range(len(names))], "first_name": list(names)})


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    """An installation in which nothing is published."""
    return Installation(tmp_path)


def told(installation: Installation) -> DataConsequence:
    """Ask."""
    return data_consequence(installation.state, installation.lake, SANDBOX)


def test_before_anything_is_published_nothing_is_known(installation: Installation) -> None:
    """First production must publish, then the sandbox; the command is named."""
    installation.apply(PRODUCTION, TENANT)
    installation.apply(ENVIRONMENT, LOWERED)
    assert told(installation) == DataConsequence(unknown=NOBODY_READS)
    installation.publish(PRODUCTION, TENANT, {IDS: ids(ANN, BOB)})
    assert "built nothing yet: ./cdp run --sandbox vip refresh" in told(installation).unknown


def test_a_sandbox_that_was_not_run_since_its_apply_tells_nothing(installation: Installation) -> None:
    """What it shows is production's data still; the plan says what to do."""
    shared = installation.publish(PRODUCTION, TENANT, {IDS: ids(ANN, BOB)})
    installation.publish(ENVIRONMENT, TENANT, {}, shared=shared)
    installation.apply(ENVIRONMENT, LOWERED)
    found = told(installation)
    assert found.difference is None
    before, after = fingerprints(TENANT), fingerprints(LOWERED)
    built = sum(before[name] != now for name, now in after.items() if name.layer != "query")
    assert f"{built} tables" in found.unknown
    assert found.unknown.endswith("./cdp run --sandbox vip refresh")


def test_people_are_counted_and_shown_without_a_value(installation: Installation) -> None:
    """Two are merged; the plan keeps it as plain values, and reads it back as it was."""
    installation.publish(PRODUCTION, TENANT, {IDS: ids(ANN, BOB, BOB)})
    installation.publish(ENVIRONMENT, TENANT, {IDS: ids(ANN, ANN, ANN)})
    found = told(installation)
    assert found.difference is not None
    assert found.difference.identity is not None
    counts = found.difference.identity.counts
    assert (counts.people_before, counts.people_after, counts.merged, counts.merged_from) == (2, 1, 1, 2)
    assert [one.size for one in found.difference.identity.merges] == [3]
    [table] = found.difference.tables
    assert (table.rows.changed, table.rows.examples) == (2, ())
    text = json.dumps(found.to_json())
    assert [value for value in (ANN, BOB, "K-1", "K-2") if value in text] == []
    assert json.dumps(told(installation).to_json()) == text
    assert read_consequence(json.loads(text)) == found
    with pytest.raises(ValueError, match="identity"):
        read_consequence(json.loads(text.replace('"counts"', '"others"')))


def test_what_production_has_loaded_meanwhile_is_no_consequence(installation: Installation) -> None:
    """A table that the sandbox shares stays production's own, at production's version."""
    shared = installation.publish(PRODUCTION, TENANT, {FEED: feed("Ann"), IDS: ids(ANN)})
    installation.publish(ENVIRONMENT, TENANT, {IDS: ids(BOB)}, shared={FEED: shared[FEED]})
    installation.publish(PRODUCTION, TENANT, {FEED: feed("Ann", "Bob")})
    found = told(installation).difference
    assert found is not None
    assert [table.table for table in found.tables] == [IDS]
    assert found.same_version == (FEED,)
    assert [note for note in found.notes if FEED in note and "another version" in note]


def test_a_large_tables_rows_are_only_counted(installation: Installation) -> None:
    """A plan takes no longer for it; nobody claims that it is the same, and people are compared whole."""
    installation.publish(PRODUCTION, TENANT, {FEED: feed(*["Ann"] * 9), IDS: ids(ANN, BOB)})
    installation.publish(ENVIRONMENT, TENANT, {FEED: feed(*["Eve"] * 8), IDS: ids(ANN, ANN)})
    options = replace(IN_A_PLAN, sample_above=8)
    found = data_consequence(installation.state, installation.lake, SANDBOX, options=options)
    assert found.difference is not None
    tables = {one.table: one for one in found.difference.different}
    assert (tables[FEED].before, tables[FEED].after, tables[FEED].rows) == (9, 8, RowChanges())
    assert tables[IDS].rows.changed == 1
    text = "\n".join(consequence_lines(found))
    assert "The rows of 1 large table were only counted: ./cdp diff --sandbox vip" in text
    assert re.search(rf"{FEED} +9 +8 +\? +\? +\?", text)
    assert "2 merged into 1" in text
    assert read_consequence(found.to_json()) == found
