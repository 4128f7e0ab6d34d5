"""Rows of ledgers that are over go after a while; what is open, or decides anything, stays."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from cdp_assets.cli.main import cdp
from cdp_assets.environments.ended_rows import remove_ended
from cdp_assets.environments.janitor import KEPT_DAYS
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.state import alerts, environments, tables
from cdp_assets.state.database import State, now

OLD, YOUNG = dt.timedelta(days=KEPT_DAYS, hours=1), dt.timedelta(days=KEPT_DAYS, hours=-1)


@pytest.fixture
def state(tmp_path: Path) -> State:
    """The state of a home with production in it."""
    home = Home(tmp_path)
    home.make()
    state = State.open(home.state)
    with state.write() as conn:
        environments.get_or_create(conn, PRODUCTION)
    return state


def note(state: State, what: str, state_of_it: str, age: dt.timedelta) -> None:
    """Note an alert that came to a state some time ago."""
    of = {"environment": PRODUCTION, "alert": "on_call", "event": "failure", "run_id": what, "message": {}}
    with state.write() as conn:
        assert alerts.note(conn, of=what, **of)
        ours = tables.alert.c.run_id == what
        conn.execute(sa.update(tables.alert).where(ours).values(state=state_of_it, changed_at=now() - age))


def left(state: State) -> set[str]:
    """Give the alerts that are still there."""
    with state.read() as conn:
        return {one.run_id for one in alerts.listed(conn, PRODUCTION, 100)}


def test_alerts_that_were_told_go_after_two_weeks(state: State) -> None:
    """However they ended; the younger ones stay to be looked at."""
    for how in ("sent", "failed", "unsure"):
        note(state, f"old {how}", how, OLD)
        note(state, f"young {how}", how, YOUNG)
    assert remove_ended(state, "ann")["alerts"] == 3
    assert len(left(state)) == 6
    assert remove_ended(state, "ann", dry_run=False)["alerts"] == 3
    assert left(state) == {"young sent", "young failed", "young unsure"}
    assert remove_ended(state, "ann", dry_run=False)["alerts"] == 0


def test_an_alert_that_is_yet_to_be_told_stays_however_old_it_is(state: State) -> None:
    """So does one that is on its way."""
    note(state, "due", "due", OLD * 10)
    note(state, "sending", "sending", OLD * 10)
    assert remove_ended(state, "ann", dry_run=False)["alerts"] == 0
    assert left(state) == {"due", "sending"}


def test_what_is_removed_is_audited(state: State) -> None:
    """Counts, once; a look is not."""
    note(state, "old", "sent", OLD)
    remove_ended(state, "ann")
    remove_ended(state, "ann", dry_run=False)
    remove_ended(state, "ann", dry_run=False)
    with state.read() as conn:
        (entry,) = conn.execute(sa.select(tables.audit).where(tables.audit.c.resource == "ledgers")).mappings()
    assert entry["detail"]["alerts"] == 1


def test_the_command_shows_first_and_removes_when_it_is_told_to(state: State, tmp_path: Path) -> None:
    """As for tables."""
    note(state, "old", "sent", OLD)
    environment = {"CDP_HOME": str(tmp_path), "CDP_USER": "ann"}
    for words, dry_run, after in ((["--json"], True, {"old"}), (["--apply", "--json"], False, set())):
        told = json.loads(CliRunner().invoke(cdp, ["gc", *words], env=environment).stdout)
        assert (told["dry_run"], told["ended"]["alerts"]) == (dry_run, 1)
        assert left(state) == after
    shown = CliRunner().invoke(cdp, ["gc"], env=environment).stdout
    assert "of what ended two weeks ago 0 alerts, 0 query runs, 0 readers" in shown
