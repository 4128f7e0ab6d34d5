"""What a value of one type becomes as another: by itself, or by CAST and TRY_CAST."""

from __future__ import annotations

import re
from collections.abc import Callable
from zoneinfo import ZoneInfo

from cdp_assets.audiences import types
from cdp_assets.audiences.context import Context
from cdp_assets.audiences.types import DAY_TIME, WITH_ZONE, Type, field_names, is_exact, is_float, is_number, spark
from cdp_assets.audiences.values import Refused, Value, filled, quoted, text

MICRO_DIGITS = 6
"""Digits after the second that Spark keeps."""
DATE_FORM = r"^\\s*[+-]?\\d{4,}-\\d{1,2}-\\d{1,2}\\s*$"
TIME_FORM = r"^\\s*[+-]?\\d{4,}-\\d{1,2}-\\d{1,2}( \\d{1,2}:\\d{1,2}(:\\d{1,2}(\\.\\d+)?)?)?\\s*$"
CLOCK_FORM = r"^\\d{1,2}:\\d{1,2}(:\\d{1,2}(\\.\\d+)?)?$"
_ZONED = re.compile(r"\s*(\d{4,}-\d{1,2}-\d{1,2})(?: (\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.(\d+))?)?))?\s*(\S.*)?")
_OFFSET = re.compile(r"([+-])(\d{1,2}):?(\d\d)?")

DOUBLE_TEXT = (
    "CASE WHEN isnan({0}) THEN 'NaN' WHEN {0} = 0 THEN regexp_replace(CAST({0} AS STRING), '\\\\.0$', 'E0')"
    " WHEN abs({0}) = CAST('Infinity' AS DOUBLE) OR CAST({0} AS STRING) LIKE '%E%' THEN CAST({0} AS STRING)"
    " WHEN abs({0}) >= 1 THEN regexp_replace(concat("
    "regexp_replace(regexp_replace(CAST({0} AS STRING), '(\\\\d)(\\\\d*)\\\\.(\\\\d*)', '$1.$2$3'), '0+$', ''),"
    " 'E', CAST(instr(CAST(abs({0}) AS STRING), '.') - 2 AS STRING)), '\\\\.E', '.0E')"
    " ELSE regexp_replace(concat(regexp_replace(CAST({0} AS STRING), '0\\\\.0*(\\\\d)', '$1.'),"
    " 'E-', CAST(length(regexp_extract(CAST({0} AS STRING), '\\\\.(0*)', 1)) + 1 AS STRING)), '\\\\.E', '.0E') END"
)
"""A floating number as Presto spells it: one digit, the others, and always an exponent."""
INTERVAL_TEXT = (
    "concat(CASE WHEN {0} < INTERVAL '0' SECOND THEN '-' ELSE '' END, CAST(abs(extract(DAY FROM {0})) AS STRING), ' ',"
    " lpad(CAST(abs(extract(HOUR FROM {0})) AS STRING), 2, '0'), ':',"
    " lpad(CAST(abs(extract(MINUTE FROM {0})) AS STRING), 2, '0'), ':',"
    " lpad(CAST(CAST(abs(extract(SECOND FROM {0})) AS DECIMAL(8,3)) AS STRING), 6, '0'))"
)
TO_BOOLEAN = (
    "CASE WHEN lower({0}) IN ('true', 't', '1') THEN true WHEN lower({0}) IN ('false', 'f', '0') THEN false"
    " WHEN {0} IS NOT NULL THEN FAIL(not a boolean) END"
)


def coerced(value: Value, target: Type) -> Value:
    """Give a value as a type that it becomes by itself."""
    source = value.type
    if source == target or (source.name == target.name and not target.parts and source.name != "decimal"):
        return Value(value.sql, target, value.zone, value.literal)
    if spark(source) == spark(target) and source.name != "row" and target.name != "char":
        return Value(
            value.sql, target, value.zone or (text("UTC") if target.name == WITH_ZONE else None), value.literal
        )
    if target.name == "char":
        return Value(f"rpad({value.sql}, {target.numbers[0]}, ' ')", target)
    zone = text("UTC") if target.name == WITH_ZONE else None
    return Value(f"CAST({value.sql} AS {spark(target)})", target, zone, value.literal)


def cast(context: Context, value: Value, target: Type) -> Value:
    """Give a value as CAST gives it; inside TRY or TRY_CAST what does not fit is NULL. Raises Refused."""
    source = value.type
    if source.name == "unknown":
        return Value(f"CAST(NULL AS {spark(target)})", target, text("UTC") if target.name == WITH_ZONE else None)
    if target.name == "json" or source.name == "json":
        return JSON_CASTS[target.name == "json"](context, value, target)
    if source.parts and source.name == target.name:
        return INSIDE[source.name](context, value, target)
    rule = CASTS.get(target.name)
    found = rule(context, value, target) if rule is not None else None
    if found is None:
        raise Refused(f"CAST({source} AS {target})", "Presto has no such cast, or it is not known to mean the same.")
    return found


