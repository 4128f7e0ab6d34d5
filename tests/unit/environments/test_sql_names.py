"""A column is refused only where nothing can be meant by it, or two things; what Spark and Presto take, is let be."""

from __future__ import annotations

import pytest

from cdp_assets.config import sql
from cdp_assets.environments.sql_names import Misnamed, misnamed
from cdp_assets.names import TableName
from tests.unit.environments.valid_sql import TABLES, VALID_PRESTO, VALID_SPARK

AMISS = [
    ("select aa from d.t", "reads aa, which is absent", "a"),
    ("select t.z from d.t", "reads t.z, which is absent", "one of a, b, s, ts, xs"),
    ("select x.a from d.t", "reads x.a, but nothing here is called x", "one of t"),
    ("select a from d.t join d.u on t.a = u.a", "reads a, which may be t.a or u.a", "one of t.a, u.a"),
    ("select z from (select a from d.t)", "reads z, which is absent", "one of a"),
    ("with w as (select a from d.t) select b from w", "reads b, which is absent", "one of a"),
    ("select a as x from d.t where x > 1", "reads x, which is absent", "xs"),
    ("select b from d.t group by bb", "reads bb, which is absent", "b"),
    ("select b from d.t order by bbb", "reads bbb, which is absent", "b"),
    ("select q.z from d.t lateral view posexplode(xs) q as p, v", "reads q.z, which is absent", "one of p, v"),
    ("select a from d.t where exists (select 1 from d.u where u.cc = t.b)", "reads u.cc, which is absent", "c"),
    ("select a from d.t where a in (select d from d.u)", "reads d, which is absent", "one of a, b, c, k, s, ts, xs"),
    ("select sum(zz) over (partition by a) from d.t", "reads zz, which is absent", "one of a, b, s, ts, xs"),
    ("select transform(xs, x -> x + y) from d.t", "reads y, which is absent", "one of a, b, s, ts, xs"),
    ("select t.a from d.t as p", "reads t.a, but nothing here is called t", "one of p"),
    ("select a from d.t union all select b from d.u", "reads b, which is absent", "one of a, c, k"),
    (
        "select a from (select b from d.t) join d.u v on v.k = b where c = k and s = 1",
        "reads s, which is absent",
        "one of a, b, c, k",
    ),
    ("select max(case when b = 1 then amount end) from d.t", "reads amount, which is absent", "one of a, b, s, ts, xs"),
    ("select t.*, u.zzz from d.t join d.u on t.a = u.a", "reads u.zzz, which is absent", "one of a, c, k"),
    ("select b from d.t join d.u using (a) where k = kk", "reads kk, which is absent", "k"),
]
PRESTO_AMISS = [
    ("select a as z from d.t group by z", "reads z, which is absent"),
    ("select a as z from d.t having z > 1", "reads z, which is absent"),
    ("select a as z, z + 1 from d.t", "reads z, which is absent"),
]


def found(text: str, dialect: str) -> list[Misnamed]:
    columns = {TableName("d", name): tuple(types) for name, types in TABLES.items()}
    return list(misnamed(sql.parse(text, dialect, "here"), columns.get, dialect))


@pytest.mark.parametrize("text", VALID_SPARK)
def test_what_spark_takes_is_let_be(text: str) -> None:
    assert found(text, "spark") == []


@pytest.mark.parametrize("text", VALID_PRESTO)
def test_what_presto_takes_is_let_be(text: str) -> None:
    assert found(text, "trino") == []


@pytest.mark.parametrize(("text", "problem", "expected"), AMISS)
def test_a_column_that_means_nothing_or_two_things_is_told_with_the_nearest(
    text: str, problem: str, expected: str
) -> None:
    (one,) = found(text, "spark")
    assert (one.problem, one.expected) == (problem, expected)


@pytest.mark.parametrize(("text", "problem"), PRESTO_AMISS)
def test_presto_sees_a_results_columns_in_its_order_alone(text: str, problem: str) -> None:
    assert [one.problem for one in found(text, "trino")] == [problem]


def test_columns_that_cannot_be_told_may_be_any() -> None:
    tree = sql.parse("select t.nothing, nothing_either from d.t join d.u on t.a = u.b", "spark", "here")
    assert list(misnamed(tree, lambda _: None, "spark")) == []
