"""Landed files: one row per file content, ever."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from cdp_assets.state import tables
from cdp_assets.state.database import now, utc


@dataclass(frozen=True)
class LandedFile:
    """A file that arrived, at its immutable place below the lake's root."""

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
    path: str


def insert(
    conn: Connection,
    *,
    environment: str,
    courier: str,
    tag: str,
    name: str,
    file_date: dt.date,
    size_bytes: int,
    modified_at: dt.datetime,
    sha256: str,
    path: str,
) -> tuple[LandedFile, bool]:
    """Note a landed file, and say whether it is new.

    The same name and content is noted once; when it comes again only `modified_at` follows it.
    """
    table = tables.landed_file
    ours = sa.and_(table.c.environment == environment, table.c.courier == courier)
    same = sa.and_(ours, table.c.tag == tag, table.c.name == name, table.c.sha256 == sha256)
    again = sa.update(table).where(same).values(modified_at=modified_at).returning(table)
    if (known := conn.execute(again).mappings().first()) is not None:
        return _file(known), False
    last = conn.execute(sa.select(sa.func.max(table.c.sequence)).where(ours)).scalar() or 0
    landed_id = conn.execute(
        sa.insert(table)
        .values(
            environment=environment,
            courier=courier,
            tag=tag,
            name=name,
            file_date=file_date,
            sequence=last + 1,
            size_bytes=size_bytes,
            modified_at=modified_at,
            sha256=sha256,
            path=path,
            landed_at=now(),
        )
        .returning(table.c.id)
    ).scalar_one()
    row = conn.execute(sa.select(table).where(table.c.id == landed_id)).mappings().one()
    return _file(row), True


def of_courier(conn: Connection, environment: str, courier: str) -> list[LandedFile]:
    """Give every file that a courier has landed, in the order of arrival."""
    table = tables.landed_file
    query = sa.select(table).where(table.c.environment == environment, table.c.courier == courier).order_by(table.c.id)
    return [_file(row) for row in conn.execute(query).mappings()]


def of_names(conn: Connection, environment: str, courier: str, tag: str, names: Collection[str]) -> list[LandedFile]:
    """Give every content that a courier has landed with a tag under one of these names, in the order of arrival."""
    table = tables.landed_file
    ours = sa.and_(table.c.environment == environment, table.c.courier == courier, table.c.tag == tag)
    query = sa.select(table).where(ours, table.c.name.in_(names)).order_by(table.c.id)
    return [_file(row) for row in conn.execute(query).mappings()]


def summaries(conn: Connection, environment: str) -> dict[str, tuple[int, dt.date]]:
    """Give how many files each courier has landed, and the newest of their dates; none for who has landed nothing."""
    table = tables.landed_file
    query = sa.select(table.c.courier, sa.func.count(), sa.func.max(table.c.file_date))
    rows = conn.execute(query.where(table.c.environment == environment).group_by(table.c.courier))
    return {courier: (count, newest) for courier, count, newest in rows}


def held_by(conn: Connection, environment: str, courier: str, table_path: str) -> list[LandedFile]:
    """Give the landed files of a courier that a table holds, in the order of arrival."""
    table, load = tables.landed_file, tables.load
    ours = sa.and_(table.c.environment == environment, table.c.courier == courier)
    query = sa.select(table).join(load, load.c.landed_file_id == table.c.id)
    held = query.where(ours, load.c.table_path == table_path, load.c.state == "committed")
    return [_file(row) for row in conn.execute(held.order_by(table.c.id)).mappings()]


def pending(
    conn: Connection, environment: str, courier: str, tags: Collection[str], table_path: str
) -> list[LandedFile]:
    """Give the landed files with these tags that a table still needs, by file date, then order of arrival.

    A file that failed is still needed, until another version of it, of the same tag and name, has landed
    after it: that one takes its place.
    """
    landed = [file for file in of_courier(conn, environment, courier) if file.tag in tags]
    newest = {(file.tag, file.name): file.id for file in landed}
    load = tables.load
    query = sa.select(load.c.landed_file_id, load.c.state).where(load.c.table_path == table_path)
    states = {row.landed_file_id: row.state for row in conn.execute(query)}
    needed = [
        file
        for file in landed
        if states.get(file.id) != "committed"
        and (states.get(file.id) != "failed" or newest[file.tag, file.name] == file.id)
    ]
    return sorted(needed, key=lambda file: (file.file_date, file.sequence))


def _file(row: RowMapping) -> LandedFile:
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