def checked(context: Context, sql: str, target: Type) -> str:
    """Spell a cast that fails as Spark's own does, or gives NULL where that is tried."""
    if context.trying and context.guarded:
        context.fail("")
    return f"{'TRY_CAST' if context.trying else 'CAST'}({sql} AS {spark(target)})"


def _to_varchar(context: Context, value: Value, target: Type) -> Value | None:
    source, length = value.type, target.numbers[0] if target.numbers else None
    sql = as_text(value)
    if sql is None:
        return None
    if length is None:
        return Value(sql, target)
    if types.is_text(source):
        return Value(f"substring({sql}, 1, {length})", target)
    return Value(context.filled(f"CASE WHEN length({{0}}) > {length} THEN FAIL(too long) ELSE {{0}} END", sql), target)


def as_text(value: Value) -> str | None:
    """Spell a value as CAST to varchar does, or nothing where there is no such cast."""
    source = value.type
    if types.is_text(source) or source.name == "uuid":
        return value.sql
    if is_exact(source) or source.name in ("boolean", "date"):
        return f"CAST({value.sql} AS STRING)"
    if is_float(source):
        return filled(DOUBLE_TEXT, [value.sql])
    if source.name in ("timestamp", "time"):
        return f"date_format({value.sql}, '{pattern(source)}')"
    if source.name == WITH_ZONE:
        return filled(f"concat(date_format({{0}}, '{pattern(source)}'), ' ', {{1}})", [local(value), zone_of(value)])
    return filled(INTERVAL_TEXT, [value.sql]) if source.name == DAY_TIME else None


def pattern(kind: Type) -> str:
    """Give Spark's pattern for a timestamp or time with as many digits after the second as its type has."""
    fraction = kind.numbers[0] if kind.numbers else 0
    if fraction > MICRO_DIGITS:
        raise Refused(f"{kind} as text", f"Cast to {kind.name}({MICRO_DIGITS}) or less.")
    whole = "HH:mm:ss" if kind.name == "time" else "yyyy-MM-dd HH:mm:ss"
    return whole + ("." + "S" * fraction if fraction else "")


def zone_of(value: Value) -> str:
    """Give the zone of a timestamp with time zone; raises Refused where values may have several."""
    found = value.zone or (text(value.type.zone) if value.type.zone else None)
    if found is None:
        raise Refused("a timestamp whose zone is not known", "Write AT TIME ZONE 'UTC', or another zone, after it.")
    return found


def local(value: Value) -> str:
    """Give what the clock shows in a value's own zone."""
    if value.type.name != WITH_ZONE:
        return value.sql
    zone = zone_of(value)
    return value.sql if zone == "'UTC'" else f"from_utc_timestamp({value.sql}, {zone})"


def _to_char(context: Context, value: Value, target: Type) -> Value | None:
    if not types.is_text(value.type):
        return None
    size = target.numbers[0]
    return Value(f"rpad(substring({value.sql}, 1, {size}), {size}, ' ')", target)


def _to_boolean(context: Context, value: Value, target: Type) -> Value | None:
    if types.is_text(value.type):
        return Value(context.filled(TO_BOOLEAN, value.sql), target)
    return Value(f"({value.sql} <> 0)", target) if is_number(value.type) else _same(context, value, target)


def _same(context: Context, value: Value, target: Type) -> Value | None:
    return value if value.type.name == target.name else None


def _to_whole(context: Context, value: Value, target: Type) -> Value | None:
    source = value.type
    if is_float(source) or source.name == "decimal":
        return Value(checked(context, f"ROUND({value.sql})", target), target)
    if types.is_whole(source) and source.precision <= target.precision:
        return Value(f"CAST({value.sql} AS {spark(target)})", target, literal=value.literal)
    if types.is_text(source) or types.is_whole(source) or source.name == "boolean":
        return Value(checked(context, value.sql, target), target)
    return None


def _to_number(context: Context, value: Value, target: Type) -> Value | None:
    if types.is_text(value.type) or is_number(value.type) or value.type.name == "boolean":
        return Value(checked(context, value.sql, target), target)
    return None


def _to_date(context: Context, value: Value, target: Type) -> Value | None:
    if types.is_text(value.type):
        return Value(_matching(context, value, DATE_FORM, target, "DATE"), target)
    return Value(f"CAST({local(value)} AS DATE)", target) if value.type.name in types.COERCIBLE else None


