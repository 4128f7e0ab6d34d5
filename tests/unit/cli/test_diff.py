"""`cdp diff`, and what `cdp plan --promote` says of data, as an engineer uses them."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

import polars as pl
import pytest

from cdp_assets.cli.progress import Progress
from cdp_assets.config.loader import load_tenant
from cdp_assets.environments.plan import read_plan
from cdp_assets.errors import StalePlanError
from cdp_assets.names import PRODUCTION
from tests.unit.cli.test_plan_apply import Engineer
from tests.unit.environments.data_diff.lakes import ENVIRONMENT, SANDBOX, Installation

IDS = "stitch.stitch_ids"
C360, ATTRIBUTES = "database__customer_360.customer_360", "database__customer_360.customer_attributes"
LABELS, SEGMENT = "database__customer_360.customer_labels", "segment.high_value_lapsing"
"""What else is made of Customer 360 in every run."""
ANN, BOB = (str(uuid.UUID(int=number)) for number in (1, 2))
SQL = "databases/customer_360/customer_360.sql"
ADMINISTRATOR = "full_name: Somebody\npolicies: [DataGrid Administrator]\n"


class Comparing(Engineer):
    """An engineer whose sandbox `vip` shows one column more, and merges Ann and Bob."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.lake = Installation(self.home.root)

    @property
    def folder(self) -> Path:
        """The sandbox's files."""
        return self.config.parent / "sandboxes" / SANDBOX

    def publish_production(self) -> None:
        """Apply and publish, then make the sandbox with its change, not run yet."""
        frames = {IDS: ids(ANN, BOB)} | dict.fromkeys((C360, ATTRIBUTES, LABELS, SEGMENT), people(ann=1.0, bob=2.0))
        self.lake.publish(PRODUCTION, load_tenant(self.config), frames)
        assert self.run("sandbox", "create", SANDBOX).exit_code == 0
        path = self.folder / SQL
        path.write_text(path.read_text().replace("c.gender,", "c.gender,\n  TRUE AS is_vip,"))
        assert self.run("apply", "--sandbox", SANDBOX, "--yes").exit_code == 0

    def run_sandbox(self) -> None:
        """Publish what the sandbox's run makes."""
        frames = {IDS: ids(ANN, ANN)} | dict.fromkeys((ATTRIBUTES, LABELS, SEGMENT), people(ann=1.0))
        frames[C360] = people(ann=3.0).with_columns(is_vip=True)
        self.lake.publish(ENVIRONMENT, load_tenant(self.folder), frames)


def ids(*people: str) -> pl.DataFrame:
    """Make the ids of the records K-1, K-2 and so on of one source."""
    rows = [("ecom", f"K-{n}", who) for n, who in enumerate(people, 1)]
    return pl.DataFrame(rows, schema=["datasource", "pk", "amperity_id"], orient="row")


def people(**revenue: float) -> pl.DataFrame:
    """Make a table with one row per person."""
    rows = [({"ann": ANN, "bob": BOB}[name], f"{name}@mail.com", amount) for name, amount in revenue.items()]
    return pl.DataFrame(rows, schema=["amperity_id", "email", "lifetime_order_revenue"], orient="row")


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Comparing:
    """An engineer whose sandbox has run, for tests that change nothing."""
    made = Comparing(tmp_path_factory.mktemp("compared"))
    made.publish_production()
    made.run_sandbox()
    return made


@pytest.fixture
def engineer(tmp_path: Path) -> Comparing:
    """An engineer whose sandbox has still to run."""
    made = Comparing(tmp_path)
    made.publish_production()
    return made


def test_exit_codes_tell_identical_different_and_wrong(engineer: Comparing) -> None:
    """0, 2 and 1; before the sandbox has run, its data is production's, and a plan knows no more."""
    before, planned = engineer.run("diff", "--sandbox", SANDBOX), engineer.run("plan", "--promote", SANDBOX)
    assert before.exit_code == 0
    assert "has not built 4 tables" in before.stdout
    assert "What this does to the data is not known: The sandbox has not built 4 tables" in planned.stdout
    assert f"./cdp run --sandbox {SANDBOX} refresh" in planned.stdout
    engineer.run_sandbox()
    assert engineer.run("diff", "--sandbox", SANDBOX).exit_code == 2
    assert engineer.run("diff", "--sandbox", "other").exit_code == 1
    wrong = engineer.run("diff", "--sandbox", SANDBOX, "--table", "Customers")
    assert (wrong.exit_code, wrong.stderr) == (
        1,
        "Error: --table Customers: not a table. Expected a name such as unified.merged_customers.\n",
    )


