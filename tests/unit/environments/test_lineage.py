"""Which changes of a query, and of what it reads, reach whoever reads its result."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from cdp_assets.config import sql
from cdp_assets.environments.effects import Effect, Effects, effect_of
from cdp_assets.environments.lineage import Shape, UnclearError, shape_of
from cdp_assets.names import TableName

P, Q = TableName("d", "p"), TableName("d", "q")
COLUMNS: dict[TableName, Collection[str]] = {P: ("a", "b", "c"), Q: ("a", "k")}
B_CHANGES = {P: Effect(changed=frozenset("b"), why=("changes column b",))}
B_WIDENS = {P: Effect(widened=frozenset("b"), why=("widens column b",))}
B_GOES = {P: Effect(removed=frozenset("b"), why=("removes column b",))}
ROWS = {P: Effect(rows=True, why=("changes the rows: WHERE",))}


def shape(text: str, dialect: str = "spark", **columns: Collection[str]) -> Shape:
    known = COLUMNS | {TableName("d", name): found for name, found in columns.items()}
    return shape_of(sql.parse(text, dialect, "here"), known, dialect)


def reached(text: str, inputs: Effects) -> Effect:
    """Give what reaches the readers of a query that stays as it is."""
    return effect_of(shape(text), shape(text), inputs)


def changed(before: str, after: str) -> Effect:
    """Give what a query's own change does."""
    return effect_of(shape(before), shape(after), {})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SELECT a FROM d.p", "SELECT x.a FROM d.p AS x"),
        ("SELECT a, b FROM d.p", "select P.A, p.b from D.P -- why"),
        ("SELECT a FROM d.p WHERE b > 1", "SELECT x.a FROM d.p AS x WHERE x.b > 1"),
        ("SELECT * FROM d.q", "SELECT a, k FROM d.q"),
        ("SELECT p.a FROM d.p JOIN d.q ON p.a = q.a", "SELECT x.a FROM d.p x INNER JOIN d.q y ON x.a = y.a"),
        ("WITH t AS (SELECT a FROM d.p) SELECT a FROM t", "WITH t AS (SELECT z.a FROM d.p z) SELECT s.a FROM t AS s"),
        ("SELECT a, COUNT(*) AS n FROM d.p GROUP BY a", "SELECT a, COUNT(*) AS n FROM d.p GROUP BY 1"),
        ("SELECT x.a, y.b FROM d.p x JOIN d.p y ON x.a = y.c", "SELECT l.a, r.b FROM d.p l JOIN d.p r ON l.a = r.c"),
    ],
)
def test_another_spelling_is_no_change(before: str, after: str) -> None:
    assert changed(before, after).is_silent


@pytest.mark.parametrize(
    "after",
    [
        "SELECT a, b FROM d.p",
        "SELECT a, UPPER(b) AS b FROM d.p",
        "SELECT a, COUNT(*) OVER (PARTITION BY c) AS b FROM d.p",
        "SELECT a, (SELECT MAX(k) FROM d.q) AS b FROM d.p",
    ],
)
def test_a_column_more_takes_nothing_from_anybody(after: str) -> None:
    assert changed("SELECT a FROM d.p", after) == Effect(added=frozenset("b"), why=("adds column b",))


