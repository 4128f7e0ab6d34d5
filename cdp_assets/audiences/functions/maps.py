"""Functions of maps."""

from __future__ import annotations

from cdp_assets.audiences import types
from cdp_assets.audiences.signatures import Call, Functions
from cdp_assets.audiences.values import Value

MAP = (
    "CASE WHEN size({0}) <> size({1}) THEN FAIL(Key and value arrays must be the same length)"
    " WHEN exists({0}, k -> k IS NULL) THEN FAIL(map key cannot be null)"
    " WHEN size(array_distinct({0})) <> size({0}) THEN FAIL(Duplicate map keys are not allowed)"
    " ELSE map_from_arrays({0}, {1}) END"
)
ENTRIES = (
    "CASE WHEN exists({0}, e -> e IS NULL OR e.%(key)s IS NULL) THEN FAIL(map key cannot be null)"
    " WHEN size(array_distinct(transform({0}, e -> e.%(key)s))) <> size({0}) THEN FAIL(Duplicate map"
    " keys are not allowed)"
    " ELSE map_from_entries({0}) END"
)
MULTI = (
    "map_from_arrays(array_distinct(transform({0}, e -> e.%(key)s)),"
    " transform(array_distinct(transform({0}, e -> e.%(key)s)),"
    " k -> transform(filter({0}, e -> e.%(key)s = k), e -> e.%(value)s)))"
)


def _from_entries(call: Call) -> Value:
    key, value = types.field_names(call.arguments[0].type.element)
    kinds = call.arguments[0].type.element.parts
    if call.name == "map_from_entries":
        found = call.filled(ENTRIES % {"key": f"`{key}`"})
        return Value(found.sql, types.Type("map", kinds))
    found = call.filled(MULTI % {"key": f"`{key}`", "value": f"`{value}`"})
    return Value(found.sql, types.Type("map", (kinds[0], types.array(kinds[1]))))


def _entries(call: Call) -> Value:
    kinds = call.arguments[0].type.parts
    sql = f"transform(map_entries({call.arguments[0].sql}), e -> named_struct('field0', e.key, 'field1', e.value))"
    return Value(sql, types.array(types.row(*kinds)))


def _concat(call: Call) -> Value:
    """MAP_CONCAT: the last map that has a key tells its value."""
    joined = call.arguments[0].sql
    for one in call.arguments[1:]:
        joined = call.context.filled(
            "map_concat(map_filter({0}, (k, v) -> NOT map_contains_key({1}, k)), {1})", joined, one.sql
        )
    return Value(joined, call.result)


MAPS: Functions = {
    "map() -> map(unknown, unknown)": "map()",
    "map(array(k), array(v)) -> map(k, v)": MAP,
    "cardinality(map(k, v)) -> bigint": "CASE WHEN {0} IS NOT NULL THEN CAST(size({0}) AS BIGINT) END",
    "element_at(map(k, v), k) -> v": "CASE WHEN map_contains_key({0}, {1}) THEN element_at({0}, {1}) END",
    "map_keys(map(k, v)) -> array(k)": "map_keys({0})",
    "map_values(map(k, v)) -> array(v)": "map_values({0})",
    "map_entries(map(k, v)) -> array(row(k, v))": _entries,
    "map_concat(map(k, v), map(k, v)...) -> map(k, v)": _concat,
    "map_filter(map(k, v), function(k, v, boolean)) -> map(k, v)": "map_filter({0}, {1})",
    "map_from_entries(array(t)) -> map(t, t)": _from_entries,
    "multimap_from_entries(array(t)) -> map(t, t)": _from_entries,
    "map_zip_with(map(k, v), map(k, w), function(k, v, w, r)) -> map(k, r)": "map_zip_with({0}, {1}, {2})",
    "transform_keys(map(k, v), function(k, v, r)) -> map(r, v)": "transform_keys({0}, {1})",
    "transform_values(map(k, v), function(k, v, r)) -> map(k, r)": "transform_values({0}, {1})",
}
