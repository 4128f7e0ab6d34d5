"""Ingest queries over landed files: fixed width, joins, nested JSON, archives; their rows go through the feed."""

from __future__ import annotations

import gzip
import io
import tarfile
from decimal import Decimal
from pathlib import Path

import pytest

from cdp_assets.errors import SourceError
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.sources.ingest import QueryJob
from cdp_assets.sources.wanted import Wanted
from tests.integration.sources.query_shop import LINES, NESTED, STORES, shop

FIXED_WIDTH = """
    SELECT
      TRIM(SUBSTR(_c0, 1, 4)) AS id, SUBSTR(_c0, 5, 6) AS amount, SUBSTR(_c0, 11, 10) AS ordered_on, s.Place AS note
    FROM lines LEFT JOIN Stores AS s ON s.id = SUBSTR(_c0, 21, 1)
"""
EXPLODED = "SELECT line.id, line.amount, nested.on AS ordered_on FROM nested LATERAL VIEW EXPLODE(lines) AS line"


def line(id: str, amount: str, day: str, store: str) -> str:
    """Give a line of fixed width."""
    return f"{id:4}{amount:>6}{day:10}{store}\n"


def test_fixed_width_in_ebcdic_is_cut_and_joined(tmp_path: Path, sessions: SparkSessions) -> None:
    """Both files of a day are tables; what a feed refuses is refused here too; a packed file is unpacked before."""
    made = shop(tmp_path, sessions, FIXED_WIDTH, LINES, STORES)
    rows = [
        line("a", "1.50", "2026-11-20", "1"),
        line("b", "2.25", "2026-11-20", "2"),
        line("a", "3", "2026-11-21", "9"),
    ]
    made.drop("lines_20261120.dat.gz", gzip.compress("".join(rows).encode("cp037")))
    made.land(Wanted(skip_missing=True))
    assert made.load() == []
    made.drop("stores_20261120.csv", 'Id~place\n1~"High~Street"\n2~Müller\n')
    (loaded,) = made.run()
    assert (loaded.file, loaded.rows_read, loaded.rows_loaded) == ("ingest query made of 2026-11-20", 3, 3)
    assert made.run() == []
    found = [tuple(map(str, row)) for row in made.rows().select("id", "amount", "ordered_on", "note").iter_rows()]
    assert found == [("a", "3.00", "2026-11-21", "None"), ("b", "2.25", "2026-11-20", "Müller")]
    assert [(one["state"], one["rows_read"]) for one in made.ledger()] == [("committed", 0), ("committed", 3)]


def nested(*orders: tuple[str, str]) -> str:
    """Give one record that holds several orders."""
    lines = ", ".join(f'{{"id": "{id}", "amount": "{amount}"}}' for id, amount in orders)
    return f'{{"on": "2026-11-20", "lines": [{lines}]}}\n'


def tar(name: str, content: str) -> bytes:
    """Give an archive with one member."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(content.encode())
        archive.addfile(member, io.BytesIO(content.encode()))
    return made.getvalue()


def test_nested_records_are_taken_apart_and_a_newer_version_of_a_file_lets_its_day_be_read_again(
    tmp_path: Path, sessions: SparkSessions
) -> None:
    """From a member of an archive; a bad row is a reject of the query's."""
    made = shop(tmp_path, sessions, EXPLODED, NESTED | {"archive": {"contents": "*.ndjson"}}, threshold=50)
    made.drop("nested_20261120.tar", tar("a.ndjson", nested(("a", "1"), ("b", "x"))))
    made.run()
    assert [(one.file, one.row, one.column) for one in made.rejects()] == [
        ("ingest query made of 2026-11-20", 2, "amount")
    ]
    made.drop("nested_20261120.tar", tar("a.ndjson", nested(("a", "2"), ("c", "3"))))
    (loaded,) = made.run()
    assert loaded.rows_loaded == 2
    assert made.rows().select("id", "amount").rows() == [("a", Decimal("2.00")), ("c", Decimal("3.00"))]


def test_a_crash_after_the_commit_doubles_nothing_and_a_query_that_fails_loads_nothing(
    tmp_path: Path, sessions: SparkSessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The day is known by its files; the ledger says why a file was refused, without a value of it."""
    made = shop(tmp_path, sessions, "SELECT id, amount, noplace FROM stores", STORES)
    made.drop("stores_20261120.csv", "id~amount~ordered_on\na~1~2026-11-20\n")
    with pytest.raises(SourceError, match=r"ingest query made of 2026-11-20: .*noplace"):
        made.run()
    assert [one["state"] for one in made.ledger()] == ["failed"]
    made.sql = "SELECT * FROM stores"
    with monkeypatch.context() as patch:
        patch.setattr(QueryJob, "_note", lambda *_: [])
        made.load()
    version = made.version()
    assert [one["state"] for one in made.ledger()] == ["failed"]
    assert len(made.load()) == 1
    assert made.version() == version
    assert ([one["state"] for one in made.ledger()], len(made.rows())) == (["committed"], 1)
    assert not list((made.lake / ".spool").iterdir())


def test_an_optional_file_may_be_absent_where_its_columns_are_said(tmp_path: Path, sessions: SparkSessions) -> None:
    """Its table is empty then; with `truncate` each day's answer is the whole table."""
    files = [{"file": "stores"}, {"file": "nested", "columns": "id STRING, note STRING"}]
    made = shop(
        tmp_path,
        sessions,
        "SELECT s.*, n.note FROM stores AS s LEFT JOIN nested AS n USING (id)",
        STORES,
        NESTED | {"optional": True},
        load=[
            {"feed": "shop_orders", "type": "spark-sql", "query": "made", "files": files},
            {"feed": "shop_orders", "type": "truncate"},
        ],
    )
    made.drop("stores_20261120.csv", "id~amount~ordered_on\na~1~2026-11-20\n")
    made.drop("stores_20261121.csv", "id~amount~ordered_on\nb~1~2026-11-21\n")
    made.drop("nested_20261121.json", '{"id": "b", "note": "hi"}\n')
    assert [one.rows_loaded for one in made.run()] == [1, 1]
    assert made.rows().select("id", "note").rows() == [("b", "hi")]
