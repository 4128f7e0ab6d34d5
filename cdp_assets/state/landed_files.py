"""Landed files: one row per file content, ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from cdp_assets.state import tables
from cdp_assets.state.database import now, utc

IN_PLACE = "in-place:"
"""What the path of a file begins with that stays in the store that it is in; the version of the object follows."""


@dataclass(frozen=True, slots=True)
class LandedFile:
    """A file that arrived, at its immutable place below the lake's root, or in the store in which it stays."""

    id: int
    environment: str
    courier: str
    tag: str
    name: str
    file_date: dt.date
    sequence: int
    """1, 2, 3 … per environment and courier, in the order of arrival."""
    size_bytes: int
    modified_at: dt.datetime
    sha256: str
    """Of the content; of a file that stays where it is, of what names this version of it."""
    path: str

    @property
    def version(self) -> str | None:
        """The ETag or generation of a file that stays where it is; nothing of one that is below the lake's root."""
        return self.path.removeprefix(IN_PLACE) if self.path.startswith(IN_PLACE) else None


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file whose bytes have their place."""

    tag: str
    name: str
    file_date: dt.date
    size_bytes: int
    modified_at: dt.datetime
    sha256: str
    path: str


def insert(conn: Connection, environment: str, courier: str, arrivals: Collection[Arrival]) -> list[LandedFile]:
    """Note landed files of a courier in their order, and give those that are new.

    The same name and content is noted once; when it comes again only `modified_at` follows it.
    """
    table = tables.landed_file
    ours = sa.and_(table.c.environment == environment, table.c.courier == courier)
    of_names = sa.select(table.c.id, *_same()).where(ours, table.c.name.in_({one.name for one in arrivals}))
    known = {tuple(same): id_ for id_, *same in conn.execute(of_names)}
    again = [{"of": known[_key(one)], "at": one.modified_at} for one in arrivals if _key(one) in known]
    if again:
        follow = sa.update(table).where(table.c.id == sa.bindparam("of")).values(modified_at=sa.bindparam("at"))
        conn.execute(follow, again)
    new = {_key(one): one for one in arrivals if _key(one) not in known}.values()
    if not new:
        return []
    last = conn.execute(sa.select(sa.func.max(table.c.sequence)).where(ours)).scalar() or 0
    common = {"environment": environment, "courier": courier, "landed_at": now()}
    rows = [common | asdict(one) | {"sequence": last + number} for number, one in enumerate(new, 1)]
    made = conn.execute(sa.insert(table).returning(table), rows).mappings()
    return sorted(map(from_row, made), key=lambda file: file.sequence)


def _same() -> tuple[sa.ColumnElement[Any], ...]:
    """Give the columns that tell one of a courier's files from every other."""
    table = tables.landed_file
    return table.c.tag, table.c.name, table.c.sha256


def _key(arrival: Arrival) -> tuple[str, str, str]:
    return arrival.tag, arrival.name, arrival.sha256


def seen(conn: Connection, environment: str, courier: str) -> set[tuple[str, str, int, dt.datetime]]:
    """Give tag, name, size and last change of every file that a courier has landed."""
    table = tables.landed_file
    query = sa.select(table.c.tag, table.c.name, table.c.size_bytes, table.c.modified_at)
    found = conn.execute(query.where(table.c.environment == environment, table.c.courier == courier))
    return {(tag, name, size_bytes, utc(modified_at)) for tag, name, size_bytes, modified_at in found}


def dates(conn: Connection, environment: str, courier: str) -> list[tuple[str, dt.date]]:
    """Give each tag and date of which a courier has landed a file."""
    table = tables.landed_file
    query = sa.select(table.c.tag, table.c.file_date).distinct()
    found = conn.execute(query.where(table.c.environment == environment, table.c.courier == courier))
    return [(tag, file_date) for tag, file_date in found]


