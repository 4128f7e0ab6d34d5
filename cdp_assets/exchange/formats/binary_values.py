"""Values of the binary formats, Avro and CBOR, as text: the way JSON and ISO 8601 spell them."""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cdp_assets.exchange.formats.json_values import Number, text

RECORD_BYTES = 16 << 20
"""A record of a binary format longer than this is refused: a byte of it may be an object of sixty in memory."""
_MOST_DIGITS = 1000
"""A decimal that would take more characters is an attack: nine bytes can say 10^1,000,000,000."""


def spelled(value: Any) -> str | None:
    """Give a decoded value as text; raises ValueError for one that has no spelling.

    Numbers keep all their digits, times are ISO 8601, bytes their text, or base64 where they are none, records and
    lists JSON.

    >>> spelled(Decimal("1E-8")), spelled(b"x"), spelled({"at": dt.date(2026, 11, 20), "n": [1, None]})
    ('0.00000001', 'x', '{"at":"2026-11-20","n":[1,null]}')
    """
    return text(_plain(value))


def _plain(value: Any) -> Any:
    """Give a value in JSON's own types."""
    if value is None or isinstance(value, str | bool):
        return value
    if isinstance(value, Mapping):
        return {str(_plain(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, bytes | bytearray):
        return _of_bytes(bytes(value))
    if isinstance(value, int | float | Decimal):
        return _number(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return _number(value.total_seconds())
    return str(value)


def _number(value: float | Decimal) -> Number | None:
    if not isinstance(value, Decimal):
        return Number(value)
    if not value.is_finite():
        return None
    if abs(value.adjusted()) > _MOST_DIGITS:
        msg = "a number with too many digits"
        raise ValueError(msg)
    return Number(f"{value:f}")


def _of_bytes(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()
