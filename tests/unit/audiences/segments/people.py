"""Made-up people with every type of attribute, and what the documents say that each operator means, in plain Python."""

from __future__ import annotations

import datetime as dt
import random
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa

from cdp_assets.config.moments import Relative, moment_of
from cdp_assets.config.segment import Rule, Segment
from cdp_assets.lakehouse import delta

TODAY = dt.date(2026, 3, 31)
TYPES = {
    "flag": pa.bool_(),
    "day": pa.date32(),
    "at": pa.timestamp("us", "UTC"),
    "amount": pa.decimal128(38, 2),
    "share": pa.float64(),
    "count": pa.int64(),
    "text": pa.string(),
}
POOLS: Mapping[str, list[Any]] = {
    "flag": [True, False],
    "day": [TODAY + dt.timedelta(days=days) for days in (-366, -365, -31, -30, -1, 0, 1, 7)],
    "at": [dt.datetime(2026, 3, day, hour, 0, tzinfo=dt.UTC) for day in (1, 30, 31) for hour in (0, 8, 23)],
    "amount": [Decimal(text) for text in ("-1.00", "0.00", "0.10", "9.99", "10.00", "10.01")],
    "share": [-1.0, 0.0, 0.1, 0.25, 0.5, 1e-7],
    "count": [-1, 0, 1, 2, 3],
    "text": ["", "a", "A", "abc", "cab", "it's", "a%c", "a_c", "a\\c", "ärger", " a"],
}
COMPARED_DAYS = "is is_not is_after is_before is_on_or_after is_on_or_before"
COMPARED_NUMBERS = "is is_not is_greater_than is_at_least is_less_than is_at_most"
COMPARED_TEXTS = (
    "is_exactly is_not_exactly contains does_not_contain starts_with does_not_start_with ends_with does_not_end_with"
)


def _each(attributes: str, operators: str, *given: Any) -> list[dict[str, Any]]:
    """Give a condition for each attribute, operator and value; a list is for an operator of several values."""
    named = [{"values" if isinstance(one, list) else "value": one} for one in given] or [{}]
    return [
        {"attribute": attribute, "operator": operator, **value}
        for attribute in attributes.split()
        for operator in operators.split()
        for value in named
    ]


CONDITIONS: list[dict[str, Any]] = [
    *_each("people.flag visits.flag", "is_true is_false"),
    *_each(" ".join(f"people.{column} visits.{column}" for column in TYPES), "is_null is_not_null"),
    *_each("people.day people.at", COMPARED_DAYS, "today", "2026-03-30", "30 days ago"),
    *_each("people.day", "is is_after", "1 month ago", "1 year ago", "1 week from now", "yesterday", "tomorrow"),
    *_each("people.at", COMPARED_DAYS, "2026-03-30T10:00:00+02:00"),
    *_each("people.day people.at", "is_between is_not_between", ["2026-03-01", "today"]),
    *_each("people.at", "is_between is_not_between", ["2026-03-30T08:00:00+00:00", "2026-03-31T23:00:00+00:00"]),
    *_each("people.amount people.share people.count", "is_between is_not_between", [0, 0.5], [3, 1]),
    *_each("people.amount people.share", COMPARED_NUMBERS, 10, 0.1, 1e-7),
    *_each("people.count visits.count", COMPARED_NUMBERS, 1),
    *_each("people.amount people.count", "is_in_list is_not_in_list", [10, 0.1], [1]),
    *_each("people.text visits.text", "is_in_list is_not_in_list", ["a", "it's", ""]),
    *_each("people.text", COMPARED_TEXTS, "a", "it's", "%", "\\", "ä"),
    *_each("visits.text", COMPARED_TEXTS, "c"),
    *_each("people.text", "is_like is_not_like", "a%", "%c", "a_c", "a\\%c", "a\\_c", "a\\\\c", ""),
    *_each("people.text visits.text", "is_empty is_not_empty"),
]
"""Every operator, on every type that it takes, with values at the edges."""
EVERYTHING = Segment.model_validate(
    {"name": "everything", "database": "d", "people": "people", "rules": {"any": CONDITIONS}}
)


def tables(seed: int, people: int = 120) -> dict[str, pa.Table]:
    """Give people with one row each, a few of whom have none, one or several visits; a value in five is missing."""
    chance = random.Random(seed)
    ids = [f"p{number:04d}" for number in range(people)]
    visitors = [one for one in ids for _ in range(chance.choice((0, 1, 1, 3)))]
    return {"people": _table(chance, [*ids, None]), "visits": _table(chance, [*visitors, None, "stranger"])}


