"""Who is told what, how often, and what a crash in between leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from cdp_assets.config.alert import Alert
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments import alerting
from cdp_assets.environments.alerting import TRIES, Happening, note, send_due, try_out
from cdp_assets.errors import DeliveryError, SecretError
from cdp_assets.exchange.messages import Message
from cdp_assets.names import PRODUCTION
from cdp_assets.state import alerts, environments, revisions, sandboxes, tables
from cdp_assets.state.alerts import UNSURE_AFTER
from cdp_assets.state.database import State, now
from tests.receivers import Posts, web_server

SANDBOX = "sandbox__trial"
FAILED = Happening("failure", "Group daily failed", "run-1", ("courier_group.daily",), facts={"landing.orders": "cut"})


@pytest.fixture
def posts() -> Iterator[Posts]:
    """A web server."""
    with web_server() as found:
        yield found


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A state with production in it."""
    made = State.open(tmp_path / "state.db")
    with made.write() as conn:
        environments.get_or_create(conn, PRODUCTION)
    return made


def tenant(posts: Posts, **alert: Any) -> Tenant:
    """Give a tenant with one alert that posts."""
    values = {"name": "ops", "receiver": {"kind": "webhook", "url": posts.url}, "events": ["failure"]} | alert
    return Tenant(id="t", name="t", alerts={"ops": Alert.model_validate(values)})


def ledger(state: State) -> list[tuple[str, int]]:
    """Give state and tries of every alert, newest first."""
    with state.read() as conn:
        return [(one.state, one.attempts) for one in alerts.listed(conn, PRODUCTION, 99)]


def hurry(state: State, by: dt.timedelta = UNSURE_AFTER) -> None:
    """Let time pass for what waits."""
    with state.write() as conn:
        conn.execute(sa.update(tables.alert).values(next_at=now() - by, changed_at=now() - by))


def test_a_happening_is_told_once_however_often_it_is_noted(state: State, posts: Posts) -> None:
    """The message names it, and the run in the UI."""
    found = tenant(posts)
    assert [note(state, PRODUCTION, found, FAILED) for _ in range(2)] == [1, 0]
    assert send_due(state, PRODUCTION, found, "http://ui/") == 1
    assert send_due(state, PRODUCTION, found, "http://ui/") == 0
    assert note(state, PRODUCTION, found, FAILED) == 0
    ((_, _, body),) = posts.kept
    assert b'"http://ui/runs/run-1"' in body
    assert ledger(state) == [("sent", 1)]


@pytest.mark.parametrize(
    ("alert", "event", "is_told"),
    [
        ({}, "failure", True),
        ({}, "success", False),
        ({"courier_groups": ["daily"]}, "failure", True),
        ({"courier_groups": ["weekly"]}, "failure", False),
        ({"queries": ["buyers"]}, "failure", False),
        ({"courier_groups": ["weekly"], "queries": ["buyers"]}, "failure", False),
        ({"orchestrations": ["weekly"], "courier_groups": ["daily"]}, "failure", True),
    ],
)
def test_an_alert_hears_what_it_has_asked_for(
    alert: dict[str, Any], event: Any, is_told: bool, state: State, posts: Posts
) -> None:
    """By event, and by what it is about where it names something."""
    happening = Happening(event, "x", "run-1", ("courier_group.daily",))
    assert note(state, PRODUCTION, tenant(posts, **alert), happening) == int(is_told)


def test_a_receiver_that_is_busy_is_tried_again_later_and_not_for_ever(state: State, posts: Posts) -> None:
    """With growing patience; after the last try it is given up, with the reason."""
    found = tenant(posts)
    posts.answers = [503] * TRIES
    note(state, PRODUCTION, found, FAILED)
    for tries in range(1, TRIES):
        assert send_due(state, PRODUCTION, found, None) == 0
        assert ledger(state) == [("due", tries)]
        assert send_due(state, PRODUCTION, found, None) == 0
        assert len(posts.kept) == tries
        hurry(state)
    send_due(state, PRODUCTION, found, None)
    assert ledger(state) == [("failed", TRIES)]
    with state.read() as conn:
        (one,) = alerts.listed(conn, PRODUCTION, 9)
    assert one.problem == "127.0.0.1: answers 503. Expected 200."
    assert len({body for _, _, body in posts.kept}) == 1


