"""The pitfalls of other systems, by number and name: each a test that ours does not fall into it.

The numbers are those of section 5 of the reference on plan and apply; every docstring names the thread. Here are the
pitfalls of what a plan says; those of applies and of tables are in the files beside. Where another test shows the
same thing already, ELSEWHERE says which.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.config.resources import folders
from cdp_assets.environments.comment import MOST_CHARACTERS
from cdp_assets.environments.diff import ResourceChange
from cdp_assets.environments.plan import Plan, PlannedChange
from cdp_assets.environments.plan_text import markdown, render
from cdp_assets.home import REPOSITORY
from tests.integration.environments.pitfalls import CUSTOMER_360, ONE_OF_EACH, apply, files_plan
from tests.integration.environments.shop import NEW_COLUMN, SANDBOX, SQL, Shop

ELSEWHERE = {
    4: ("unit/cli/test_plan_apply.py", "test_applying_nothing_writes_nothing"),
    5: ("integration/environments/test_files_follow.py", "test_a_protected_feed_goes_in_two_steps"),
    6: (
        "integration/environments/test_apply_killed.py",
        "test_killed_anywhere_production_is_the_old_or_the_new_and_recovery_settles_it",
    ),
    9: (
        "integration/environments/test_sandbox_promoted.py",
        "test_a_promotion_that_would_break_production_as_a_whole_is_refused",
    ),
    11: ("integration/environments/test_janitor.py", "test_one_that_cannot_be_removed_stops_no_other"),
    15: ("journey/test_privacy.py", "test_no_known_value_stands_in_a_plan_or_in_the_printed_lines"),
    16: ("integration/environments/test_apply_killed.py", "test_a_process_that_was_taken_over_cannot_swap_any_more"),
    19: ("integration/state/test_processes.py", "test_processes_that_open_an_empty_state_together_migrate_it_once"),
    20: ("integration/up/test_platform.py", "test_a_sandbox_has_a_location_at_once_and_leaves_production_alone"),
}
"""Pitfall -> the file and the test that show more of it than the one here."""


def test_every_pitfall_has_its_test() -> None:
    texts = [path.read_text() for path in Path(__file__).parent.glob("test_pitfalls*.py")]
    numbers = [int(number) for text in texts for number in re.findall(r"^def test_pitfall_(\d\d)_", text, re.MULTILINE)]
    assert sorted(numbers) == list(range(1, 21))
    for file, name in ELSEWHERE.values():
        assert f"def {name}(" in (REPOSITORY / "tests" / file).read_text(), name


def test_pitfall_05_protection_outlives_its_file_and_the_plan_still_prints(shop: Shop) -> None:
    """hashicorp/terraform#17599 and #16392: the flag went with the block, and the plan said nothing but that."""
    (shop.config / "feeds/products_products.yaml").unlink()
    (shop.config / "couriers/products.yaml").unlink()
    shop.edit("courier_groups/daily.yaml", "products", "pos")
    text = render(files_plan(shop))
    assert "# (because feed.products_products is not in configuration)" in text
    assert "feed.products_products: protected. Expected two steps" in text
    assert "Tables to retire:" in text


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
