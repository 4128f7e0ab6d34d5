"""Deliveries: each file that was sent, once per orchestration and publication."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from cdp_assets.hashing import sha256_of
from cdp_assets.state import tables
from cdp_assets.state.database import now


@dataclass(frozen=True)
class Delivery:
    """One file on its way to, or at, a destination."""

    id: str
    environment: str
    orchestration: str
    publication_id: int
    destination: str
    filename: str
    rows: int
    size_bytes: int
    sha256: str
    state: str


def begin(
    conn: Connection,
    *,
    environment: str,
    orchestration: str,
    publication_id: int,
    destination: str,
    filename: str,
    rows: int,
    size_bytes: int,
    sha256: str,
) -> Delivery:
    """Note that a file is about to be sent; its id is the same on every try."""
    delivery_id = sha256_of([environment, orchestration, publication_id, filename])[:32]
    table = tables.delivery
    conn.execute(sa.delete(table).where(table.c.id == delivery_id, table.c.state != "delivered"))
    begun = Delivery(
        id=delivery_id,
        environment=environment,
        orchestration=orchestration,
        publication_id=publication_id,
        destination=destination,
        filename=filename,
        rows=rows,
        size_bytes=size_bytes,
        sha256=sha256,
        state="started",
    )
    conn.execute(sa.insert(table).values(started_at=now(), **asdict(begun)))
    return begun


def finish(conn: Connection, delivery_id: str) -> None:
    """Note that the file is at its destination."""
    table = tables.delivery
    conn.execute(sa.update(table).where(table.c.id == delivery_id).values(state="delivered", delivered_at=now()))


def of_publication(conn: Connection, environment: str, orchestration: str, publication_id: int) -> list[Delivery]:
    """Give what an orchestration has sent, or begun to send, for a publication."""
    table = tables.delivery
    query = sa.select(table).where(
        table.c.environment == environment,
        table.c.orchestration == orchestration,
        table.c.publication_id == publication_id,
    )
    return [_delivery(row) for row in conn.execute(query.order_by(table.c.filename)).mappings()]


def _delivery(row: RowMapping) -> Delivery:
    return Delivery(**{field: row[field] for field in Delivery.__dataclass_fields__})
