"""The audit log: append-only, each row hashed with the one before it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from cdp_assets.hashing import sha256_of
from cdp_assets.state import tables
from cdp_assets.state.database import now, utc

FIRST = "0" * 64
AT_A_TIME = 1_000
"""Rows held in memory while the log is read."""


@dataclass(frozen=True)
class AuditRow:
    """Who did what to what, when."""

    id: int
    happened_at: dt.datetime
    acting_user: str
    action: str
    resource: str
    detail: Mapping[str, Any]
    hash: str


@dataclass(frozen=True)
class Chain:
    """What a walk over the whole log has found."""

    rows: int
    """How many rows follow, from the first on."""
    last_hash: str
    """The hash of the last of them: whoever keeps it can tell later whether rows were removed at the end."""
    broken_at: int | None
    """The id of the first row that does not follow from the one before it; nothing was read after it."""
    rows_after_expected: int | None
    """How many rows came after the one with the expected hash; nothing where no row has it."""


def append(conn: Connection, *, acting_user: str, action: str, resource: str, detail: Mapping[str, Any]) -> None:
    """Add a row in the caller's transaction: no change without its row, no row without its change."""
    table = tables.audit
    previous = conn.execute(sa.select(table.c.hash).order_by(table.c.id.desc()).limit(1)).scalar() or FIRST
    moment = now()
    values = {"acting_user": acting_user, "action": action, "resource": resource, "detail": dict(detail)}
    digest = sha256_of([previous, moment.isoformat(), *values.values()])
    conn.execute(sa.insert(table).values(happened_at=moment, previous_hash=previous, hash=digest, **values))


def listed(
    conn: Connection,
    *,
    since: dt.datetime | None = None,
    user: str | None = None,
    action: str | None = None,
    limit: int | None = None,
) -> list[AuditRow]:
    """Give the newest `limit` rows that fit, newest last.

    `action` is one action, or the beginning of several with `*` at its end, such as `environment:*`.
    """
    table = tables.audit
    query = sa.select(table).order_by(table.c.id.desc()).limit(limit)
    if since is not None:
        query = query.where(table.c.happened_at >= since)
    if user is not None:
        query = query.where(table.c.acting_user == user)
    if action is not None and action.endswith("*"):
        query = query.where(table.c.action.startswith(action.removesuffix("*"), autoescape=True))
    elif action is not None:
        query = query.where(table.c.action == action)
    return [_row(row) for row in conn.execute(query).mappings()][::-1]


def verified(conn: Connection, expected: str | None = None) -> Chain:
    """Walk the log from its first row, and look for the row with the `expected` hash on the way.

    A changed, removed, added or moved row breaks the chain, unless all rows after it were made anew too; rows
    removed at the end do not. Both need a hash that was kept outside: then no row has it.
    """
    rows, previous = 0, FIRST
    found = 0 if expected == FIRST else None
    for row in _all(conn):
        if row["previous_hash"] != previous or row["hash"] != _hash(previous, row):
            return Chain(rows, previous, int(row["id"]), None if found is None else rows - found)
        rows, previous = rows + 1, row["hash"]
        found = rows if previous == expected else found
    return Chain(rows, previous, None, None if found is None else rows - found)


def broken_at(conn: Connection) -> int | None:
    """Give the id of the first row that does not follow from the one before it, or nothing."""
    return verified(conn).broken_at


def _all(conn: Connection) -> Iterator[RowMapping]:
    query = sa.select(tables.audit).order_by(tables.audit.c.id).execution_options(yield_per=AT_A_TIME)
    yield from conn.execute(query).mappings()


def _hash(previous: str, row: RowMapping) -> str:
    facts = [row[name] for name in ("acting_user", "action", "resource", "detail")]
    return sha256_of([previous, utc(row["happened_at"]).isoformat(), *facts])


def _row(row: RowMapping) -> AuditRow:
    return AuditRow(
        id=row["id"],
        happened_at=utc(row["happened_at"]),
        acting_user=row["acting_user"],
        action=row["action"],
        resource=row["resource"],
        detail=row["detail"],
        hash=row["hash"],
    )
