"""Loads landed files into a feed's domain table: each file once, whole or not at all."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from cdp_assets.config.courier import Courier
from cdp_assets.config.feed import Feed
from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs import Keyring
from cdp_assets.lakehouse import delta
from cdp_assets.sources import key
from cdp_assets.sources.parse import Account, Parser, table_schema
from cdp_assets.sources.spool import Spool
from cdp_assets.state import deletions, landed_files, loads
from cdp_assets.state.database import State
from cdp_assets.state.landed_files import LandedFile

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class LoadResult:
    """One file that is in the table now."""

    file: str
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    version: int


def load_pending(
    feed: Feed,
    courier: Courier,
    *,
    state: State,
    lake_root: Path,
    environment: str,
    landing_environment: str,
    table_path: str,
    keyring: Keyring | None = None,
) -> list[LoadResult]:
    """Load every landed file of the courier that this table does not hold yet; give what was loaded.

    Files go in by file date, then in the order in which they arrived; of two records of a key the greater
    `_updated` stays, of equal ones the later. The table is made, empty, where there is nothing to load yet. A
    file that failed is tried again on every run, and holds up those after it, until it loads or a newer version
    of it lands. What is deleted, here or where the files landed, stays away. `keyring` opens what is encrypted.

    Raises SourceError for a file that cannot be used, or with more bad rows than the feed allows: nothing of
    it is loaded, and its rejects are kept in the ledger.
    """
    delta.create(lake_root / table_path, table_schema(feed))
    tags = {one.file for one in courier.load if one.feed == feed.key and one.type == "load" and one.file}
    with state.read() as conn:
        pending = landed_files.pending(conn, landing_environment, courier.name, tags, table_path)
    where = (state, lake_root, environment, table_path, keyring)
    return [_Job(feed, courier, landed, *where).run() for landed in pending]


@dataclass(frozen=True)
class _Job:
    """One landed file on its way into one table."""

    feed: Feed
    courier: Courier
    landed: LandedFile
    state: State
    lake_root: Path
    environment: str
    table_path: str
    keyring: Keyring | None

    @property
    def table(self) -> Path:
        return self.lake_root / self.table_path

    def run(self) -> LoadResult:
        """Parse, put aside, commit into Delta under the load's id, then into the ledger.

        A crash before the Delta commit leaves nothing; one after it is seen by the load's id in the table's
        log, and only the ledger is brought up to date.
        """
        with self.state.write() as conn:
            load = loads.start(
                conn,
                environment=self.environment,
                landed_file_id=self.landed.id,
                table_path=self.table_path,
                feed=self.feed.key,
            )
        parser = self._parser()
        is_committed = delta.transaction_version(self.table, load.id) is not None
        with Spool(self.lake_root / ".spool", load.id, parser.schema) as spool:
            good = self._fill(spool, parser, load.id, is_committed=is_committed)
            version = delta.version_by(self.table, load.id) if is_committed else self._commit(spool, load.id, good)
        return self._note(load.id, parser.account, good, version)

    def _parser(self) -> Parser:
        datasource = self.feed.datasource
        with self.state.read() as conn:
            deleted = deletions.keys_for(conn, self.environment, datasource)
            deleted |= deletions.keys_for(conn, self.landed.environment, datasource)
        kind = self.courier.file(self.landed.tag)
        return Parser(
            self.feed,
            kind,
            file=self.landed.name,
            sequence=self.landed.sequence,
            deleted=deleted,
            keyring=self.keyring,
        )

    def _fill(self, spool: Spool, parser: Parser, load_id: str, *, is_committed: bool) -> int:
        try:
            good = spool.fill(parser.records(self.lake_root / self.landed.path))
            if not is_committed:
                _refuse_beyond_threshold(self.feed, self.landed.name, parser.account)
        except SourceError as error:
            account = parser.account
            with self.state.write() as conn:
                loads.fail(
                    conn,
                    load_id,
                    error=str(error),
                    rejects=account.rejects,
                    rejected=account.rows_rejected,
                    rows_read=account.rows_read,
                )
            raise
        return good

    def _commit(self, spool: Spool, load_id: str, good: int) -> int:
        """Write the winners in one Delta commit: replace where the courier truncates, append to nothing, else merge."""
        if self._replaces():
            return delta.overwrite(self.table, spool.winners(), load_id)
        if good and delta.count(self.table):
            return delta.merge(self.table, spool.winners(), load_id, key=key.PK, newest=key.UPDATED)
        return delta.append(self.table, spool.winners(), load_id)

    def _replaces(self) -> bool:
        """Say whether this file begins the table anew: the courier truncates, and no other file of its date is in."""
        if not any(one.type == "truncate" and one.feed == self.feed.key for one in self.courier.load):
            return False
        with self.state.read() as conn:
            known = loads.of_table(conn, self.table_path)
            landed = landed_files.of_courier(conn, self.landed.environment, self.courier.name)
        done = {row["landed_file_id"] for row in known if row["state"] == "committed"}
        of_date = {
            (file.tag, file.name) for file in landed if file.id in done and file.file_date == self.landed.file_date
        }
        return not of_date - {(self.landed.tag, self.landed.name)}

    def _note(self, load_id: str, account: Account, good: int, version: int) -> LoadResult:
        with self.state.write() as conn:
            loads.commit(
                conn,
                load_id,
                rows_read=account.rows_read,
                rows_loaded=good,
                rejects=account.rejects,
                rejected=account.rows_rejected,
                version=version,
            )
        counts = (account.rows_read, good, account.rows_rejected)
        logger.info("domain.%s: %s: %d rows read, %d loaded, %d rejected", self.feed.key, self.landed.name, *counts)
        return LoadResult(self.landed.name, *counts, version)


def _refuse_beyond_threshold(feed: Feed, file: str, account: Account) -> None:
    """Raise SourceError, naming the first bad row, when more rows are bad than the feed allows."""
    if account.rows_rejected * 100 <= feed.error_threshold_percent * account.rows_read:
        return
    first = account.first()
    where = f"`{first.column}` {first.reason}" if first.column else first.reason
    raise SourceError(
        first.file,
        f"{account.rows_rejected:,} of {account.rows_read:,} rows are bad, the first here: {where}",
        f"at most {feed.error_threshold_percent} % bad rows; nothing of {file} was loaded, send it again corrected",
        row=first.row,
    )
