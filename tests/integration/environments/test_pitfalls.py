"""The pitfalls of other systems, by number and name: each a test that ours does not fall into it.

The numbers are those of section 5 of the reference on plan and apply; every docstring names the thread. Where
another test shows the same thing already, ELSEWHERE says which.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from deltalake import DeltaTable

from cdp_assets.config.loader import load_tenant
from cdp_assets.config.resources import folders
from cdp_assets.config.tenant_files import texts_of
from cdp_assets.environments.apply import Options, Ports, apply_plan, lease_name, recover
from cdp_assets.environments.comment import MOST_CHARACTERS
from cdp_assets.environments.diff import ResourceChange
from cdp_assets.environments.janitor import collect
from cdp_assets.environments.plan import Plan, PlannedChange
from cdp_assets.environments.plan_text import markdown, render
from cdp_assets.environments.planning import make_plan
from cdp_assets.environments.sandboxes import bindings_of, create, delete
from cdp_assets.environments.staging import Staged
from cdp_assets.errors import ConfigErrors, LockedError, StalePlanError, StateError
from cdp_assets.home import REPOSITORY
from cdp_assets.names import PRODUCTION, TableName, sandbox_environment
from cdp_assets.state import applies, environments, leases, physical_tables, publications, sandboxes, sqlite
from cdp_assets.state.database import State, connect
from cdp_assets.state.leases import lease
from tests.integration.environments.shop import NEW_COLUMN, SANDBOX, SQL, Shop, TinyBuilder

ELSEWHERE = {
    4: ("unit/cli/test_plan_apply.py", "test_applying_nothing_writes_nothing"),
    5: ("integration/environments/test_sandbox.py", "test_a_protected_feed_goes_in_two_steps"),
    6: (
        "integration/environments/test_apply_killed.py",
        "test_killed_anywhere_production_is_the_old_or_the_new_and_recovery_settles_it",
    ),
    9: (
        "integration/environments/test_sandbox.py",
        "test_a_promotion_that_would_break_production_as_a_whole_is_refused",
    ),
    11: ("integration/environments/test_janitor.py", "test_one_that_cannot_be_removed_stops_no_other"),
    15: ("journey/test_privacy.py", "test_no_known_value_stands_in_a_plan_or_in_the_printed_lines"),
    16: ("integration/environments/test_apply_killed.py", "test_a_process_that_was_taken_over_cannot_swap_any_more"),
    19: ("integration/state/test_processes.py", "test_processes_that_open_an_empty_state_together_migrate_it_once"),
    20: ("integration/up/test_platform.py", "test_a_sandbox_has_a_location_at_once_and_leaves_production_alone"),
}
"""Pitfall -> the file and the test that show more of it than the one here."""
CUSTOMER_360 = TableName("database__customer_360", "customer_360")
ATTRIBUTES = TableName("database__customer_360", "customer_attributes")
ONE_OF_EACH = {
    "alerts/ops.yaml": "receiver: {kind: slack, webhook: 'secret://env/SHOP_SLACK'}\nevents: [failure]\n",
    "credentials/sftp.yaml": "type: sftp\nsecrets:\n  username: secret://env/SHOP_SFTP_USER\n"
    "  password: secret://env/SHOP_SFTP_PASSWORD\n",
    "data_exports/all.yaml": "database: customer_360\ntables: [customer_360]\n",
    "orchestration_groups/nightly.yaml": "orchestrations: [send_lifecycle_summary]\nschedule: 30 2 * * *\n",
    "ingest_queries/till.yaml": "description: Cuts lines.\n",
    "ingest_queries/till.sql": "SELECT SUBSTR(_c0, 1, 8) AS id FROM receipts\n",
    "policies/readers.yaml": "statements:\n  - {effect: allow, actions: [database:edit], resources: ['*']}\n",
    "resource_groups/west.yaml": "databases: [customer_360]\n",
    "users/ann.yaml": "full_name: Ann Lee\npolicies: [DataGrid Administrator]\n",
}


def serial(shop: Shop) -> int:
    with shop.state.read() as conn:
        found = environments.get(conn, PRODUCTION)
    assert found is not None
    return found.serial


def files_plan(shop: Shop) -> Plan:
    return make_plan(shop.state, load_tenant(shop.config), PRODUCTION, user="ann", lake=shop.lake)


def apply(shop: Shop, plan: Plan, ports: Ports | None = None) -> None:
    apply_plan(shop.state, plan, "ann", Options(files=texts_of(shop.config)), ports or shop.ports())


def hashes(folder: Path) -> dict[str, str]:
    """Give the hash of every file below a folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


