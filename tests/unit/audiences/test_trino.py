"""A cluster is asked as its protocol says, and its answers are read with their types."""

from __future__ import annotations

import datetime as dt
import json
import math
import threading
from collections.abc import Iterator
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cdp_assets.audiences.engines import Asking, pinned
from cdp_assets.audiences.trino import TrinoClient
from cdp_assets.errors import EngineUnreachableError, LakeError, QueryError
from cdp_assets.names import TableName
from cdp_assets.secrets import Secret

Page = dict[str, Any] | int
TODAY = dt.date(2024, 2, 29)
VERSIONS = {TableName("database__d", "people"): 7, TableName("unified", "scores"): 3}


class Cluster(ThreadingHTTPServer):
    """Gives prepared pages one after another, and keeps what it was asked."""

    def __init__(self, pages: list[Page]) -> None:
        super().__init__(("127.0.0.1", 0), Speaker)
        self.pages, self.asked = pages, list[tuple[str, str, str, dict[str, str]]]()

    @property
    def client(self) -> TrinoClient:
        return TrinoClient(f"http://127.0.0.1:{self.server_port}", "ana", timeout_s=5)


class Speaker(BaseHTTPRequestHandler):
    """Speaks the protocol for a cluster."""

    server: Cluster

    def answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        self.server.asked.append((self.command, self.path, body, dict(self.headers)))
        page = {} if self.command == "DELETE" else self.server.pages.pop(0)
        self.send_response(page if isinstance(page, int) else 200)
        self.end_headers()
        if isinstance(page, dict):
            self.wfile.write(json.dumps(self._addressed(page)).encode())

    do_GET = do_POST = do_DELETE = answer  # noqa: N815 - the names that the library calls

    def _addressed(self, page: dict[str, Any]) -> dict[str, Any]:
        following = page.get("nextUri", "")
        here = f"http://127.0.0.1:{self.server.server_port}{following}"
        return page | {"nextUri": here} if following.startswith("/") else page

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def cluster(request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A cluster that gives the pages of the test's parameter."""
    server = Cluster(list(request.param))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


COLUMNS = [
    {"name": "n", "type": "bigint"},
    {"name": "d", "type": "decimal(38,2)"},
    {"name": "x", "type": "double"},
    {"name": "at", "type": "timestamp(3) with time zone"},
    {"name": "tags", "type": "array(row(a integer, b varchar))"},
    {"name": "m", "type": "map(varchar, date)"},
    {"name": "raw", "type": "varbinary"},
]
FIRST = [1, "1.50", "NaN", "2024-01-01 07:00:00.250 America/New_York", [[1, None]], {"k": "2024-02-29"}, "QUI="]
PAGES: list[Page] = [
    {"nextUri": "/v1/statement/1"},
    503,
    {"columns": COLUMNS, "data": [FIRST], "nextUri": "/v1/statement/2"},
    {"columns": COLUMNS, "data": [[None] * len(COLUMNS)]},
]


@pytest.mark.parametrize("cluster", [PAGES], indirect=True)
def test_pages_are_put_together_with_their_types(cluster: Cluster) -> None:
    """A busy cluster is asked again."""
    found = cluster.client.answer("SELECT 1", "q").to_pylist()
    first = found[0]
    assert math.isnan(first.pop("x"))
    assert first == {
        "n": 1,
        "d": Decimal("1.50"),
        "at": dt.datetime(2024, 1, 1, 12, 0, 0, 250000, tzinfo=dt.UTC),
        "tags": [{"a": 1, "b": None}],
        "m": [("k", dt.date(2024, 2, 29))],
        "raw": b"AB",
    }
    assert set(found[1].values()) == {None}
    method, path, body, headers = cluster.asked[0]
    assert (method, path, body, headers["X-Trino-User"]) == ("POST", "/v1/statement", "SELECT 1", "ana")
    assert "Authorization" not in headers
    assert [path for _, path, _, _ in cluster.asked[1:]] == ["/v1/statement/1", "/v1/statement/1", "/v1/statement/2"]


USER_ERROR = {"errorName": "COLUMN_NOT_FOUND", "errorType": "USER_ERROR", "message": "secret value",
              "errorLocation": {"lineNumber": 2, "columnNumber": 8}}  # fmt: skip
FAILURE = {"errorName": "EXCEEDED_LOCAL_MEMORY_LIMIT", "errorType": "INSUFFICIENT_RESOURCES", "message": "secret value"}


@pytest.mark.parametrize("cluster", [[{"nextUri": "/v1/statement/1"}, {"error": USER_ERROR}]], indirect=True)
def test_what_trino_refuses_is_told_by_name_and_place(cluster: Cluster) -> None:
    """Without its message, which may quote a row."""
    with pytest.raises(QueryError, match=r"q, line 2, column 8: COLUMN_NOT_FOUND") as error:
        cluster.client.answer("SELECT nope", "q")
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("cluster", [[{"nextUri": "/v1/statement/1", "error": FAILURE}]], indirect=True)
def test_a_query_that_fails_is_cancelled(cluster: Cluster) -> None:
    with pytest.raises(LakeError, match="EXCEEDED_LOCAL_MEMORY_LIMIT") as error:
        cluster.client.answer("SELECT 1", "q")
    assert "secret" not in str(error.value)
    assert cluster.asked[-1][:2] == ("DELETE", "/v1/statement/1")


@pytest.mark.parametrize("cluster", [[{"nextUri": "http://elsewhere.example/v1/statement/1"}]], indirect=True)
def test_no_other_host_is_asked(cluster: Cluster) -> None:
    """It would be told who asks."""
    with pytest.raises(LakeError, match="another host"):
        cluster.client.answer("SELECT 1", "q")


@pytest.mark.parametrize("cluster", [[401]], indirect=True)
def test_a_cluster_that_refuses_to_speak_is_unreachable(cluster: Cluster) -> None:
    with pytest.raises(EngineUnreachableError, match="status 401"):
        cluster.client.answer("SELECT 1", "q")


def test_a_password_is_never_sent_in_the_clear() -> None:
    with pytest.raises(LakeError, match="tls: true"):
        TrinoClient("http://trino.example", "ana", Secret("s"))


def test_tables_are_pinned_and_nothing_else_is_changed() -> None:
    """Names of common table expressions, texts and comments stay."""
    text = (
        "WITH p AS (SELECT id FROM People) -- people\n"
        "SELECT 'people', p.id FROM p JOIN unified.scores AS s ON s.id = p.id"
    )
    found = pinned(Asking(text, TableName("database__d", ""), "q", TODAY), "lake", VERSIONS)
    assert found == (
        'WITH p AS (SELECT id FROM "lake"."database__d"."people" FOR VERSION AS OF 7 AS "People") -- people\n'
        'SELECT \'people\', p.id FROM p JOIN "lake"."unified"."scores" FOR VERSION AS OF 3 AS s ON s.id = p.id'
    )


def test_a_table_without_a_version_is_refused() -> None:
    with pytest.raises(QueryError, match="table absent"):
        pinned(Asking("SELECT 1 FROM absent", TableName("database__d", ""), "q", TODAY), "lake", VERSIONS)


@pytest.mark.parametrize("clock", ["CURRENT_DATE", "now()", "LOCALTIMESTAMP"])
def test_the_cluster_s_clock_is_not_asked(clock: str) -> None:
    with pytest.raises(QueryError, match="clock of its own"):
        pinned(Asking(f"SELECT {clock} FROM people", TableName("database__d", ""), "q", TODAY), "lake", VERSIONS)
