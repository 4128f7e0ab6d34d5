"""Landed files on their way into one table by one commit: what the ledger is told of them, however they are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cdp_assets.config.courier import Courier
from cdp_assets.config.feed import Feed
from cdp_assets.errors import SourceError
from cdp_assets.hashing import sha256_of
from cdp_assets.sources.reading import LoadResult, Reading
from cdp_assets.state import deletions, loads
from cdp_assets.state.database import State
from cdp_assets.state.landed_files import LandedFile

MOST_REJECTS_TOGETHER = 50_000
"""Of the files of one commit, in memory until it is noted; the counts are complete."""


@dataclass(frozen=True)
class Job:
    """Files of one courier, in the order in which they go into a feed's table."""

    feed: Feed
    courier: Courier
    files: tuple[LandedFile, ...]
    state: State
    environment: str
    table_path: str

    def commit_id(self) -> str:
        """Give the id that the Delta commit carries: the same for the same files."""
        ids = [loads.load_id(file.id, self.table_path) for file in self.files]
        return ids[0] if len(ids) == 1 else sha256_of(ids)[:32]

    @cached_property
    def deleted(self) -> list[str]:
        """The keys of the records that were deleted, here or where the files landed."""
        datasource = self.feed.datasource
        with self.state.read() as conn:
            deleted = deletions.keys_for(conn, self.environment, datasource)
            return sorted(deleted | deletions.keys_for(conn, self.files[0].environment, datasource))

    def start(self) -> str:
        """Begin the files' loads, and give the id that their commit carries: the ledger knows it first."""
        commit_id = self.commit_id()
        with self.state.write() as conn:
            loads.start(
                conn,
                environment=self.environment,
                landed_file_ids=[file.id for file in self.files],
                table_path=self.table_path,
                feed=self.feed.key,
                commit_id=commit_id,
            )
        return commit_id

    def note(self, readings: Sequence[Reading], version: int) -> list[LoadResult]:
        """Note what is in the table since a version, and give it."""
        with self.state.write() as conn:
            outcomes = [outcome for one in readings for outcome in one.outcomes(self.table_path)]
            loads.commit(conn, outcomes, version=version)
        return [one.result(version) for one in readings]

    def fail(self, reading: Reading, error: SourceError) -> None:
        """Note that nothing was loaded of what was read, and why."""
        with self.state.write() as conn:
            loads.fail(conn, reading.outcomes(self.table_path), error=str(error))