def test_a_receiver_that_refuses_is_given_up_at_once(state: State, posts: Posts) -> None:
    """Others are told all the same."""
    posts.answers = [403]
    other = tenant(posts).alerts["ops"].model_copy(update={"name": "zz"})
    found = Tenant(id="t", name="t", alerts={**tenant(posts).alerts, "zz": other})
    assert note(state, PRODUCTION, found, FAILED) == 2
    assert send_due(state, PRODUCTION, found, None) == 1
    assert sorted(ledger(state)) == [("failed", 1), ("sent", 1)]


def test_an_alert_that_is_gone_is_given_up(state: State, posts: Posts) -> None:
    """It was noted before the apply that took it away."""
    note(state, PRODUCTION, tenant(posts), FAILED)
    send_due(state, PRODUCTION, Tenant(id="t", name="t"), None)
    assert (ledger(state), posts.kept) == ([("failed", 1)], [])


class Killed(BaseException):
    """What no handler of ours catches, as little as a kill."""


@pytest.mark.parametrize("after", [True, False])
def test_a_kill_while_a_message_is_sent_doubles_nothing(
    after: bool, state: State, posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether it had arrived cannot be known: it is not sent again, and the ledger says so after a while."""
    found, real = tenant(posts), alerting.send

    def killed(*arguments: Any) -> None:
        if after:
            real(*arguments)
        raise Killed

    note(state, PRODUCTION, found, FAILED)
    with monkeypatch.context() as patch:
        patch.setattr(alerting, "send", killed)
        with pytest.raises(Killed):
            send_due(state, PRODUCTION, found, None)
    send_due(state, PRODUCTION, found, None)
    assert ledger(state) == [("sending", 1)]
    hurry(state)
    send_due(state, PRODUCTION, found, None)
    assert ledger(state) == [("unsure", 1)]
    assert len(posts.kept) == int(after)


def test_a_sandbox_tells_only_whom_it_binds(state: State, posts: Posts) -> None:
    """With a receiver of its own; production's is never told of a trial."""
    found = tenant(posts)
    with state.write() as conn:
        revision = revisions.put(conn, {"id": "t"}, created_by="ann", message="")
        environments.get_or_create(conn, SANDBOX)
        sandboxes.put(conn, SANDBOX, owner="ann", description="", base_revision_id=revision)
    assert note(state, SANDBOX, found, FAILED) == 0
    with pytest.raises(DeliveryError, match="binds no receiver for ops"):
        try_out(state, SANDBOX, found.alerts["ops"], Message("1", "x", "test", SANDBOX, (), "now", "r"))
    with web_server() as own:
        with state.write() as conn:
            sandboxes.bind(conn, SANDBOX, {"alerts": {"ops": {"kind": "webhook", "url": own.url}}})
        assert note(state, SANDBOX, found, FAILED) == 1
        assert send_due(state, SANDBOX, found, None) == 1
    assert (len(own.kept), posts.kept) == (1, [])


def test_a_secret_that_cannot_be_resolved_is_a_lasting_problem(
    state: State, posts: Posts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger names the reference."""
    monkeypatch.delenv("NO_SUCH", raising=False)
    found = tenant(posts, receiver={"kind": "slack", "webhook": "secret://env/NO_SUCH"})
    with pytest.raises(SecretError, match="NO_SUCH"):
        try_out(state, PRODUCTION, found.alerts["ops"], Message("1", "x", "test", PRODUCTION, (), "now", "r"))
    note(state, PRODUCTION, found, FAILED)
    send_due(state, PRODUCTION, found, None)
    assert ledger(state) == [("failed", 1)]
