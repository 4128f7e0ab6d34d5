"""A question is answered from what is published, written to files whole or not at all, and can be stopped."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from cdp_assets.environments.asking import Question, asking, head
from cdp_assets.environments.query_download import download
from cdp_assets.errors import LakeError, QueryCancelledError
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.names import PRODUCTION
from cdp_assets.state import query_runs
from cdp_assets.state.query_runs import QueryRun
from tests.unit.environments.published import ROWS, Published, publish, published

LONG = "SELECT COUNT(*) AS n FROM " + ", ".join(f"customer_360 AS c{number}" for number in range(16))


@pytest.fixture
def there(tmp_path: Path, sessions: SparkSessions) -> Published:
    return published(tmp_path / "state.db", tmp_path / "lake", sessions)


def latest(there: Published) -> QueryRun:
    with there.state.read() as conn:
        return query_runs.latest(conn, PRODUCTION)[0]


def answer(there: Published, question: Question, before: Callable[[], object] = lambda: None) -> pa.Table:
    with asking(there.state, there.lake, question, "ann", "preview") as asked:
        before()
        return head(there.lake, question, asked, 100)


def test_an_answer_is_kept_in_the_history_with_its_rows(there: Published) -> None:
    found = answer(there, there.question("SELECT state, COUNT(*) AS n FROM customer_360 GROUP BY state ORDER BY state"))
    assert found.to_pydict() == {"state": ["OR", "WA"], "n": [1, 2]}
    assert (latest(there).state, latest(there).rows, latest(there).query) == ("completed", 2, "ad_hoc")
    with pytest.raises(LakeError):
        answer(there, there.question("SELECT 1 / (lifetime_order_frequency * 0) AS x FROM customer_360"))
    assert latest(there).state == "failed"


def test_a_query_that_runs_is_stopped_by_whoever_asks_for_it(there: Published) -> None:
    def stop() -> None:
        while latest(there).cancelled_by is None:
            with there.state.write() as conn:
                query_runs.ask_to_cancel(conn, "", "bob")
            time.sleep(0.05)

    stopper = threading.Timer(0, stop)
    with pytest.raises(QueryCancelledError):
        answer(there, there.question(LONG), before=stopper.start)
    stopper.join()
    assert (latest(there).state, latest(there).cancelled_by) == ("cancelled", "bob")


@pytest.mark.parametrize("reveal", [False, True])
def test_a_download_is_the_whole_answer_with_personal_values_hidden(
    there: Published, tmp_path: Path, reveal: bool
) -> None:
    file, told = tmp_path / "people.csv", list[int]()
    question = there.question("SELECT email, COUNT(*) AS n FROM customer_360 GROUP BY email ORDER BY email")
    with asking(there.state, there.lake, question, "ann", "download") as asked:
        assert download(there.lake, question, asked, file, reveal=reveal, tell=told.append) == 3
    ann, cy = ("Ann@mail.com", "Cy@mail.com") if reveal else ("Xxx@xxxx.xxx", "Xx@xxxx.xxx")
    assert file.read_text() == f"email,n\n{ann},1\n{cy},1\n,1\n"
    assert told == [3]
    assert latest(there).rows == 3


def test_a_download_that_fails_leaves_what_was_there(there: Published, tmp_path: Path) -> None:
    file = tmp_path / "people.csv"
    file.write_text("before")
    question = there.question("SELECT 1 / (lifetime_order_frequency * 0) AS x FROM customer_360")
    with pytest.raises(LakeError), asking(there.state, there.lake, question, "ann", "download") as asked:
        download(there.lake, question, asked, file, reveal=False, tell=lambda _: None)
    assert file.read_text() == "before"
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_a_query_sees_the_versions_of_a_table(there: Published) -> None:
    publish(there, "two", ROWS.slice(0, 2))
    text = "SELECT amperity_version, COUNT(*) AS n FROM customer_360 AS c GROUP BY amperity_version ORDER BY 1"
    assert answer(there, there.question(text)).to_pydict() == {"amperity_version": [1, 2], "n": [3, 2]}
