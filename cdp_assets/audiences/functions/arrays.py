"""Functions of arrays, those with lambdas among them."""

from __future__ import annotations

from cdp_assets.audiences import types
from cdp_assets.audiences.casts import as_text
from cdp_assets.audiences.signatures import Call, Functions
from cdp_assets.audiences.types import BOOLEAN, DAY_TIME, VARCHAR, YEAR_MONTH, array, is_float
from cdp_assets.audiences.values import Refused, Value, quoted, text

ELEMENT_AT = (
    "CASE WHEN {1} = 0 THEN FAIL(SQL array indices start at 1) WHEN abs({1}) <= size({0}) THEN"
    " element_at({0}, CAST({1} AS INT)) END"
)
POSITION_NTH = (
    "coalesce(CASE WHEN {2} = 0 THEN FAIL(array_position cannot take a 0-valued instance argument.)"
    " ELSE CAST(get(CASE WHEN {2} > 0 THEN"
    " filter(transform({0}, (x, i) -> CASE WHEN x = {1} THEN i + 1 END), i -> i IS NOT NULL) ELSE"
    " reverse(filter(transform({0}, (x, i) -> CASE WHEN x = {1} THEN i + 1 END), i -> i IS NOT NULL)) END,"
    " CAST(abs({2}) - 1 AS INT)) AS BIGINT) END, CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL THEN 0L END)"
)
SLICE = (
    "CASE WHEN {1} = 0 THEN FAIL(SQL array indices start at 1) WHEN {2} < 0 THEN FAIL(length must be"
    " greater than or equal to 0)"
    " WHEN abs({1}) > size({0}) THEN CASE WHEN {0} IS NOT NULL THEN slice({0}, 1, 0) END"
    " ELSE slice({0}, CAST({1} AS INT), CAST({2} AS INT)) END"
)
SEQUENCE = (
    "CASE WHEN {2} = 0 OR {2} > 0 AND {1} < {0} OR {2} < 0 AND {1} > {0} THEN"
    " FAIL(sequence stop value should be reachable from start by step) WHEN abs({1} - {0}) / abs({2}) > 10000 THEN"
    " FAIL(result of sequence function must not have more than 10000 entries) ELSE sequence({0}, {1}, {2}) END"
)
NGRAMS = (
    "CASE WHEN {1} <= 0 THEN FAIL(N must be positive) WHEN size({0}) <= {1} THEN array({0})"
    " ELSE transform(sequence(1, CAST(size({0}) - {1} + 1 AS INT)), i -> slice({0}, i, CAST({1} AS INT))) END"
)
TRIMMED = (
    "CASE WHEN {1} < 0 OR {1} > size({0}) THEN FAIL(size is out of bounds) ELSE slice({0}, 1,"
    " CAST(size({0}) - {1} AS INT)) END"
)
MANY_COMBINATIONS = 5
"""Presto's own limit."""


def _extreme(call: Call) -> Value:
    """ARRAY_MAX and ARRAY_MIN: NULL where an element is."""
    value = call.arguments[0]
    best = f"{call.name}({{0}})"
    if is_float(value.type.element) and call.name == "array_max":
        best = "coalesce(array_max(filter({0}, x -> NOT isnan(x))), array_max({0}))"
    found = call.filled(f"CASE WHEN NOT exists({{0}}, x -> x IS NULL) THEN {best} END")
    return Value(found.sql, value.type.element)


def _contains(call: Call) -> Value:
    """CONTAINS: unknown where only a NULL could be it."""
    return Value(
        call.context.filled("exists({0}, x -> x = {1})", call.arguments[0].sql, call.arguments[1].sql)
        if not call.arguments[0].type.element.parts
        else call.context.filled("array_contains({0}, {1})", *(one.sql for one in call.arguments)),
        BOOLEAN,
    )


def _overlap(call: Call) -> Value:
    return call.filled("arrays_overlap({0}, {1})")


