"""Functions of dates, timestamps and intervals."""

from __future__ import annotations

from collections.abc import Callable

from sqlglot import exp

from cdp_assets.audiences import types
from cdp_assets.audiences.casts import cast, local, pattern, zone_name, zone_of
from cdp_assets.audiences.context import Context
from cdp_assets.audiences.expressions import in_zone
from cdp_assets.audiences.functions.patterns import joda_pieces, mysql_pieces, spelled
from cdp_assets.audiences.kernels.clocks import JODA_ZONE, iso_zone
from cdp_assets.audiences.signatures import Call, Functions
from cdp_assets.audiences.types import BIGINT, DATE, DAY_TIME, TIMESTAMP, VARCHAR, WITH_ZONE, Type
from cdp_assets.audiences.values import Refused, Value, filled, text

CLOCK_UNITS = ("millisecond", "second", "minute", "hour")
DAY_UNITS = ("day", "week", "month", "quarter", "year")
MONTHS = {"month": 1, "quarter": 3, "year": 12}
MONTHS_APART = "((year({1}) - year({0})) * 12 + month({1}) - month({0}))"
WHOLE_MONTHS = f"({MONTHS_APART} - CASE WHEN timestampadd(MONTH, {MONTHS_APART}, {{0}}) > {{1}} THEN 1 ELSE 0 END)"
"""So many that the first, moved on by them, is not behind the second: the end of a month stays one."""
SWAPPED = WHOLE_MONTHS.replace("{0}", "{2}").replace("{1}", "{0}").replace("{2}", "{1}")
MONTHS_BETWEEN = f"CAST((CASE WHEN {{0}} <= {{1}} THEN {WHOLE_MONTHS} ELSE -{SWAPPED} END) DIV %d AS BIGINT)"
PARTS = {
    "year": "year({0})", "quarter": "quarter({0})", "month": "month({0})", "day": "day({0})",
    "day_of_month": "day({0})",
    "week": "weekofyear({0})", "week_of_year": "weekofyear({0})", "day_of_week": "weekday({0}) + 1",
    "dow": "weekday({0}) + 1",
    "day_of_year": "dayofyear({0})", "doy": "dayofyear({0})", "year_of_week": "extract(YEAROFWEEK FROM {0})",
    "yow": "extract(YEAROFWEEK FROM {0})",
}  # fmt: skip
CLOCK_PARTS = {
    "hour": "hour({0})", "minute": "minute({0})", "second": "second({0})", "millisecond": "date_format({0}, 'SSS')",
}  # fmt: skip
OF_INTERVAL = {"day": "extract(DAY FROM {0})", "hour": "extract(HOUR FROM {0})", "minute": "extract(MINUTE FROM {0})",
               "second": "CAST(extract(SECOND FROM {0}) AS INT)"}  # fmt: skip
