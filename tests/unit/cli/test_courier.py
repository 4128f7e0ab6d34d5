"""`cdp courier` as somebody uses it: the demo's orders, loaded without Spark."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from cdp_assets.cli import demo
from cdp_assets.cli.main import cdp
from cdp_assets.defs.engine import prepare
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.state.database import State
from tests.many_files import land_many, load_all, rows_of_files, statements

HEADER = "order_id,product_id,quantity\n"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with the demo tenant applied and its first day's files dropped."""
    monkeypatch.delenv("CDP_STATE_URL", raising=False)
    home = Home(tmp_path)
    prepare(home)
    demo.activate(home)
    demo.drop(demo.DAYS[0], home.drop(PRODUCTION))
    return home


def run(home: Home, *arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(cdp, ["courier", *arguments], env={"CDP_HOME": str(home.root), "CDP_USER": "ann"})


def ingest(home: Home, *arguments: str) -> Result:
    """Run the courier `orders` up to its domain table."""
    return run(home, "run", "orders", "--ingest-only", *arguments)


def test_days_are_loaded_and_their_files_say_so(home: Home) -> None:
    """Its own courier's and nobody else's; every day must have its file unless missing ones are skipped."""
    period = ("--from", "2026-11-20", "--to", "2026-11-22")
    refused = ingest(home, *period)
    assert refused.exit_code == 1
    assert "no file for `order_items` of 2026-11-21. Expected one that matches" in refused.stderr
    done = ingest(home, *period, "--skip-missing")
    assert done.exit_code == 0, done.output
    assert "landing.ecom" not in done.stdout
    (file,) = json.loads(run(home, "files", "orders", "--json").stdout)
    assert (file["outcome"], file["feed"], file["rows_rejected"]) == ("loaded", "orders_order_items", 0)
    assert file["file"]["file_date"] == "2026-11-20"
    listed = {row["courier"]: row for row in json.loads(run(home, "list", "--json").stdout)}
    assert (listed["orders"]["landed"], listed["orders"]["newest"]) == (1, "2026-11-20")
    assert (listed["ecom"]["landed"], listed["ecom"]["groups"]) == (0, ["daily"])


def test_couriers_with_thousands_of_files_are_listed_by_one_question(home: Home) -> None:
    """Counted where the rows are."""
    land_many(State.open(home.state), "orders", "order_items", 2_000)
    with statements("landed_file") as asked:
        listed = {row["courier"]: row for row in json.loads(run(home, "list", "--json").stdout)}
    assert (listed["orders"]["landed"], listed["orders"]["newest"]) == (2_000, "2025-06-22")
    assert (listed["pos"]["landed"], listed["pos"]["newest"]) == (0, "")
    (counted,) = asked
    assert "GROUP BY" in counted


def test_a_refused_file_is_shown_with_its_reason_and_place(home: Home) -> None:
    """It stays in the landing; a load is tried again from there without the location."""
    place = home.drop(PRODUCTION) / "orders" / "order_items_2026_11_20.csv"
    place.write_text(HEADER)
    assert ingest(home, "--day", "2026-11-20").exit_code == 1
    place.unlink()
    told = run(home, "files", "orders", "--refused", "--day", "2026-11-20").stdout
    assert "refused into orders_order_items" in told
    assert "has no column" in told
    kept = told.partition("kept as ")[2].strip()
    assert (home.lake / kept).read_text() == HEADER
    again = ingest(home, "--from-landed")
    assert again.exit_code == 1
    assert "has no column" in again.stderr
    assert "landing.orders" not in again.output


def test_what_is_shown_is_bounded_and_said_to_be(home: Home) -> None:
    """The newest come first."""
    assert run(home, "files", "pos").stdout == "No such file has landed.\n"
    demo.drop(demo.DAYS[1], home.drop(PRODUCTION))
    assert ingest(home).exit_code == 0
    newest, told = run(home, "files", "orders", "--limit", "1").stdout.splitlines()
    assert newest.startswith("2026-11-21  order_items_2026_11_21.csv")
    assert told == "The newest 1 of 2; `--limit` shows more."


def test_of_thousands_of_files_only_those_that_are_shown_are_read(home: Home) -> None:
    """And counted where the rows are; a day narrows both."""
    state = State.open(home.state)
    land_many(state, "orders", "order_items", 2_000)
    load_all(state, "orders_order_items", "production/domain/orders_order_items/f1")
    with rows_of_files() as made:
        shown = run(home, "files", "orders", "--limit", "3").stdout.splitlines()
        of_a_day = run(home, "files", "orders", "--day", "2020-01-02", "--json").stdout
    assert [line[:10] for line in shown[:3]] == ["2025-06-22", "2025-06-21", "2025-06-20"]
    assert shown[3:] == ["The newest 3 of 2,000; `--limit` shows more."]
    assert [one["file"]["name"] for one in json.loads(of_a_day)] == ["order_items_1.csv"]
    assert len(made) == 4


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["files", "orders", "--limit", "0"], "0 is not in the range x>=1"),
        (["run", "ordrs"], "no such courier. Expected orders."),
        (["run", "orders", "--from-landed", "--day", "2026-11-20"], "--from-landed: loads all that has landed."),
        (["run", "orders", "--from-landed", "--skip-missing"], "Expected no days and no --skip-missing with it."),
        (["run", "orders", "--from", "2026-11-20"], "Expected --day, or --from and --to together."),
        (["run", "orders", "--day", "2026-11-20", "--from", "2026-11-20", "--to", "2026-11-21"], "Expected --day, or"),
        (["run", "orders", "--from", "2026-11-20", "--to", "2026-11-20"], "--to: not after --from."),
    ],
)
def test_what_cannot_be_meant_is_told(home: Home, words: list[str], told: str) -> None:
    """Before anything runs."""
    refused = run(home, *words)
    assert refused.exit_code != 0
    assert told in refused.stderr


def test_load_settings_become_a_couriers_files_and_operations(tmp_path: Path) -> None:
    """As YAML to put beside a location."""
    land_as = {"file/tag": "orders", "file/content-type": "text/csv"}
    settings, operations = tmp_path / "settings.json", tmp_path / "operations.json"
    settings.write_text(json.dumps([{"object/file-pattern": "'o_'yyyyMMdd'.csv'", "object/land-as": land_as}]))
    operations.write_text(json.dumps({"df-1": [{"type": "load", "file": "orders"}]}))
    words = ["courier", "convert", str(settings), "--operations", str(operations)]
    done = CliRunner().invoke(cdp, [*words, "--feed", "df-1=shop_orders"])
    assert yaml.safe_load(done.stdout) == {
        "files": [{"tag": "orders", "pattern": "'o_'yyyyMMdd'.csv'", "format": {"kind": "csv"}}],
        "load": [{"feed": "shop_orders", "file": "orders"}],
    }
    assert 'Cannot find required feeds: "df-1"' in CliRunner().invoke(cdp, words).stderr
    assert "Expected an id and a feed" in CliRunner().invoke(cdp, [*words, "--feed", "df-1"]).stderr
    settings.write_text("[")
    assert "not JSON" in CliRunner().invoke(cdp, words).stderr
