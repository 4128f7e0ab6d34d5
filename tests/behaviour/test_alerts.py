"""The ledger of alerts, in every database that state can live in."""

from __future__ import annotations

import threading

import sqlalchemy as sa

from cdp_assets.names import PRODUCTION
from cdp_assets.state import alerts, tables
from cdp_assets.state.alerts import UNSURE_AFTER
from cdp_assets.state.database import State, now


def note(state: State, *of: str) -> list[bool]:
    """Note failures; say which are new."""
    message = {"title": "x", "about": ["courier_group.daily"], "facts": {"step": "cut – short"}}
    with state.write() as conn:
        return [
            alerts.note(conn, environment=PRODUCTION, alert="ops", event="failure", of=one, run_id="r", message=message)
            for one in of
        ]


def test_a_row_comes_back_as_it_was_noted_and_is_noted_once(state: State) -> None:
    """Whoever notes it again."""
    assert note(state, "one", "one", "two") == [True, False, True]
    with state.read() as conn:
        found = alerts.listed(conn, PRODUCTION, 9)
        assert alerts.listed(conn, "sandbox__x", 9) == []
    assert {(one.state, one.attempts, one.message["facts"]["step"]) for one in found} == {("due", 0, "cut – short")}
    assert len({one.id for one in found}) == 2


def test_two_that_send_at_once_take_different_rows(state: State) -> None:
    """Each row is on the way once."""
    note(state, *map(str, range(20)))
    taken: list[str] = []

    def take_all() -> None:
        while True:
            with state.write() as conn:
                found = alerts.take(conn, PRODUCTION)
            if found is None:
                return
            taken.append(found.id)

    threads = [threading.Thread(target=take_all) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(taken), len(set(taken))) == (20, 20)


def test_what_is_put_off_is_not_due_and_what_a_crash_left_is_doubted(state: State) -> None:
    """Only after a while: until then it may be on the way."""
    note(state, "one", "two")
    with state.write() as conn:
        first, second = alerts.take(conn, PRODUCTION), alerts.take(conn, PRODUCTION)
        assert first is not None
        assert second is not None
        alerts.put_off(conn, first.id, seconds=30, problem="busy")
        assert alerts.take(conn, PRODUCTION) is None
        assert alerts.doubt(conn, PRODUCTION) == 0
        conn.execute(sa.update(tables.alert).values(changed_at=now() - UNSURE_AFTER))
        assert alerts.doubt(conn, PRODUCTION) == 1
        states = {one.id: (one.state, one.problem) for one in alerts.listed(conn, PRODUCTION, 9)}
    assert states[first.id] == ("due", "busy")
    assert states[second.id][0] == "unsure"
