"""The tenant's files and git follow what is applied and rolled back."""

from __future__ import annotations

import json

import pytest

from tests.integration.environments.sandboxed import STITCH, Sandboxed, promoted


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
