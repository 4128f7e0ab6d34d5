"""Deliveries: what an orchestration has sent for a publication, where to, and every file of it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from cdp_assets.errors import StateError
from cdp_assets.hashing import sha256_of
from cdp_assets.state import tables
from cdp_assets.state.database import now

DeliveryState = Literal["sending", "delivered", "failed", "again"]
"""`again`: delivered, and somebody has asked for it once more."""


@dataclass(frozen=True)
class Order:
    """What is to be sent: one per environment, orchestration and publication."""

    environment: str
    orchestration: str
    publication_id: int
    destination: str
    template: str
    shape: str
    """A hash of all that decides on names and bytes: the template, the place, the rows' versions."""
    source: str
    """A hash of the rows' origin: while it stays, there is nothing new to send."""
    named_at: dt.datetime
    """The moment in the files' names."""
    sent_by: str

    @property
    def id(self) -> str:
        """The same on every try."""
        return delivery_id(self.environment, self.orchestration, self.publication_id)


@dataclass(frozen=True)
class Part:
    """One file on its way to, or at, a destination."""

    position: int
    filename: str
    """Relative to the destination's location."""
    place: str
    """A hash of that location, as it was then."""
    rows: int
    size_bytes: int
    sha256: str
    """Of the bytes that are sent."""
    content_sha256: str
    """Of the bytes before encryption, which draws a new key each time."""
    state: Literal["sending", "delivered", "replaced", "removed"] = "sending"
    """`replaced`: sent in an earlier shape, before the delivery was sent anew in another. `removed`: by a later one."""
    delivered_at: dt.datetime | None = None


@dataclass(frozen=True)
class Delivery:
    """An order as far as it has come."""

    order: Order
    state: DeliveryState
    began_at: dt.datetime
    ended_at: dt.datetime | None
    problem: str | None
    """Why it failed last; names of files and places, never a value."""
    parts: tuple[Part, ...]
    """In the order in which they are sent."""

    @property
    def arrived(self) -> tuple[Part, ...]:
        """The files that are at the destination."""
        return tuple(part for part in self.parts if part.state == "delivered")

    @property
    def rows(self) -> int:
        """Rows that have arrived."""
        return sum(part.rows for part in self.arrived)

    @property
    def size_bytes(self) -> int:
        """Bytes that have arrived."""
        return sum(part.size_bytes for part in self.arrived)


def delivery_id(environment: str, orchestration: str, publication_id: int) -> str:
    """Give the id of what an orchestration sends for a publication."""
    return sha256_of([environment, orchestration, publication_id])[:32]


def begin(conn: Connection, order: Order) -> Delivery:
    """Begin an order, or go on with it: what has arrived of it in the same shape stays, with the names of then.

    A delivered order is given as it is, whatever has changed since. One that broke off and has another shape now is
    sent anew; what had arrived is kept as replaced.
    """
    table, found = tables.delivery, find(conn, order.id)
    if found is None:
        values = asdict(order) | {"id": order.id, "state": "sending", "began_at": now()}
        conn.execute(sa.insert(table).values(values))
    elif found.state != "delivered":
        if found.order.shape != order.shape:
            _replace(conn, order.id)
        kept = {"named_at": found.order.named_at, "state": "sending", "problem": None, "ended_at": None}
        conn.execute(sa.update(table).where(table.c.id == order.id).values(asdict(order) | kept))
    return get(conn, order.id)


def begin_part(conn: Connection, order: Order, part: Part) -> None:
    """Note that a file is about to be sent; one of its place that was begun before and did not arrive is forgotten."""
    table = tables.delivery_part
    here = (table.c.delivery_id == order.id, table.c.position == part.position)
    conn.execute(sa.delete(table).where(*here, table.c.state == "sending"))
    values = asdict(part) | {"id": str(uuid.uuid4()), "delivery_id": order.id, "began_at": now()}
    conn.execute(sa.insert(table).values(values))


def finish_part(conn: Connection, order: Order, position: int) -> None:
    """Note that a file is at its destination."""
    table = tables.delivery_part
    here = (table.c.delivery_id == order.id, table.c.position == position, table.c.state == "sending")
    conn.execute(sa.update(table).where(*here).values(state="delivered", delivered_at=now()))


def present(conn: Connection, order: Order, place: str) -> set[str]:
    """Give the files that an orchestration has put to a place, by this delivery and by others, and not removed."""
    return set(conn.execute(sa.select(tables.delivery_part.c.filename).where(*_put(order, place))).scalars())


def note_removed(conn: Connection, order: Order, place: str, filename: str) -> None:
    """Note that a file of earlier deliveries is no longer at a place."""
    table = tables.delivery_part
    this_one = (*_put(order, place), table.c.filename == filename)
    conn.execute(sa.update(table).where(*this_one).values(state="removed"))


