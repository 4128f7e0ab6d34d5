"""Functions of JSON; a JSON value is kept as its text."""

from __future__ import annotations

from sqlglot import exp

from cdp_assets.audiences import types
from cdp_assets.audiences.casts import cast, json_of
from cdp_assets.audiences.context import Context
from cdp_assets.audiences.kernels.jsons import sql_steps, steps_of
from cdp_assets.audiences.signatures import Call, Functions
from cdp_assets.audiences.types import BOOLEAN, JSON, VARCHAR, parse
from cdp_assets.audiences.values import Refused, Value, filled, text

EITHER = ("json", "varchar")


def _at_path(call: Call) -> Value:
    """Search by a path; one that is none is an error."""
    path = call.arguments[1]
    if path.literal is not None and steps_of(path.literal) is None:
        raise Refused(f"the JSON path {path.literal}", 'Write $, then .name, ["name"] or [0].')
    return call.filled(f"@{call.name}({{0}}, {{1}})")


def _contains(call: Call) -> Value:
    value = call.arguments[1]
    wanted = f"CAST({value.sql} AS STRING)"
    return Value(
        call.context.filled(f"@json_array_contains({{0}}, {{1}}, '{value.type.name}')", call.arguments[0].sql, wanted),
        BOOLEAN,
    )


def json_array(context: Context, node: exp.Expr) -> Value:
    """Translate JSON_ARRAY: what is NULL is left out."""
    with context.guard("JSON_ARRAY"):
        values = [context.value(one) for one in node.expressions]
    parts = [json_of(context, one, JSON).sql for one in values if one.type.name != "unknown"] or [
        "CAST(NULL AS STRING)"
    ]
    return Value(f"concat('[', concat_ws(',', {', '.join(parts)}), ']')", VARCHAR)


def _exists(call: Call) -> Value:
    path = _sql_path(call.literal(1, "a path"))
    return Value(
        call.context.filled(
            f"coalesce(@json_path({{0}}, {text(path)}) <> '[]', {{0}} IS NULL AND NULL, false)", call.arguments[0].sql
        ),
        BOOLEAN,
    )


def _sql_path(path: str) -> str:
    if sql_steps(path) is None:
        raise Refused(f"the JSON path {path}", "Write lax $, then .name, [0] or [*].")
    return path


JSONS: Functions = {
    "json_parse(varchar) -> json":
        "coalesce(@json_parse({0}), CASE WHEN {0} IS NOT NULL THEN FAIL(Cannot convert value to JSON)"
        " END)",
    "json_format(json) -> varchar": "{0}",
    **{f"json_extract({kind}, varchar) -> json": _at_path for kind in EITHER},
    **{f"json_extract_scalar({kind}, varchar) -> varchar": _at_path for kind in EITHER},
    **{f"json_size({kind}, varchar) -> bigint": _at_path for kind in EITHER},
    **{f"json_array_length({kind}) -> bigint": "@json_array_length({0})" for kind in EITHER},
    **{f"json_array_get({kind}, bigint) -> json": "@json_array_get({0}, {1})" for kind in EITHER},
    **{f"json_array_contains({kind}, {value}) -> boolean": _contains
       for kind in EITHER for value in ("boolean", "bigint", "double", "varchar")},
    **{f"is_json_scalar({kind}) -> boolean": "@is_json_scalar({0})" for kind in EITHER},
    "json_exists(varchar, varchar) -> boolean": _exists,
}  # fmt: skip


def json_object(context: Context, node: exp.Expr) -> Value:
    """Translate JSON_OBJECT: what is NULL is null."""
    if (
        node.args.get("unique_keys")
        or node.args.get("return_type")
        or "ABSENT" in str(node.args.get("null_handling")).upper()
    ):
        raise Refused("JSON_OBJECT with these options", "Write keys and values alone.", node)
    parts = []
    for one in node.expressions:
        key, value = context.value(one.this), context.value(one.expression)
        inner = json_of(context, value, JSON).sql if value.type.name != "unknown" else "NULL"
        parts.append(f"concat({json_of(context, key, JSON).sql}, ':', coalesce({inner}, 'null'))")
    return Value(f"concat('{{', concat_ws(',', {', '.join(parts)}), '}}')" if parts else "'{}'", VARCHAR)


def json_value(context: Context, node: exp.Expr) -> Value:
    """Translate JSON_VALUE: the one scalar at a path; NULL, or a default, where there is none."""
    path = _sql_path(_literal(node.args["path"], node))
    returning = node.args.get("returning")
    kind = parse(returning.sql(dialect="trino")) if isinstance(returning, exp.Expr) else VARCHAR
    on = node.args.get("on_condition")
    empty, error = (_on(context, on, name, kind) for name in ("empty", "error"))
    found = context.filled(f"@json_path({{0}}, {text(path)})", context.value(node.this).sql)
    one = context.filled(
        "@json_scalar({0}, 'varchar')",
        filled("CASE WHEN {0} LIKE '[%' THEN substring({0}, 2, length({0}) - 2) END", [found]),
    )
    with context.tried():
        given = cast(context, Value(one, VARCHAR), kind).sql
    template = f"CASE WHEN {{0}} = '[]' THEN {empty} WHEN {{0}} IS NOT NULL THEN coalesce({{1}}, {error}) END"
    return Value(filled(template, [found, given]), kind)


def _on(context: Context, on: exp.Expr | None, name: str, kind: types.Type) -> str:
    """Spell what an empty answer or an error gives."""
    found = on.args.get(name) if on is not None else None
    if isinstance(found, exp.Expr):
        return cast(context, context.value(found), kind).sql
    if found and "ERROR" in str(found).upper().split(" ON ")[0]:
        return context.fail("JSON_VALUE found no value")
    return f"CAST(NULL AS {types.spark(kind)})"


def _literal(node: exp.Expr, around: exp.Expr) -> str:
    if isinstance(node, exp.Literal) and node.is_string:
        return str(node.this)
    raise Refused("a JSON path that is not a literal", "Write the path as text.", around)


def json_query(context: Context, node: exp.Expr) -> Value:
    """Translate JSON_QUERY: what stands at a path, as text; of several the array, where it is asked for."""
    if not node.args.get("json_query") or node.args.get("quote") or node.args.get("on_condition"):
        raise Refused("JSON_QUERY with these options", "Write a path, and WITH ARRAY WRAPPER at most.", node)
    path = _sql_path(_literal(node.expression, node))
    option = str(node.args.get("option") or "").upper()
    found = context.filled(f"@json_path({{0}}, {text(path)})", context.value(node.this).sql)
    inner = "substring({0}, 2, length({0}) - 2)"
    if option.startswith("WITH") and "CONDITIONAL" not in option.replace("UNCONDITIONAL", ""):
        return Value(filled("nullif({0}, '[]')", [found]), VARCHAR)
    if option.startswith("WITH") and "WITHOUT" not in option:
        raise Refused("JSON_QUERY WITH CONDITIONAL WRAPPER", "Write WITH ARRAY WRAPPER.", node)
    length = context.filled("@json_array_length({0})", found)
    return Value(filled(f"CASE WHEN {{1}} = 1 THEN {inner} END", [found, length]), VARCHAR)
