"""Functions of regular expressions: the two engines read the same patterns, and differ in what no match gives."""

from __future__ import annotations

import re
from re import _constants as codes  # type: ignore[attr-defined]
from re import _parser as sre  # type: ignore[attr-defined]
from typing import Any

from cdp_assets.audiences.signatures import Call, Functions
from cdp_assets.audiences.values import Refused, Value

_NAMED = re.compile(r"\(\?<(?![=!])")


def groups_of(pattern: str) -> dict[int, tuple[bool, bool]]:
    """Say of each group of a pattern whether it may be left out, and whether it may match nothing.

    >>> groups_of("(a)(z)?(y*)")
    {1: (False, False), 2: (True, False), 3: (False, True)}
    """
    try:
        tree = sre.parse(_NAMED.sub("(?P<", pattern))
    except re.error:
        raise Refused(f"a group of the pattern {pattern}", "Write a simpler pattern.") from None
    found: dict[int, tuple[bool, bool]] = {}
    _walk(tree, optional=False, found=found)
    return found


def _walk(tree: Any, *, optional: bool, found: dict[int, tuple[bool, bool]]) -> None:
    for code, value in tree:
        if code is codes.SUBPATTERN:
            number, _, _, inner = value
            if number is not None:
                found[number] = (optional, inner.getwidth()[0] == 0)
            _walk(inner, optional=optional, found=found)
        elif code in (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT):
            _walk(value[2], optional=optional or value[0] == 0, found=found)
        elif code is codes.BRANCH:
            for one in value[1]:
                _walk(one, optional=True, found=found)
        elif code is codes.ATOMIC_GROUP:
            _walk(value, optional=optional, found=found)
        elif code in (codes.ASSERT, codes.ASSERT_NOT):
            _walk(value[1], optional=optional or code is codes.ASSERT_NOT, found=found)


def _group(call: Call) -> tuple[str, bool]:
    """Give the group that is asked for, and whether nothing in it means that it took no part."""
    if len(call.arguments) < 3:
        return "0", False
    number = call.literal(2, "a group")
    if number == "0":
        return number, False
    groups = groups_of(call.literal(1, "a pattern"))
    if int(number) not in groups:
        raise Refused(f"group {number}", f"The pattern has {len(groups)} groups.")
    optional, empty = groups[int(number)]
    if optional and empty:
        raise Refused("a group that may be left out and may be empty", "Write + instead of * in it.")
    return number, optional


def _extract(call: Call) -> Value:
    """REGEXP_EXTRACT: NULL without a match, and of a group that took no part."""
    number, optional = _group(call)
    found = f"regexp_extract({{0}}, {{1}}, {number})"
    found = f"nullif({found}, '')" if optional else found
    return call.filled(f"CASE WHEN {{0}} RLIKE {{1}} THEN {found} END")


def _extract_all(call: Call) -> Value:
    number, optional = _group(call)
    found = f"regexp_extract_all({{0}}, {{1}}, {number})"
    return call.filled(f"transform({found}, x -> nullif(x, ''))" if optional else found)


def _replace(call: Call) -> Value:
    return call.filled("regexp_replace({0}, {1}, {2})" if len(call.arguments) > 2 else "regexp_replace({0}, {1}, '')")


def _replace_by(call: Call) -> Value:
    """REGEXP_REPLACE with a lambda: what stands between the matches, and what the lambda makes of each one's groups."""
    pattern = call.literal(1, "a pattern")
    groups = groups_of(pattern)
    if re.compile(_NAMED.sub("(?P<", pattern)).match("") or any(
        empty and optional for optional, empty in groups.values()
    ):
        raise Refused("REGEXP_REPLACE with a lambda and a pattern that matches nothing", "Write + instead of *.")
    parts = [
        f"nullif(get(regexp_extract_all({{0}}, {{1}}, {number}), i), '')" if optional
        else f"get(regexp_extract_all({{0}}, {{1}}, {number}), i)"
        for number, (optional, _) in groups.items()
    ]  # fmt: skip
    each = f"coalesce(transform(array(array({', '.join(parts)})), {{2}})[0], '')"
    joined = (
        f"transform(regexp_extract_all({{0}}, {{1}}, 0), (m, i) -> concat({each}, get(split({{0}}, {{1}}, -1), i + 1)))"
    )
    return call.filled(f"concat(get(split({{0}}, {{1}}, -1), 0), array_join({joined}, ''))")


REGEXES: Functions = {
    "regexp_like(varchar, varchar) -> boolean": "({0} RLIKE {1})",
    "regexp_extract(varchar, varchar) -> varchar": _extract,
    "regexp_extract(varchar, varchar, bigint) -> varchar": _extract,
    "regexp_extract_all(varchar, varchar) -> array(varchar)": _extract_all,
    "regexp_extract_all(varchar, varchar, bigint) -> array(varchar)": _extract_all,
    "regexp_replace(varchar, varchar) -> varchar": _replace,
    "regexp_replace(varchar, varchar, varchar) -> varchar": _replace,
    "regexp_replace(varchar, varchar, function(array(varchar), varchar)) -> varchar": _replace_by,
    "regexp_split(varchar, varchar) -> array(varchar)": "split({0}, {1}, -1)",
    "regexp_count(varchar, varchar) -> bigint": "CAST(regexp_count({0}, {1}) AS BIGINT)",
    "regexp_position(varchar, varchar) -> integer":
        "CASE WHEN {0} RLIKE {1} THEN regexp_instr({0}, {1}) WHEN {0} IS NOT NULL AND {1} IS NOT NULL"
        " THEN -1 END",
}  # fmt: skip