@pytest.mark.parametrize(
    ("after", "why"),
    [
        ("SELECT a FROM d.p WHERE b > 2", "changes the rows: WHERE"),
        ("SELECT a FROM d.q WHERE k > 1", "changes the rows: FROM, WHERE"),
        ("SELECT p.a FROM d.p LEFT JOIN d.q ON p.a = q.a WHERE b > 1", "changes the rows: JOIN 1"),
        ("SELECT DISTINCT a FROM d.p WHERE b > 1", "changes the rows: DISTINCT"),
        ("SELECT a FROM d.p WHERE b > 1 LIMIT 5", "changes the rows: LIMIT"),
        ("SELECT a FROM d.p WHERE b > 1 GROUP BY a", "changes the rows: GROUP"),
        ("SELECT a, EXPLODE(c) AS x FROM d.p WHERE b > 1", "changes the rows: EXPLODE"),
        ("SELECT MAX(a) AS a FROM d.p WHERE b > 1", "changes the rows: AGGREGATE"),
        ("SELECT a FROM d.p WHERE b > 1 QUALIFY RANK() OVER (ORDER BY c) = 1", "changes the rows: QUALIFY"),
        ("SELECT a FROM d.p WHERE b > 1 UNION ALL SELECT a FROM d.q", "changes the rows: FROM, WHERE, UNION"),
    ],
)
def test_whatever_may_change_the_rows_breaks(after: str, why: str) -> None:
    found = changed("SELECT a FROM d.p WHERE b > 1", after)
    assert found.rows
    assert why in found.why[0]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("SELECT x FROM UNNEST(ARRAY[1, 2]) AS t(x)", "SELECT x FROM UNNEST(ARRAY[1, 3]) AS t(x)"),
        ("SELECT x FROM (VALUES (1), (2)) AS t(x)", "SELECT x FROM (VALUES (1), (3)) AS t(x)"),
        (
            "SELECT a FROM d.p JOIN (VALUES (1)) AS t(x) ON t.x = p.a",
            "SELECT a FROM d.p JOIN (VALUES (2)) AS t(x) ON t.x = p.a",
        ),
    ],
)
def test_rows_that_a_query_makes_itself_are_part_of_it(before: str, after: str) -> None:
    assert effect_of(shape(before, "trino"), shape(after, "trino"), {}).rows
    assert effect_of(shape(before, "trino"), shape(before, "trino"), {}).is_silent


def test_a_column_that_goes_and_one_that_is_spelled_otherwise_are_named() -> None:
    found = changed("SELECT a, b, c FROM d.p", "SELECT a, b + 1 AS b FROM d.p")
    assert found == Effect(removed=frozenset("c"), changed=frozenset("b"), why=("removes column c", "changes column b"))


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM d.p",
        "SELECT a, c FROM (SELECT * FROM d.p) AS t WHERE c = 1",
        "WITH t AS (SELECT a, b AS z FROM d.p) SELECT a FROM t",
        "SELECT COUNT(*) AS n FROM d.p",
        "SELECT q.a, COUNT(*) AS n FROM d.q JOIN d.p ON p.a = q.a GROUP BY q.a",
        "SELECT a FROM d.q WHERE EXISTS (SELECT 1 FROM d.p WHERE p.a = q.a)",
        "SELECT a FROM d.p UNION ALL SELECT c FROM d.p",
        "SELECT DISTINCT a FROM d.p",
        "SELECT a, SUM(c) OVER (PARTITION BY a ORDER BY c) AS s FROM d.p",
        "SELECT a FROM d.p ORDER BY c LIMIT 3",
    ],
)
@pytest.mark.parametrize("inputs", [B_CHANGES, B_WIDENS], ids=["changes", "widens"])
def test_a_change_does_not_reach_who_reads_none_of_its_columns(text: str, inputs: Effects) -> None:
    assert reached(text, inputs).is_silent


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("SELECT a, b AS x FROM d.p", "x"),
        ("SELECT a, LOWER(b) AS x FROM d.p", "x"),
        ("SELECT a, b AS y, y || 'z' AS x FROM d.p", "x"),
        ("WITH t AS (SELECT a, b AS z FROM d.p) SELECT a, z + 1 AS x FROM t", "x"),
        ("SELECT a, x FROM (SELECT a, b AS x, c FROM d.p) AS t", "x"),
        ("SELECT a, RANK() OVER (PARTITION BY a ORDER BY b) AS x FROM d.p", "x"),
        ("SELECT a, SUM(b) AS x FROM d.p GROUP BY a", "x"),
        ("SELECT a AS x FROM d.q UNION ALL SELECT b FROM d.p", "x"),
        ("SELECT a, (SELECT MAX(b) FROM d.p) AS x FROM d.q", "x"),
        ("SELECT q.a, p.b AS x FROM d.q LEFT JOIN d.p ON p.a = q.a", "x"),
        ("SELECT * FROM d.p", "b"),
    ],
)
def test_a_change_reaches_the_columns_that_derive_from_it_alone(text: str, column: str) -> None:
    found = reached(text, B_CHANGES)
    assert not found.rows
    assert column in found.changed
    assert "a" not in found.changed
    assert "d.p.b, which changes" in found.why[0]


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a FROM d.p WHERE b > 1",
        "SELECT q.a FROM d.q JOIN d.p ON p.b = q.k",
        "SELECT k FROM d.q NATURAL JOIN (SELECT b AS a FROM d.p) AS t",
        "SELECT COUNT(*) AS n FROM d.p GROUP BY b",
        "SELECT a FROM d.p GROUP BY a HAVING MAX(b) > 1",
        "SELECT a FROM d.p ORDER BY b LIMIT 1",
        "SELECT a FROM d.p QUALIFY ROW_NUMBER() OVER (ORDER BY b) = 1",
        "SELECT DISTINCT a, b FROM d.p",
        "SELECT a FROM d.q UNION SELECT b FROM d.p",
        "SELECT a FROM d.q WHERE k IN (SELECT b FROM d.p)",
        "SELECT a FROM d.q WHERE EXISTS (SELECT 1 FROM d.p WHERE p.b = q.k)",
        "SELECT a FROM d.q WHERE NOT EXISTS (SELECT 1 FROM (SELECT a FROM d.p WHERE b = 1) AS t WHERE t.a = q.a)",
        "SELECT a, x FROM d.p LATERAL VIEW EXPLODE(b) t AS x",
        "SELECT a, EXPLODE(b) AS x FROM d.p",
        "SELECT a, x FROM d.p, LATERAL EXPLODE(b) AS t(x)",
        "SELECT a, x FROM d.p CROSS JOIN UNNEST(b) AS t(x)",
        "WITH t AS (SELECT a FROM d.p WHERE b = 1) SELECT q.a FROM d.q JOIN t ON t.a = q.a",
    ],
)
def test_a_changed_column_that_decides_on_rows_changes_them(text: str) -> None:
    found = reached(text, B_CHANGES)
    assert found.rows
    assert "which changes" in found.why[0] or "told apart" in found.why[0]


