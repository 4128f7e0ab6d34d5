"""Runs and publications: a run publishes all it wrote in one step, or nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from cdp_assets.errors import PublicationConflictError, StateError
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state import publications, revisions, runs
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry, Publication
from tests.swapping import swapped

A, B, C = (TableName("unified", name) for name in "abc")
DAY = dt.date(2026, 11, 20)


class Ledger:
    """A state with an applied production."""

    def __init__(self, place: str) -> None:
        self.state = State.open(place)
        with self.state.write() as conn:
            self.revision = revisions.put(conn, {"name": "t"}, created_by="ann", message="")
            swapped(conn, self.revision, serial=0)

    def begin(self, run_id: str, *tables: TableName) -> None:
        """Begin a run."""
        with self.state.write() as conn:
            runs.begin(
                conn,
                run_id=run_id,
                environment=PRODUCTION,
                revision_id=self.revision,
                business_date=DAY,
                expected=tables,
            )

    def write(self, run_id: str, table: TableName, version: int, **coverage: str) -> None:
        """Record a table."""
        with self.state.write() as conn:
            runs.record_write(conn, run_id, Entry(table, f"p/{table.name}", version, coverage))

    def commit(self, run_id: str) -> Publication:
        """Publish."""
        with self.state.write() as conn:
            return runs.commit(conn, run_id)

    def current(self) -> Publication | None:
        """What readers see."""
        with self.state.read() as conn:
            return publications.current(conn, PRODUCTION)


@pytest.fixture
def ledger(place: str) -> Ledger:
    """An empty ledger."""
    return Ledger(place)


def versions(publication: Publication | None) -> dict[str, int]:
    """Give the version of each table."""
    assert publication is not None
    return {table.name: entry.version for table, entry in publication.entries.items()}


def test_readers_see_nothing_of_a_run_until_it_commits(ledger: Ledger) -> None:
    """Half a run is invisible."""
    ledger.begin("r1", A, B)
    ledger.write("r1", A, 1)
    assert ledger.current() is None
    ledger.write("r1", B, 1)
    ledger.commit("r1")
    assert versions(ledger.current()) == {"a": 1, "b": 1}


def test_a_later_run_keeps_what_it_did_not_write(ledger: Ledger) -> None:
    """Its own writes lie over the publication before."""
    for run_id, table in (("r1", A), ("r2", B)):
        ledger.begin(run_id, table)
        ledger.write(run_id, table, 7)
        ledger.commit(run_id)
    assert versions(ledger.current()) == {"a": 7, "b": 7}


def test_committing_twice_is_committing_once(ledger: Ledger) -> None:
    """A repeated step does not publish again."""
    ledger.begin("r1", A)
    ledger.write("r1", A, 1)
    assert ledger.commit("r1") == ledger.commit("r1")


def test_a_run_that_changed_nothing_makes_no_publication(ledger: Ledger) -> None:
    """So nothing is sent again."""
    for run_id in ("r1", "r2"):
        ledger.begin(run_id, A)
        ledger.write(run_id, A, 1)
        ledger.commit(run_id)
    with ledger.state.read() as conn:
        assert len(publications.history(conn, PRODUCTION)) == 1


def test_two_runs_on_different_tables_both_publish(ledger: Ledger) -> None:
    """The second is rebased on the first."""
    ledger.begin("r1", A)
    ledger.begin("r2", B)
    ledger.write("r1", A, 1)
    ledger.write("r2", B, 1)
    ledger.commit("r1")
    ledger.commit("r2")
    assert versions(ledger.current()) == {"a": 1, "b": 1}


@pytest.mark.parametrize("coverage", [{}, {"unified.a": "p/a@0"}])
def test_a_run_is_refused_when_another_published_what_it_wrote_or_read(
    ledger: Ledger, coverage: dict[str, str]
) -> None:
    """The first keeps its publication; the second must run again."""
    ledger.begin("r1", A)
    ledger.begin("r2", C)
    ledger.write("r1", A, 1)
    ledger.write("r2", C if coverage else A, 2, **coverage)
    ledger.commit("r1")
    with pytest.raises(PublicationConflictError, match=r"unified\.a"):
        ledger.commit("r2")
    assert versions(ledger.current()) == {"a": 1}


def test_a_run_of_an_older_revision_does_not_begin(ledger: Ledger) -> None:
    """A code location that was not reloaded cannot publish."""
    with pytest.raises(StateError), ledger.state.write() as conn:
        runs.begin(conn, run_id="r9", environment=PRODUCTION, revision_id="f" * 64, business_date=DAY, expected=[A])