class Watched:
    """A builder that looks around before it builds."""

    def __init__(self, shop: Shop, look: Callable[[str, Staged], None] = lambda *_: None) -> None:
        self._builder, self._look = TinyBuilder(shop), look
        self.calls = 0

    def build(self, apply_id: str, staged: Staged) -> None:
        self.calls += 1
        self._look(apply_id, staged)
        self._builder.build(apply_id, staged)


def watched(shop: Shop, look: Callable[[str, Staged], None] = lambda *_: None) -> tuple[Watched, Ports]:
    builder = Watched(shop, look)
    return builder, replace(shop.ports(), builder=builder)


def test_every_pitfall_has_its_test() -> None:
    mine = {int(found[1]) for name in globals() if (found := re.match(r"test_pitfall_(\d\d)_", name))}
    assert mine == set(range(1, 21))
    for file, name in ELSEWHERE.values():
        assert f"def {name}(" in (REPOSITORY / "tests" / file).read_text(), name


def test_pitfall_01_staleness_is_found_before_the_work_and_inside_the_swap(shop: Shop) -> None:
    """SQLMesh/sqlmesh#3866: looked for only after the backfill, which was done twice."""
    shop.edit(SQL, *NEW_COLUMN)
    old = files_plan(shop)
    builder, ports = watched(shop)
    shop.edit("stitch.yaml", "threshold: 3", "threshold: 4")
    apply(shop, files_plan(shop))
    with pytest.raises(StalePlanError):
        apply(shop, old, ports)
    assert builder.calls == 0

    def somebody_applies(_apply_id: str, _staged: Staged) -> None:
        with shop.state.write() as conn:
            now = environments.get_or_create(conn, PRODUCTION)
            environments.swap(
                conn,
                PRODUCTION,
                lineage=now.lineage,
                serial=now.serial,
                revision_id=now.revision_id or "",
                plan_id="another",
                applied_by="ben",
                source="files",
                message="",
                publication_before=now.publication_id,
                publication_after=now.publication_id,
            )

    shop.edit(SQL, "AS region", "AS area")
    view = shop.view()
    builder, ports = watched(shop, somebody_applies)
    with pytest.raises(StalePlanError):
        apply(shop, files_plan(shop), ports)
    assert builder.calls == 1
    assert shop.view() == view


def test_pitfall_02_the_very_first_plan_carries_lineage_and_serial(tmp_path: Path) -> None:
    """databricks/cli#6221, hashicorp/terraform#27721 and #28703: without a lineage a create was replayed."""
    empty = Shop(tmp_path, str(tmp_path / "state.db"))
    shutil.copytree(REPOSITORY / "tenant_config", empty.config)
    plan = files_plan(empty)
    assert plan.lineage
    assert plan.serial == 0
    apply(empty, plan)
    with pytest.raises(StalePlanError):
        apply(empty, plan)
    assert serial(empty) == 1


def test_pitfall_03_a_refused_stale_plan_leaves_no_lock(shop: Shop) -> None:
    """hashicorp/terraform#28693: the refusal forgot to unlock."""
    shop.edit("stitch.yaml", "threshold: 3", "threshold: 4")
    stale = files_plan(shop)
    apply(shop, files_plan(shop))
    with pytest.raises(StalePlanError):
        apply(shop, stale)
    with shop.state.read() as conn:
        assert leases.held(conn) == []
        assert applies.find_open(conn, PRODUCTION) is None
    shop.edit("stitch.yaml", "threshold: 4", "threshold: 3")
    apply(shop, files_plan(shop))


