"""Values of the binary formats, Avro and CBOR, as text: the way JSON and ISO 8601 spell them."""

from __future__ import annotations

import base64
import datetime as dt
import math
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any

RECORD_BYTES = 4 << 20
"""A record of a binary format longer than this is refused: a byte of it may be an object of two hundred in memory."""
_NESTED = (Mapping, list, tuple, set, frozenset)
_BARE = (bool, int, float, Decimal, dt.timedelta)
"""What JSON does not quote."""
_MOST_DIGITS = 1000
"""A decimal that would take more characters is an attack: nine bytes can say 10^1,000,000,000."""


def spelled(value: Any) -> str | None:
    """Give a decoded value as text; raises ValueError for one that has no spelling.

    Numbers keep all their digits, times are ISO 8601, bytes their text, or base64 where they are none, records and
    lists JSON; in them a number that is not finite is null.

    >>> spelled(Decimal("1E-8")), spelled(b"x"), spelled({"at": dt.date(2026, 11, 20), "n": [1, None]})
    ('0.00000001', 'x', '{"at":"2026-11-20","n":[1,null]}')
    """
    if value is None or isinstance(value, str):
        return value
    return _json(value) if isinstance(value, _NESTED) else _scalar(value)


def _json(value: Any) -> str:
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "null"
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_key(key)}:{_json(item)}" for key, item in value.items()) + "}"
    if isinstance(value, _NESTED):
        return "[" + ",".join(map(_json, value)) + "]"
    found = value if isinstance(value, str) else _scalar(value)
    if found is None:
        return "null"
    return found if isinstance(value, _BARE) else encode_basestring(found)


def _key(key: Any) -> str:
    return encode_basestring(spelled(key) or "")


def _scalar(value: Any) -> str | None:
    """Give the text of what is no text, no record and no list; nothing for a decimal that is no number."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes | bytearray):
        return _of_bytes(bytes(value))
    if isinstance(value, Decimal):
        return _decimal(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value.total_seconds()) if isinstance(value, dt.timedelta) else str(value)


def _decimal(value: Decimal) -> str | None:
    if not value.is_finite():
        return None
    if abs(value.adjusted()) > _MOST_DIGITS:
        msg = "a number with too many digits"
        raise ValueError(msg)
    return f"{value:f}"


def _of_bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()