def _joined(call: Call) -> Value:
    """ARRAY_JOIN: elements as CAST to varchar spells them."""
    value, separator = call.arguments[:2]
    name = quoted(call.context.alias("e"))
    spelled = (
        as_text(Value(name, value.type.element)) if value.type.element.name != "unknown" else "CAST(NULL AS STRING)"
    )
    if spelled is None:
        raise Refused(f"ARRAY_JOIN({value.type}, …)", "Cast the elements to VARCHAR.")
    texts = f"transform({value.sql}, {name} -> {spelled})"
    return Value(f"array_join({', '.join([texts, separator.sql, *(one.sql for one in call.arguments[2:])])})", VARCHAR)


def _sequence(call: Call) -> Value:
    return Value(call.context.filled(SEQUENCE, *_steps(call)), array(types.BIGINT))


def _steps(call: Call) -> list[str]:
    start, stop = call.arguments[0].sql, call.arguments[1].sql
    if len(call.arguments) > 2:
        return [start, stop, call.arguments[2].sql]
    return [start, stop, call.context.filled("CASE WHEN {0} <= {1} THEN 1L ELSE -1L END", start, stop)]


def _dates(call: Call) -> Value:
    """SEQUENCE of dates or timestamps: a day, or the interval that is named."""
    start, stop = call.arguments[:2]
    if len(call.arguments) > 2:
        sql = f"sequence({start.sql}, {stop.sql}, {call.arguments[2].sql})"
    else:
        sql = call.context.filled(
            "CASE WHEN {0} <= {1} THEN sequence({0}, {1}, INTERVAL '1' DAY) ELSE sequence({0}, {1},"
            " INTERVAL '-1' DAY) END",
            start.sql, stop.sql,
        )  # fmt: skip
    return Value(sql, array(start.type))


def _zip(call: Call) -> Value:
    """ZIP: rows of the elements side by side, as many as the longest has."""
    kind = types.row(*(one.type.element for one in call.arguments))
    size = f"greatest({', '.join(f'size({{{at}}})' for at in range(len(call.arguments)))}, 0)"
    fields = ", ".join(f"{text(name)}, get({{{at}}}, i)" for at, name in enumerate(types.field_names(kind)))
    sql = f"transform(array_repeat(0, {size}), (z, i) -> named_struct({fields}))"
    missing = " OR ".join(f"{{{at}}} IS NULL" for at in range(len(call.arguments)))
    found = call.context.filled(f"CASE WHEN {missing} THEN NULL ELSE {sql} END", *(one.sql for one in call.arguments))
    return Value(found, array(kind))


def _combinations(call: Call) -> Value:
    """COMBINATIONS: all groups of n, in the order of their places."""
    count = int(call.literal(1, "a size"))
    if not 0 <= count <= MANY_COMBINATIONS:
        raise Refused(f"COMBINATIONS of {count}", f"Expected at most {MANY_COMBINATIONS}.")
    if count == 0:
        return call.filled("array(slice({0}, 1, 0))")
    groups = "transform({0}, (x, i) -> struct(i AS at, array(x) AS v))"
    for _ in range(count - 1):
        groups = (
            f"flatten(transform({groups}, g -> transform(filter(transform({{0}}, (x, i) -> struct(i AS at, x AS v)),"
            " e -> e.at > g.at), e -> struct(e.at AS at, concat(g.v, array(e.v)) AS v))))"
        )
    return call.filled(f"transform({groups}, g -> g.v)")


def _sorted_by(call: Call) -> Value:
    """ARRAY_SORT with a comparison: Presto's and Spark's take the same numbers."""
    return call.filled("array_sort({0}, {1})")


def _quantified(call: Call) -> Value:
    """ANY_MATCH and its like: unknown where a NULL decides."""
    template = {
        "any_match": "exists({0}, {1})",
        "all_match": "forall({0}, {1})",
        "none_match": "(NOT exists({0}, {1}))",
    }
    return call.filled(template[call.name])


def _unordered(call: Call) -> Value:
    if any(
        one.type.element.parts for one in call.arguments if one.type.name == "array" and one.type.element.name == "map"
    ):
        raise Refused(f"{call.name.upper()} of maps", "Maps have no order.")
    return call.filled(f"{call.name}({', '.join(f'{{{at}}}' for at in range(len(call.arguments)))})")


