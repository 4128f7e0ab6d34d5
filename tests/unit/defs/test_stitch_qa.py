"""A tenant with a Stitch QA database has an asset per query; nobody else pays for them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.tenant import Tenant
from cdp_assets.defs import keys
from cdp_assets.defs.platform import Platform, Revision
from cdp_assets.defs.stitch_qa import plotted, qa_assets
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.home import Home
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state import environments, publications, revisions
from cdp_assets.state import tables as tables_of_state
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry
from tests.unit.environments.edits import TENANT, edited
from tests.unit.stitch.qa.world import tables


def quality(document: dict[str, Any]) -> None:
    document["databases"]["quality"] = {"name": "quality", "template": "stitch_qa"}


def revision(tenant: Tenant) -> Revision:
    return Revision(PRODUCTION, "r", tenant, build_catalog(tenant), fingerprints(tenant), frozenset())


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An installation that has published a few records."""
    home = Home(tmp_path)
    home.make()
    names = {"unified_coalesced": "unified", "unified_scores": "unified", "detailed_examples": "stitch"}
    entries = [
        Entry(TableName(names[name], name), name, delta.overwrite(home.lake / name, rows, "made"), {})
        for name, rows in tables().items()
    ]
    with State.open(home.state).write() as conn:
        environments.get_or_create(conn, PRODUCTION)
        number = publications.insert(
            conn, environment=PRODUCTION, parent_id=None, run_id="r", business_date=dt.date(2026, 11, 20),
            revision_id=revisions.put(conn, {"name": "t"}, created_by="ann", message=""), entries=entries,
        )  # fmt: skip
        conn.execute(tables_of_state.environment.update().values(publication_id=number))
    return home


def test_a_tenant_without_such_a_database_has_none() -> None:
    assert qa_assets(revision(TENANT)) == []
    assert len(qa_assets(revision(edited(quality)))) == 18


def test_each_follows_the_tables_that_it_reads() -> None:
    made = {asset.key.path[-1]: asset for asset in qa_assets(revision(edited(quality)))}
    coalesced = keys.asset_key(PRODUCTION, TableName("unified", "unified_coalesced"))
    assert made["many_ids"].asset_deps[made["many_ids"].key] == {coalesced}
    examples = keys.asset_key(PRODUCTION, TableName("stitch", "detailed_examples"))
    assert made["detailed_examples"].asset_deps[made["detailed_examples"].key] == {examples}


def test_all_are_answered_and_show_nobody(home: Home) -> None:
    assets = qa_assets(revision(edited(quality)))
    platform = Platform(home_path=str(home.root), environment=PRODUCTION)
    ran = dg.materialize(assets, resources={"platform": platform})
    found = {
        one.asset_key.path[-1]: one.metadata
        for one in (event.materialization for event in ran.get_asset_materialization_events())
    }
    assert ran.success
    assert found["many_ids"]["dagster/row_count"].value == 3
    assert "Oak" not in str(found["many_ids"]["preview"].value)
    assert str(found["cluster_size_distribution"]["plot"].value).startswith("![How many people")
    assert "plot" not in found["combined_statistics"]


def test_an_answer_without_a_count_beside_names_has_no_bars() -> None:
    assert plotted([{"amperity_id": "a", "score": 1.0}, {"amperity_id": "b", "score": 2.0}]) is None
    assert plotted([{"people": 1}, {"people": 2}]) is None
