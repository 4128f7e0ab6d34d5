"""Reads, searches and spells JSON as Presto does: sorted keys, numbers as written. Wrong text gives nothing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import cache
from typing import Any, NoReturn

from cdp_assets.audiences.types import WHOLE, Type, field_names, parse

_STEP = re.compile(r"\.([\w:$\-/@|#]+)|\[\s*\"((?:[^\"\\]|\\.)*)\"\s*\]|\[\s*(\d+)\s*\]")
_SQL_STEP = re.compile(
    r"\s*(?:\.\s*([A-Za-z_$][\w$]*)|\.\s*\"((?:[^\"\\]|\\.)*)\"|\[\s*(\d+)\s*\]|(\[\s*\*\s*\])|(\.\s*\*))"
)
_LAX = re.compile(r"\s*(?:(lax|strict)\s+)?\$(.*)", re.IGNORECASE | re.DOTALL)
MISSING: Any = object()
WRONG: Any = object()
Steps = tuple[str | int, ...]


class Number(float):
    """A number with a point, which keeps its text."""

    text: str

    def __new__(cls, text: str) -> Number:
        found = super().__new__(cls, text)
        found.text = text
        return found

    def __repr__(self) -> str:
        """Spell it as JSON that is read and written again: 1.50 is 1.5, 1e10 is 1.0E10."""
        value = float(self)
        if value == 0 or 1e-3 <= abs(value) < 1e7:
            return float.__repr__(value)
        digits, _, exponent = f"{Decimal(float.__repr__(value)):E}".partition("E")
        whole, _, rest = digits.partition(".")
        return f"{whole}.{rest.rstrip('0') or '0'}E{int(exponent)}"


def _refused(constant: str) -> NoReturn:
    raise ValueError(constant)


def read(text: str | None) -> Any:
    """Give the value of JSON text, WRONG for other text."""
    if text is None:
        return WRONG
    try:
        return json.loads(text, parse_float=Number, parse_constant=_refused)
    except (ValueError, RecursionError):
        return WRONG


def spell(value: Any, *, ordered: bool = True) -> str:
    """Spell a value without blanks, keys in order."""
    if isinstance(value, Number):
        return repr(value)
    if isinstance(value, dict):
        items = sorted(value.items()) if ordered else value.items()
        return "{" + ",".join(f"{spell(key)}:{spell(part, ordered=ordered)}" for key, part in items) + "}"
    if isinstance(value, list):
        return "[" + ",".join(spell(part, ordered=ordered) for part in value) + "]"
    return json.dumps(value, ensure_ascii=False)


def json_parse(text: str | None) -> str | None:
    """Give JSON text as Presto keeps it.

    >>> json_parse('{"b": 1.50,  "a": [1, null]}')
    '{"a":[1,null],"b":1.5}'
    """
    found = read(text)
    return None if found is WRONG else spell(found)


@cache
def steps_of(path: str) -> Steps | None:
    """Read a path such as `$.a["b"][1]`; nothing for a path that is none."""
    if not path.startswith("$"):
        return None
    found: list[str | int] = []
    at = 1
    while at < len(path):
        step = _STEP.match(path, at)
        if step is None:
            return None
        name, quoted, place = step.groups()
        found.append(int(place) if place is not None else name if name is not None else re.sub(r"\\(.)", r"\1", quoted))
        at = step.end()
    return tuple(found)


def _at(text: str | None, path: str | None) -> Any:
    """Give what stands at a path, MISSING for nothing."""
    value, steps = read(text), steps_of(path) if path is not None else None
    if value is WRONG or steps is None:
        return MISSING
    for step in steps:
        if isinstance(value, dict) and str(step) in value:
            value = value[str(step)]
        elif isinstance(value, list) and str(step).isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value


def json_extract(text: str | None, path: str | None) -> str | None:
    """Give what stands at a path, as JSON."""
    found = _at(text, path)
    return None if found is MISSING else spell(found)


def json_extract_scalar(text: str | None, path: str | None) -> str | None:
    """Give the text of the scalar that stands at a path; numbers as they are written."""
    found = _at(text, path)
    return None if found is MISSING or isinstance(found, dict | list) else scalar_text(found)


def scalar_text(value: Any) -> str | None:
    """Give the text of a scalar."""
    if value is None or isinstance(value, str):
        return value
    return value.text if isinstance(value, Number) else json.dumps(value)


def json_array_length(text: str | None) -> int | None:
    """Give how many elements an array has."""
    found = read(text)
    return len(found) if isinstance(found, list) else None


def json_size(text: str | None, path: str | None) -> int | None:
    """Give how many parts stand at a path: none in a scalar."""
    found = _at(text, path)
    return None if found is MISSING else len(found) if isinstance(found, dict | list) else 0


def json_array_get(text: str | None, place: int | None) -> str | None:
    """Give an array's element, from the end where the place is negative."""
    found = read(text)
    if not isinstance(found, list) or place is None or not -len(found) <= place < len(found):
        return None
    return spell(found[place])


def json_array_contains(text: str | None, wanted: str | None, kind: str) -> bool | None:
    """Say whether an array has a scalar of a kind."""
    found = read(text)
    if not isinstance(found, list) or wanted is None:
        return None
    kinds: dict[str, type | tuple[type, ...]] = {"varchar": str, "boolean": bool, "bigint": int, "double": (int, float)}
    fits = [one for one in found if isinstance(one, kinds[kind]) and (kind == "boolean" or not isinstance(one, bool))]
    if kind in ("bigint", "double"):
        return any(float(str(one)) == float(wanted) for one in fits)
    return any(scalar_text(one) == wanted for one in fits)


