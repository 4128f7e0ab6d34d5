"""What the state does in every database that it can live in."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError, IntegrityError

from cdp_assets.errors import LockedError, StalePlanError, StateError
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state import (
    audit_log,
    environments,
    grades,
    landed_files,
    leases,
    loads,
    postgres,
    publications,
    revisions,
    runs,
    sqlite,
    tables,
    tenant_keys,
)
from cdp_assets.state.database import State, now, utc
from cdp_assets.state.landed_files import Arrival
from cdp_assets.state.loads import Outcome, Reject
from cdp_assets.state.publications import Entry
from tests.postgres import PostgresServer
from tests.swapping import swapped

DAY = dt.date(2026, 11, 20)
TOKYO = dt.timezone(dt.timedelta(hours=9))
PATH = "production/domain/ecom_customers/ab12"
CUSTOMERS = TableName("unified", "customers")


def keys(conn: Connection) -> set[str]:
    """Give the purposes of the keys: the smallest table to write to."""
    return set(conn.execute(sa.select(tables.tenant_key.c.purpose)).scalars())


@pytest.fixture
def revision(state: State) -> str:
    """The configuration that production is at, at serial 1."""
    with state.write() as conn:
        made = revisions.put(conn, {"name": "t"}, created_by="ann", message="")
        swapped(conn, made, serial=0)
    return made


@pytest.fixture
def in_thread() -> Iterator[Callable[..., object]]:
    """Start something beside the test; its error comes out where its result is asked for."""
    with ThreadPoolExecutor(4) as pool:
        yield pool.submit


def test_migrations_from_empty_make_the_schema_that_the_code_declares(place: str) -> None:
    """Nothing is missing, nothing is left over, and opening again changes nothing."""
    for _ in range(2):
        with State.open(place).read() as conn:
            assert compare_metadata(MigrationContext.configure(conn), tables.metadata) == []


def test_a_failed_transaction_leaves_nothing(state: State) -> None:
    """Also of what it had written before the mistake."""

    def half() -> None:
        with state.write() as conn:
            tenant_keys.get_or_create(conn, "half")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with state.read() as conn:
        assert keys(conn) == set()


def test_a_refused_statement_undoes_the_whole_transaction(state: State) -> None:
    """A unique constraint holds in both."""

    def twice() -> None:
        with state.write() as conn:
            tenant_keys.get_or_create(conn, "first")
            for _ in range(2):
                conn.execute(sa.insert(tables.tenant_key).values(purpose="twice", key=b"k", created_at=now()))

    with pytest.raises(IntegrityError):
        twice()
    with state.read() as conn:
        assert keys(conn) == set()


def test_a_second_writer_waits_until_the_first_has_ended(state: State, in_thread: Callable) -> None:
    """And then sees what the first has written."""
    seen: list[set[str]] = []
    trying = threading.Event()

    def second() -> None:
        trying.set()
        with state.write() as conn:
            seen.append(keys(conn))

    with state.write() as conn:
        tenant_keys.get_or_create(conn, "first")
        waiting = in_thread(second)
        assert trying.wait(10)
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        assert seen == []
    waiting.result(10)
    assert seen == [{"first"}]


def test_a_writer_that_waits_too_long_is_told_so(place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may try again; the one that holds the lock is not disturbed."""
    monkeypatch.setattr(sqlite, "BUSY_TIMEOUT_MS", 100)
    monkeypatch.setattr(postgres, "LOCK_TIMEOUT_MS", 100)
    state, other = State.open(place), State.open(place)
    with state.write() as conn:
        with pytest.raises(LockedError, match="has been writing"), other.write():
            raise AssertionError
        tenant_keys.get_or_create(conn, "first")
    with other.read() as conn:
        assert keys(conn) == {"first"}


def test_counting_up_in_many_threads_loses_nothing(state: State, in_thread: Callable) -> None:
    """Read, then write, is safe under the lock: four threads, ten swaps each."""
    with state.write() as conn:
        made = revisions.put(conn, {"name": "t"}, created_by="ann", message="")

    def swaps() -> None:
        for _ in range(10):
            with state.write() as conn:
                swapped(conn, made)

    for one in [in_thread(swaps) for _ in range(4)]:
        one.result(60)
    with state.read() as conn:
        found = environments.get(conn, PRODUCTION)
        assert found is not None
        assert found.serial == len(environments.history(conn, PRODUCTION)) == 40


