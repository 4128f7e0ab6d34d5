"""JSON as it stands in customers' files: numbers keep their digits, values become text."""

from __future__ import annotations

import json
from json.encoder import encode_basestring
from typing import Any

NO_OBJECT = "is not a JSON object"
"""Why a row is refused that is something else."""


class Number(str):
    """A JSON number as it was written, so neither decimals nor long integers lose a digit."""

    __slots__ = ()


def _refuse_constant(name: str) -> None:
    msg = f"{name} is not JSON"
    raise ValueError(msg)


DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_refuse_constant)


def text(value: Any) -> str | None:
    """Give a decoded value as text: true and false in words, null as None, objects and arrays as JSON.

    >>> text(DECODER.decode("1.50")), text(True), text(None), text(DECODER.decode('{"a": [1, "x"]}'))
    ('1.50', 'true', None, '{"a":[1,"x"]}')
    """
    if isinstance(value, str):
        return str(value)
    return None if value is None else _json(value)


def _json(value: Any) -> str:
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{encode_basestring(key)}:{_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    return "null" if value is None else "true" if value else "false"