def test_pitfall_04_neither_an_empty_apply_nor_a_run_makes_a_plan_stale(shop: Shop) -> None:
    """hashicorp/terraform#27827, app-sre/qontract-reconcile#1840: applies without a change raised the serial."""
    shop.edit("feeds/pos_shoppers.yaml", "description: ", "description: now ")
    plan, before = files_plan(shop), serial(shop)
    shutil.copytree(shop.config, shop.root / "kept")
    shop.edit("feeds/pos_shoppers.yaml", "description: now ", "description: ")
    apply(shop, files_plan(shop))
    shop.publish(PRODUCTION)
    assert serial(shop) == before
    shutil.copytree(shop.root / "kept", shop.config, dirs_exist_ok=True)
    apply(shop, plan)
    assert serial(shop) == before + 1


def test_pitfall_05_protection_outlives_its_file_and_the_plan_still_prints(shop: Shop) -> None:
    """hashicorp/terraform#17599 and #16392: the flag went with the block, and the plan said nothing but that."""
    (shop.config / "feeds/products_products.yaml").unlink()
    (shop.config / "couriers/products.yaml").unlink()
    shop.edit("courier_groups/daily.yaml", "products", "pos")
    text = render(files_plan(shop))
    assert "# (because feed.products_products is not in configuration)" in text
    assert "feed.products_products: protected. Expected two steps" in text
    assert "Tables to retire:" in text


def test_pitfall_06_what_is_made_is_written_down_before_it_is_made(shop: Shop) -> None:
    """databricks/cli#4090, #893, #5480: a cut-off deploy left what no state knew of."""
    seen: list[bool] = []

    def look(apply_id: str, staged: Staged) -> None:
        with shop.state.read() as conn:
            known = {one.path for one in physical_tables.all_tables(conn)}
            assert applies.get(conn, apply_id).state == "building"
        seen.append(all(staged.paths[table] in known for table in staged.tables))
        raise KeyboardInterrupt

    shop.edit(SQL, *NEW_COLUMN)
    view = shop.view()
    _, ports = watched(shop, look)
    with pytest.raises(KeyboardInterrupt):
        apply(shop, files_plan(shop), ports)
    assert seen == [True]
    assert shop.view() == view
    with shop.state.read() as conn:
        assert applies.find_open(conn, PRODUCTION) is None


def test_pitfall_07_what_follows_a_swap_may_fail_and_nobody_sees_a_half(shop: Shop) -> None:
    """SQLMesh/sqlmesh#764, #5643, #2130: the state said promoted while the views were half updated."""
    shop.edit(SQL, *NEW_COLUMN)
    plan = files_plan(shop)

    def fails(_: object) -> None:
        raise ConnectionResetError

    ports = replace(shop.ports(), projections={"events": fails})
    with pytest.raises(ConnectionResetError):
        apply(shop, plan, ports)
    assert not shop.mixed(shop.view())
    assert files_plan(shop).is_empty
    assert [one.kind for one in files_plan(shop).drift] == ["apply"]
    assert recover(shop.state, PRODUCTION, "ben", shop.ports()) == "finished"
    assert files_plan(shop).drift == ()


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


def test_pitfall_14_what_is_applied_has_nothing_left_to_plan_for_every_kind_of_resource(shop: Shop) -> None:
    """databricks/cli#4625: the plan recreated what had not changed."""
    for name, text in ONE_OF_EACH.items():
        (shop.config / name).parent.mkdir(exist_ok=True)
        (shop.config / name).write_text(text)
    plan = files_plan(shop)
    assert {one.change.action for one in plan.changes} == {"create"}
    apply(shop, plan)
    tenant = load_tenant(shop.config)
    assert not [name for name in folders().values() if not getattr(tenant, name)]
    assert files_plan(shop).is_empty
    assert files_plan(shop).tables == ()


