"""What a run of Stitch reads from the lake, and how it brings its own tables there."""

from typing import Any

import polars as pl

from cdp_assets.config.catalog import STITCH_IDS, STITCH_TABLES, Table, stitched_feeds
from cdp_assets.defs.step import Step
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.keep import Stored, Target
from cdp_assets.lakehouse.lake import Frame
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state import deletions, tenant_keys
from cdp_assets.stitch.given import PREVIOUS, Given
from cdp_assets.unified.steering import STEERING


def records_of_feeds(now: Step) -> dict[str, int]:
    """Give how many records each stitched feed has, by datasource."""
    entries = now.inputs(now.revision.catalog.tables[STITCH_IDS])
    at = {feed.datasource: entries[feed.table] for feed in stitched_feeds(now.revision.tenant)}
    return {name: delta.count(now.lake.absolute(entry.path), entry.version) for name, entry in at.items()}


def frame_of(now: Step, sql: str) -> Frame:
    """Give the frame of SQL over what Stitch reads. Belongs inside `sessions.run`."""
    return now.lake.sql(sql, now.versions(now.inputs(now.revision.catalog.tables[STITCH_IDS])), {})


def given_of(now: Step, previous: dict[str, pl.DataFrame]) -> Given:
    """Give what a run is given beside its records."""
    with now.platform.state.write() as conn:
        key = tenant_keys.get_or_create(conn, "amperity_id")
    asked = {name: make(now.revision.tenant) for name, make in STEERING.items()}
    steering: dict[str, Any] = {name: rows_of(now, sql) for name, sql in asked.items() if sql}
    before = now.run.base_entry(STITCH_IDS)
    return Given(
        key=key,
        run_id=now.run.run_id,
        at=now.run.began_at,
        settings_changed=before is not None and before.path != now.run.paths[STITCH_IDS],
        previous=previous,
        erased=_erased(now),
        **steering,
    )


def _erased(now: Step) -> pl.DataFrame:
    """Give datasource, pk of the stitched feeds' records that were deleted for good."""
    with now.platform.state.read() as conn:
        rows = [
            (feed.datasource, pk)
            for feed in stitched_feeds(now.revision.tenant)
            for environment in {now.run.environment, PRODUCTION}
            for pk in deletions.keys_for(conn, environment, feed.datasource)
        ]
    return pl.DataFrame(sorted(set(rows)), schema={"datasource": pl.String, "pk": pl.String}, orient="row")


def published(now: Step, is_large: bool) -> dict[str, Stored]:
    """Give where the tables are that a run starts from: all of them where the news alone may be resolved."""
    wanted = [table for table in STITCH_TABLES if is_large or table.name in PREVIOUS]
    return {table.name: found for table in wanted if (found := stored(now, table)) is not None}


def rows_of(now: Step, sql: str) -> pl.DataFrame:
    """Give the rows of SQL over what Stitch reads."""
    return pl.DataFrame(now.lake.sessions.run(lambda: frame_of(now, sql).toArrow()))


def stored(now: Step, table: TableName) -> Stored | None:
    """Give where a table of the environment's current publication is; a failed run leaves no trace in that."""
    entry = now.run.base_entry(table)
    return None if entry is None else Stored(now.lake.absolute(entry.path), entry.version)


def target(now: Step, table: Table) -> Target:
    """Give what one of Stitch's tables is brought to its rows by."""
    return Target(now.lake.absolute(now.run.paths[table.name]), at_of(now, table), now.load_id(table.name))


def at_of(now: Step, table: Table) -> int | None:
    """Give the version at which a table is, where it has one."""
    entry = now.run.entry(table.name)
    return entry.version if entry else None
