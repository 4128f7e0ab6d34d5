"""Loads landed files into a feed's domain table: each file once, whole or not at all."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdp_assets.config.courier import Courier, CourierFile
from cdp_assets.config.feed import Feed
from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs import Keyring
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.upsert import upsert
from cdp_assets.sources import key
from cdp_assets.sources.parse import Account, Parser, Records, table_schema
from cdp_assets.sources.signed import refuse_unsigned
from cdp_assets.sources.spool import Spool
from cdp_assets.state import deletions, landed_files, loads
from cdp_assets.state.database import State
from cdp_assets.state.landed_files import LandedFile

logger = logging.getLogger(__name__)
SPOOL = ".spool"
"""Where records are put aside, below the lake's root."""


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
        is_emptied = truncates(courier, feed)
        held = landed_files.held_by(conn, landing_environment, courier.name, table_path) if is_emptied else []
    where = (state, lake_root, environment, table_path, keyring)
    anew = first_of_days(held, pending) if is_emptied else frozenset()
    return [LoadJob(feed, courier, (landed,), *where, landed.id in anew).run() for landed in pending]


def truncates(courier: Courier, feed: Feed) -> bool:
    """Say whether the courier empties the feed's table first, wherever its list says so."""
    return any(one.type == "truncate" and one.feed == feed.key for one in courier.load)


def first_of_days(held: Iterable[LandedFile], pending: Iterable[LandedFile]) -> frozenset[int]:
    """Give the ids of the pending files that, loaded in order, meet no other file of their date in the table.

    Each of these begins the table anew where the courier truncates; a new version of a file is the same file.
    """
    names: dict[dt.date, set[tuple[str, str]]] = {}
    for file in held:
        names.setdefault(file.file_date, set()).add((file.tag, file.name))
    first = set()
    for file in pending:
        before, own = names.setdefault(file.file_date, set()), (file.tag, file.name)
        if before <= {own}:
            first.add(file.id)
        before.add(own)
    return frozenset(first)


@dataclass(frozen=True)
class LoadJob:
    """Landed files on their way into one table, in one commit: one file, unless a query makes records of several."""

    feed: Feed
    courier: Courier
    files: tuple[LandedFile, ...]
    """In the order of arrival."""
    state: State
    lake_root: Path
    environment: str
    table_path: str
    keyring: Keyring | None
    replaces: bool
    """Whether the files begin the table anew."""

    @property
    def table(self) -> Path:
        """The table's place on disk."""
        return self.lake_root / self.table_path

    @property
    def landed(self) -> LandedFile:
        """The file that came last."""
        return self.files[-1]

    @property
    def name(self) -> str:
        """What errors and logs call it."""
        return self.landed.name

    def run(self) -> LoadResult:
        """Parse, put aside, commit into Delta under the load's id, then into the ledger.

        A crash before the Delta commit leaves nothing; one after it is seen by the load's id in the table's
        log, and only the ledger is brought up to date.
        """
        load_ids = self._start()
        commit_id, parser = self.commit_id(load_ids), self.parser()
        is_committed = delta.transaction_version(self.table, commit_id) is not None
        with Spool(self.lake_root / SPOOL, commit_id, parser.schema) as spool:
            good = self._fill(spool, parser, load_ids, is_committed=is_committed)
            version = delta.version_by(self.table, commit_id) if is_committed else self._commit(spool, commit_id, good)
        return self._note(load_ids, parser.account, good, version)

    def commit_id(self, load_ids: Sequence[str]) -> str:
        """Give the id that the Delta commit carries."""
        return load_ids[0]

    def parser(self) -> Parser:
        """Give what reads the files as records of the feed."""
        return self.parser_of(self.courier.file(self.landed.tag), self.keyring)

    def parser_of(self, kind: CourierFile, keyring: Keyring | None) -> Parser:
        """Give a parser of a kind of file that leaves out what is deleted."""
        datasource = self.feed.datasource
        with self.state.read() as conn:
            deleted = deletions.keys_for(conn, self.environment, datasource)
            deleted |= deletions.keys_for(conn, self.landed.environment, datasource)
        sequence = self.landed.sequence
        return Parser(self.feed, kind, file=self.name, sequence=sequence, deleted=deleted, keyring=keyring)

    def records(self, parser: Parser) -> Iterator[Records]:
        """Give the good records in order; raises SourceError where there are none to be had."""
        refuse_unsigned(self.landed, self.keyring, self.state, self.lake_root)
        return parser.records(self.lake_root / self.landed.path)

    def _start(self) -> list[str]:
        with self.state.write() as conn:
            return [
                loads.start(
                    conn,
                    environment=self.environment,
                    landed_file_id=file.id,
                    table_path=self.table_path,
                    feed=self.feed.key,
                ).id
                for file in self.files
            ]

    def _fill(self, spool: Spool, parser: Parser, load_ids: Sequence[str], *, is_committed: bool) -> int:
        account = parser.account
        try:
            good = spool.fill(self.records(parser))
            if not is_committed:
                _refuse_beyond_threshold(self.feed, self.name, account)
        except SourceError as error:
            with self.state.write() as conn:
                for load_id, told in _shared(load_ids, account):
                    loads.fail(
                        conn,
                        load_id,
                        error=str(error),
                        rejects=told.rejects,
                        rejected=told.rows_rejected,
                        rows_read=told.rows_read,
                    )
            raise
        return good

    def _commit(self, spool: Spool, commit_id: str, good: int) -> int:
        """Write the winners in one commit: replace where the courier truncates, append to nothing, else upsert."""
        if self.replaces:
            return delta.overwrite(self.table, spool.winners(), commit_id)
        if good and delta.count(self.table):
            rows, known = spool.winners(), spool.known()
            return upsert(self.table, rows, known, commit_id, key=key.PK, newest=key.UPDATED)
        return delta.append(self.table, spool.winners(), commit_id)

    def _note(self, load_ids: Sequence[str], account: Account, good: int, version: int) -> LoadResult:
        with self.state.write() as conn:
            for load_id, told in _shared(load_ids, account):
                loads.commit(
                    conn,
                    load_id,
                    rows_read=told.rows_read,
                    rows_loaded=good if told is account else 0,
                    rejects=told.rejects,
                    rejected=told.rows_rejected,
                    version=version,
                )
        counts = (account.rows_read, good, account.rows_rejected)
        logger.info("domain.%s: %s: %d rows read, %d loaded, %d rejected", self.feed.key, self.name, *counts)
        return LoadResult(self.name, *counts, version)


def _shared(load_ids: Sequence[str], account: Account) -> Iterator[tuple[str, Account]]:
    """Give each load and what it accounts for: the last of several has it all, so that sums are right."""
    for load_id in load_ids:
        yield load_id, account if load_id == load_ids[-1] else Account()


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