def test_a_reader_sees_one_moment_while_a_writer_commits(state: State) -> None:
    """And does not wait for the writer, nor the writer for it."""
    with state.read() as reader:
        assert keys(reader) == set()
        with state.write() as writer:
            tenant_keys.get_or_create(writer, "new")
            with state.read() as other:
                assert keys(other) == set()
        assert keys(reader) == set()
    with state.read() as conn:
        assert keys(conn) == {"new"}


def test_nothing_is_written_through_a_reader(state: State) -> None:
    """And the next writer may."""
    with pytest.raises(DatabaseError, match=r"(?i)read-?only"), state.read() as conn:
        tenant_keys.get_or_create(conn, "through a reader")
    with state.write() as conn:
        tenant_keys.get_or_create(conn, "through a writer")


def test_a_swap_refuses_a_stale_serial(state: State, revision: str) -> None:
    """And leaves the environment as it was, with everything else of the transaction."""

    def late() -> None:
        with state.write() as conn:
            tenant_keys.get_or_create(conn, "half")
            swapped(conn, revision, serial=0)

    with pytest.raises(StalePlanError, match="production"):
        late()
    with state.read() as conn:
        found = environments.get(conn, PRODUCTION)
        assert found is not None
        assert (found.serial, keys(conn)) == (1, set())


def test_a_publication_comes_back_as_it_was_committed(state: State, revision: str) -> None:
    """Versions and rows beyond 32 bits, coverage as JSON, a date, a moment in UTC."""
    wrote = Entry(CUSTOMERS, PATH, 2**40, {"domain.ecom_customers": f"{PATH}@7", "é": "ü"})
    before = now()
    with state.write() as conn:
        runs.begin(
            conn,
            run_id="r1",
            environment=PRODUCTION,
            revision_id=revision,
            business_date=DAY,
            expected=[CUSTOMERS],
        )
        runs.record_write(conn, "r1", wrote)
        made = runs.commit(conn, "r1")
    with state.read() as conn:
        assert publications.current(conn, PRODUCTION) == made
        assert runs.get(conn, "r1").publication_id == made.id
    assert dict(made.entries) == {CUSTOMERS: wrote}
    assert made.business_date == DAY
    assert before <= made.created_at <= now()
    assert made.created_at.tzinfo is dt.UTC


NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


def start(conn: Connection, *files: int, environment: str = PRODUCTION, commit_id: str = "c") -> None:
    """Begin the loads of files."""
    of = {"environment": environment, "table_path": PATH, "feed": "ecom_c"}
    loads.start(conn, landed_file_ids=files, commit_id=commit_id, **of)


def test_a_load_and_its_rejects_come_back(state: State) -> None:
    """A file's moment keeps its instant, whatever zone it came in."""
    modified = dt.datetime(2026, 11, 20, 3, 4, 5, 678901, tzinfo=TOKYO)
    file = Arrival("c", "c.csv", DAY, 2**33, modified, "0" * 64, "l/c.csv")
    with state.write() as conn:
        (landed,) = landed_files.insert(conn, PRODUCTION, "ecom", [file, file])
        assert landed_files.insert(conn, PRODUCTION, "ecom", [replace(file, modified_at=NOON)]) == []
        start(conn, landed.id, commit_id="c1")
        assert loads.begun(conn, PATH) == {landed.id: "c1"}
        load_id = loads.load_id(landed.id, PATH)
        rejects = [Reject("c.csv", 2**33, "email", "no e-mail address"), Reject("c.csv", 3, None, "too short")]
        loads.commit(conn, [Outcome(load_id, 9, 7, 2, rejects)], version=4)
        assert loads.begun(conn, PATH) == {}
    with state.read() as conn:
        again = landed_files.of_courier(conn, PRODUCTION, "ecom")
        totals = [landed_files.totals(conn, PRODUCTION, "ecom", tags) for tags in ({"c", "d"}, {"d"}, set())]
        assert totals == [(1, 2**33), (0, 0), (0, 0)]
        (row,) = loads.of_table(conn, PATH)
        assert loads.rejects_of(conn, load_id) == rejects
    assert again == [replace(landed, modified_at=NOON)]
    assert landed.modified_at == modified
    assert landed.size_bytes == 2**33
    assert (row["state"], row["rows_loaded"], row["delta_version"]) == ("committed", 7, 4)


def test_a_lease_is_one_holders_until_it_ends(state: State) -> None:
    """Every holder's fence is higher than the last."""
    with leases.lease(state, "apply", holder="ann") as first:
        with pytest.raises(LockedError, match="ann"), leases.lease(state, "apply", holder="bob"):
            raise AssertionError
        with leases.lease(state, "janitor", holder="bob"):
            pass
    with leases.lease(state, "apply", holder="bob") as second:
        assert second > first


