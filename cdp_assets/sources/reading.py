"""What came of reading one landed file, or of one query over several: told to the ledger and to whoever asked."""

from __future__ import annotations

from dataclasses import dataclass

from cdp_assets.config.feed import Feed
from cdp_assets.errors import SourceError
from cdp_assets.sources.parse import Account
from cdp_assets.state.landed_files import LandedFile
from cdp_assets.state.loads import Outcome, load_id


@dataclass(frozen=True, slots=True)
class LoadResult:
    """One file, or one query's answer, that is in the table now."""

    file: str
    rows_read: int
    rows_loaded: int
    rows_rejected: int
    version: int


@dataclass
class Reading:
    """Files that are read as one, by the name that errors and logs call it, and what is known of its rows so far."""

    files: tuple[LandedFile, ...]
    name: str
    account: Account
    rows_loaded: int = 0

    def outcomes(self, table_path: str) -> list[Outcome]:
        """Give each file's outcome: the last of several has it all, so that sums are right."""
        *others, last = (load_id(file.id, table_path) for file in self.files)
        counts = (self.account.rows_read, self.rows_loaded, self.account.rows_rejected)
        return [*(Outcome(other) for other in others), Outcome(last, *counts, self.account.rejects)]

    def result(self, version: int) -> LoadResult:
        """Give what is in the table since a version."""
        return LoadResult(self.name, self.account.rows_read, self.rows_loaded, self.account.rows_rejected, version)


def refuse_beyond_threshold(feed: Feed, reading: Reading) -> None:
    """Raise SourceError, naming the first bad row, when more rows are bad than the feed allows."""
    account = reading.account
    if account.rows_rejected * 100 <= feed.error_threshold_percent * account.rows_read:
        return
    first = account.first()
    where = f"`{first.column}` {first.reason}" if first.column else first.reason
    raise SourceError(
        first.file,
        f"{account.rows_rejected:,} of {account.rows_read:,} rows are bad, the first here: {where}",
        f"at most {feed.error_threshold_percent} % bad rows; nothing of {reading.name} was loaded, "
        "send it again corrected",
        row=first.row,
    )