def test_every_shape_says_the_same_and_shows_nobody(compared: Comparing, tmp_path: Path) -> None:
    """Text, JSON, Markdown and the page; the examples are of the number that was asked for."""
    paths = tmp_path / "comment.md", tmp_path / "page.html"
    text = compared.run("diff", "--sandbox", SANDBOX, "--markdown", str(paths[0]), "--html", str(paths[1])).stdout
    document = compared.run("diff", "--sandbox", SANDBOX, "--json").stdout
    shapes = [text, document, *(path.read_text() for path in paths)]
    for shape in shapes:
        assert "is_vip" in shape
        assert [value for value in (ANN, BOB, "ann@mail.com", "K-1") if value in shape] == []
    assert all("2 merged into 1" in shape for shape in (shapes[0], *shapes[2:]))
    assert json.loads(document)["identity"]["counts"]["merged_from"] == 2
    asked = ("diff", "--sandbox", SANDBOX, "--table", C360, "--examples", "1", "--json")
    [table] = json.loads(compared.run(*asked).stdout)["tables"]
    assert (table["table"], [one["action"] for one in table["rows"]["examples"]]) == (C360, ["removed", "changed"])


def test_a_sample_is_as_large_as_the_user_says(compared: Comparing) -> None:
    """Half of two rows."""
    found = compared.run("diff", "--sandbox", SANDBOX, "--table", C360, "--sample-above", "1", "--json")
    assert [table["sampled"] for table in json.loads(found.stdout)["tables"]] == [0.5]


def test_whoever_may_not_query_a_table_may_not_compare_it(engineer: Comparing, monkeypatch: pytest.MonkeyPatch) -> None:
    """A resource group opens its databases' tables alone, and a sandbox is not everybody's."""
    users = {
        "ann": "options: [Allow sandbox administration]",
        "bob": "options: [Allow sandbox administration]\nresource_groups: [people]",
        "eve": "options: []",
    }
    (engineer.config / "users").mkdir()
    for name, text in users.items():
        (engineer.config / "users" / f"{name}.yaml").write_text(f"{ADMINISTRATOR}{text}\n")
    (engineer.config / "resource_groups").mkdir()
    (engineer.config / "resource_groups" / "people.yaml").write_text("databases: [customer_360]\n")
    assert engineer.run("apply", "--yes").exit_code == 0
    engineer.run_sandbox()

    def code(user: str, *arguments: str) -> int:
        monkeypatch.setenv("CDP_USER", user)
        return engineer.run("diff", "--sandbox", SANDBOX, *arguments).exit_code

    assert (code("ann"), code("bob"), code("eve")) == (2, 6, 6)
    assert (code("bob", "--table", C360), code("eve", "--table", C360)) == (2, 6)


def test_progress_is_told_once_it_takes_long(capsys: pytest.CaptureFixture[str]) -> None:
    """On stderr; a quick command is silent."""
    Progress()("unified.people (1 of 2)")
    assert capsys.readouterr() == ("", "")
    Progress(patience_s=0)("unified.people (1 of 2)")
    assert capsys.readouterr() == ("", "Comparing unified.people (1 of 2) …\n")


def test_a_promotion_says_what_it_does_to_the_data(compared: Comparing, tmp_path: Path) -> None:
    """In every shape, and the plan's id covers it."""
    comment, saved = tmp_path / "comment.md", tmp_path / "plan.json"
    text = compared.run("plan", "--promote", SANDBOX, "--markdown", str(comment), "-o", str(saved)).stdout
    for shape in (text, comment.read_text()):
        assert "People: 2 -> 1: 2 merged into 1" in shape
    assert "    + person-" in text
    document = json.loads(saved.read_text())
    assert document["data"]["difference"]["identity"]["counts"]["merged_from"] == 2
    assert read_plan(document).data is not None
    document["data"]["difference"]["identity"]["counts"]["merged_from"] = 0
    with pytest.raises(StalePlanError, match="edited"):
        read_plan(document)


def test_no_other_plan_looks_at_data(compared: Comparing) -> None:
    """Neither one that was asked not to, nor one of files."""
    for asked in (("--promote", SANDBOX, "--no-data"), ("--sandbox", SANDBOX)):
        assert json.loads(compared.run("plan", *asked, "--json").stdout)["data"] is None
        assert "does to the data" not in compared.run("plan", *asked).stdout
