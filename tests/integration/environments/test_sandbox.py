"""`cdp sandbox`, promotion and rollback as an engineer uses them, before anything is published."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.state import environments
from cdp_assets.state.database import State
from cdp_assets.state.leases import lease
from tests.unit.cli.test_plan_apply import Engineer

STITCH, FEED = "stitch.yaml", "feeds/ecom_customers.yaml"


class Sandboxed(Engineer):
    """An engineer with a sandbox `s`."""

    @property
    def folder(self) -> Path:
        return self.config.parent / "sandboxes" / "s"

    def copy(self, root: Path) -> Sandboxed:
        """Give an engineer who has a copy of everything."""
        shutil.copytree(self.config.parent, root)
        copied = copy.copy(self)
        copied.config, copied.home = root / self.config.name, Home(root / self.home.root.name)
        return copied

    def change(self, name: str, old: str, new: str, *, sandbox: bool = False) -> None:
        """Edit a file of production or of the sandbox."""
        path = (self.folder if sandbox else self.config) / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    def text(self, name: str) -> str:
        return (self.config / name).read_text()

    def git(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.config.parent), "-c", "user.name=a", "-c", "user.email=a@b", *arguments]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout

    def serial(self) -> int:
        with State.open(self.home.state).read() as conn:
            found = environments.get(conn, PRODUCTION)
        assert found is not None
        return found.serial


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Sandboxed:
    """An engineer who has applied the demo tenant and made the sandbox."""
    made = Sandboxed(tmp_path_factory.mktemp("first"))
    assert made.run("apply", "--yes").exit_code == 0
    assert made.run("sandbox", "create", "s", "--description", "a try").exit_code == 0
    return made


@pytest.fixture
def engineer(first: Sandboxed, tmp_path: Path) -> Sandboxed:
    """Another with the same, made once for all tests."""
    return first.copy(tmp_path / "another")


def promoted(engineer: Sandboxed, *arguments: str) -> int:
    saved = engineer.config.parent / "p.json"
    planned = engineer.run("plan", "--promote", "s", "-o", str(saved))
    if planned.exit_code != 2:
        return planned.exit_code
    return engineer.run("apply", str(saved), *arguments).exit_code


def test_a_new_sandbox_has_nothing_to_change(engineer: Sandboxed) -> None:
    assert engineer.run("plan", "--sandbox", "s").exit_code == 0
    assert engineer.run("plan", "--promote", "s").exit_code == 0
    assert (engineer.folder / FEED).read_text() == engineer.text(FEED)
    assert json.loads(engineer.run("sandbox", "list", "--json").output)[0]["updates"] == 0


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


def test_a_conflict_stops_the_promotion_until_it_is_resolved_and_pulled(engineer: Sandboxed) -> None:
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    engineer.run("apply", "--sandbox", "s", "--yes")
    engineer.change(STITCH, "threshold: 3", "threshold: 2")
    engineer.run("apply", "--yes")
    planned = engineer.run("plan", "--promote", "s", "--json")
    assert planned.exit_code == 3
    (conflict,) = json.loads(planned.output)["conflicts"]
    assert (conflict["place"], conflict["base"], conflict["production"], conflict["sandbox"]) == (
        "stitch:threshold",
        3.0,
        2.0,
        4.0,
    )
    assert "stitch:threshold" in engineer.run("sandbox", "pull", "s").output
    assert engineer.run("sandbox", "resolve", "s", "stitch:threshold", "--take", "sandbox").exit_code == 0
    assert engineer.run("sandbox", "pull", "s").exit_code == 0
    assert "threshold: 4" in (engineer.folder / STITCH).read_text()
    engineer.run("apply", "--sandbox", "s", "--yes")
    assert promoted(engineer) == 0
    assert "threshold: 4" in engineer.text(STITCH)


def test_of_two_sandboxes_that_touch_one_feed_the_second_is_stopped_until_it_has_pulled(engineer: Sandboxed) -> None:
    """The conflict is the one field that both changed; what only one of them changed is merged by itself."""
    assert engineer.run("sandbox", "create", "t").exit_code == 0
    second = engineer.folder.parent / "t" / FEED
    engineer.change(
        FEED, "{name: gender, type: string,", "{name: gender, type: string, description: as said,", sandbox=True
    )
    engineer.change(FEED, "description: Customer accounts", "description: All accounts", sandbox=True)
    text = second.read_text()
    text = text.replace("{name: gender, type: string,", "{name: gender, type: string, description: as guessed,")
    second.write_text(text.replace("{name: phone, type: string,", "{name: phone, type: string, description: any,"))
    for name in ("s", "t"):
        assert engineer.run("apply", "--sandbox", name, "--yes").exit_code == 0
    assert promoted(engineer) == 0

    stopped = engineer.run("plan", "--promote", "t", "--json")
    assert stopped.exit_code == 3
    (conflict,) = json.loads(stopped.output)["conflicts"]
    assert conflict == {
        "place": "feed.ecom_customers:fields.gender.description",
        "kind": "modify/modify",
        "base": "",
        "production": "as said",
        "sandbox": "as guessed",
        "taken": None,
    }
    saved = engineer.config.parent / "t.json"
    assert engineer.run("plan", "--promote", "t", "-o", str(saved)).exit_code == 3
    before = engineer.serial()
    refused = engineer.run("apply", str(saved))
    assert refused.exit_code == 3
    assert conflict["place"] in refused.output
    assert engineer.serial() == before
    assert engineer.run("sandbox", "pull", "t").exit_code == 3

    assert engineer.run("sandbox", "resolve", "t", conflict["place"], "--take", "sandbox").exit_code == 0
    assert engineer.run("sandbox", "pull", "t").exit_code == 0
    assert engineer.run("apply", "--sandbox", "t", "--yes").exit_code == 0
    assert engineer.run("plan", "--promote", "t", "-o", str(saved)).exit_code == 2
    assert engineer.run("apply", str(saved)).exit_code == 0
    promoted_text = engineer.text(FEED)
    for part in ("description: as guessed", "description: any", "description: All accounts"):
        assert part in promoted_text
    assert engineer.run("plan", "--promote", "t").exit_code == 0


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


def test_a_resolution_expires_when_production_moves_again(engineer: Sandboxed) -> None:
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    engineer.run("apply", "--sandbox", "s", "--yes")
    engineer.change(STITCH, "threshold: 3", "threshold: 2")
    engineer.run("apply", "--yes")
    engineer.run("sandbox", "resolve", "s", "stitch:threshold", "--take", "sandbox")
    assert engineer.run("plan", "--promote", "s").exit_code == 2
    engineer.change(STITCH, "threshold: 2", "threshold: 1")
    engineer.run("apply", "--yes")
    assert engineer.run("plan", "--promote", "s").exit_code == 3


def test_pull_brings_production_into_the_sandbox_and_keeps_its_comments(engineer: Sandboxed) -> None:
    engineer.change(FEED, "source: ecom", "source: ecom  # the sandbox's", sandbox=True)
    engineer.change(FEED, "description: Cust", "description: Our cust")
    engineer.run("apply", "--yes")
    assert engineer.run("sandbox", "pull", "s").exit_code == 0
    text = (engineer.folder / FEED).read_text()
    assert "source: ecom  # the sandbox's" in text
    assert "description: Our cust" in text
    assert json.loads(engineer.run("sandbox", "show", "s", "--json").output)["updates"] == 0


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


def test_delete_with_the_promotion_leaves_no_sandbox(engineer: Sandboxed) -> None:
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    engineer.run("apply", "--sandbox", "s", "--yes")
    assert promoted(engineer, "--delete-sandbox") == 0
    assert not engineer.folder.exists()
    assert "No sandboxes" in engineer.run("sandbox", "list").output
    assert engineer.run("sandbox", "create", "s").exit_code == 0


def test_deleting_asks_for_the_name(engineer: Sandboxed) -> None:
    assert engineer.run("sandbox", "delete", "s", keys="t\n").exit_code != 0
    assert engineer.folder.exists()
    assert engineer.run("sandbox", "delete", "s", keys="s\n").exit_code == 0
    assert not engineer.folder.exists()


def test_rollback_restores_configuration_files_and_goes_up(engineer: Sandboxed) -> None:
    before, serial = engineer.text(STITCH), engineer.serial()
    engineer.change(STITCH, "threshold: 3", "threshold: 4")
    engineer.run("apply", "--yes")
    assert engineer.run("rollback", "--yes").exit_code == 0
    assert engineer.text(STITCH) == before
    assert engineer.serial() == serial + 2
    assert engineer.run("plan").exit_code == 0


def test_a_rollback_takes_a_new_feed_away_again(engineer: Sandboxed) -> None:
    """It is protected, and an undo all the same."""
    before = engineer.serial()
    (engineer.config / "feeds" / "shop_returns.yaml").write_text(
        "source: shop\nname: returns\nfields: [{name: id, required: true}]\nprimary_key: [id]\n"
    )
    assert engineer.run("apply", "--yes").exit_code == 0
    undone = engineer.run("rollback", "--yes")
    assert undone.exit_code == 0
    assert "feed.shop_returns: protected; a rollback takes it away all the same" in undone.output
    assert engineer.serial() == before + 2
    assert not (engineer.config / "feeds" / "shop_returns.yaml").exists()


def test_a_protected_feed_goes_in_two_steps(engineer: Sandboxed) -> None:
    """The flag that counts is the one that is applied: it does not vanish with its file."""
    name = "feeds/products_products.yaml"
    assert engineer.run("plan").exit_code == 0
    feed = engineer.text(name)
    (engineer.config / name).unlink()
    (engineer.config / "couriers/products.yaml").unlink()
    engineer.change("courier_groups/daily.yaml", "products", "pos")
    plan = engineer.run("plan", "--json")
    if plan.exit_code == 1:
        pytest.fail(plan.output)
    (check,) = json.loads(plan.output)["checks"]
    assert (check["check"], check["address"]) == ("prevent_destroy", "feed.products_products")
    before = engineer.serial()
    assert engineer.run("apply", "--yes").exit_code == 1
    assert engineer.serial() == before
    (engineer.config / name).write_text(feed + "prevent_destroy: false\n")
    assert engineer.run("apply", "--yes").exit_code == 0
    (engineer.config / name).unlink()
    assert engineer.run("apply", "--yes").exit_code == 0


def test_git_gets_one_commit_of_the_written_files_alone(engineer: Sandboxed) -> None:
    engineer.git("init", "-q")
    engineer.git("add", "tenant_config")
    engineer.git("commit", "-qm", "first")
    (engineer.config / "README").write_text("not ours")
    engineer.git("add", "tenant_config/README")
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    engineer.run("apply", "--sandbox", "s", "--yes")
    assert promoted(engineer, "-m", "Bolder") == 0
    assert engineer.git("log", "-1", "--format=%s").strip() == "Bolder"
    assert engineer.git("show", "--name-only", "--format=", "HEAD").split() == ["tenant_config/stitch.yaml"]
    assert "tenant_config/README" in engineer.git("status", "--porcelain")


def test_a_dirty_file_stops_the_apply_before_any_work(engineer: Sandboxed) -> None:
    engineer.git("init", "-q")
    engineer.git("add", "tenant_config")
    engineer.git("commit", "-qm", "first")
    engineer.change(STITCH, "stitched_tables:", "# not committed\nstitched_tables:")
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    engineer.run("apply", "--sandbox", "s", "--yes")
    before = engineer.serial()
    assert promoted(engineer) == 1
    assert engineer.serial() == before


def test_an_edit_between_plan_and_apply_is_not_overwritten(engineer: Sandboxed) -> None:
    saved = engineer.config.parent / "p.json"
    engineer.change(STITCH, "threshold: 3", "threshold: 4", sandbox=True)
    engineer.run("apply", "--sandbox", "s", "--yes")
    engineer.run("plan", "--promote", "s", "-o", str(saved))
    engineer.change(STITCH, "stitched_tables:", "# mine\nstitched_tables:")
    assert engineer.run("apply", str(saved)).exit_code == 1
    assert "# mine" in engineer.text(STITCH)


@pytest.mark.parametrize("name", ["S", "1a", "a b", "../x", "", "a" * 65])
def test_a_bad_name_is_refused(engineer: Sandboxed, name: str) -> None:
    assert engineer.run("sandbox", "create", name).exit_code == 1


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