ARRAYS: Functions = {
    "cardinality(array(t)) -> bigint": "CASE WHEN {0} IS NOT NULL THEN CAST(size({0}) AS BIGINT) END",
    "element_at(array(t), bigint) -> t": ELEMENT_AT,
    "array_position(array(t), t) -> bigint": "array_position({0}, {1})",
    "array_position(array(t), t, bigint) -> bigint": POSITION_NTH,
    "array_remove(array(t), t) -> array(t)": "filter({0}, x -> NOT (x <=> {1}))",
    "array_max(array(t)) -> t": _extreme,
    "array_min(array(t)) -> t": _extreme,
    "array_sort(array(o)) -> array(o)": "array_sort({0})",
    "array_sort(array(t), function(t, t, integer)) -> array(t)": _sorted_by,
    "array_distinct(array(t)) -> array(t)": _unordered,
    "array_union(array(t), array(t)) -> array(t)": _unordered,
    "array_intersect(array(t), array(t)) -> array(t)": _unordered,
    "array_except(array(t), array(t)) -> array(t)": _unordered,
    "array_join(array(t), varchar) -> varchar": _joined,
    "array_join(array(t), varchar, varchar) -> varchar": _joined,
    "array_first(array(t)) -> t": "get({0}, 0)",
    "array_last(array(t)) -> t": "CASE WHEN size({0}) > 0 THEN element_at({0}, -1) END",
    "arrays_overlap(array(t), array(t)) -> boolean": _overlap,
    "contains(array(t), t) -> boolean": _contains,
    "contains_sequence(array(t), array(t)) -> boolean":
        "CASE WHEN size({1}) = 0 THEN true WHEN size({1}) > size({0}) THEN false ELSE"
        " exists(sequence(1, size({0}) - size({1}) + 1), i -> slice({0}, i, size({1})) = {1}) END",
    "concat(array(t), array(t)...) -> array(t)":
        lambda call: Value(f"concat({', '.join(one.sql for one in call.arguments)})", call.result),
    "flatten(array(array(t))) -> array(t)": "flatten(filter({0}, x -> x IS NOT NULL))",
    "repeat(t, bigint) -> array(t)": "array_repeat({0}, CAST({1} AS INT))",
    "reverse(array(t)) -> array(t)": "reverse({0})",
    "shuffle(array(t)) -> array(t)": "shuffle({0})",
    "slice(array(t), bigint, bigint) -> array(t)": SLICE,
    "trim_array(array(t), bigint) -> array(t)": TRIMMED,
    "ngrams(array(t), bigint) -> array(array(t))": NGRAMS,
    "combinations(array(t), bigint) -> array(array(t))": _combinations,
    "sequence(bigint, bigint) -> array(bigint)": _sequence,
    "sequence(bigint, bigint, bigint) -> array(bigint)": _sequence,
    "sequence(date, date) -> array(date)": _dates,
    **{f"sequence({kind}, {kind}, {step}) -> array({kind})": _dates
       for kind in ("date", "timestamp") for step in (DAY_TIME, YEAR_MONTH)},
    "filter(array(t), function(t, boolean)) -> array(t)": "filter({0}, {1})",
    "transform(array(t), function(t, u)) -> array(u)": "transform({0}, {1})",
    "any_match(array(t), function(t, boolean)) -> boolean": _quantified,
    "all_match(array(t), function(t, boolean)) -> boolean": _quantified,
    "none_match(array(t), function(t, boolean)) -> boolean": _quantified,
    "zip_with(array(t), array(u), function(t, u, r)) -> array(r)": "zip_with({0}, {1}, {2})",
    "zip(array(t), array(u)) -> array(row(t, u))": _zip,
    "zip(array(t), array(u), array(v)) -> array(row(t, u, v))": _zip,
    "zip(array(t), array(u), array(v), array(w)) -> array(row(t, u, v, w))": _zip,
    "reduce(array(t), s, function(s, t, s), function(s, r)) -> r":
        lambda call: Value(
            f"aggregate({call.arguments[0].sql}, CAST({call.arguments[1].sql} AS"
            f" {types.spark(call.arguments[1].type)}),"
            f" {call.arguments[2].sql}, {call.arguments[3].sql})", call.result),
}  # fmt: skip
