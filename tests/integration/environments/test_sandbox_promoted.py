"""What of a sandbox goes to production, and what stops it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cdp_assets.state.database import State
from cdp_assets.state.leases import lease
from tests.integration.environments.sandboxed import FEED, STITCH, Sandboxed, promoted


def test_a_change_goes_to_production_in_its_own_line_and_comments_stay(engineer: Sandboxed) -> None:
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    engineer.change(STITCH, "stitched_tables:", "# ours\nstitched_tables:")
    before = engineer.text(STITCH)
    assert engineer.run("apply", "--sandbox", "s", "--yes").exit_code == 0
    assert promoted(engineer) == 0
    assert engineer.text(STITCH) == before.replace("threshold: 3", "threshold: 4")
    assert engineer.run("plan").exit_code == 0
    assert engineer.run("plan", "--promote", "s").exit_code == 0


def test_edits_that_the_sandbox_has_not_applied_are_not_promoted(engineer: Sandboxed) -> None:
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    engineer.run("apply", "--sandbox", "s", "--yes")
    engineer.change(STITCH, "threshold: 4", "threshold: 5", sandbox=True)
    assert promoted(engineer) == 1
    assert "threshold: 3" in engineer.text(STITCH)


def test_what_production_changed_meanwhile_stays(engineer: Sandboxed) -> None:
    """An old branch would take it back; a three-way merge does not."""
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    engineer.run("apply", "--sandbox", "s", "--yes")
    engineer.change(FEED, "description: Cust", "description: Our cust")
    assert engineer.run("apply", "--yes").exit_code == 0
    assert promoted(engineer) == 0
    assert "description: Our cust" in engineer.text(FEED)
    assert "threshold: 4" in engineer.text(STITCH)


def test_every_exit_code_has_its_case(engineer: Sandboxed, tmp_path: Path) -> None:
    """0 nothing, 1 an error, 2 changes, 3 conflicts, 4 stale, 5 locked, 6 denied."""
    saved = tmp_path / "p.json"
    assert engineer.run("plan").exit_code == 0
    assert engineer.run("plan", "--sandbox", "nowhere").exit_code == 1
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    engineer.run("apply", "--sandbox", "s", "--yes")
    assert engineer.run("plan", "--promote", "s", "-o", str(saved)).exit_code == 2
    engineer.change(STITCH, "threshold: 3", "threshold: 2")
    locked = tmp_path / "locked.json"
    engineer.run("plan", "-o", str(locked))
    with lease(State.open(engineer.home.state), "apply:production", holder="ben"):
        assert engineer.run("apply", str(locked)).exit_code == 5
    assert engineer.run("apply", str(locked)).exit_code == 0
    assert engineer.run("apply", str(saved)).exit_code == 4
    assert engineer.run("plan", "--promote", "s").exit_code == 3
    (engineer.config / "users").mkdir()
    (engineer.config / "users" / "chief.yaml").write_text("full_name: Chief\npolicies: [DataGrid Administrator]\n")
    assert engineer.run("apply", "--yes").exit_code == 0
    engineer.change(STITCH, "threshold: 2", "threshold: 1")
    assert engineer.run("apply", "--yes").exit_code == 6


def test_a_promotion_that_would_break_production_as_a_whole_is_refused(engineer: Sandboxed) -> None:
    """Each side is right, field by field nothing conflicts, and together they are wrong."""
    path = engineer.folder / "queries"
    (path / "late.yaml").write_text("description: x\ndatabase: customer_360\n")
    (path / "late.sql").write_text("SELECT amperity_id FROM customer_attributes\n")
    assert engineer.run("apply", "--sandbox", "s", "--yes").exit_code == 0
    for name in ("customer_attributes", "customer_labels"):
        for ending in ("yaml", "sql"):
            (engineer.config / "databases" / "customer_360" / f"{name}.{ending}").unlink()
    sent = [
        "orchestration_groups/partner_tables",
        "orchestrations/send_customer_tables",
        "data_exports/customer_tables",
    ]
    for name in ("campaigns/win_back", "segments/high_value_lapsing", *sent):
        (engineer.config / f"{name}.yaml").unlink()
    for name in ("high_value_customers", "lifecycle_summary"):
        (engineer.config / "queries" / f"{name}.sql").write_text("SELECT amperity_id FROM customer_360\n")
    assert engineer.run("apply", "--yes").exit_code == 0
    refused = engineer.run("plan", "--promote", "s")
    assert refused.exit_code == 1
    assert "customer_attributes" in refused.output


def test_tables_that_nobody_has_run_together_are_named(engineer: Sandboxed) -> None:
    sql = "databases/customer_360/customer_360.sql"
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    engineer.run("apply", "--sandbox", "s", "--yes")
    engineer.change(sql, "c.gender,", "c.gender,\n  UPPER(c.state) AS region,")
    engineer.run("apply", "--yes")
    found = json.loads(engineer.run("plan", "--promote", "s", "--json").output)["not_tested_together"]
    assert "database__customer_360.customer_360" in found
    assert "stitch.stitch_ids" not in found


def test_a_promotion_is_stale_when_the_sandbox_or_production_moves(engineer: Sandboxed) -> None:
    saved = engineer.config.parent / "p.json"
    for sandbox in (True, False):
        engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
        engineer.run("apply", "--sandbox", "s", "--yes")
        assert engineer.run("plan", "--promote", "s", "-o", str(saved)).exit_code == 2
        if sandbox:
            engineer.change(FEED, "description: C", "description: x C", sandbox=True)
            engineer.run("apply", "--sandbox", "s", "--yes")
        else:
            engineer.change(FEED, "description: C", "description: y C")
            engineer.run("apply", "--yes")
        before = engineer.serial()
        assert engineer.run("apply", str(saved)).exit_code == 4
        assert engineer.serial() == before
        engineer.change(STITCH, "threshold: 4", "threshold: 3", sandbox=True)


def test_approval_is_by_somebody_else_and_for_one_plan(
    engineer: Sandboxed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engineer.change("tenant.yaml", "name:", "approval_required: true\nname:")
    assert engineer.run("apply", "--yes").exit_code == 0
    engineer.change(STITCH, "threshold: 3", "threshold: 4")
    saved = tmp_path / "p.json"
    monkeypatch.setenv("CDP_USER", "ann")
    assert "somebody else approves it: ./cdp approve" in engineer.run("plan", "-o", str(saved)).output
    assert engineer.run("apply", str(saved)).exit_code == 1
    assert engineer.run("approve", str(saved)).exit_code == 1
    monkeypatch.setenv("CDP_USER", "ben")
    assert engineer.run("approve", str(saved)).exit_code == 0
    monkeypatch.setenv("CDP_USER", "ann")
    assert engineer.run("apply", str(saved)).exit_code == 0
    assert "approved by ben (unauthenticated)" in engineer.run("history").output
    assert "somebody else approves it" in engineer.run("rollback", "-o", str(saved)).output
    assert engineer.run("apply", str(saved)).exit_code == 1


def test_the_comment_on_a_pull_request_is_written_to_a_file(engineer: Sandboxed, tmp_path: Path) -> None:
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    comment = tmp_path / "comment.md"
    assert engineer.run("plan", "--sandbox", "s", "--markdown", str(comment)).exit_code == 2
    text = comment.read_text()
    assert text.startswith("<!-- cdp-plan:sandbox__s -->")
    assert "~ threshold: 3.0 -> 4.0" in text