def test_pitfall_15_no_secret_stands_in_a_plan(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """hashicorp/terraform#27577, ahmadnassri/action-terraform-report#132: plans and comments held passwords."""
    monkeypatch.setenv("SHOP_SFTP_PASSWORD", "a-value-that-nobody-may-see")
    monkeypatch.setenv("SHOP_OTHER_PASSWORD", "another-value-that-nobody-may-see")
    (shop.config / "credentials").mkdir()
    path = shop.config / "credentials" / "sftp.yaml"
    path.write_text(ONE_OF_EACH["credentials/sftp.yaml"])
    made = files_plan(shop)
    apply(shop, made)
    path.write_text(path.read_text().replace("SHOP_SFTP_PASSWORD", "SHOP_OTHER_PASSWORD"))
    changed = files_plan(shop)
    for plan in (made, changed):
        shown = json.dumps(plan.to_json()["resource_changes"]) + render(plan) + markdown(plan)
        assert "SHOP_" not in shown
        assert "(sensitive value)" in shown
        assert "nobody-may-see" not in json.dumps(plan.to_json())
    (change,) = changed.to_json()["resource_changes"]
    assert change["change"]["after_sensitive"] == {"secrets": True}


def test_pitfall_16_a_lock_says_who_holds_it_since_when_and_when_it_ends(shop: Shop) -> None:
    """databricks/cli#478, #2381: a cryptic message, then a forced lock that was not held at its end."""
    shop.edit("stitch.yaml", "threshold: 3", "threshold: 4")
    plan = files_plan(shop)
    with lease(shop.state, lease_name(PRODUCTION), holder="ben, process 7 on till-2"):
        with pytest.raises(LockedError) as refused:
            apply(shop, plan)
        for part in ("apply:production", "ben, process 7 on till-2", "since 20", "frees itself 60 s after"):
            assert part in str(refused.value)
        with shop.state.write() as conn:
            assert leases.break_(conn, lease_name(PRODUCTION))
        apply(shop, plan)
    with shop.state.read() as conn:
        assert leases.held(conn) == []


def test_pitfall_17_a_comment_is_short_marked_and_begins_with_the_summary() -> None:
    """runatlantis/atlantis#55, #3905: comments too long to be taken, and a new one each time."""
    change = ResourceChange("query.q", "create", (), None, {"sql": "SELECT 1"})
    changes = tuple(
        PlannedChange(replace(change, address=f"query.q{one}"), "non_breaking", "new") for one in range(2000)
    )
    plan = Plan(SANDBOX, "files", "l", 1, None, None, "ann", "2026-11-20T10:00:00+00:00", {}, changes)
    text = markdown(plan)
    assert text.startswith(f"<!-- cdp-plan:{SANDBOX} -->\n### Plan for `{SANDBOX}`\n\nPlan: 2000 to add")
    assert len(text) < MOST_CHARACTERS
    assert text.index("<details>") < text.index("… cut:") < text.index("</details>") < text.index("Plan id `")


def test_pitfall_18_what_is_built_now_and_what_the_next_run_makes_stand_apart(shop: Shop) -> None:
    """SQLMesh/sqlmesh#5116: previews and backfills under one heading."""
    shop.edit(SQL, *NEW_COLUMN)
    folder = shop.config / "databases" / "customer_360"
    (folder / "more.yaml").write_text("description: more\n")
    (folder / "more.sql").write_text("SELECT amperity_id FROM customer_360\n")
    text = render(files_plan(shop))
    sections = {one.splitlines()[0]: one for one in text.split("\n\n") if one.startswith("Tables ")}
    assert f"  {CUSTOMER_360} " in sections["Tables to build before the swap:"]
    assert "  database__customer_360.more " in sections["Tables to be built by the next run:"]
    assert "more" not in sections["Tables to build before the swap:"]


def test_pitfall_19_a_migration_waits_for_whoever_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLMesh/sqlmesh#1383: a migration beside an apply corrupted the state. Every step of an apply and every
    migration is one transaction under the one writer's lock."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 100)
    where = tmp_path / "state.db"
    with State(connect(where)).write(), pytest.raises(LockedError, match="has been writing"):
        State.open(where)
    assert State.open(where).engine.dialect.name == "sqlite"


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
