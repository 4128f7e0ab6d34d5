"""Loads landed files into a feed's domain table: each file once, whole or not at all."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from cdp_assets.config.courier import Courier, CourierFile
from cdp_assets.config.feed import Feed
from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs import Keyring
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.upsert import upsert
from cdp_assets.sources import key
from cdp_assets.sources.alone import alone
from cdp_assets.sources.job import MOST_REJECTS_TOGETHER, Job
from cdp_assets.sources.parse import Parser, Records, table_schema
from cdp_assets.sources.reading import LoadResult, Reading, refuse_beyond_threshold
from cdp_assets.sources.signed import refuse_unsigned
from cdp_assets.sources.spool import Spool
from cdp_assets.sources.together import begun_together, first_of_days, in_one_commit, together
from cdp_assets.state import landed_files, loads
from cdp_assets.state.database import State
from cdp_assets.state.landed_files import LandedFile

if TYPE_CHECKING:
    from cdp_assets.sources.in_place.spark import InPlace

logger = logging.getLogger(__name__)
SPOOL = ".spool"
"""Where records are put aside, below the lake's root."""


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
    in_place: Callable[[], InPlace] | None = None,
) -> list[LoadResult]:
    """Load every landed file of the courier that this table does not hold yet; give what was loaded.

    Files go in by file date, then in the order in which they arrived, small ones many in a commit; of two records of a
    key the greater `_updated` stays, of equal ones the later. The table is made, empty, where there is nothing to load
    yet. A file that failed is tried again on every run, and holds up those after it, until it loads or a newer version
    of it lands. What is deleted, here or where the files landed, stays away. `keyring` opens what is encrypted, and
    `in_place` gives what reads files that stay in their store: all in a row go in by one commit. Who else loads into
    the table is waited for.

    Raises SourceError for a file that cannot be used, or with more bad rows than the feed allows: nothing of
    it is loaded, and its rejects are kept in the ledger.
    """
    tags = {one.file for one in courier.load if one.feed == feed.key and one.type == "load" and one.file}
    where = (state, environment, table_path)
    with alone(state, table_path):
        delta.create(lake_root / table_path, table_schema(feed))
        with state.read() as conn:
            pending = landed_files.pending(conn, landing_environment, courier.name, tags, table_path)
            begun = loads.begun(conn, table_path)
            anew: frozenset[int] = frozenset()
            if pending and truncates(courier, feed):
                days = pending[0].file_date, pending[-1].file_date
                held = landed_files.held_by(conn, landing_environment, courier.name, table_path, *days)
                anew = first_of_days(held, pending)
        results = []
        for stay, following in itertools.groupby(pending, key=lambda file: file.version is not None):
            files = tuple(following)
            done = begun_together(files, begun, lake_root / table_path)
            if stay:
                from cdp_assets.sources.in_place.load import InPlaceJob  # pyspark takes a second, and most need none

                assert in_place is not None  # noqa: S101 - whoever loads for a courier of a store brings it
                for group in in_one_commit(files, done):
                    results += InPlaceJob(feed, courier, group, *where, in_place(), anew).run()
            else:
                for group in together(files, anew, done):
                    results += LoadJob(feed, courier, group, *where, lake_root, keyring, group[0].id in anew).run()
        return results


def truncates(courier: Courier, feed: Feed) -> bool:
    """Say whether the courier empties the feed's table first, wherever its list says so."""
    return any(one.type == "truncate" and one.feed == feed.key for one in courier.load)


@dataclass(frozen=True)
class LoadJob(Job):
    """Landed files, which are read here."""

    lake_root: Path
    keyring: Keyring | None
    replaces: bool
    """Whether the files begin the table anew."""

    @property
    def table(self) -> Path:
        """The table's place on disk."""
        return self.lake_root / self.table_path

    def run(self) -> list[LoadResult]:
        """Parse, put aside, commit into Delta under an id that the ledger knows already, then into the ledger.

        A crash before the Delta commit leaves nothing; one after it is seen by the id in the table's log, and only the
        ledger is brought up to date. Where a file cannot be used those before it are loaded.
        """
        readings: list[Reading] = []
        try:
            return self._load(readings)
        except SourceError as error:
            *good, bad = readings
            self.fail(bad, error)
            if good:
                replace(self, files=tuple(file for one in good for file in one.files)).run()
            raise

    def readings(self) -> Iterator[tuple[Reading, Iterator[Records]]]:
        """Give each file, and its good records in order; SourceError while they are read where there are none."""
        for file in self.files:
            parser = self.parser_of(self.courier.file(file.tag), file.name, file.sequence, self.keyring)
            yield Reading((file,), file.name, parser.account), self._records(file, parser)

    def parser_of(self, kind: CourierFile, name: str, sequence: int, keyring: Keyring | None) -> Parser:
        """Give a parser of a kind of file that leaves out what is deleted."""
        return Parser(self.feed, kind, file=name, sequence=sequence, deleted=self.deleted, keyring=keyring)

    def _records(self, file: LandedFile, parser: Parser) -> Iterator[Records]:
        refuse_unsigned(file, self.keyring, self.state, self.lake_root)
        yield from parser.records(self.lake_root / file.path)

    def _load(self, readings: list[Reading]) -> list[LoadResult]:
        """Take the way of `run`; `readings` gets each file that is begun."""
        commit_id = self.start()
        is_committed = delta.transaction_version(self.table, commit_id) is not None
        with Spool(self.lake_root / SPOOL, commit_id, table_schema(self.feed)) as spool:
            good = spool.fill(self._good_records(readings, is_committed=is_committed))
            version = delta.version_by(self.table, commit_id) if is_committed else self._commit(spool, commit_id, good)
        return self._note(readings, version)

    def _good_records(self, readings: list[Reading], *, is_committed: bool) -> Iterator[Records]:
        room = MOST_REJECTS_TOGETHER
        for reading, records in self.readings():
            readings.append(reading)
            for one in records:
                reading.rows_loaded += one.table.num_rows
                yield one
            if not is_committed:
                refuse_beyond_threshold(self.feed, reading)
            del reading.account.rejects[room:]
            room -= len(reading.account.rejects)

    def _commit(self, spool: Spool, commit_id: str, good: int) -> int:
        """Write the winners in one commit: replace where the courier truncates, append to nothing, else upsert.

        Each fails, and changes nothing, where somebody has written to the table since it was looked at.
        """
        at = delta.version(self.table)
        if self.replaces:
            return delta.overwrite(self.table, spool.winners(), commit_id, after=at)
        if good and delta.count(self.table, at):
            rows, known = spool.winners(), spool.known()
            return upsert(self.table, rows, known, commit_id, key=key.PK, newest=key.UPDATED)
        return delta.append(self.table, spool.winners(), commit_id, after=at)

    def _note(self, readings: list[Reading], version: int) -> list[LoadResult]:
        results = self.note(readings, version)
        _log(self.feed, results)
        return results


def _log(feed: Feed, results: list[LoadResult]) -> None:
    """Tell of a commit in one line: Dagster keeps each as an event, and there may be half a million files."""
    first, last = results[0].file, results[-1].file
    name = first if len(results) == 1 else f"{len(results):,} files from {first} to {last}"
    counts = zip(*((one.rows_read, one.rows_loaded, one.rows_rejected) for one in results), strict=True)
    logger.info("domain.%s: %s: %d rows read, %d loaded, %d rejected", feed.key, name, *map(sum, counts))