def test_a_removed_column_that_is_read_is_named() -> None:
    found = reached("SELECT a, b FROM d.p", B_GOES)
    assert found.why == ("column b reads d.p.b, which is removed",)
    star = effect_of(shape("SELECT * FROM d.p"), shape("SELECT * FROM d.p", p=("a", "c")), B_GOES)
    assert star.removed == {"b"}


def test_columns_with_one_reason_are_told_together_and_many_of_them_shortly() -> None:
    text = "SELECT b AS x, LOWER(b) AS y, a FROM d.p"
    assert reached(text, B_CHANGES).why == ("columns x, y read d.p.b, which changes",)
    many = ", ".join(f"b + {number} AS c{number}" for number in range(9))
    told = "columns c0, c1, c2, c3, c4 and 4 more read d.p.b, which changes"
    assert reached(f"SELECT {many} FROM d.p", B_CHANGES).why == (told,)


def test_a_star_gains_what_its_input_gains() -> None:
    gains = {P: Effect(added=frozenset("n"), why=("adds column n",))}
    found = effect_of(shape("SELECT * FROM d.p"), shape("SELECT * FROM d.p", p=("a", "b", "c", "n")), gains)
    assert found == Effect(added=frozenset("n"), why=("adds column n",))
    distinct = "SELECT DISTINCT * FROM d.p"
    assert effect_of(shape(distinct), shape(distinct, p=("a", "b", "c", "n")), gains).rows


def test_a_gained_column_that_takes_a_name_over_is_not_harmless() -> None:
    """`k` meant the other table's column; with two it means neither, or the new one."""
    text = "SELECT p.a, k FROM d.p JOIN d.q ON p.a = q.a"
    with pytest.raises(UnclearError, match="reads k"):
        shape(text, p=("a", "b", "c", "k"))
    inner = "SELECT a FROM d.q WHERE EXISTS (SELECT 1 FROM d.p WHERE k = 1)"
    gains = {P: Effect(added=frozenset("k"), why=("adds column k",))}
    assert effect_of(shape(inner), shape(inner, p=("a", "b", "c", "k")), gains).rows


