"""Aggregate functions: what each is on Spark.

In a template `#` stands where FILTER or OVER goes, after each of Spark's aggregates, and `~` where DISTINCT does.
"""

from __future__ import annotations

from cdp_assets.audiences import types
from cdp_assets.audiences.operators import quotient
from cdp_assets.audiences.signatures import Call, Functions
from cdp_assets.audiences.types import BIGINT, DOUBLE, decimal, is_float, spark
from cdp_assets.audiences.values import Refused, Value, filled

SUFFIX, DISTINCT = "\1", "\2"
"""What `#` and `~` are until the suffix is known; no text spells them."""


def plain(template: str, *operands: str) -> str:
    """Put operands in a template's places as they are: a name bound around an aggregate would hide it."""
    found = template.replace("#", SUFFIX).replace("~", DISTINCT)
    for at in range(len(operands)):
        found = found.replace(f"{{{at}}}", f"\3{at}\3")
    for at, operand in enumerate(operands):
        found = found.replace(f"\3{at}\3", operand)
    return found


def _sum(call: Call) -> Value:
    """Add up: whole numbers to BIGINT, decimals to 38 digits."""
    value = call.arguments[0]
    kind = BIGINT if types.is_whole(value.type) else value.type
    kind = decimal(types.MAX_PRECISION, kind.scale) if kind.name == "decimal" else kind
    inner = f"CAST({value.sql} AS {spark(kind)})" if kind.name == "decimal" else value.sql
    return Value(f"CAST({plain('sum(~{0})#', inner)} AS {spark(kind)})", kind)


def _avg(call: Call) -> Value:
    """Average: decimals keep their scale and are rounded once."""
    value = call.arguments[0]
    if value.type.name != "decimal":
        kind = value.type if value.type.name == "real" else DOUBLE
        return Value(f"CAST({plain('avg(~{0})#', value.sql)} AS {spark(kind)})", kind)
    wide = decimal(types.MAX_PRECISION, value.type.scale)
    total = plain(f"sum(~CAST({{0}} AS {spark(wide)}))#", value.sql)
    found = quotient(
        call.context, Value(total, wide), Value(plain("count(~{0})#", value.sql), BIGINT), wide, empty=True
    )
    return Value(f"CAST({found.sql} AS {spark(value.type)})", value.type)


def _extreme(call: Call) -> Value:
    """Give the largest or smallest; what is not a number counts only where nothing else is."""
    value = call.arguments[0]
    if call.name == "max" and is_float(value.type):
        sql = plain("coalesce(max(CASE WHEN NOT isnan({0}) THEN {0} END)#, max({0})#)", value.sql)
        return Value(sql, value.type)
    return Value(plain(f"{call.name}({{0}})#", value.sql), value.type, value.zone)


def _listed(call: Call) -> Value:
    """Collect values: NULL too, in the order that is asked for; of no rows it is NULL."""
    value = call.arguments[0]
    entries = _entries(call, value)
    sql = plain("CASE WHEN count(1)# > 0 THEN {0} END", f"transform({entries}, e -> e.v)")
    return Value(sql, types.array(value.type))


def _entries(call: Call, value: Value) -> str:
    """Spell the collected values as structs, in order."""
    if call.distinct and any(key.sql != value.sql for key, _ in call.order):
        raise Refused(f"{call.name.upper()} with DISTINCT and another ORDER BY", "Order by the value itself.")
    collect = "collect_set" if call.distinct else "collect_list"
    keys = ", ".join(f"{key.sql} AS k{at}" for at, (key, _) in enumerate(call.order))
    held = f"{value.sql} AS v" if call.distinct or not keys else f"{keys}, {value.sql} AS v"
    found = plain(f"{collect}(struct({{0}}))#", held)
    if not call.order:
        return found
    places = [("v" if call.distinct else f"k{at}", order) for at, (_, order) in enumerate(call.order)]
    return f"array_sort({found}, (a, b) -> {_comparison(places)})"


def _comparison(places: list[tuple[str, str]]) -> str:
    """Spell a comparison of two structs by some fields, NULL first or last."""
    if not places:
        return "0"
    (name, order), rest = places[0], _comparison(places[1:])
    less = 1 if order.startswith("DESC") else -1
    null = -1 if order.endswith("FIRST") else 1
    return (
        f"CASE WHEN a.{name} <=> b.{name} THEN {rest} WHEN a.{name} IS NULL THEN {null} WHEN b.{name}"
        f" IS NULL THEN {-null}"
        f" WHEN a.{name} < b.{name} THEN {less} ELSE {-less} END"
    )


