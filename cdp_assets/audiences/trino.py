"""Asks a Trino cluster over HTTP, and gives its answers as Arrow tables.

Source: Trino client protocol, https://trino.io/docs/current/develop/client-protocol.html
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import http.client
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pyarrow as pa

from cdp_assets.audiences.types import WITH_ZONE, Type, field_names, is_exact, parse
from cdp_assets.errors import EngineUnreachableError, LakeError, QueryError
from cdp_assets.secrets import Secret

BUSY = (502, 503, 504)
WAIT_S, TRIES = 0.1, 20
ARROW: Mapping[str, pa.DataType] = {
    **{
        "boolean": pa.bool_(),
        "tinyint": pa.int8(),
        "smallint": pa.int16(),
        "integer": pa.int32(),
        "bigint": pa.int64(),
    },
    **{"real": pa.float32(), "double": pa.float64(), "date": pa.date32(), "varbinary": pa.binary()},
    **{"timestamp": pa.timestamp("us", "UTC"), WITH_ZONE: pa.timestamp("us", "UTC"), "time": pa.time64("us")},
}
"""What holds each type's values; another type's stay text."""


@dataclass(frozen=True)
class TrinoClient:
    """One user's way to a cluster."""

    address: str
    """Such as `https://trino.example.com:443`."""
    user: str
    password: Secret | None = None
    timeout_s: float = 60.0
    home: tuple[str, str] | None = None
    """The catalog and schema in which a name of one part is looked up."""

    def __post_init__(self) -> None:
        """Refuse to send a password in the clear."""
        if self.password is not None and not self.address.startswith("https://"):
            raise LakeError("a password for Trino without TLS. Expected `tls: true`.")

    def answer(self, text: str, where: str) -> pa.Table:
        """Give the whole answer of one statement.

        Raises QueryError for what Trino refuses, by its error's name and place; LakeError for a query that fails;
        EngineUnreachableError when no answer comes. A statement that is left half-way is cancelled.
        """
        columns: list[dict[str, Any]] = []
        rows: list[list[Any]] = []
        following: str | None = None
        try:
            for page in self._pages(text):
                following = page.get("nextUri")
                _raise_error(page, where)
                columns = page.get("columns") or columns
                rows += page.get("data") or []
        except BaseException:
            if following is not None:
                self._asked("DELETE", following)
            raise
        return _table(columns, rows)

    def _pages(self, text: str) -> Iterator[dict[str, Any]]:
        """Give every page of an answer, asking for the next one as it comes."""
        page = self._asked("POST", f"{self.address}/v1/statement", text)
        yield page
        while page.get("nextUri"):
            page = self._asked("GET", page["nextUri"])
            yield page

    def _asked(self, method: str, address: str, text: str | None = None) -> dict[str, Any]:
        """Give one answer of the cluster; a busy one is asked again."""
        if urlsplit(address)[:2] != urlsplit(self.address)[:2]:
            raise LakeError("Trino names another host to ask. Expected its own; see `http-server.process-forwarded`.")
        for _ in range(TRIES):
            status, content = self._sent(method, address, text)
            if status not in BUSY:
                break
            time.sleep(WAIT_S)
        if status >= HTTPStatus.MULTIPLE_CHOICES:
            raise EngineUnreachableError(f"Trino answers with status {status}. Expected 200.")
        page: dict[str, Any] = json.loads(content) if content else {}
        return page

    def _sent(self, method: str, address: str, text: str | None) -> tuple[int, bytes]:
        """Give the status and the content of one exchange."""
        split = urlsplit(address)
        kind = http.client.HTTPSConnection if split.scheme == "https" else http.client.HTTPConnection
        connection = kind(split.hostname or "", split.port, timeout=self.timeout_s)
        try:
            path = f"{split.path}?{split.query}" if split.query else split.path
            connection.request(method, path, None if text is None else text.encode(), self._headers())
            found = connection.getresponse()
            return found.status, found.read()
        except (OSError, http.client.HTTPException) as error:
            raise EngineUnreachableError(f"Trino does not answer ({type(error).__name__}).") from None
        finally:
            connection.close()

    def _headers(self) -> dict[str, str]:
        found = {"X-Trino-User": self.user, "X-Trino-Time-Zone": "UTC", "X-Trino-Source": "cdp"}
        if self.home is not None:
            found |= {"X-Trino-Catalog": self.home[0], "X-Trino-Schema": self.home[1]}
        if self.password is not None:
            login = base64.b64encode(f"{self.user}:{self.password.reveal()}".encode()).decode()
            found["Authorization"] = f"Basic {login}"
        return found