OFFSET_MINUTES = "((unix_micros({0}) - unix_micros({1})) DIV 60000000)"
HUMAN_UNITS = ((604800, "week"), (86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def _part(template: str) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        return Value(f"CAST({filled(template, [local(call.arguments[0])])} AS BIGINT)", BIGINT)

    return rule


def _unit(call: Call) -> str:
    name = call.literal(0, "a unit").lower()
    if name not in CLOCK_UNITS + DAY_UNITS:
        raise Refused(f"{call.name.upper()} by {name}", f"Expected one of {', '.join(CLOCK_UNITS + DAY_UNITS)}.")
    return name


def _refuse_clock(call: Call, unit: str, value: Value) -> None:
    if value.type.name == "date" and unit in CLOCK_UNITS:
        raise Refused(f"{call.name.upper()} of a date by {unit}", "Cast to TIMESTAMP, or take a larger unit.")


def _difference(call: Call) -> Value:
    """DATE_DIFF: whole units from the first to the second, towards zero."""
    unit, (one, other) = _unit(call), call.arguments[1:]
    _refuse_clock(call, unit, one)
    first, second = one.sql, other.sql
    if one.type.name == WITH_ZONE and unit in DAY_UNITS:
        first, second = local(one), local(in_zone(other, zone_of(one).strip("'")))
    if unit in MONTHS:
        return Value(filled(MONTHS_BETWEEN % MONTHS[unit], [first, second]), BIGINT)
    return Value(f"timestampdiff({unit.upper()}, {first}, {second})", BIGINT)


def _step(call: Call) -> Value:
    """DATE_ADD: so many units later; the end of a shorter month stays its end."""
    unit, (count, value) = _unit(call), call.arguments[1:]
    _refuse_clock(call, unit, value)
    on_calendar = value.type.name == WITH_ZONE and unit in DAY_UNITS
    moved = f"timestampadd({unit.upper()}, CAST({count.sql} AS INT), {local(value) if on_calendar else value.sql})"
    if value.type.name == "date":
        return Value(f"CAST({moved} AS DATE)", DATE)
    if on_calendar:
        moved = _back(moved, value)
    kind = Type(
        value.type.name, numbers=(max(value.type.precision, 3 * (unit == "millisecond")),), zone=value.type.zone
    )
    return Value(moved, kind, value.zone)


def _back(sql: str, value: Value) -> str:
    """Give the moment at which the clock shows something in a value's zone."""
    zone = zone_of(value)
    return sql if zone == "'UTC'" else f"to_utc_timestamp({sql}, {zone})"


def _truncation(call: Call) -> Value:
    """DATE_TRUNC: the beginning of the unit; weeks begin on Monday."""
    unit, value = _unit(call), call.arguments[1]
    _refuse_clock(call, unit, value)
    cut = f"date_trunc('{unit.upper()}', {local(value)})"
    if value.type.name == "date":
        return Value(f"CAST({cut} AS DATE)", DATE)
    return Value(_back(cut, value) if value.type.name == WITH_ZONE else cut, value.type, value.zone)


def _formatted(call: Call) -> Value:
    """DATE_FORMAT: with MySQL's pattern."""
    pieces = mysql_pieces(call.literal(1, "a pattern"))
    return Value(filled(spelled(pieces), [local(call.arguments[0])]), VARCHAR)


def _joda_formatted(call: Call) -> Value:
    """FORMAT_DATETIME: with Joda's pattern."""
    value = call.arguments[0]
    zone = zone_of(value).strip("'") if value.type.name == WITH_ZONE else "UTC"
    return Value(filled(spelled(joda_pieces(call.literal(1, "a pattern"), zone)), [local(value)]), VARCHAR)


def _parsed(call: Call) -> Value:
    """DATE_PARSE: with MySQL's pattern."""
    mysql_pieces(call.literal(1, "a pattern"))
    return Value(f"timestamp_micros({_read(call, 'date_parse')})", TIMESTAMP)


def _read(call: Call, kernel: str) -> str:
    """Read text with a kernel that gives microseconds, or NULL for what is wrong."""
    operands = [one.sql for one in call.arguments]
    listed = ", ".join(f"{{{at}}}" for at in range(len(operands)))
    missing = " AND ".join(f"{{{at}}} IS NOT NULL" for at in range(len(operands)))
    return call.context.filled(
        f"coalesce(@{kernel}({listed}), CASE WHEN {missing} THEN FAIL(Invalid format) END)", *operands
    )


def _joda_parsed(call: Call) -> Value:
    """PARSE_DATETIME: with Joda's pattern; without a zone in it the moment is told in UTC."""
    zone = None if JODA_ZONE.search(call.literal(1, "a pattern")) else text("UTC")
    return Value(f"timestamp_micros({_read(call, 'parse_datetime')})", types.TIMESTAMP_ZONE, zone)


def _iso_parsed(call: Call) -> Value:
    """FROM_ISO8601_TIMESTAMP: the zone is known where the text is."""
    written = call.arguments[0].literal
    zone = text(zone_name(iso_zone(written))) if written is not None else None
    return Value(f"timestamp_micros({_read(call, 'iso_timestamp')})", types.TIMESTAMP_ZONE, zone)


def _iso_date(call: Call) -> Value:
    found = call.context.filled(
        "coalesce(CAST(@iso_date({0}) AS DATE), CASE WHEN {0} IS NOT NULL THEN FAIL(Invalid format) END)",
        call.arguments[0].sql,
    )
    return Value(found, DATE)


def _to_iso(call: Call) -> Value:
    """TO_ISO8601: with the offset where there is a zone."""
    value = call.arguments[0]
    if value.type.name == "date":
        return Value(f"CAST({value.sql} AS STRING)", VARCHAR)
    shape = pattern(value.type).replace(" ", "''T''").replace("''", "'")
    plain = f'date_format({{0}}, "{shape}")'
    if value.type.name != WITH_ZONE:
        return Value(filled(plain, [value.sql]), VARCHAR)
    if zone_of(value) == "'UTC'":
        return Value(filled(f"concat({plain}, 'Z')", [value.sql]), VARCHAR)
    offset = (
        f"concat(CASE WHEN {OFFSET_MINUTES} < 0 THEN '-' ELSE '+' END,"
        f" lpad(CAST(abs({OFFSET_MINUTES}) DIV 60 AS STRING), 2, '0'),"
        f" ':', lpad(CAST(abs({OFFSET_MINUTES}) % 60 AS STRING), 2, '0'))"
    )
    return Value(filled(f"concat({plain}, {offset})", [local(value), value.sql]), VARCHAR)


def _from_unix(call: Call) -> Value:
    """FROM_UNIXTIME: seconds since 1970, told in UTC or in the zone that is named."""
    zone = "UTC"
    if len(call.arguments) == len(("seconds", "zone")):
        zone = zone_name(call.literal(1, "a zone"))
    elif len(call.arguments) > 1:
        hours, minutes = (int(call.literal(at, "an offset")) for at in (1, 2))
        zone = zone_name(f"{'-' if hours < 0 or minutes < 0 else '+'}{abs(hours):02}:{abs(minutes):02}")
    sql = f"timestamp_millis(CAST(ROUND({call.arguments[0].sql} * 1000) AS BIGINT))"
    return Value(sql, types.TIMESTAMP_ZONE, text(zone))


def _to_unix(call: Call) -> Value:
    return Value(f"(unix_micros({call.arguments[0].sql}) / 1000000D)", types.DOUBLE)


def _at_zone(call: Call) -> Value:
    return in_zone(call.arguments[0], zone_name(call.literal(1, "a zone")))


def _with_zone(call: Call) -> Value:
    """WITH_TIMEZONE: the moment at which the clock of a zone shows this."""
    zone, value = zone_name(call.literal(1, "a zone")), call.arguments[0]
    sql = value.sql if zone == "UTC" else f"to_utc_timestamp({value.sql}, {text(zone)})"
    return Value(sql, Type(WITH_ZONE, numbers=value.type.numbers, zone=zone), text(zone))


def _offset_part(template: str) -> Callable[[Call], Value]:
    def rule(call: Call) -> Value:
        value = call.arguments[0]
        return Value(filled(f"CAST({OFFSET_MINUTES} {template} AS BIGINT)", [local(value), value.sql]), BIGINT)

    return rule


def _zone_name(call: Call) -> Value:
    return Value(zone_of(call.arguments[0]), VARCHAR)


def _date(call: Call) -> Value:
    return cast(call.context, call.arguments[0], DATE)


def _last_day(call: Call) -> Value:
    return Value(f"last_day({local(call.arguments[0])})", DATE)


def _human(call: Call) -> Value:
    """HUMAN_READABLE_SECONDS: the units that are not zero, with their names."""
    rest, parts = "CAST(ROUND(abs({0})) AS BIGINT)", []
    for size, name in HUMAN_UNITS:
        count = f"({rest} DIV {size})"
        parts.append(
            f"CASE WHEN {count} > 0 THEN concat({count}, ' {name}', CASE WHEN {count} <> 1 THEN 's' ELSE '' END) END"
        )
        rest = f"({rest} % {size})"
    whole = f"concat_ws(', ', {', '.join(parts)})"
    return call.filled(f"CASE WHEN ROUND({{0}}) = 0 THEN '0 seconds' WHEN {{0}} IS NOT NULL THEN {whole} END")


def _milliseconds(call: Call) -> Value:
    return call.filled("(unix_micros(TIMESTAMP '1970-01-01 00:00:00' + {0}) DIV 1000)")


def _duration(call: Call) -> Value:
    """PARSE_DURATION: such as 1.5m; milliseconds are kept."""
    micros = call.context.filled(
        "coalesce(@duration({0}), CASE WHEN {0} IS NOT NULL THEN FAIL(Not a duration) END)", call.arguments[0].sql
    )
    return Value(f"(timestamp_micros({micros}) - TIMESTAMP '1970-01-01 00:00:00')", Type(DAY_TIME))


MOMENTS = ("date", "timestamp", WITH_ZONE)
DATETIMES: Functions = {
    **{f"{name}({kind}) -> bigint": _part(sql) for kind in MOMENTS for name, sql in PARTS.items()},
    **{f"{name}({kind}) -> bigint": _part(sql)
       for kind in ("timestamp", WITH_ZONE, "time") for name, sql in CLOCK_PARTS.items()},
    **{f"{name}({DAY_TIME}) -> bigint": f"CAST({sql} AS BIGINT)" for name, sql in OF_INTERVAL.items()},
    **{f"date_trunc(varchar, {kind}) -> {kind}": _truncation for kind in MOMENTS},
    **{f"date_add(varchar, bigint, {kind}) -> {kind}": _step for kind in MOMENTS},
    **{f"date_diff(varchar, {kind}, {kind}) -> bigint": _difference for kind in MOMENTS},
    **{f"date_format({kind}, varchar) -> varchar": _formatted for kind in ("timestamp", WITH_ZONE)},
    **{f"format_datetime({kind}, varchar) -> varchar": _joda_formatted for kind in ("timestamp", WITH_ZONE)},
    **{f"to_iso8601({kind}) -> varchar": _to_iso for kind in MOMENTS},
    **{f"to_unixtime({kind}) -> double": _to_unix for kind in ("timestamp", WITH_ZONE)},
    **{f"last_day_of_month({kind}) -> date": _last_day for kind in MOMENTS},
    **{f"date({kind}) -> date": _date for kind in ("varchar", *MOMENTS)},
    "date_parse(varchar, varchar) -> timestamp": _parsed,
    "parse_datetime(varchar, varchar) -> timestamp with time zone": _joda_parsed,
    "from_iso8601_timestamp(varchar) -> timestamp with time zone": _iso_parsed,
    "from_iso8601_date(varchar) -> date": _iso_date,
    "from_unixtime(double) -> timestamp with time zone": _from_unix,
    "from_unixtime(double, varchar) -> timestamp with time zone": _from_unix,
    "from_unixtime(double, bigint, bigint) -> timestamp with time zone": _from_unix,
    "at_timezone(timestamp with time zone, varchar) -> timestamp with time zone": _at_zone,
    "with_timezone(timestamp, varchar) -> timestamp with time zone": _with_zone,
    "timezone(timestamp with time zone) -> varchar": _zone_name,
    "timezone_hour(timestamp with time zone) -> bigint": _offset_part("DIV 60"),
    "timezone_minute(timestamp with time zone) -> bigint": _offset_part("% 60"),
    "current_timezone() -> varchar": "'UTC'",
    "human_readable_seconds(double) -> varchar": _human,
    "to_milliseconds(interval day to second) -> bigint": _milliseconds,
    "parse_duration(varchar) -> interval day to second": _duration,
}  # fmt: skip


def extract(context: Context, node: exp.Expr) -> Value:
    """Translate EXTRACT: the function of the field's name."""
    name = node.this.name.lower()
    known = {"dow": "day_of_week", "doy": "day_of_year", "yow": "year_of_week"}.get(name, name)
    if known not in (*PARTS, *CLOCK_PARTS, "timezone_hour", "timezone_minute"):
        raise Refused(f"EXTRACT({name.upper()} …)", f"Expected one of {', '.join((*PARTS, *CLOCK_PARTS))}.", node)
    return context.value(exp.Anonymous(this=known, expressions=[node.expression.copy()]))
