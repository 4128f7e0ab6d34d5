"""Pitfalls of other systems, where tables are shared, left behind or taken away: ours falls into none."""

from __future__ import annotations

import re

import pytest
from deltalake import DeltaTable

from cdp_assets.config.loader import load_tenant
from cdp_assets.config.tenant_files import texts_of
from cdp_assets.environments.apply import Options, apply_plan
from cdp_assets.environments.janitor import collect
from cdp_assets.environments.planning import make_plan
from cdp_assets.environments.sandboxes import bindings_of, create, delete
from cdp_assets.errors import ConfigErrors, StateError
from cdp_assets.home import REPOSITORY
from cdp_assets.names import PRODUCTION, sandbox_environment
from cdp_assets.state import physical_tables, publications, sandboxes
from tests.integration.environments.pitfalls import ATTRIBUTES, CUSTOMER_360, apply, files_plan, hashes
from tests.integration.environments.shop import NEW_COLUMN, SANDBOX, SQL, Shop


def test_pitfall_08_a_child_of_a_harmless_change_does_not_keep_a_table_that_the_janitor_takes(shop: Shop) -> None:
    """SQLMesh/sqlmesh#4414: its view stayed on the old table, which was dropped. There are no views here: who
    reads a changed table has another fingerprint, so another path, and a publication names them all."""
    before = shop.view().entries
    shop.edit(SQL, *NEW_COLUMN)
    apply(shop, files_plan(shop))
    after = shop.view().entries
    assert after[CUSTOMER_360][0] != before[CUSTOMER_360][0]
    assert after[ATTRIBUTES][0] != before[ATTRIBUTES][0]
    for _ in range(2):
        collect(shop.state, shop.lake, "ann", dry_run=False)
    assert not shop.mixed(shop.view())


def test_pitfall_09_a_renamed_table_or_column_does_not_break_its_readers_in_silence(shop: Shop) -> None:
    """SQLMesh/sqlmesh#706: nothing said that the children read what was gone."""
    shop.edit(SQL, "c.city,", "c.city AS town,", sandbox=True)
    with pytest.raises(
        ConfigErrors, match=r"customer_attributes\.sql, line \d+, column \d+: reads c\.city, which is absent"
    ):
        shop.apply_sandbox()
    for suffix in ("sql", "yaml"):
        folder = shop.config / "databases" / "customer_360"
        (folder / f"customer_attributes.{suffix}").rename(folder / f"attributes.{suffix}")
    with pytest.raises(ConfigErrors, match="customer_attributes is absent"):
        load_tenant(shop.config)


def test_pitfall_10_a_run_of_a_sandbox_writes_no_table_of_production(shop: Shop) -> None:
    """SQLMesh/sqlmesh#4292: a restatement in dev changed the table that production shared."""
    before, view = hashes(shop.lake / PRODUCTION), shop.view()
    shop.edit("stitch.yaml", "threshold: 3", "threshold: 4", sandbox=True)
    shop.apply_sandbox()
    shop.publish(SANDBOX)
    assert hashes(shop.lake / PRODUCTION) == before
    assert shop.view() == view
    path, _ = view.entries[CUSTOMER_360]
    with pytest.raises(StateError, match="owned by production"), shop.state.write() as conn:
        physical_tables.register(conn, path, CUSTOMER_360, "f", SANDBOX)


def test_pitfall_11_deleting_one_sandbox_takes_nothing_of_another(shop: Shop) -> None:
    """SQLMesh/sqlmesh#4464, #5802, #5810, #5263: one failed drop blocked all, one deletion took others with it,
    and previews were never collected."""
    other = sandbox_environment("other")
    create(shop.state, shop.sandboxes, "other", user="ben", texts=texts_of(shop.config))
    folder = shop.sandboxes / "other"
    (folder / SQL).write_text((folder / SQL).read_text().replace("c.gender,", "c.gender,\n  1 AS other,"))
    plan = make_plan(shop.state, load_tenant(folder), other, user="ben")
    apply_plan(shop.state, plan, "ben", Options(bindings=bindings_of(folder)), shop.ports())
    shop.publish(other)
    with shop.state.read() as conn:
        found = sandboxes.get(conn, SANDBOX)
    delete(shop.state, shop.folder, found, user="ann")
    doomed = [one.table.path for one in collect(shop.state, shop.lake, "ann")]
    assert doomed
    assert all(path.startswith(f"{SANDBOX}/") for path in doomed)


def test_pitfall_12_every_physical_version_of_a_table_is_in_the_ledger(shop: Shop) -> None:
    """SQLMesh/sqlmesh#5114: a person's rows live on in versions that nobody lists. Deleting asks the ledger."""
    apply_plan(shop.state, shop.promotion(), "ann", Options(), shop.ports())
    shop.edit("stitch.yaml", "threshold: 3", "threshold: 4")
    apply(shop, files_plan(shop))
    on_disk = {str(log.parent.relative_to(shop.lake)) for log in shop.lake.rglob("_delta_log")}
    with shop.state.read() as conn:
        known = {one.path: one.table for one in physical_tables.all_tables(conn)}
    assert on_disk <= known.keys()
    assert len([path for path, table in known.items() if table == CUSTOMER_360]) == 3


def test_pitfall_13_a_sandbox_that_lags_is_caught_up_and_not_taken_as_it_is(shop: Shop) -> None:
    """SQLMesh/sqlmesh#5201: an old environment was planned against data that it did not have."""
    assert {one.action for one in shop.promotion().tables} == {"reuse"}
    shop.publish(PRODUCTION)
    lagging = {one.table: (one.action, one.reason) for one in shop.promotion().tables}
    action, reason = lagging[str(CUSTOMER_360)]
    assert action == "catch_up"
    assert "built from another version of" in reason


def test_pitfall_20_nothing_rests_on_what_dagster_gets_wrong() -> None:
    """dagster-io/dagster#18534, #33708, #34168, mitodl/ol-data-platform#2633, and `dg check yaml`: keys that are in
    two locations, conditions that get stuck, partitions by the thousand, a check that reads one file of each kind."""
    sources = [path.read_text() for path in (REPOSITORY / "cdp_assets").rglob("*.py")]
    for word in ("AutomationCondition", "DynamicPartitionsDefinition", "AutoMaterializePolicy", "check yaml"):
        assert not [text for text in sources if word in text], word
    graph = (REPOSITORY / "tests" / "graph" / "acme.txt").read_text().splitlines()
    keys = [line.strip().removeprefix("<- ") for line in graph if re.match(r"\w+/|    ", line)]
    assert keys
    assert [key for key in keys if not key.startswith(f"{PRODUCTION}/")] == []


def test_the_shops_tables_are_real_delta_tables(shop: Shop) -> None:
    """Otherwise the hashes and versions above would show little."""
    path, version = shop.view().entries[CUSTOMER_360]
    assert DeltaTable(shop.lake / path, version=version).to_pyarrow_table().num_rows == 1
    with shop.state.read() as conn:
        assert publications.current(conn, SANDBOX) is not None