def _text_listed(call: Call) -> Value:
    """Join texts, those that are NULL left out; of none it is NULL."""
    value, separator = call.arguments[0], call.arguments[1].sql if len(call.arguments) > 1 else "''"
    joined = f"array_join(transform({_entries(call, value)}, e -> e.v), {separator})"
    return Value(plain("CASE WHEN count({0})# > 0 THEN {1} END", value.sql, joined), types.VARCHAR)


def _largest(call: Call) -> Value:
    """Give the n largest or smallest values."""
    value, count = call.arguments
    order = "{0}" if call.name == "min" else "reverse({0})"
    lists = plain("array_sort(collect_list({0})#)", value.sql)
    sql = plain(f"CASE WHEN count({{1}})# > 0 THEN slice({order}, 1, {{2}}) END", lists, value.sql, count.sql)
    return Value(sql, types.array(value.type))


def _by(call: Call) -> Value:
    """Give the n values whose keys are largest or smallest."""
    value, key, count = call.arguments
    pairs = plain(
        "array_sort(collect_list(CASE WHEN {1} IS NOT NULL THEN struct({1} AS k, {0} AS v) END)#,"
        f" (a, b) -> {_comparison([('k', 'ASC' if call.name == 'min_by' else 'DESC')])})",
        value.sql, key.sql,
    )  # fmt: skip
    sql = plain("CASE WHEN count({0})# > 0 THEN transform(slice({1}, 1, {2}), e -> e.v) END", key.sql, pairs, count.sql)
    return Value(sql, types.array(value.type))


def _pairs(call: Call, one: str, other: str) -> str:
    """Spell the collected pairs of key and value; a key that is NULL is left out."""
    return plain("collect_list(CASE WHEN {0} IS NOT NULL THEN struct({0} AS k, {1} AS v) END)#", one, other)


def _map(call: Call) -> Value:
    """Collect a map; of several values of a key one is kept."""
    key, value = (one.sql for one in call.arguments)
    return _none_of_none(call, filled(DISTINCT_KEYS_OF, [_pairs(call, key, value)]))


DISTINCT_KEYS_OF = (
    "map_from_arrays(array_distinct(transform({0}, e -> e.k)), transform(array_distinct(transform({0}, e -> e.k)),"
    " k -> get(transform(filter({0}, e -> e.k = k), e -> e.v), 0)))"
)
MANY_OF = (
    "map_from_arrays(array_distinct(transform({0}, e -> e.k)), transform(array_distinct(transform({0}, e -> e.k)),"
    " k -> transform(filter({0}, e -> e.k = k), e -> e.v)))"
)
COUNTS_OF = (
    "map_from_arrays(array_distinct({0}), transform(array_distinct({0}), k -> CAST(size(filter({0},"
    " e -> e = k)) AS BIGINT)))"
)


def _none_of_none(call: Call, sql: str) -> Value:
    """Give NULL where no row has a key."""
    return Value(plain("CASE WHEN count({0})# > 0 THEN {1} END", call.arguments[0].sql, sql), call.result)


def _multimap(call: Call) -> Value:
    key, value = (one.sql for one in call.arguments)
    return _none_of_none(call, filled(MANY_OF, [_pairs(call, key, value)]))


def _histogram(call: Call) -> Value:
    return _none_of_none(call, filled(COUNTS_OF, [plain("collect_list({0})#", call.arguments[0].sql)]))


def _map_union(call: Call) -> Value:
    entries = plain("flatten(collect_list(map_entries({0}))#)", call.arguments[0].sql)
    keyed = f"transform({entries}, e -> struct(e.key AS k, e.value AS v))"
    return _none_of_none(call, filled(DISTINCT_KEYS_OF, [keyed]))


def _reduced(call: Call) -> Value:
    """Fold all values by the first lambda; the second, which joins partial results, is not needed."""
    value, start, fold, _ = call.arguments
    cast = f"CAST({start.sql} AS {spark(call.result)})"
    return _none_of_none(call, plain("aggregate(collect_list({0})#, {1}, {2})", value.sql, cast, fold.sql))


def _distinct_count(call: Call) -> Value:
    """Count exactly what Presto estimates: within every error that it allows."""
    return Value(plain("CAST(count(DISTINCT {0})# AS BIGINT)", call.arguments[0].sql), BIGINT)


def _percentile(call: Call) -> Value:
    """Give the value at a share of the rows; the type is that of the values."""
    value, share = call.arguments[0], call.arguments[-1]
    kind = BIGINT if types.is_whole(value.type) else value.type
    if len(call.arguments) > len(("value", "share")):
        found = plain("percentile({0}, {1}, CAST({2} AS BIGINT))#", value.sql, share.sql, call.arguments[1].sql)
    else:
        found = plain("percentile_approx({0}, {1}, 10000)#", value.sql, share.sql)
    if share.type.name == "array":
        return Value(f"CAST({found} AS ARRAY<{spark(kind)}>)", types.array(kind))
    return Value(f"CAST({f'ROUND({found})' if kind == BIGINT else found} AS {spark(kind)})", kind)


