"""Loads files that stay in their store into a feed's domain table: read by Spark there, committed together."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from cdp_assets.errors import SourceError
from cdp_assets.lakehouse import delta
from cdp_assets.lakehouse.stages import stages_of
from cdp_assets.sources import key
from cdp_assets.sources.in_place.outcome import reading_of
from cdp_assets.sources.in_place.spark import InPlace, Staged, staged, winners
from cdp_assets.sources.in_place.worker import Asked, SourceFile
from cdp_assets.sources.job import MOST_REJECTS_TOGETHER, Job
from cdp_assets.sources.reading import LoadResult, Reading, refuse_beyond_threshold

logger = logging.getLogger(__name__)
SHUFFLED_BYTES = 256 << 20
"""Of the files, for each part in which their records are brought together by key."""


@dataclass(frozen=True)
class InPlaceJob(Job):
    """Files that stay in their store.

    The table is what it would be had each file been loaded by itself. A file that cannot be used ends the job: those
    before it are committed, those after it wait, as files do that have landed.
    """

    place: InPlace
    anew: frozenset[int]
    """Ids of the files that begin the table anew."""

    def run(self) -> list[LoadResult]:
        """Read, commit into Delta what is good, then into the ledger; raises SourceError for the first bad file.

        A crash before the Delta commit leaves nothing; one after it is seen by the commit's id, which the ledger knows.
        """
        self.start()
        parts = max(4, sum(file.size_bytes for file in self.files) // SHUFFLED_BYTES)
        with stages_of(self.place.lake, parts) as stages:
            read = staged(stages, self.place, self._asked())
            judged = self._judged(read)
            good = [reading for reading, _ in itertools.takewhile(lambda one: one[1] is None, judged)]
            results = replace(self, files=self.files[: len(good)])._commit(read, good) if good else []
        for reading, error in judged[len(good) :]:
            if error is not None:
                self.fail(reading, error)
                raise error
        return results

    def _asked(self) -> Asked:
        files = {
            at: SourceFile(file.name, file.version or "", file.size_bytes, file.sequence, self.courier.file(file.tag))
            for at, file in enumerate(self.files)
        }
        return Asked(self.feed, files, (), tuple(self.deleted))

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
        """Write the winners of the files, the first that were read, in one commit, and tell the ledger."""
        results = self.note(readings, self._write(read, self.start()))
        rows = sum(one.rows_loaded for one in results)
        logger.info("domain.%s: %d files read in place, %d rows loaded", self.feed.key, len(self.files), rows)
        return results

    def _write(self, read: Staged, commit_id: str) -> int:
        """Replace the table by what the last file that begins it anew leaves, or bring the winners into it."""
        lake, last = self.place.lake, len(self.files) - 1
        first = max((at for at, file in enumerate(self.files) if file.id in self.anew), default=None)
        if first is not None or not delta.count(lake.absolute(self.table_path)):
            rows = partial(winners, read, first or 0, last)
            return lake.sessions.run(lambda: lake.overwrite(self.table_path, rows(), load_id=commit_id))
        rows, by = partial(winners, read, 0, last), {"key": key.PK, "newest": key.UPDATED}
        return lake.sessions.run(lambda: lake.merge(self.table_path, rows(), load_id=commit_id, **by))