def _raise_error(page: Mapping[str, Any], where: str) -> None:
    """Raise what a page tells to be wrong; its message is left out, for it may quote a row."""
    error = page.get("error")
    if error is None:
        return
    at = error.get("errorLocation") or {}
    place = f", line {at['lineNumber']}, column {at['columnNumber']}" if at else ""
    if error.get("errorType") == "USER_ERROR":
        raise QueryError(where + place, str(error.get("errorName")), "Trino refuses it.")
    raise LakeError(f"{where}{place}: Trino: {error.get('errorName')}")


def _table(columns: list[dict[str, Any]], rows: list[list[Any]]) -> pa.Table:
    kinds = [parse(column["type"]) for column in columns]
    arrays = [
        pa.array([None if row[at] is None else _read(row[at], kind) for row in rows], arrow(kind))
        for at, kind in enumerate(kinds)
    ]
    schema = pa.schema([pa.field(column["name"], arrow(kind)) for column, kind in zip(columns, kinds, strict=True)])
    return pa.Table.from_arrays(arrays, schema=schema)


def arrow(kind: Type) -> pa.DataType:
    """Give the Arrow type that holds a type's values."""
    if kind.name == "decimal":
        return pa.decimal128(kind.precision, kind.scale)
    if kind.name == "array":
        return pa.list_(arrow(kind.element))
    if kind.name == "map":
        return pa.map_(arrow(kind.parts[0]), arrow(kind.parts[1]))
    if kind.name == "row":
        return pa.struct(list(zip(field_names(kind), map(arrow, kind.parts), strict=True)))
    return ARROW.get(kind.name, pa.string())


def _read(value: Any, kind: Type) -> Any:
    """Read a value as the protocol spells it."""
    if kind.name == "array":
        return [None if part is None else _read(part, kind.element) for part in value]
    if kind.name == "map":
        key, item = kind.parts
        return [(_read(name, key), None if part is None else _read(part, item)) for name, part in value.items()]
    if kind.name == "row":
        parts = zip(field_names(kind), value, kind.parts, strict=True)
        return {name: None if part is None else _read(part, inner) for name, part, inner in parts}
    if kind.name != "decimal" and is_exact(kind):
        return int(value)
    return READ[kind.name](value) if kind.name in READ else value


def _moment(text: str) -> dt.datetime:
    """Read `2024-01-01 12:00:00.123 [zone]`."""
    date, clock, *zones = text.split(" ")
    whole, _, fraction = clock.partition(".")
    plain = dt.datetime.fromisoformat(f"{date}T{whole}.{fraction[:6].ljust(6, '0')}")
    zone = zones[0] if zones else "UTC"
    if zone[0] in "+-":
        return dt.datetime.fromisoformat(f"{plain.isoformat()}{zone}")
    return plain.replace(tzinfo=ZoneInfo(zone))


def _boolean(value: Any) -> bool:
    return value if isinstance(value, bool) else value == "true"


READ: Mapping[str, Callable[[Any], Any]] = {
    "decimal": decimal.Decimal,
    "boolean": _boolean,
    "real": float,
    "double": float,
    "date": dt.date.fromisoformat,
    "varbinary": base64.b64decode,
    "timestamp": _moment,
    WITH_ZONE: _moment,
    "time": dt.time.fromisoformat,
}
