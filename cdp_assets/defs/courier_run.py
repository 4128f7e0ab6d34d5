"""One courier by itself: which of a job's assets its run takes, and what its landing is told."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import dagster as dg

from cdp_assets.config.courier import Courier
from cdp_assets.defs import keys
from cdp_assets.defs.jobs import loaded_by
from cdp_assets.defs.looking import Look
from cdp_assets.defs.platform import Revision
from cdp_assets.defs.sources import landing_table
from cdp_assets.names import TableName


@dataclass(frozen=True)
class CourierRun:
    """What somebody wants of one courier."""

    courier: Courier
    look: Look
    ingest_only: bool = False
    """Up to its domain tables; else on to the databases and segments."""
    from_landed: bool = False
    """Load what has landed; nothing is fetched."""

    @property
    def job(self) -> str:
        """The job of whose assets it takes some."""
        return "source" if self.ingest_only else "refresh"

    @property
    def needs_spark(self) -> bool:
        """Whether it makes more than domain tables, which are loaded mostly without it."""
        return not self.ingest_only or bool(self.courier.spark_feeds)

    def assets(self, revision: Revision, job: Collection[dg.AssetKey]) -> list[dg.AssetKey]:
        """Give the assets of the job that the run takes."""
        landing = keys.asset_key(revision.environment, landing_table(self.courier.name))
        feeds = [TableName("domain", operation.feed) for operation in self.courier.load]
        taken = {keys.asset_key(revision.environment, feed) for feed in feeds} | {landing}
        if not self.ingest_only:
            taken = set(loaded_by(revision, (self.courier.name,), job))
        return sorted(taken - ({landing} if self.from_landed else set()))

    def config(self, revision: Revision) -> dict[str, object]:
        """Give the run's configuration of steps."""
        if self.from_landed:
            return {}
        landing = keys.asset_key(revision.environment, landing_table(self.courier.name))
        return {landing.to_python_identifier(): self.look.model_dump()}
