"""Brings a table up to date without making all of it, where what it was made of allows it.

A unified table by the orders or people that changed; a table that is passed through by its source's files.
"""

from __future__ import annotations

import datetime as dt
import logging
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pyarrow as pa

from cdp_assets.config.catalog import FISCAL_CALENDAR
from cdp_assets.config.tenant import Tenant
from cdp_assets.databases.build import passed_through
from cdp_assets.environments.run_mode import BUSINESS_DATE
from cdp_assets.errors import LakeError
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.changes import Restate, is_there, replace, rows_of, without
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.shared_files import can_share, share
from cdp_assets.lakehouse.stages import FOLDER
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import TableName
from cdp_assets.state.publications import Entry
from cdp_assets.unified.increment import Increment, Inputs
from cdp_assets.unified.ways import WAYS

logger = logging.getLogger(__name__)
ROWS_PER_CHANGE = 4
"""With fewer rows for each changed order or person than this, all rows are made anew: it is as quick, and simpler."""


@dataclass(frozen=True)
class Build:
    """A table that is to be made: by which SQL with which parameters, over what, and what is there of it."""

    table: TableName
    path: str
    sql: str
    present: Entry | None
    inputs: Mapping[TableName, Entry]
    load_id: str
    parameters: Mapping[str, dt.date]


def updated_version(lake: Lake, tenant: Tenant, build: Build) -> int | None:
    """Give the version that holds the table as it is now, or nothing where all of it must be made.

    Rows of unchanged orders, or people, are copied; the others' are made by the table's SQL over their own rows of its
    inputs. A table that is passed through gets the files of its source. A log line says which way it went, and why.
    """
    source = passed_through(tenant, build.table)
    if source is not None:
        return _shared(lake, build, build.inputs[source])
    if build.table not in WAYS:
        return None
    found = _increment(lake, tenant, build)
    if isinstance(found, str) or build.present is None:
        logger.info("%s: made as a whole, %s", build.table, found)
        return None
    key, present = WAYS[build.table].key, build.present
    logger.info("%s: made anew for %d values of %s", build.table, len(found.keys), key)
    if found.keys.is_empty() and found.restate is None:
        return present.version
    rows, path = _made(lake, build, found), lake.absolute(present.path)
    restate = _restate(path, present.version, found, key, rows)
    return replace(path, present.version, key, found.keys, rows, build.load_id, restate)


def _shared(lake: Lake, build: Build, source: Entry) -> int | None:
    path, theirs = lake.absolute(build.path), lake.absolute(source.path)
    if not can_share(path, theirs, source.version):
        logger.info("%s: copied, since %s has other columns or is not written plainly", build.table, source.table)
        return None
    logger.info("%s: has the files of %s", build.table, source.table)
    return share(path, theirs, source.version, build.load_id)


def _restate(path: Path, at: int, found: Increment, key: str, rows: pa.Table) -> Restate | None:
    """Give what works out anew what is of all rows, those that stay and those that are made anew."""
    if found.restate is None:
        return None
    return found.restate([without(rows_of(path, at, ["*"]), key, found.keys), pl.DataFrame(rows).lazy()])


def _increment(lake: Lake, tenant: Tenant, build: Build) -> Increment | str:
    """Give what changed, or why that cannot be told."""
    present, now = build.present, _versions(build.inputs)
    if present is None:
        return "there is none yet"
    before = _read_before(present)
    for name, at in now.items():
        if name not in before or before[name].path != at.path:
            return f"{name} is another table than it was"
        if name == FISCAL_CALENDAR and before[name] != at:
            return "the fiscal calendar has changed"
    if not all(_is_there(lake, before[name]) for name in now) or not _is_there(lake, _at(present)):
        return "what it was made of is not kept any more"
    found = WAYS[build.table].increment(tenant, Inputs(lake.root, before, now, _dates(build)))
    if found is None:
        return "so was what it is made of"
    rows = delta.count(lake.absolute(present.path), present.version)
    if len(found.keys) * ROWS_PER_CHANGE > rows:
        return f"{len(found.keys)} changes are much of it"
    return found


def _dates(build: Build) -> tuple[dt.date, dt.date] | None:
    """Give the business dates that the table was made and is made for, where it reads one."""
    before, now = build.present and build.present.coverage.get(BUSINESS_DATE), build.parameters.get(BUSINESS_DATE)
    return None if before is None or now is None else (dt.date.fromisoformat(str(before)), now)


def _versions(entries: Mapping[TableName, Entry]) -> dict[TableName, TableVersion]:
    return {name: _at(entry) for name, entry in entries.items()}


def _at(entry: Entry) -> TableVersion:
    return TableVersion(entry.path, entry.version)


def _read_before(present: Entry) -> dict[TableName, TableVersion]:
    """Give the versions that a table was made of, as its coverage names them."""
    found = {}
    for name, value in present.coverage.items():
        path, at, version = str(value).rpartition("@")
        if at:
            found[TableName.parse(name)] = TableVersion(path, int(version))
    return found


def _is_there(lake: Lake, at: TableVersion) -> bool:
    try:
        return is_there(lake.absolute(at.path), at.version)
    except LakeError:
        return False


def _made(lake: Lake, build: Build, increment: Increment) -> pa.Table:
    """Run the table's SQL over the rows of what changed alone."""
    (lake.root / FOLDER).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=lake.root / FOLDER) as folder:
        few = {name: _kept(lake, Path(folder), build.inputs[name], rows) for name, rows in increment.rows.items()}
        versions = {**_versions(build.inputs), **few}
        return lake.sessions.run(lambda: lake.sql(build.sql, versions, build.parameters).toArrow())


def _kept(lake: Lake, folder: Path, entry: Entry, rows: pl.LazyFrame) -> TableVersion:
    """Write some rows of an input as a table of the same columns."""
    schema = delta.schema(lake.absolute(entry.path), entry.version)
    table = rows.collect(engine="streaming").to_arrow().select(schema.names).cast(schema)
    path = folder / entry.table.name
    return TableVersion(str(path.relative_to(lake.root)), delta.overwrite(path, table, "rows"))