def is_json_scalar(text: str | None) -> bool | None:
    """Say whether JSON is a scalar; nothing for other text."""
    found = read(text)
    return None if found is WRONG else not isinstance(found, dict | list)


def json_scalar(text: str | None, kind: str) -> str | None:
    """Give the text of a scalar that CAST turns into a kind; nothing for null, for an array or an object."""
    value = read(text)
    if value is WRONG or value is None or isinstance(value, dict | list):
        return None
    return _scalar(value, parse(kind))


def _scalar(value: Any, kind: Type) -> str | None:
    if kind.name == "json":
        return spell(value)
    if isinstance(value, bool) and kind.name not in ("boolean", "varchar"):
        return str(int(value)) if kind.name != "date" else None
    if kind.name in WHOLE and isinstance(value, float):
        return str(Decimal(float.__repr__(value)).quantize(Decimal(1), ROUND_HALF_UP))
    if kind.name == "boolean" and isinstance(value, int | float) and not isinstance(value, bool):
        return "true" if value else "false"
    if kind.name == "varchar" and isinstance(value, Number):
        return repr(value)
    return scalar_text(value)


def json_shaped(text: str | None, kind: str) -> str | None:
    """Give `{"v": …}` with the value shaped after a type, so that Spark reads just that; nothing where it does not fit.

    >>> json_shaped('[1, "2", null]', "array(integer)")
    '{"v":[1,2,null]}'
    """
    value = read(text)
    if value is WRONG or value is None:
        return None
    try:
        return '{"v":' + spell(_shaped(value, parse(kind)), ordered=False) + "}"
    except (ValueError, TypeError, InvalidOperation):
        return None


def _shaped(value: Any, kind: Type) -> Any:
    if kind.name == "json":
        return spell(value)
    if value is None:
        return None
    if kind.name == "array":
        return [_shaped(part, kind.element) for part in _of(value, list)]
    if kind.name == "map":
        return {
            str(_scalar(key, kind.parts[0])): _shaped(part, kind.parts[1]) for key, part in _of(value, dict).items()
        }
    if kind.name == "row":
        return _row(value, kind)
    return _plain(_of(value, (str, int, float, bool)), kind)


def _of(value: Any, wanted: type | tuple[type, ...]) -> Any:
    if not isinstance(value, wanted):
        raise TypeError(type(value).__name__)
    return value


def _row(value: Any, kind: Type) -> dict[str, Any]:
    """Take a row from an array by place, or from an object by name."""
    names = field_names(kind)
    if isinstance(value, list):
        if len(value) != len(names):
            raise ValueError(len(value))
        parts = value
    else:
        lowered = {key.lower(): part for key, part in _of(value, dict).items()}
        parts = [lowered.get(name) for name in names]
    return {name: _shaped(part, inner) for name, part, inner in zip(names, parts, kind.parts, strict=True)}


def _plain(value: Any, kind: Type) -> Any:
    text = _scalar(value, kind)
    if text is None or kind.name in ("varchar", "date"):
        return text
    if kind.name == "boolean":
        return {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}[text.lower()]
    if kind.name in WHOLE:
        return int(text)
    return Number(text) if kind.name != "decimal" else Number(str(Decimal(text)))


def json_path(text: str | None, path: str) -> str | None:
    """Give an array of all that an SQL path finds; nothing for what is no JSON, or where a strict path fails."""
    value = read(text)
    steps = sql_steps(path) if value is not WRONG else None
    if steps is None:
        return None
    lax, found = steps[0] == "lax", [value]
    for step in steps[1:]:
        following: list[Any] = []
        for one in found:
            reached = _reached(one, step, lax=lax)
            if reached is None:
                return None
            following += reached
        found = following
    return spell(found)


def _reached(value: Any, step: str | int, *, lax: bool) -> list[Any] | None:
    """Give what one step of a path reaches; a lax path looks into arrays and takes a scalar for an array of one."""
    if step == "[*]":
        return value if isinstance(value, list) else [value] if lax else None
    if isinstance(step, int):
        parts = value if isinstance(value, list) else [value] if lax else None
        return None if parts is None else parts[step : step + 1] or ([] if lax else None)
    if isinstance(value, list) and lax:
        return [one for part in value if isinstance(part, dict) for one in _reached(part, step, lax=True) or []]
    if not isinstance(value, dict):
        return [] if lax else None
    if step == ".*":
        return list(value.values())
    return [value[step[1:]]] if step[1:] in value else [] if lax else None


@cache
def sql_steps(path: str) -> tuple[str | int, ...] | None:
    """Read an SQL path: its mode, then keys with a dot before them, places, `[*]` and `.*`."""
    found = _LAX.fullmatch(path)
    if found is None:
        return None
    steps: list[str | int] = [(found[1] or "lax").lower()]
    rest, at = found[2], 0
    while rest[at:].strip():
        step = _SQL_STEP.match(rest, at)
        if step is None:
            return None
        name, quoted, place, every, members = step.groups()
        key = name if name is not None else quoted
        steps.append(int(place) if place else "[*]" if every else ".*" if members else f".{key}")
        at = step.end()
    return tuple(steps)


KERNELS: dict[str, tuple[Callable[..., object], str]] = {
    "json_parse": (json_parse, "string"),
    "json_extract": (json_extract, "string"),
    "json_extract_scalar": (json_extract_scalar, "string"),
    "json_array_length": (json_array_length, "bigint"),
    "json_array_get": (json_array_get, "string"),
    "json_array_contains": (json_array_contains, "boolean"),
    "json_size": (json_size, "bigint"),
    "is_json_scalar": (is_json_scalar, "boolean"),
    "json_scalar": (json_scalar, "string"),
    "json_shaped": (json_shaped, "string"),
    "json_path": (json_path, "string"),
}
