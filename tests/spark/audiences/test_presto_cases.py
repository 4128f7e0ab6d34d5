"""Every query of the golden set gives Trino's answer on Spark, or is refused; none gives another answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdp_assets.audiences.translate import translate
from cdp_assets.errors import LakeError, QueryError
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName
from tests.spark.audiences.golden import cases, difference, tables

DATABASE = "database__golden"
LEAST_EQUAL = 85


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory, sessions: SparkSessions) -> dict[str, list[str]]:
    """How every case went: equal, refused, wrong."""
    lake = Lake(tmp_path_factory.mktemp("golden"), sessions)
    columns, versions = {}, {}
    for name, (types, rows) in tables().items():
        table = TableName(DATABASE, name)
        version = delta.overwrite(lake.absolute(f"golden/{name}"), rows, f"golden:{name}")
        columns[table], versions[table] = types, TableVersion(f"golden/{name}", version)
    found: dict[str, list[str]] = {"equal": [], "refused": [], "wrong": []}
    for case in cases():
        try:
            query = translate(case["sql"], columns, TableName(DATABASE, ""), where=case["name"])
            inputs = {table: versions[table] for table in query.references}
            answer = sessions.run(lambda query=query, inputs=inputs: lake.sql(query.spark_sql, inputs, {}).toArrow())
        except (QueryError, LakeError) as error:
            known = "error" in case or isinstance(error, QueryError)
            found["refused" if known else "wrong"].append(f"{case['name']}: {error}")
            continue
        problem = "an answer where Trino refuses" if "error" in case else difference(case, answer)
        found["wrong" if problem else "equal"].append(f"{case['name']}: {problem}: {query.spark_sql}")
    Path(lake.root, "golden.txt").write_text("\n".join(f"{kind} {text}" for kind in found for text in found[kind]))
    return found


def test_no_answer_differs_from_trinos(golden: dict[str, list[str]]) -> None:
    """Whatever is translated means the same."""
    assert golden["wrong"] == []


def test_much_of_what_analysts_write_is_translated(golden: dict[str, list[str]]) -> None:
    """The allow-list is of use: at least this many of the cases are answered."""
    print({kind: len(names) for kind, names in golden.items()})
    assert len(golden["equal"]) >= LEAST_EQUAL