def _matching(context: Context, value: Value, form: str, target: Type, what: str) -> str:
    """Read text of one form only; Spark's own casts take more than Presto's."""
    return context.filled(
        f"coalesce(CASE WHEN {{0}} RLIKE '{form}' THEN TRY_CAST({{0}} AS {spark(target)}) END,"
        f" CASE WHEN {{0}} IS NOT NULL THEN FAIL(not a {what}) END)",
        value.sql,
    )


def _to_timestamp(context: Context, value: Value, target: Type) -> Value | None:
    source = value.type
    if types.is_text(source):
        return Value(rounded(_matching(context, value, TIME_FORM, target, "TIMESTAMP"), target.precision), target)
    if source.name == "date":
        return Value(f"CAST({value.sql} AS TIMESTAMP)", target)
    if source.name in ("timestamp", WITH_ZONE):
        sql = local(value)
        return Value(rounded(sql, target.precision) if source.precision > target.precision else sql, target)
    return None


def rounded(sql: str, fraction: int) -> str:
    """Round a timestamp to so many digits after the second."""
    if fraction >= MICRO_DIGITS:
        return sql
    return f"timestamp_micros(ROUND(unix_micros({sql}), {fraction - MICRO_DIGITS}))"


def _to_zoned(context: Context, value: Value, target: Type) -> Value | None:
    if types.is_text(value.type):
        if value.literal is None:
            raise Refused(
                "CAST of text to a timestamp with time zone", "Write from_iso8601_timestamp, or AT TIME ZONE."
            )
        return zoned_literal(context, value.literal, target.precision)
    found = _to_timestamp(context, Value(value.sql, types.TIMESTAMP) if value.type.name == WITH_ZONE else value, target)
    zone = zone_of(value) if value.type.name == WITH_ZONE else text("UTC")
    return None if found is None else Value(found.sql, target, zone)


def zoned_literal(context: Context, written: str, fraction: int | None = None) -> Value:
    """Read `2024-01-01 12:00:00 America/New_York`; a time that was skipped is moved on, as in Presto it is an error."""
    found = _ZONED.fullmatch(written)
    if found is None:
        return Value(context.fail(f"{written} is not a timestamp"), types.TIMESTAMP_ZONE, text("UTC"))
    date, clock, digits, zone = found.groups()
    zone = zone_name(zone or "UTC")
    at = text(f"{date} {clock or '00:00:00'}")
    kind = Type(WITH_ZONE, numbers=(len(digits or "") if fraction is None else fraction,))
    plain = f"CAST({at} AS TIMESTAMP)"
    return Value(plain if zone == "UTC" else f"to_utc_timestamp({plain}, {text(zone)})", kind, text(zone))


def zone_name(name: str) -> str:
    """Give a zone's name as Presto and Spark know it; raises Refused for none."""
    offset = _OFFSET.fullmatch(name)
    if offset is not None:
        sign, hours, minutes = offset.groups()
        return "UTC" if int(hours) == int(minutes or 0) == 0 else f"{sign}{int(hours):02}:{minutes or '00'}"
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Refused(
            f"the time zone {name}", "Write one such as America/New_York, or an offset such as +09:00."
        ) from None
    return "UTC" if name in ("UTC", "Z", "Etc/UTC", "GMT", "UCT") else name


def _to_time(context: Context, value: Value, target: Type) -> Value | None:
    if types.is_text(value.type):
        at = Value(f"concat('1970-01-01 ', {value.sql})", types.VARCHAR)
        return Value(rounded(_matching(context, at, TIME_FORM, target, "TIME"), target.precision), target)
    if value.type.name in ("timestamp", WITH_ZONE):
        return Value(f"timestamp_micros(pmod(unix_micros({local(value)}), {24 * 3600 * 10**6}))", target)
    return _same(context, value, target)


def _to_uuid(context: Context, value: Value, target: Type) -> Value | None:
    return Value(f"lower({value.sql})", target) if types.is_text(value.type) else _same(context, value, target)


def _arrays(context: Context, value: Value, target: Type) -> Value:
    with context.lambda_of({"": value}):
        return Value(_each(context, value.sql, value.type.element, target.element), target)


def _each(context: Context, sql: str, source: Type, target: Type) -> str:
    if source == target:
        return sql
    name = quoted(context.alias("e"))
    return f"transform({sql}, {name} -> {cast(context, Value(name, source), target).sql})"


