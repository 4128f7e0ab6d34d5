"""What is known of a query's text is what its tree says, and is parsed once."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdp_assets.cache import kept_in
from cdp_assets.config import sql
from cdp_assets.config.sql_facts import SqlFacts, save_sql_facts, sql_facts
from cdp_assets.errors import ConfigError

TEXT = "WITH a AS (SELECT x FROM Domain.B -- why\n) SELECT x FROM a JOIN c ON TRUE JOIN c AS d ON TRUE"


def test_references_and_spelling() -> None:
    facts = sql_facts(TEXT, "spark", "here")
    assert sorted(facts.reads) == [("c",), ("domain", "b")]
    assert facts.canonical == sql.spelled(sql.parse(TEXT, "spark", "here"), "spark")
    assert "why" not in facts.canonical


def test_a_dialect_is_part_of_the_question() -> None:
    text = "SELECT x['a'] FROM t WHERE x = \"y\""
    spark, presto = (sql_facts(text, dialect, "here").canonical for dialect in ("spark", "trino"))
    assert spark != presto


@pytest.mark.parametrize("text", ["SELEC 1", "SELECT 1; SELECT 2", "DROP TABLE t", ""])
def test_a_mistake_is_told_every_time(text: str) -> None:
    for _ in range(2):
        with pytest.raises(ConfigError, match="place"):
            sql_facts(text, "spark", "place")


def test_later_processes_do_not_parse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What this process has found is in the file, and the file's word is taken."""
    text = "SELECT later FROM t"
    with kept_in(tmp_path):
        found = sql_facts(text, "spark", "here")
        save_sql_facts()
    monkeypatch.setattr("cdp_assets.config.sql_facts._KNOWN._answers", {})
    monkeypatch.setattr("cdp_assets.config.sql_facts._KNOWN._folder", None)
    monkeypatch.setattr(sql, "parse", None)
    with kept_in(tmp_path):
        assert sql_facts(text, "spark", "here") == found == SqlFacts((("t",),), "SELECT later FROM t")