def _table(chance: random.Random, ids: list[str | None]) -> pa.Table:
    columns = {
        name: pa.array([None if chance.random() < 0.2 else chance.choice(POOLS[name]) for _ in ids], kind)
        for name, kind in TYPES.items()
    }
    return pa.table({"amperity_id": pa.array(ids), **columns})


def written(folder: Path, made: Mapping[str, pa.Table]) -> dict[str, tuple[Path, int]]:
    """Write tables where DataFusion and Spark can read them."""
    return {name: (folder / name, delta.overwrite(folder / name, rows, "made")) for name, rows in made.items()}


def members(segment: Segment, made: Mapping[str, pa.Table], today: dt.date = TODAY) -> set[str]:
    """Give the people of a segment, by looking at each."""
    rows = {name: table.to_pylist() for name, table in made.items()}
    everybody = {row["amperity_id"] for row in rows[segment.people]} - {None}
    return {one for one in everybody if applies(segment.rules, one, rows, today)}


def applies(rule: Rule, person: str, rows: Mapping[str, list[dict[str, Any]]], today: dt.date) -> bool:
    """Say whether a rule applies to a person."""
    if rule.all is not None:
        return all(applies(one, person, rows, today) for one in rule.all)
    if rule.any is not None:
        return any(applies(one, person, rows, today) for one in rule.any)
    values = [row[rule.column] for row in rows[rule.table] if row["amperity_id"] == person]
    there = [value for value in values if value is not None]
    if rule.operator == "is_null":
        return not there
    if rule.operator == "is_empty":
        return not [value for value in there if value != ""]
    return any(_fits(str(rule.operator), value, list(rule.given), today) for value in there)


NEGATED = {
    "is_not": "is", "is_not_between": "is_between", "is_not_in_list": "is_in_list", "is_not_exactly": "is_exactly",
    "is_not_like": "is_like", "does_not_contain": "contains", "does_not_start_with": "starts_with",
    "does_not_end_with": "ends_with",
}  # fmt: skip


def _fits(operator: str, value: Any, given: list[Any], today: dt.date) -> bool:
    """Say whether one value that is there fulfils an operator."""
    if operator in NEGATED:
        return not _fits(NEGATED[operator], value, given, today)
    if isinstance(value, dt.date):
        value, given = _comparable(value, [moment_of(text) for text in given], today)
    if isinstance(value, Decimal):
        given = [Decimal(repr(one)) for one in given]
    first, last = (given[0], given[-1]) if given else (None, None)
    answers = {
        "is_not_null": lambda: True, "is_not_empty": lambda: value != "",
        "is_true": lambda: value is True, "is_false": lambda: value is False, "is": lambda: value == first,
        "is_between": lambda: first < value < last, "is_after": lambda: value > first,
        "is_before": lambda: value < first, "is_on_or_after": lambda: value >= first,
        "is_on_or_before": lambda: value <= first, "is_greater_than": lambda: value > first,
        "is_at_least": lambda: value >= first, "is_less_than": lambda: value < first,
        "is_at_most": lambda: value <= first, "is_in_list": lambda: value in given,
        "is_exactly": lambda: value == first, "is_like": lambda: _like(value, str(first)),
        "contains": lambda: first in value, "starts_with": lambda: value.startswith(first),
        "ends_with": lambda: value.endswith(first),
    }  # fmt: skip
    return bool(answers[operator]())


def _comparable(value: dt.date, moments: list[Any], today: dt.date) -> tuple[dt.date, list[Any]]:
    """Compare days, unless a time is given."""
    moments = [_day(one, today) if isinstance(one, Relative) else one for one in moments]
    if isinstance(value, dt.datetime) and not any(isinstance(one, dt.datetime) for one in moments):
        return value.date(), moments
    return value, moments


def _day(relative: Relative, today: dt.date) -> dt.date:
    """Go so many days from today, or to the same day of another month, or to that month's last."""
    if relative.unit == "day":
        return today + dt.timedelta(days=relative.count)
    year, month = divmod(today.year * 12 + today.month - 1 + relative.count, 12)
    same = [dt.date(year, month + 1, 1) + dt.timedelta(days=days) for days in range(today.day)]
    return max(day for day in same if day.month == month + 1)


def _like(text: str, pattern: str) -> bool:
    """Match SQL's LIKE, with a backslash before what is meant literally."""
    parts = re.findall(r"\\[%_\\]|.", pattern)
    spelled = "".join({"%": ".*", "_": "."}.get(part, re.escape(part[-1])) for part in parts)
    return re.fullmatch(spelled, text, re.DOTALL) is not None
