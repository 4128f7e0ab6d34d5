"""`cdp stitch qa`: the list of the queries needs no tenant."""

from __future__ import annotations

import json

from click.testing import CliRunner

from cdp_assets.cli.main import cdp
from cdp_assets.stitch.qa.queries import qa_queries


def test_the_queries_are_listed_for_people_and_as_json() -> None:
    told, said = (CliRunner().invoke(cdp, ["stitch", "qa", *words]).output for words in ([], ["--json"]))
    names = list(qa_queries())
    assert [one["name"] for one in json.loads(said)] == names
    assert [line.split()[0] for line in told.splitlines()] == names


def test_sql_is_of_one_query() -> None:
    done = CliRunner().invoke(cdp, ["stitch", "qa", "--sql"])
    assert done.exit_code == 2
    assert "Expected NAME" in done.output