def test_a_lease_outlives_a_beat_at_which_somebody_else_wrote(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next beat puts its end off."""
    write, tries, is_put_off = state.write, itertools.count(1), threading.Event()

    @contextlib.contextmanager
    def busy_at_first() -> Iterator[Connection]:
        if next(tries) == 1:
            raise LockedError("state: another process has been writing")
        with write() as conn:
            yield conn
        is_put_off.set()

    with leases.lease(state, "table:t", holder="ann", ttl_s=0.9):
        before = ends_at(state, "table:t")
        monkeypatch.setattr(state, "write", busy_at_first)
        assert is_put_off.wait(30)
        assert ends_at(state, "table:t") > before


def ends_at(state: State, name: str) -> dt.datetime:
    """Give when a lease ends unless it is put off."""
    with state.read() as conn:
        return utc(conn.execute(sa.select(tables.lease.c.expires_at).where(tables.lease.c.name == name)).scalar_one())


def test_an_environment_must_exist_for_what_refers_to_it(state: State) -> None:
    """Foreign keys hold in both."""
    with pytest.raises(IntegrityError), state.write() as conn:
        start(conn, 1, environment="nowhere")


def test_a_key_keeps_every_byte(state: State) -> None:
    """Binary columns are bytes in both."""
    with state.write() as conn:
        made = tenant_keys.get_or_create(conn, "ids")
    with state.write() as conn:
        assert tenant_keys.get_or_create(conn, "ids") == made


def test_the_audit_chain_is_whole(state: State) -> None:
    """Also with text, numbers and nothing in the detail."""
    for detail in ({}, {"rows": 3, "names": ["é", None], "share": 0.1, "b": {"z": True, "a": 1}}):
        with state.write() as conn:
            audit_log.append(conn, acting_user="ann", action="environment:apply", resource="p", detail=detail)
    with state.read() as conn:
        assert audit_log.broken_at(conn) is None


@pytest.mark.parametrize("url", ["mysql://ann:hush@h/d", "//ann:hush@x://y", "postgresql://ann:hush@127.0.0.1:1/d"])
def test_a_url_that_cannot_be_used_is_refused_without_its_password(url: str) -> None:
    """Another kind of database, not a URL, nobody there."""
    with pytest.raises(StateError) as refused:
        State.open(url)
    assert "hush" not in str(refused.value)


def test_a_wrong_password_is_not_repeated(postgres_server: PostgresServer) -> None:
    """The message names database and host, and why."""
    url = postgres_server.new_database().replace(postgres_server.password, "hush")
    with pytest.raises(StateError, match=r"127\.0\.0\.1.*authentication failed") as refused:
        State.open(url)
    assert "hush" not in str(refused.value)


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgresql+psycopg2", "postgres"])
def test_every_way_to_write_a_postgres_url_works(postgres_server: PostgresServer, scheme: str) -> None:
    """All of them through psycopg 3."""
    url = postgres_server.new_database().replace("postgresql", scheme, 1)
    state = State.open(url)
    assert state.engine.driver == "psycopg"
    with state.read() as conn:
        assert utc(conn.execute(sa.select(sa.func.now())).scalar_one()).tzinfo is dt.UTC


def test_the_state_uses_the_schema_that_its_url_names(postgres_server: PostgresServer) -> None:
    """Beside another program's tables of the same names."""
    url = postgres_server.new_database()
    with postgres_server.connect(url.rpartition("/")[2]) as connection:
        connection.execute("CREATE SCHEMA cdp; CREATE TABLE public.run (id int)")
    with State.open(f"{url}?options=-csearch_path%3Dcdp").read() as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(tables.run)).scalar() == 0
        assert sa.inspect(conn).get_table_names("public") == ["run"]


def test_the_last_grade_of_a_pair_counts_and_environments_are_apart(state: State) -> None:
    with state.write() as conn:
        environments.get_or_create(conn, "sandbox__s")
        for pair, is_one_person in (("a", True), ("b", True), ("a", False)):
            grades.put(conn, PRODUCTION, pair, is_one_person=is_one_person, graded_by="ann")
        grades.put(conn, "sandbox__s", "a", is_one_person=True, graded_by="ann")
    with state.read() as conn:
        assert grades.of_environment(conn, PRODUCTION) == {"a": False, "b": True}