def _maps(context: Context, value: Value, target: Type) -> Value:
    (from_key, from_value), (to_key, to_value) = value.type.parts, target.parts
    with context.lambda_of({"": value}):
        keys = _each(context, "map_keys({0})", from_key, to_key)
        values = _each(context, "map_values({0})", from_value, to_value)
    return Value(filled(f"CASE WHEN {{0}} IS NOT NULL THEN map_from_arrays({keys}, {values}) END", [value.sql]), target)


def _rows(context: Context, value: Value, target: Type) -> Value:
    if len(value.type.parts) != len(target.parts):
        raise Refused(f"CAST({value.type} AS {target})", "Expected as many fields.")
    inner = value if value.is_plain else Value("{0}", value.type)
    fields = [
        f"{text(name)}, {cast(context, Value(f'{inner.sql}.{quoted(had)}', source), wanted).sql}"
        for name, had, source, wanted in zip(
            field_names(target), field_names(value.type), value.type.parts, target.parts, strict=True
        )
    ]
    built = f"CASE WHEN {{0}} IS NOT NULL THEN named_struct({', '.join(fields)}) END"
    return Value(filled(built, [value.sql]), target)


def json_of(context: Context, value: Value, target: Type) -> Value:
    """CAST to JSON: numbers stay numbers, rows become objects, and what has no JSON of its own becomes text."""
    source = value.type
    if source.name == "json":
        return value
    plain = _plain_for_json(context, value)
    sql = "regexp_replace(to_json(array({0}), map('ignoreNullFields', 'false')), '^\\\\[|\\\\]$', '')"
    return Value(filled(f"CASE WHEN {{0}} IS NOT NULL THEN {sql} END", [plain.sql]), target)


def _plain_for_json(context: Context, value: Value) -> Value:
    """Spell as text, inside and out, what Spark would spell otherwise in JSON."""
    source = value.type
    if source.name == "json":
        raise Refused("JSON inside a value that is cast to JSON", "Cast its parts.")
    if source.parts:
        parts = tuple(_json_part(part) for part in source.parts)
        return cast(context, value, Type(source.name, parts, fields=source.fields))
    return cast(context, value, _json_part(source))


def _json_part(kind: Type) -> Type:
    if kind.parts:
        return Type(kind.name, tuple(map(_json_part, kind.parts)), fields=kind.fields)
    return kind if is_number(kind) or kind.name in ("boolean", "varchar", "unknown") else types.VARCHAR


def of_json(context: Context, value: Value, target: Type) -> Value:
    """CAST from JSON: a scalar as its text is cast, an array or object by its parts; JSON null is NULL."""
    form = _json_form(target)
    if form is None:
        raise Refused(
            f"CAST(json AS {target})", "Cast to numbers, text, booleans, dates, arrays, maps and rows of them."
        )
    if not target.parts:
        plain = Value(context.filled(f"@json_scalar({{0}}, {text(target.name)})", value.sql), types.VARCHAR)
        failing = f"coalesce({{1}}, CASE WHEN {{0}} IS NOT NULL AND {{0}} <> 'null' THEN FAIL(not a {target.name}) END)"
        sql = Value(context.filled(failing, value.sql, plain.sql), types.VARCHAR)
        return cast(context, sql, target)
    shaped = context.filled(f"@json_shaped({{0}}, {text(form)})", value.sql)
    failing = (
        f"CASE WHEN {{1}} IS NULL AND {{0}} IS NOT NULL AND {{0}} <> 'null' THEN FAIL(not a {target.name})"
        f" ELSE from_json({{1}}, {text('v ' + spark(target))}).v END"
    )
    return Value(context.filled(failing, value.sql, shaped), target)


def _json_form(target: Type) -> str | None:
    """Spell a type for the kernel that shapes JSON after it, or nothing where it does not."""
    if target.parts and any(_json_form(part) is None for part in target.parts):
        return None
    plain = is_number(target) or target.name in ("boolean", "varchar", "json", "date")
    return str(target) if plain or target.name in ("array", "map", "row") else None


Cast = Callable[[Context, Value, Type], Value]
JSON_CASTS: dict[bool, Cast] = {True: json_of, False: of_json}
INSIDE: dict[str, Cast] = {"array": _arrays, "map": _maps, "row": _rows}
CASTS: dict[str, Callable[[Context, Value, Type], Value | None]] = {
    **dict.fromkeys(types.WHOLE, _to_whole),
    **dict.fromkeys(("real", "double", "decimal"), _to_number),
    **{"varchar": _to_varchar, "char": _to_char, "boolean": _to_boolean, "date": _to_date, "uuid": _to_uuid},
    **{"timestamp": _to_timestamp, WITH_ZONE: _to_zoned, "time": _to_time},
    **dict.fromkeys(("varbinary", DAY_TIME, types.YEAR_MONTH), _same),
}