def test_other_rows_reach_everybody() -> None:
    assert reached("SELECT a FROM d.p", ROWS).why == ("reads d.p, whose rows may change",)
    assert reached("SELECT k FROM d.q WHERE a IN (SELECT a FROM d.p)", ROWS).rows
    assert reached("SELECT k FROM d.q", ROWS).is_silent


@pytest.mark.parametrize(
    ("text", "widened"),
    [
        ("SELECT a, b AS x FROM d.p", {"x"}),
        ("WITH t AS (SELECT b FROM d.p) SELECT b AS x FROM t", {"x"}),
        ("SELECT b + 1 AS x FROM d.p", set()),
        ("SELECT CAST(b AS STRING) AS x FROM d.p", set()),
    ],
)
def test_a_wider_type_is_carried_on_as_it_stands_and_breaks_in_every_other_use(text: str, widened: set[str]) -> None:
    found = reached(text, B_WIDENS)
    assert found.widened == widened
    assert found.breaks is (not widened)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT a, a FROM d.p",
        "SELECT POSEXPLODE(b) AS (pos, x) FROM d.p",
        "SELECT INLINE(b) FROM d.p",
        "WITH RECURSIVE t AS (SELECT a FROM d.p UNION ALL SELECT a FROM t) SELECT a FROM t",
        "SELECT x.z FROM d.p AS x, LATERAL (SELECT x.b AS z) AS y",
        "SELECT a FROM d.p UNION ALL SELECT a, k FROM d.q",
        "SELECT a FROM d.p TABLESAMPLE (5 PERCENT)",
        "SELECT nowhere FROM d.p JOIN d.q ON p.a = q.a",
    ],
)
def test_what_is_not_understood_says_so(text: str) -> None:
    with pytest.raises(UnclearError):
        reached(text, {})


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("SELECT nowhere FROM d.p JOIN d.q ON p.a = q.a", ("nowhere",)),
        ("SELECT a FROM d.p LEFT SEMI JOIN d.q ON p.a = q.a", ()),
        ("SELECT a FROM d.p PIVOT (SUM(c) FOR b IN (1, 2))", ()),
    ],
)
def test_a_column_is_missing_only_where_nothing_has_it(text: str, missing: tuple[str, ...]) -> None:
    """Whose column it is may be unclear where it is there all the same."""
    with pytest.raises(UnclearError) as unclear:
        shape(text)
    assert unclear.value.columns == missing


@pytest.mark.parametrize(
    "text",
    [
        "SELECT b.x AS x, a FROM d.p",
        "SELECT s.b.x AS x, a FROM d.p AS s",
        "SELECT TRANSFORM(b, one -> one + 1) AS x, a FROM d.p",
        "SELECT AGGREGATE(b, 0, (sum, one) -> sum + one) AS x, a FROM d.p",
        "SELECT b['key'] AS x, a FROM d.p",
    ],
)
def test_what_is_inside_a_column_is_of_that_column(text: str) -> None:
    found = reached(text, B_CHANGES)
    assert (found.changed, found.rows) == ({"x"}, False)


def test_a_column_that_a_query_in_the_query_lost_is_removed_where_it_is_read() -> None:
    text = "WITH t AS (SELECT * FROM d.p) SELECT t.b AS x FROM t"
    found = effect_of(shape(text), shape(text, p=("a", "c")), B_GOES)
    assert found.why == ("column x reads t.b, which is removed",)


def test_a_query_in_the_query_is_looked_at_once_however_often_it_is_read() -> None:
    """Thirty that each read the one before twice would be a thousand million otherwise."""
    steps = [f"t{n} AS (SELECT l.a, r.b FROM t{n - 1} AS l JOIN t{n - 1} AS r ON l.a = r.a)" for n in range(1, 30)]
    text = f"WITH t0 AS (SELECT a, b FROM d.p), {', '.join(steps)} SELECT a, b AS x FROM t29"
    found = reached(text, B_CHANGES)
    assert found.why == ("column x reads d.p.b, which changes",)


def test_presto_is_understood_too() -> None:
    text = "SELECT a, ARRAY_JOIN(ARRAY_AGG(c), ',') AS x FROM d.p WHERE REGEXP_LIKE(c, 'x') GROUP BY a"
    found = effect_of(shape(text, "trino"), shape(text, "trino"), B_CHANGES)
    assert found.is_silent
