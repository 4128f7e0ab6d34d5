"""Two answers are equal exactly where the golden set's rules say so."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from benchmarks.presto.compare import difference
from benchmarks.presto.golden import Golden
from benchmarks.presto.run import counts, on_trino, outcomes
from cdp_assets.audiences.trino import TrinoClient
from cdp_assets.errors import LakeError, QueryError


def compared(kind: str, want: list[Any], got: list[Any], type_: pa.DataType | None = None, **rules: Any) -> str | None:
    """Compare one column."""
    case = {"columns": [{"name": "x", "type": kind}], "rows": [[value] for value in want], **rules}
    return difference(case, pa.table({"X": pa.array(got, type_)}))


EQUAL: list[tuple[str, list[Any], list[Any], pa.DataType | None]] = [
    ("bigint", [1, None], [None, 1], pa.int32()),
    ("decimal(5, 2)", ["1.50"], [Decimal("1.5")], None),
    ("double", ["NaN", "-Infinity"], [float("nan"), float("-inf")], None),
    ("double", [1.0], [1.0 + 1e-10], None),
    ("varbinary", ["QUI="], [b"AB"], None),
    ("json", ['{"a": 1, "b": 2}'], ['{"b":2,"a":1}'], None),
    ("unknown", [None], [None], pa.string()),
    ("timestamp(0) with time zone", ["2024-01-01 07:00:00 America/New_York"], [dt.datetime(2024, 1, 1, 12)], None),
    ("timestamp(3) with time zone", ["1970-01-01 00:00:00.000 UTC"], [dt.datetime(1970, 1, 1)], None),
    ("timestamp(0) with time zone", ["2024-01-01 13:00:00 +01:00"], [dt.datetime(2024, 1, 1, 12)], None),
    ("interval day to second", ["1 02:03:04.000"], [dt.timedelta(days=1, seconds=7384)], None),
    ("time(3)", ["10:20:30.500"], [dt.time(10, 20, 30, 500000)], None),
    ("map(varchar(1), integer)", [{"a": 1, "b": None}], [[("b", None), ("a", 1)]], pa.map_(pa.string(), pa.int32())),
    ("row(a integer, varchar(1))", [[1, "x"]], [{"a": 1, "col2": "x"}], None),
    ("array(array(integer))", [[[1], None]], [[[1], None]], None),
]
DIFFERENT: list[tuple[str, list[Any], list[Any], pa.DataType | None]] = [
    ("bigint", [1], [2], None),
    ("bigint", [1], ["1"], None),
    ("varchar", ["a"], ["a "], None),
    ("double", [1.0], [1.0 + 1e-8], None),
    ("double", [1.0], [None], pa.float64()),
    ("array(integer)", [[1, 2]], [[2, 1]], None),
    ("date", ["2024-01-01"], [dt.date(2024, 1, 2)], None),
    ("row(integer, integer)", [[1, 2]], [{"a": 1}], None),
    ("bigint", [1, 1, 2], [1, 2, 2], None),
]


@pytest.mark.parametrize(("kind", "want", "got", "type_"), EQUAL)
def test_equal_values_are_spelled_differently(
    kind: str, want: list[Any], got: list[Any], type_: pa.DataType | None
) -> None:
    assert compared(kind, want, got, type_) is None


@pytest.mark.parametrize(("kind", "want", "got", "type_"), DIFFERENT)
def test_a_difference_is_told(kind: str, want: list[Any], got: list[Any], type_: pa.DataType | None) -> None:
    assert compared(kind, want, got, type_) is not None


def test_order_counts_where_the_query_says_so() -> None:
    assert compared("bigint", [1, 2], [2, 1]) is None
    assert compared("bigint", [1, 2], [2, 1], ordered=True) is not None


def test_tolerance_and_shape_are_kept() -> None:
    assert compared("bigint", [100], [102], tolerance=0.03) is None
    assert compared("double", [1.0], [7.0], compare="shape") is None
    assert compared("double", [1.0], [7.0, 8.0], compare="shape") is not None


def test_every_verdict_is_counted_on_its_side() -> None:
    """What Trino answers, and apart what it refuses."""

    def answer(case: Any) -> pa.Table:
        found = case["does"]
        if isinstance(found, Exception):
            raise found
        return pa.table({"x": [found]})

    answers = [{"columns": [{"name": "x", "type": "bigint"}], "rows": [[1]], "group": "g"} for _ in range(4)]
    refusals = [{"error": "SYNTAX_ERROR", "group": "g"} for _ in range(3)]
    does = [1, 2, QueryError("q", "X", "no."), LakeError("boom"), 1, QueryError("q", "X", "no."), LakeError("boom")]
    cases = [{**case, "does": act} for case, act in zip([*answers, *refusals], does, strict=True)]
    assert counts(list(outcomes(cases, answer))) == {
        **{"cases": 4, "agree": 1, "refused": 1, "failed": 1, "wrong": 1},
        "refusals": {"cases": 3, "refused": 2, "answered": 1, "failed": 0},
    }


def test_tables_are_made_on_trino_with_their_types() -> None:
    """Every value is cast from its text."""
    said: list[str] = []

    class Listening(TrinoClient):
        def answer(self, text: str, where: str) -> pa.Table:
            said.append(text)
            return pa.table({})

    class Small(Golden):
        def tables(self) -> dict[str, tuple[dict[str, str], pa.Table]]:
            return {"t": ({"a": "string", "b": "boolean"}, pa.table({"a": ["it's", None], "b": [True, False]}))}

    on_trino(Small(Path()), Listening("http://trino.example", "ana"))({"sql": "SELECT 1", "name": "q"})
    values = "(CAST('it''s' AS varchar), CAST('true' AS boolean)), (CAST(NULL AS varchar), CAST('false' AS boolean))"
    assert said == [f"CREATE TABLE IF NOT EXISTS t AS SELECT * FROM (VALUES {values}) t(a, b)", "SELECT 1"]
