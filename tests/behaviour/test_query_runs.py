"""The history of queries, in every database that the state can live in."""

from __future__ import annotations

import datetime as dt

import pytest

from cdp_assets.errors import StateError
from cdp_assets.names import PRODUCTION
from cdp_assets.state import environments, publications, query_runs, revisions
from cdp_assets.state.database import State


@pytest.fixture
def state(place: str) -> State:
    """A state with a publication, of which queries may be asked."""
    made = State.open(place)
    with made.write() as conn:
        environments.get_or_create(conn, PRODUCTION)
        publications.insert(
            conn,
            environment=PRODUCTION,
            parent_id=None,
            run_id="one",
            revision_id=revisions.put(conn, {}, created_by="ann", message=""),
            business_date=dt.date(2026, 11, 20),
            entries=[],
        )
    return made


def begun(state: State, query: str = "buyers") -> str:
    with state.write() as conn:
        about = {"environment": PRODUCTION, "query": query, "asked_by": "ann"}
        return query_runs.begin(conn, publication_id=1, kind="preview", **about)


def test_a_run_is_kept_with_who_what_and_how_it_ended(state: State) -> None:
    first, second = begun(state), begun(state, "others")
    with state.write() as conn:
        query_runs.end(conn, first, query_runs.COMPLETED, 7)
        query_runs.end(conn, first, query_runs.FAILED)
        found = query_runs.latest(conn, PRODUCTION)
        (one,) = query_runs.latest(conn, PRODUCTION, query="buyers")
    assert [run.id for run in found] == [second, first]
    assert (one.state, one.rows, one.asked_by, one.kind) == ("completed", 7, "ann", "preview")
    assert one.seconds is not None
    assert found[0].seconds is None


def test_only_what_runs_can_be_cancelled_by_the_beginning_of_its_id(state: State) -> None:
    run = begun(state)
    with state.write() as conn:
        assert not query_runs.is_to_cancel(conn, run)
        assert query_runs.ask_to_cancel(conn, run[:8], "bob").query == "buyers"
        assert query_runs.is_to_cancel(conn, run)
        query_runs.end(conn, run, query_runs.CANCELLED)
        with pytest.raises(StateError, match="no query that runs"):
            query_runs.ask_to_cancel(conn, run[:8], "bob")
        assert query_runs.latest(conn, PRODUCTION)[0].cancelled_by == "bob"


def test_two_that_begin_alike_are_not_guessed_between(state: State) -> None:
    begun(state), begun(state)
    with state.write() as conn, pytest.raises(StateError, match="more than one"):
        query_runs.ask_to_cancel(conn, "", "bob")


def test_a_run_of_a_process_that_is_gone_is_lost(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    begun(state)
    monkeypatch.setattr(query_runs, "LOST_AFTER", dt.timedelta(0))
    with state.read() as conn:
        assert query_runs.latest(conn, PRODUCTION)[0].state == query_runs.LOST
