"""Loads landed files into a feed's domain table: each file once, whole or not at all."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from cdp_assets.config.courier import Courier, CourierFile
from cdp_assets.config.feed import Feed
from cdp_assets.errors import SourceError
from cdp_assets.exchange.codecs import Keyring
from cdp_assets.hashing import sha256_of
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.upsert import upsert
from cdp_assets.sources import key
from cdp_assets.sources.alone import alone
from cdp_assets.sources.parse import Parser, Records, table_schema
from cdp_assets.sources.reading import LoadResult, Reading, refuse_beyond_threshold
from cdp_assets.sources.signed import refuse_unsigned
from cdp_assets.sources.spool import Spool
from cdp_assets.sources.together import begun_together, first_of_days, in_one_commit, together
from cdp_assets.state import deletions, landed_files, loads
from cdp_assets.state.database import State
from cdp_assets.state.landed_files import LandedFile

if TYPE_CHECKING:
    from cdp_assets.sources.in_place.spark import InPlace

logger = logging.getLogger(__name__)
SPOOL = ".spool"
"""Where records are put aside, below the lake's root."""
MOST_REJECTS_TOGETHER = 50_000
"""Of the files of one commit, in memory until it is noted; the counts are complete."""


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
    where = (state, lake_root, environment, table_path, keyring)
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
                job = partial(_load_in_place, feed, courier, state, environment, table_path, in_place, anew)
                for group in in_one_commit(files, done):
                    results += job(group)
            else:
                for group in together(files, anew, done):
                    results += LoadJob(feed, courier, group, *where, group[0].id in anew).run()
        return results


def _load_in_place(
    feed: Feed,
    courier: Courier,
    state: State,
    environment: str,
    table_path: str,
    in_place: Callable[[], InPlace] | None,
    anew: frozenset[int],
    files: tuple[LandedFile, ...],
) -> list[LoadResult]:
    from cdp_assets.sources.in_place.load import InPlaceJob  # pyspark takes a second, and most couriers do without

    assert in_place is not None  # noqa: S101 - whoever loads for a courier of a store brings it
    return InPlaceJob(feed, courier, files, state, environment, table_path, in_place(), anew).run()


def truncates(courier: Courier, feed: Feed) -> bool:
    """Say whether the courier empties the feed's table first, wherever its list says so."""
    return any(one.type == "truncate" and one.feed == feed.key for one in courier.load)


@dataclass(frozen=True)
class LoadJob:
    """Landed files on their way into one table, in one commit."""

    feed: Feed
    courier: Courier
    files: tuple[LandedFile, ...]
    """In the order in which they go in."""
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
            with self.state.write() as conn:
                loads.fail(conn, bad.outcomes(self.table_path), error=str(error))
            if good:
                replace(self, files=tuple(file for one in good for file in one.files)).run()
            raise

    def commit_id(self) -> str:
        """Give the id that the Delta commit carries: the same for the same files."""
        ids = [loads.load_id(file.id, self.table_path) for file in self.files]
        return ids[0] if len(ids) == 1 else sha256_of(ids)[:32]

    def readings(self) -> Iterator[tuple[Reading, Iterator[Records]]]:
        """Give each file, and its good records in order; SourceError while they are read where there are none."""
        for file in self.files:
            parser = self.parser_of(self.courier.file(file.tag), file.name, file.sequence, self.keyring)
            yield Reading((file,), file.name, parser.account), self._records(file, parser)

    def parser_of(self, kind: CourierFile, name: str, sequence: int, keyring: Keyring | None) -> Parser:
        """Give a parser of a kind of file that leaves out what is deleted."""
        return Parser(self.feed, kind, file=name, sequence=sequence, deleted=self._deleted, keyring=keyring)

    @cached_property
    def _deleted(self) -> list[str]:
        datasource = self.feed.datasource
        with self.state.read() as conn:
            deleted = deletions.keys_for(conn, self.environment, datasource)
            return sorted(deleted | deletions.keys_for(conn, self.files[0].environment, datasource))

    def _records(self, file: LandedFile, parser: Parser) -> Iterator[Records]:
        refuse_unsigned(file, self.keyring, self.state, self.lake_root)
        yield from parser.records(self.lake_root / file.path)

    def _load(self, readings: list[Reading]) -> list[LoadResult]:
        """Take the way of `run`; `readings` gets each file that is begun."""
        commit_id = self.commit_id()
        self._start(commit_id)
        is_committed = delta.transaction_version(self.table, commit_id) is not None
        with Spool(self.lake_root / SPOOL, commit_id, table_schema(self.feed)) as spool:
            good = spool.fill(self._good_records(readings, is_committed=is_committed))
            version = delta.version_by(self.table, commit_id) if is_committed else self._commit(spool, commit_id, good)
        return self._note(readings, version)

    def _start(self, commit_id: str) -> None:
        with self.state.write() as conn:
            loads.start(
                conn,
                environment=self.environment,
                landed_file_ids=[file.id for file in self.files],
                table_path=self.table_path,
                feed=self.feed.key,
                commit_id=commit_id,
            )

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
        with self.state.write() as conn:
            outcomes = [outcome for one in readings for outcome in one.outcomes(self.table_path)]
            loads.commit(conn, outcomes, version=version)
        results = [one.result(version) for one in readings]
        _log(self.feed, results)
        return results


def _log(feed: Feed, results: list[LoadResult]) -> None:
    """Tell of a commit in one line: Dagster keeps each as an event, and there may be half a million files."""
    first, last = results[0].file, results[-1].file
    name = first if len(results) == 1 else f"{len(results):,} files from {first} to {last}"
    counts = zip(*((one.rows_read, one.rows_loaded, one.rows_rejected) for one in results), strict=True)
    logger.info("domain.%s: %s: %d rows read, %d loaded, %d rejected", feed.key, name, *map(sum, counts))
