"""Loads files that stay in their store into a feed's domain table: read by Spark there, committed together."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from cdp_assets.config.courier import Courier
from cdp_assets.config.feed import Feed
from cdp_assets.errors import SourceError
from cdp_assets.hashing import sha256_of
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.stages import stages_of
from cdp_assets.sources import key
from cdp_assets.sources.in_place.outcome import reading_of
from cdp_assets.sources.in_place.spark import InPlace, Staged, staged, winners
from cdp_assets.sources.in_place.worker import Asked, SourceFile
from cdp_assets.sources.load import MOST_REJECTS_TOGETHER
from cdp_assets.sources.reading import LoadResult, Reading, refuse_beyond_threshold
from cdp_assets.state import deletions, loads
from cdp_assets.state.database import State
from cdp_assets.state.landed_files import LandedFile

logger = logging.getLogger(__name__)
SHUFFLED_BYTES = 256 << 20
"""Of the files, for each part in which their records are brought together by key."""


@dataclass(frozen=True)
class InPlaceJob:
    """Files of one courier, in the order in which they are loaded, on their way into one table in one commit.

    The table is what it would be had each file been loaded by itself. A file that cannot be used ends the job: those
    before it are committed, those after it wait, as files do that have landed.
    """

    feed: Feed
    courier: Courier
    files: tuple[LandedFile, ...]
    state: State
    environment: str
    table_path: str
    place: InPlace
    anew: frozenset[int]
    """Ids of the files that begin the table anew."""

    def run(self) -> list[LoadResult]:
        """Read, commit into Delta what is good, then into the ledger; raises SourceError for the first bad file.

        A crash before the Delta commit leaves nothing; one after it is seen by the commit's id, which the ledger knows.
        """
        self._start(self.files)
        parts = max(4, sum(file.size_bytes for file in self.files) // SHUFFLED_BYTES)
        with stages_of(self.place.lake, parts) as stages:
            read = staged(stages, self.place, self._asked())
            judged = self._judged(read)
            good = [reading for reading, _ in itertools.takewhile(lambda one: one[1] is None, judged)]
            results = self._commit(read, good) if good else []
        for reading, error in judged[len(good) :]:
            if error is not None:
                with self.state.write() as conn:
                    loads.fail(conn, reading.outcomes(self.table_path), error=str(error))
                raise error
        return results

    def _start(self, files: Sequence[LandedFile]) -> str:
        """Begin the loads of files that go in together, and give their commit's id: the same for the same files."""
        commit_id = sha256_of([loads.load_id(file.id, self.table_path) for file in files])[:32]
        with self.state.write() as conn:
            loads.start(
                conn,
                environment=self.environment,
                landed_file_ids=[file.id for file in files],
                table_path=self.table_path,
                feed=self.feed.key,
                commit_id=commit_id,
            )
        return commit_id

    def _asked(self) -> Asked:
        files = {
            at: SourceFile(file.name, file.version or "", file.size_bytes, file.sequence, self.courier.file(file.tag))
            for at, file in enumerate(self.files)
        }
        with self.state.read() as conn:
            deleted = deletions.keys_for(conn, self.environment, self.feed.datasource)
            deleted |= deletions.keys_for(conn, self.files[0].environment, self.feed.datasource)
        return Asked(self.feed, files, (), tuple(sorted(deleted)))

    def _judged(self, read: Staged) -> list[tuple[Reading, SourceError | None]]:
        """Give what came of each file, and why nothing of it is loaded where that is so."""
        judged, room = [], MOST_REJECTS_TOGETHER
        for at, file in enumerate(self.files):
            reading, error = reading_of(file, read.pieces[at])
            try:
                if error is None:
                    refuse_beyond_threshold(self.feed, reading)
            except SourceError as beyond:
                error = beyond
            del reading.account.rejects[room:]
            room -= len(reading.account.rejects)
            judged.append((reading, error))
        return judged

    def _commit(self, read: Staged, readings: Sequence[Reading]) -> list[LoadResult]:
        """Write the winners of the first files in one commit, unless it is there, and tell the ledger."""
        files = self.files[: len(readings)]
        version = self._write(read, files, self._start(files))
        with self.state.write() as conn:
            loads.commit(conn, [one for each in readings for one in each.outcomes(self.table_path)], version=version)
        results = [one.result(version) for one in readings]
        rows = sum(one.rows_loaded for one in results)
        logger.info("domain.%s: %d files read in place, %d rows loaded", self.feed.key, len(files), rows)
        return results

    def _write(self, read: Staged, files: Sequence[LandedFile], commit_id: str) -> int:
        """Replace the table by what the last file that begins it anew leaves, or bring the winners into it."""
        lake, last = self.place.lake, len(files) - 1
        first = max((at for at, file in enumerate(files) if file.id in self.anew), default=None)
        if first is not None or not delta.count(lake.absolute(self.table_path)):
            rows = partial(winners, read, first or 0, last)
            return lake.sessions.run(lambda: lake.overwrite(self.table_path, rows(), load_id=commit_id))
        rows, by = partial(winners, read, 0, last), {"key": key.PK, "newest": key.UPDATED}
        return lake.sessions.run(lambda: lake.merge(self.table_path, rows(), load_id=commit_id, **by))
