"""Literals, with a type before them or not."""

from __future__ import annotations

import re

from sqlglot import exp

from cdp_assets.audiences import types
from cdp_assets.audiences.casts import cast, zoned_literal
from cdp_assets.audiences.context import Context, Rule
from cdp_assets.audiences.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DAY_TIME,
    DOUBLE,
    INTEGER,
    UNKNOWN,
    VARBINARY,
    VARCHAR,
    WITH_ZONE,
    YEAR_MONTH,
    Type,
    decimal,
)
from cdp_assets.audiences.values import Refused, Value, text

LARGEST_INTEGER, LARGEST_BIGINT = 2**31 - 1, 2**63 - 1
_ISO_DATE = re.compile(r"\s*(\d{4,}-\d{1,2}-\d{1,2})\s*")
_FRACTION = re.compile(r":\d+\.(\d+)")
_UNICODE = re.compile(r"\\(?:\\|\+([0-9a-fA-F]{6})|([0-9a-fA-F]{4}))")
_SPANS = {"YEAR": YEAR_MONTH, "MONTH": YEAR_MONTH, "DAY": DAY_TIME, "HOUR": DAY_TIME, "MINUTE": DAY_TIME,
          "SECOND": DAY_TIME, "WEEK": DAY_TIME, "QUARTER": YEAR_MONTH}  # fmt: skip


def literal(context: Context, node: exp.Expr) -> Value:
    """Translate text and numbers: with a point they are decimals, with an exponent floating numbers."""
    written = str(node.this)
    if node.is_string:
        return Value(text(written), Type("varchar", numbers=(len(written),)), literal=written)
    if "e" in written.lower():
        return Value(f"{float(written)!r}D", DOUBLE, literal=written)
    if "." in written:
        whole, _, scale = written.partition(".")
        digits = whole.lstrip("0")
        kind = decimal(max(len(digits) + len(scale), 1), len(scale))
        return Value(f"CAST('{digits or '0'}.{scale or '0'}' AS {types.spark(kind)})", kind)
    number = int(written)
    if number > LARGEST_BIGINT + 1:
        raise Refused(f"the number {written}", "Write it as DECIMAL '…'.", node)
    kind = INTEGER if number <= LARGEST_INTEGER else BIGINT
    return Value(f"{number}" if kind == INTEGER else f"{number}L", kind, literal=str(number))


def unicode_text(context: Context, node: exp.Expr) -> Value:
    """Translate U&'…'."""
    written = _UNICODE.sub(
        lambda found: chr(int(found[1] or found[2], 16)) if found[1] or found[2] else "\\", str(node.this)
    )
    return Value(text(written), Type("varchar", numbers=(len(written),)), literal=written)


def binary(context: Context, node: exp.Expr) -> Value:
    """Translate X'…'."""
    return Value(f"X'{node.this}'", VARBINARY)


def null(context: Context, node: exp.Expr) -> Value:
    """Translate NULL, whose type is what it meets."""
    return Value("NULL", UNKNOWN)


def boolean(context: Context, node: exp.Expr) -> Value:
    """Translate true and false."""
    return Value("true" if node.this else "false", BOOLEAN)


def typed_literal(context: Context, written: str, target: Type) -> Value:
    """Translate DATE '…', TIMESTAMP '…', DECIMAL '…' and their like."""
    if target.name == "decimal":
        digits, _, scale = written.strip().lstrip("+-").partition(".")
        kind = decimal(max(len(digits.lstrip("0")) + len(scale), 1), len(scale))
        return Value(f"CAST({text(written.strip())} AS {types.spark(kind)})", kind)
    if target.name in (WITH_ZONE, "timestamp") and re.search(r"\d:\d.*( |[+-])[A-Za-z+-]*", written.strip()):
        zone = re.search(r"\d{1,2}:\d{1,2}(?::[\d.]+)?\s*([A-Za-z+-].*)", written)
        if zone:
            return zoned_literal(context, written)
    fraction = _FRACTION.search(written)
    if target.name in ("timestamp", "time"):
        target = Type(target.name, numbers=(len(fraction[1]) if fraction else 0,))
    found = cast(context, Value(text(written), VARCHAR, literal=written), target)
    if target.name == "date" and (day := _ISO_DATE.fullmatch(written)):
        return Value(f"DATE {text(day[1])}", DATE, literal=written)
    if target.name == "timestamp" and re.fullmatch(r"\d{4}-\d\d-\d\d( \d\d:\d\d(:\d\d(\.\d{1,6})?)?)?", written):
        return Value(f"TIMESTAMP {text(written)}", target)
    return found


def interval(context: Context, node: exp.Expr) -> Value:
    """Translate INTERVAL '…' of years and months, or of days, hours, minutes and seconds."""
    unit = node.args.get("unit")
    units = (
        [unit.this.name, unit.expression.name] if isinstance(unit, exp.IntervalSpan) else [unit.name if unit else ""]
    )
    names = [one.upper() for one in units]
    if not isinstance(node.this, exp.Literal) or any(one not in _SPANS for one in names):
        raise Refused("INTERVAL of this kind", "Write INTERVAL '1' DAY, MONTH, YEAR, HOUR, MINUTE or SECOND.", node)
    kind, written = Type(_SPANS[names[0]]), str(node.this.this)
    if names[0] in ("WEEK", "QUARTER"):
        factor, names = (7, ["DAY"]) if names[0] == "WEEK" else (3, ["MONTH"])
        written = str(int(written) * factor)
    spelled = f"INTERVAL {text(written)} {' TO '.join(names)}"
    return Value(f"CAST({spelled} AS {types.spark(kind)})", kind)


def parse_json(context: Context, node: exp.Expr) -> Value:
    """Translate JSON '…'."""
    value = context.value(node.this)
    return Value(context.filled("coalesce(@json_parse({0}), FAIL(not JSON))", value.sql), types.JSON)


LITERALS: dict[type[exp.Expr], Rule] = {
    exp.Literal: literal, exp.UnicodeString: unicode_text, exp.HexString: binary, exp.Null: null, exp.Boolean: boolean,
    exp.Interval: interval, exp.ParseJSON: parse_json,
}  # fmt: skip