def of_courier(conn: Connection, environment: str, courier: str) -> list[LandedFile]:
    """Give every file that a courier has landed, in the order of arrival."""
    table = tables.landed_file
    query = sa.select(table).where(table.c.environment == environment, table.c.courier == courier).order_by(table.c.id)
    return [from_row(row) for row in conn.execute(query).mappings()]


def of_names(conn: Connection, environment: str, courier: str, tag: str, names: Collection[str]) -> list[LandedFile]:
    """Give every content that a courier has landed with a tag under one of these names, in the order of arrival."""
    table = tables.landed_file
    ours = sa.and_(table.c.environment == environment, table.c.courier == courier, table.c.tag == tag)
    query = sa.select(table).where(ours, table.c.name.in_(names)).order_by(table.c.id)
    return [from_row(row) for row in conn.execute(query).mappings()]


def summaries(conn: Connection, environment: str) -> dict[str, tuple[int, dt.date]]:
    """Give how many files each courier has landed, and the newest of their dates; none for who has landed nothing."""
    table = tables.landed_file
    query = sa.select(table.c.courier, sa.func.count(), sa.func.max(table.c.file_date))
    rows = conn.execute(query.where(table.c.environment == environment).group_by(table.c.courier))
    return {courier: (count, newest) for courier, count, newest in rows}


def totals(conn: Connection, environment: str, courier: str, tags: Collection[str]) -> tuple[int, int]:
    """Give how many files a courier has landed with these tags, and their bytes."""
    table = tables.landed_file
    ours = (table.c.environment == environment, table.c.courier == courier, table.c.tag.in_(tags))
    query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(table.c.size_bytes), 0)).where(*ours)
    count, size_bytes = conn.execute(query).one()
    return int(count), int(size_bytes)


def held_by(
    conn: Connection, environment: str, courier: str, table_path: str, since: dt.date, until: dt.date
) -> list[LandedFile]:
    """Give the landed files of a courier of some days, the last included, that a table holds, in order of arrival."""
    table, load = tables.landed_file, tables.load
    ours = sa.and_(table.c.environment == environment, table.c.courier == courier)
    days = table.c.file_date.between(since, until)
    query = sa.select(table).join(load, load.c.landed_file_id == table.c.id)
    held = query.where(ours, days, load.c.table_path == table_path, load.c.state == "committed")
    return [from_row(row) for row in conn.execute(held.order_by(table.c.id)).mappings()]


def pending(
    conn: Connection, environment: str, courier: str, tags: Collection[str], table_path: str
) -> list[LandedFile]:
    """Give the landed files with these tags that a table still needs, by file date, then order of arrival.

    A file that failed is still needed, until another version of it, of the same tag and name, has landed
    after it: that one takes its place.
    """
    table, load, newer = tables.landed_file, tables.load, tables.landed_file.alias()
    ours = sa.and_(table.c.environment == environment, table.c.courier == courier, table.c.tag.in_(tags))
    same = (newer.c[name] == table.c[name] for name in ("environment", "courier", "tag", "name"))
    is_replaced = sa.exists().where(*same, newer.c.id > table.c.id)
    is_needed = sa.or_(
        load.c.state.is_(None), load.c.state == "started", sa.and_(load.c.state == "failed", ~is_replaced)
    )
    into = sa.and_(load.c.landed_file_id == table.c.id, load.c.table_path == table_path)
    query = sa.select(table).outerjoin(load, into).where(ours, is_needed)
    return [from_row(row) for row in conn.execute(query.order_by(table.c.file_date, table.c.sequence)).mappings()]


def from_row(row: RowMapping) -> LandedFile:
    """Give the file that a row of the table is about."""
    return LandedFile(
        id=row["id"],
        environment=row["environment"],
        courier=row["courier"],
        tag=row["tag"],
        name=row["name"],
        file_date=row["file_date"],
        sequence=row["sequence"],
        size_bytes=row["size_bytes"],
        modified_at=utc(row["modified_at"]),
        sha256=row["sha256"],
        path=row["path"],
    )