def _kurtosis(call: Call) -> Value:
    """Correct for the size of the sample, as Presto does and Spark does not."""
    n, k = plain("CAST(count({0})# AS DOUBLE)", call.arguments[0].sql), plain("kurtosis({0})#", call.arguments[0].sql)
    formula = (
        "CASE WHEN {0} > 3 THEN ({0} + 1) * ({0} - 1) * ({1} + 3) / (({0} - 2) * ({0} - 3))"
        " - 3 * ({0} - 1) * ({0} - 1) / (({0} - 2) * ({0} - 3)) END"
    )
    return Value(filled(formula, [n, k]), DOUBLE)


def _skewness(call: Call) -> Value:
    sql = call.arguments[0].sql
    return Value(plain("CASE WHEN count({0})# > 2 THEN skewness({0})# END", sql), DOUBLE)


AGGREGATES: Functions = {
    "count() -> bigint": "count(1)#",
    "count(t) -> bigint": "count(~{0})#",
    "count_if(boolean) -> bigint": "count_if({0})#",
    "sum(n) -> n": _sum,
    "sum(interval day to second) -> interval day to second": "sum({0})#",
    "avg(n) -> double": _avg,
    "min(o) -> o": _extreme,
    "max(o) -> o": _extreme,
    "min(o, bigint) -> array(o)": _largest,
    "max(o, bigint) -> array(o)": _largest,
    "min_by(t, o) -> t": "min_by({0}, {1})#",
    "max_by(t, o) -> t": "max_by({0}, {1})#",
    "min_by(t, o, bigint) -> array(t)": _by,
    "max_by(t, o, bigint) -> array(t)": _by,
    "bool_and(boolean) -> boolean": "bool_and({0})#",
    "every(boolean) -> boolean": "bool_and({0})#",
    "bool_or(boolean) -> boolean": "bool_or({0})#",
    "arbitrary(t) -> t": "first({0}, true)#",
    "any_value(t) -> t": "first({0}, true)#",
    "array_agg(t) -> array(t)": _listed,
    "listagg(varchar) -> varchar": _text_listed,
    "listagg(varchar, varchar) -> varchar": _text_listed,
    "set_agg(t) -> array(t)": "CASE WHEN count(1)# > 0 THEN transform(collect_set(struct({0} AS v))#, e -> e.v) END",
    "set_union(array(t)) -> array(t)": "CASE WHEN count({0})# > 0 THEN array_distinct(flatten(collect_list({0})#)) END",
    "map_agg(k, v) -> map(k, v)": _map,
    "multimap_agg(k, v) -> map(k, array(v))": _multimap,
    "map_union(map(k, v)) -> map(k, v)": _map_union,
    "histogram(t) -> map(t, bigint)": _histogram,
    "reduce_agg(t, s, function(s, t, s), function(s, s, s)) -> s": _reduced,
    "approx_distinct(t) -> bigint": _distinct_count,
    "approx_distinct(t, double) -> bigint": _distinct_count,
    "approx_percentile(n, double) -> n": _percentile,
    "approx_percentile(n, array(double)) -> array(n)": _percentile,
    "approx_percentile(n, double, double) -> n": _percentile,
    "approx_percentile(n, double, array(double)) -> array(n)": _percentile,
    "geometric_mean(double) -> double": "exp(avg(ln({0}))#)",
    **{f"{name}(double) -> double": f"{name}({{0}})#" for name in (
        "stddev", "stddev_samp", "stddev_pop", "variance", "var_samp", "var_pop",
    )},
    **{f"{name}(double, double) -> double": f"{name}({{0}}, {{1}})#" for name in (
        "covar_pop", "covar_samp", "corr", "regr_slope", "regr_intercept", "regr_r2", "regr_avgx", "regr_avgy",
        "regr_sxx", "regr_sxy", "regr_syy",
    )},
    "regr_count(double, double) -> double": "CAST(regr_count({0}, {1})# AS DOUBLE)",
    "skewness(double) -> double": _skewness,
    "kurtosis(double) -> double": _kurtosis,
    "bitwise_and_agg(bigint) -> bigint": "bit_and({0})#",
    "bitwise_or_agg(bigint) -> bigint": "bit_or({0})#",
    "bitwise_xor_agg(bigint) -> bigint": "bit_xor({0})#",
}  # fmt: skip
