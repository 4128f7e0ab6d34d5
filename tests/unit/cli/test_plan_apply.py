"""`cdp plan`, `cdp apply` and `cdp history` as an engineer uses them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdp_assets.cli.main import COMMANDS, cdp
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.state import tables
from cdp_assets.state.database import State


class Engineer:
    """Somebody with a clone, a home and a terminal."""

    def __init__(self, root: Path) -> None:
        self.config, self.home = root / "tenant_config", Home(root / "home")
        shutil.copytree(REPOSITORY / "tenant_config", self.config)
        self.home.make()

    def run(self, *arguments: str, keys: str | None = None) -> Result:
        """Run a command; nothing of it leaves the folder."""
        environment = {"CDP_HOME": str(self.home.root), "CDP_TENANT_CONFIG": str(self.config)}
        return CliRunner().invoke(cdp, arguments, env=environment, input=keys)

    def edit(self, old: str, new: str) -> None:
        """Change the customer 360's SQL."""
        path = self.config / "databases" / "customer_360" / "customer_360.sql"
        path.write_text(path.read_text().replace(old, new))

    def rows(self, table: str) -> int:
        """Count a table of the state."""
        with State.open(self.home.state).read() as conn:
            return len(conn.execute(getattr(tables, table).select()).all())


@pytest.fixture
def engineer(tmp_path: Path) -> Engineer:
    """An engineer before the first apply."""
    return Engineer(tmp_path)


def test_exit_codes_are_terraforms(engineer: Engineer) -> None:
    """2 with changes, 0 without, 1 for an error."""
    assert engineer.run("plan").exit_code == 2
    assert engineer.run("apply", "--yes").exit_code == 0
    assert engineer.run("plan").exit_code == 0
    (engineer.config / "tenant.yaml").unlink()
    broken = engineer.run("plan")
    assert broken.exit_code == 1


def test_a_plan_says_what_changes_and_which_tables_are_built(engineer: Engineer) -> None:
    """The resource, the action, and the tables whose fingerprint is another one."""
    engineer.run("apply", "--yes")
    engineer.edit("c.gender,", "c.gender,\n  UPPER(c.state) AS region,")
    text = engineer.run("plan").output
    assert "customer_360" in text
    assert "will be updated in-place" in text
    assert "0 to add, 1 to change, 0 to destroy" in text
    assert "4 for the next run" in text
    document = json.loads(engineer.run("plan", "--json").output)
    assert {one["table"]: (one["action"], one["category"]) for one in document["tables"]} == {
        "database__customer_360.customer_360": ("pending", "non_breaking"),
        "database__customer_360.customer_attributes": ("pending", "non_breaking"),
        "database__customer_360.customer_labels": ("pending", "non_breaking"),
        "segment.high_value_lapsing": ("pending", "non_breaking"),
    }
    assert [change["change"]["actions"] for change in document["resource_changes"]] == [["update"]]


def test_a_saved_plan_is_what_is_applied(engineer: Engineer, tmp_path: Path) -> None:
    """Edits after the plan do not slip in."""
    saved = tmp_path / "plan.json"
    engineer.run("plan", "-o", str(saved))
    engineer.edit("c.gender,", "c.gender,\n  1 AS later,")
    assert "Apply complete" in engineer.run("apply", str(saved), "-m", "first").output
    assert engineer.run("plan").exit_code == 2


def test_a_stale_plan_is_refused(engineer: Engineer, tmp_path: Path) -> None:
    """Two plans from one state: the second is refused with 4, and nothing changes."""
    saved = tmp_path / "plan.json"
    engineer.run("plan", "-o", str(saved))
    engineer.edit("c.gender,", "c.gender,\n  1 AS other,")
    engineer.run("apply", "--yes")
    before = engineer.rows("applied")
    refused = engineer.run("apply", str(saved))
    assert refused.exit_code == 4
    assert engineer.rows("applied") == before


def test_an_edited_plan_is_refused(engineer: Engineer, tmp_path: Path) -> None:
    """The plan's id is the hash of all it says."""
    saved = tmp_path / "plan.json"
    engineer.run("plan", "-o", str(saved))
    saved.write_text(saved.read_text().replace("c.gender", "c.sex", 1))
    assert engineer.run("apply", str(saved)).exit_code == 4
    saved.write_text("{}")
    assert engineer.run("apply", str(saved)).exit_code != 0
    assert engineer.rows("applied") == 0


def test_applying_nothing_writes_nothing(engineer: Engineer) -> None:
    """No serial, no revision, no audit row."""
    engineer.run("apply", "--yes")
    counts = [engineer.rows(name) for name in ("applied", "revision", "audit")]
    assert "No changes" in engineer.run("apply", "--yes").output
    assert [engineer.rows(name) for name in ("applied", "revision", "audit")] == counts


def test_apply_asks_and_takes_no_for_an_answer(engineer: Engineer) -> None:
    """Without --yes and a saved plan."""
    assert engineer.run("apply", keys="n\n").exit_code != 0
    assert engineer.rows("applied") == 0
    assert engineer.run("apply", keys="y\n").exit_code == 0
    assert engineer.rows("applied") == 1


def test_history_lists_who_applied_what(engineer: Engineer) -> None:
    """As text and as JSON: serial, who, from where and why."""
    engineer.run("apply", "--yes", "-m", "first")
    (row,) = json.loads(engineer.run("history", "--json").output)["applies"]
    assert (row["serial"], row["source"], row["message"]) == (1, "files", "first")
    assert row["by"] in engineer.run("history").output
    assert engineer.run("history", "--sandbox", "absent").exit_code == 1


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help_with_an_example(command: str, engineer: Engineer) -> None:
    """`--help` shows how it is used."""
    found = engineer.run(command, "--help")
    assert found.exit_code == 0
    assert "./cdp" in found.output