def _put(order: Order, place: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Give the condition of the parts that an orchestration has put to a place."""
    part, whole = tables.delivery_part.c, tables.delivery.c
    same = (whole.environment == order.environment, whole.orchestration == order.orchestration)
    deliveries_of_it = sa.select(whole.id).where(*same)
    is_there = part.state.in_(("delivered", "replaced"))
    return part.delivery_id.in_(deliveries_of_it), part.place == place, is_there


def send_again(conn: Connection, environment: str, id_start: str, publication_id: int) -> Delivery:
    """Let a delivery, named by the beginning of its id, be sent once more; give it as it was.

    Raises StateError where none or several begin so, where it is not delivered, and where it is of another
    publication, which is no longer what is sent.
    """
    table = tables.delivery
    found = _deliveries(conn, [table.c.environment == environment, table.c.id.startswith(id_start, autoescape=True)])
    if len(found) != 1:
        raise StateError(f"{id_start}: {len(found) or 'no'} deliveries. Expected an id of `cdp deliveries`.")
    order = found[0].order
    if found[0].state != "delivered" or order.publication_id != publication_id:
        what = f"{order.orchestration}, publication {order.publication_id}: {found[0].state}"
        raise StateError(f"{what}. Expected a delivered one of the current publication, {publication_id}.")
    _replace(conn, order.id)
    conn.execute(sa.update(table).where(table.c.id == order.id).values(state="again"))
    return found[0]


def end(conn: Connection, delivery_id: str, problem: str | None = None) -> Delivery:
    """Note that everything is at the destination, or why not."""
    values = {"state": "failed" if problem else "delivered", "problem": problem, "ended_at": now()}
    conn.execute(sa.update(tables.delivery).where(tables.delivery.c.id == delivery_id).values(values))
    return get(conn, delivery_id)


def find(conn: Connection, delivery_id: str) -> Delivery | None:
    """Give a delivery by its id, or nothing."""
    return next(iter(_deliveries(conn, [tables.delivery.c.id == delivery_id])), None)


def get(conn: Connection, delivery_id: str) -> Delivery:
    """Give a delivery that there is."""
    (found,) = _deliveries(conn, [tables.delivery.c.id == delivery_id])
    return found


def last_delivered(conn: Connection, environment: str, orchestration: str) -> Delivery | None:
    """Give what an orchestration has delivered last, or nothing."""
    table = tables.delivery.c
    where = [table.environment == environment, table.orchestration == orchestration, table.state == "delivered"]
    return next(iter(_deliveries(conn, where, most=1)), None)


def listed(
    conn: Connection,
    environment: str,
    *,
    orchestration: str | None = None,
    publication_id: int | None = None,
    states: Collection[DeliveryState] = (),
    most: int | None = None,
) -> list[Delivery]:
    """Give the deliveries that fit, the newest first."""
    table = tables.delivery.c
    where = [table.environment == environment]
    where += [table.orchestration == orchestration] if orchestration is not None else []
    where += [table.publication_id == publication_id] if publication_id is not None else []
    where += [table.state.in_(states)] if states else []
    return _deliveries(conn, where, most)


def _replace(conn: Connection, delivery_id: str) -> None:
    """Keep what has arrived as replaced; forget what was only begun."""
    table = tables.delivery_part
    conn.execute(sa.delete(table).where(table.c.delivery_id == delivery_id, table.c.state == "sending"))
    conn.execute(sa.update(table).where(table.c.delivery_id == delivery_id).values(state="replaced"))


def _deliveries(conn: Connection, where: list[sa.ColumnElement[bool]], most: int | None = None) -> list[Delivery]:
    table, part = tables.delivery, tables.delivery_part
    newest = sa.select(table).where(*where).order_by(table.c.publication_id.desc(), table.c.began_at.desc()).limit(most)
    rows = list(conn.execute(newest).mappings())
    found: dict[str, list[Part]] = {row["id"]: [] for row in rows}
    parts = sa.select(part).where(part.c.delivery_id.in_(found)).order_by(part.c.position, part.c.began_at)
    for row in conn.execute(parts).mappings():
        found[row["delivery_id"]].append(_part(row))
    return [_delivery(row, tuple(found[row["id"]])) for row in rows]


def _delivery(row: RowMapping, parts: tuple[Part, ...]) -> Delivery:
    order = Order(**{name: row[name] for name in Order.__dataclass_fields__})
    return Delivery(order, row["state"], row["began_at"], row["ended_at"], row["problem"], parts)


def _part(row: RowMapping) -> Part:
    return Part(**{name: row[name] for name in Part.__dataclass_fields__})
