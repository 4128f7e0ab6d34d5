"""`cdp deliveries` as somebody uses it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdp_assets.cli.main import cdp
from cdp_assets.errors import DeliveryError
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.state import audit_log, environments
from tests.unit.destinations.sender import ROWS, Sender

Env = dict[str, str]


def run(env: Env, *arguments: str) -> Result:
    return CliRunner().invoke(cdp, ["deliveries", *arguments], env=env)


@pytest.fixture
def sender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Sender:
    """A home that has sent one publication, and could not send the next, which is the current one."""
    monkeypatch.delenv("CDP_STATE_URL", raising=False)
    made = Sender(tmp_path)
    assert str(tmp_path / "state.db") == Home(tmp_path).state
    with made.state.write() as conn:
        conn.execute(environments.tables.environment.update().values(publication_id=2))
    made.send(1)
    made.folder.chmod(0o755)
    (made.folder / "sub").write_text("in the way")
    with pytest.raises(DeliveryError):
        made.send(2, remote_folder="/sub")
    return made


@pytest.fixture
def env(sender: Sender) -> Env:
    return {"CDP_HOME": str(sender.folder.parent), "CDP_USER": "ann"}


def test_deliveries_are_shown_newest_first_with_how_they_ended(env: Env) -> None:
    """What has arrived, and why the rest has not."""
    lines = [" ".join(line.split()) for line in run(env).stdout.splitlines()]
    assert lines[0].endswith(" o publication 2 folder 0 files 0 rows 0 bytes failed by ann")
    assert "sub/x_2026_11_20.csv: cannot be written" in lines[1]
    assert lines[2].endswith(" o publication 1 folder 1 file 3 rows 23 bytes delivered by ann")
    assert "x_2026_11_20.csv  3 rows, 23 bytes, delivered" in run(env, "--files", "--publication", "1").stdout
    assert "x_2026_11_20.csv  3 rows, 23 bytes, not arrived" in run(env, "--files", "--failed").stdout


def test_one_asks_for_the_failed_ones_or_an_orchestrations(env: Env) -> None:
    assert len(run(env, "--failed").stdout.splitlines()) == 2
    assert run(env, "--orchestration", "other").stdout == "Nothing has been sent.\n"
    assert len(run(env, "--limit", "1", "--json").stdout.splitlines()) > 1


def test_json_holds_every_file_with_its_hash(env: Env) -> None:
    found = json.loads(run(env, "--json").stdout)
    assert [(one["publication_id"], one["state"]) for one in found] == [(2, "failed"), (1, "delivered")]
    (file,) = found[1]["files"]
    assert (file["filename"], file["rows"], len(file["sha256"])) == ("x_2026_11_20.csv", 3, 64)


def test_a_delivery_that_was_lost_is_sent_again_on_demand(sender: Sender, env: Env) -> None:
    """Once; who asked is in the audit log."""
    (sender.folder / "sub").unlink()
    sender.send(2)
    (sender.folder / "x_2026_11_20.csv").unlink()
    sender.send(2)
    assert sender.names() == []
    delivery = sender.ledger()[0].order.id
    asked = run(env, "again", delivery[:8])
    assert asked.stdout == "o: sent anew when it runs next, 1 files of publication 2.\n"
    assert sender.send(2, ROWS).sent
    assert sender.names() == ["x_2026_11_20.csv"]
    assert not sender.send(2).sent
    with sender.state.read() as conn:
        (row,) = audit_log.listed(conn, action="export:again")
    assert (row.acting_user, row.resource) == ("ann", f"{PRODUCTION}:orchestration.o")


@pytest.mark.parametrize(
    ("which", "message"),
    [("0000", "no deliveries. Expected an id"), ("failed", "o, publication 2: failed"), ("old", "o, publication 1")],
)
def test_what_cannot_be_sent_again_is_refused(which: str, message: str, sender: Sender, env: Env) -> None:
    """Nothing of that id, one that is sent again anyway, one whose data are gone."""
    newest, older = (one.order.id for one in sender.ledger())
    done = run(env, "again", {"failed": newest, "old": older}.get(which, which))
    assert done.exit_code == 1
    assert message in done.stderr
