"""Asks one question of what is published: who asks is kept in the history, and anybody allowed to can stop it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from cdp_assets.audiences.engines import Engine
from cdp_assets.config.catalog import Catalog, Table, build_catalog, scope_of
from cdp_assets.environments.answers import AD_HOC, ON_SPARK, frame_of, personal_of_answer, with_ad_hoc
from cdp_assets.environments.engine import engine_of
from cdp_assets.environments.revision import applied_tenant
from cdp_assets.environments.runs import current_publication
from cdp_assets.environments.stitch_qa import is_stitch_qa, qa_sql
from cdp_assets.environments.table_versions import TableHistory, history_of
from cdp_assets.errors import LakeError, QueryCancelledError, StateError
from cdp_assets.lakehouse.lake import Frame, Lake
from cdp_assets.names import TableName, database_layer, is_name
from cdp_assets.state import query_runs
from cdp_assets.state.database import State
from cdp_assets.state.publications import Publication
from cdp_assets.state.query_runs import CANCELLED, COMPLETED, FAILED
from cdp_assets.state.readers import reading
from cdp_assets.stitch.qa.queries import qa_queries

LOOK_EVERY_S = 0.5
"""How often a running query looks whether it is to stop."""


@dataclass(frozen=True)
class Question:
    """A query and the publication that answers it."""

    environment: str
    catalog: Catalog
    table: Table
    publication: Publication
    engine: Engine = ON_SPARK

    @property
    def address(self) -> str:
        """What policies and the audit log call it."""
        return str(self.table.name)


@dataclass
class Asked:
    """A question that is being answered; whoever answers it says how many rows there were."""

    run_id: str
    history: TableHistory | None = None
    """The versions of its table, where it asks for them."""
    rows: int | None = None


def question(state: State, asked: str, *, environment: str, database: str) -> Question:
    """Give the question that a tenant's query, by its name, or Presto SQL over a database asks.

    Over a database of the template stitch_qa the names of the queries of Stitch QA are known as well.

    Raises StateError before the first apply or publication and for an unknown name, QueryError for what is no SELECT.
    """
    tenant = applied_tenant(state, environment)
    catalog = build_catalog(tenant)
    if is_stitch_qa(tenant, database) and asked in qa_queries():
        asked = qa_sql(tenant, asked)
    name = TableName("query", asked) if is_name(asked) else AD_HOC
    if name == AD_HOC:
        catalog = with_ad_hoc(catalog, asked, database, TableName(database_layer(database), ""))
    if name not in catalog.tables:
        known = ", ".join(sorted(table.name for table in catalog.tables if table.layer == "query")) or "none yet"
        raise StateError(f"{environment}: there is no query {asked}. Expected SQL, or one of {known}.")
    engine = engine_of(state, environment, tenant)
    return Question(environment, catalog, catalog.tables[name], current_publication(state, environment), engine)


@contextlib.contextmanager
def asking(state: State, lake: Lake, question: Question, user: str, kind: query_runs.Kind) -> Iterator[Asked]:
    """Keep a question in the history while the block answers it, and stop it when somebody asks for that.

    Raises QueryCancelledError for a question that was stopped; Ctrl-C stops what Spark does for it.
    """
    history = history_of(state, lake, question.publication, question.table, "the query")
    with state.write() as conn:
        run_id = query_runs.begin(
            conn,
            environment=question.environment,
            publication_id=question.publication.id,
            query=question.table.name.name,
            kind=kind,
            asked_by=user,
        )
    asked, ended = Asked(run_id, history), FAILED
    try:
        with reading(state, question.publication.id, f"query {run_id} of {user}"), _watched(state, lake, run_id):
            yield asked
        ended = COMPLETED
    except KeyboardInterrupt:
        lake.sessions.interrupt(run_id)
        ended = CANCELLED
        raise
    except LakeError:
        if not _is_to_cancel(state, run_id):
            raise
        ended = CANCELLED
        raise QueryCancelledError(f"query {run_id[:8]} was cancelled. Expected to be asked again.") from None
    finally:
        with state.write() as conn:
            query_runs.end(conn, run_id, ended, asked.rows)


@contextlib.contextmanager
def _watched(state: State, lake: Lake, run_id: str) -> Iterator[None]:
    """Interrupt what runs under the id as soon as the state says so."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(LOOK_EVERY_S):
            if _is_to_cancel(state, run_id):
                lake.sessions.interrupt(run_id)

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _is_to_cancel(state: State, run_id: str) -> bool:
    with state.read() as conn:
        return query_runs.is_to_cancel(conn, run_id)


def head(lake: Lake, question: Question, asked: Asked, limit: int) -> pa.Table:
    """Give the first rows of an answer."""

    def work() -> pa.Table:
        with lake.sessions.tagged(asked.run_id):
            return _frame(lake, question, asked).limit(limit).toArrow()

    found = lake.sessions.run(work)
    asked.rows = found.num_rows
    return found


def batches(lake: Lake, question: Question, asked: Asked) -> Iterator[pa.RecordBatch]:
    """Give an answer as it comes, in bounded memory; `asked` counts its rows."""
    asked.rows, frame = 0, lake.sessions.run(lambda: _frame(lake, question, asked))
    with lake.sessions.tagged(asked.run_id):
        for batch in lake.batches(frame):
            asked.rows += batch.num_rows
            yield batch


def _frame(lake: Lake, question: Question, asked: Asked) -> Frame:
    table = question.table
    history, engine = asked.history, question.engine
    return frame_of(
        lake, question.publication, table, scope_of(table), where="the query", history=history, engine=engine
    )


def hidden(lake: Lake, question: Question, columns: list[str]) -> frozenset[str]:
    """Give those of an answer's columns whose values only their shape is shown of."""
    return personal_of_answer(lake, question.publication, question.catalog, question.table.name, columns)
