"""`cdp stitch compare` as an engineer uses it."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.names import PRODUCTION
from tests.unit.cli.test_plan_apply import Engineer
from tests.unit.environments.data_diff.lakes import Installation

IDS = "stitch.stitch_ids"
ANN, BOB, EVE = (f"00000000-0000-0000-0000-00000000000{number}" for number in (1, 2, 3))
ADMINISTRATOR = "full_name: Somebody\npolicies: [DataGrid Administrator]\n"


class Twice(Engineer):
    """An engineer whose production ran twice: Ann and Bob came together, Eve left."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.lake = Installation(self.home.root)
        for people in ([ANN, BOB, EVE], [ANN, ANN]):
            rows = [("ecom", f"K-{n}", who) for n, who in enumerate(people, 1)]
            frame = pl.DataFrame(rows, schema=["datasource", "pk", "amperity_id"], orient="row")
            self.lake.publish(PRODUCTION, load_tenant(self.config), {IDS: frame})


@pytest.fixture(scope="module")
def engineer(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    """For tests that change nothing."""
    return Twice(tmp_path_factory.mktemp("twice"))


def test_it_says_what_became_of_people(engineer: Twice) -> None:
    """The last two runs unless others are named, by number or by run id."""
    text = engineer.run("stitch", "compare").stdout
    assert "publication 1 (2026-11-20) to publication 2 (2026-11-20)" in text
    lines = {line.split("  ")[0].strip(): line.split() for line in text.splitlines()}
    assert lines["merged"][1:4] == ["2", "1", "2"]
    assert lines["deleted"][1:4] == ["1", "0", "1"]
    assert "renamed" not in text
    assert "one person after, several before" in text
    assert engineer.run("stitch", "compare", "1", "2").stdout == text
    assert engineer.run("stitch", "compare", "run-1").stdout == text


def test_json_says_the_same_and_nothing_names_anybody(engineer: Twice) -> None:
    """Ids and keys show neither here nor there."""
    document = engineer.run("stitch", "compare", "--json").stdout
    found = json.loads(document)
    assert {one["kind"]: one["people_after"] for one in found["changes"] if one["people_after"]} == {"merged": 1}
    assert found["identity"]["counts"]["merged_from"] == 2
    assert [one["size"] for one in found["identity"]["merges"]] == [2]
    shapes = document, engineer.run("stitch", "compare").stdout
    assert [value for value in (ANN, BOB, EVE, "K-1") if any(value in shape for shape in shapes)] == []


def test_a_wrong_run_is_told_the_nearest(engineer: Twice) -> None:
    """One line and exit code 1."""
    unknown = engineer.run("stitch", "compare", "run-9")
    assert (unknown.exit_code, unknown.stderr) == (
        1,
        "Error: production, run-9: no such publication or run. Expected run-2; `cdp history` lists them.\n",
    )
    assert "several runs begin so" in engineer.run("stitch", "compare", "run-").stderr
    assert "no such publication or run" in engineer.run("stitch", "compare", "1", "3").stderr
    assert engineer.run("stitch", "compare", "--sandbox", "vip").exit_code == 1


def test_whoever_may_not_query_ids_may_not_compare_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A resource group opens its databases' tables alone."""
    engineer = Twice(tmp_path)
    (engineer.config / "users").mkdir()
    for name, text in {"ann": "options: []", "bob": "resource_groups: [people]"}.items():
        (engineer.config / "users" / f"{name}.yaml").write_text(f"{ADMINISTRATOR}{text}\n")
    (engineer.config / "resource_groups").mkdir()
    (engineer.config / "resource_groups" / "people.yaml").write_text("databases: [customer_360]\n")
    assert engineer.run("apply", "--yes").exit_code == 0

    def code(user: str) -> int:
        monkeypatch.setenv("CDP_USER", user)
        return engineer.run("stitch", "compare").exit_code

    assert (code("ann"), code("bob")) == (0, 6)
