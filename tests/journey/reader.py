"""A reader in a loop: queries two tables again and again while runs go on."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from types import TracebackType

from cdp_assets.environments.runs import current_publication
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.lakehouse.tables import TableVersion
from cdp_assets.names import PRODUCTION, TableName
from tests.journey.installation import Installation

TABLES = (
    TableName("unified", "unified_coalesced"),
    TableName("unified", "merged_customers"),
    TableName("unified", "unified_transactions"),
    TableName("database__customer_360", "customer_360"),
)
COUNTS = "SELECT " + ", ".join(f"(SELECT COUNT(*) FROM {table}) AS {table.name}" for table in TABLES)
REST = 3
"""After a look the reader rests so many times as long as it took: what it watches is a run, not itself."""
Counts = dict[str, int]


@dataclass
class Reader:
    """Counts the rows of four tables in one query, over and over, through what is published at that moment."""

    installation: Installation
    seen: list[tuple[int, Counts]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Reader:
        """Begin to read."""
        self._thread = threading.Thread(target=self._read_on, name="reader")
        self._thread.start()
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        """Read once more, then stop."""
        self._stop.set()
        self._thread.join()

    def _read_on(self) -> None:
        lake = Lake(self.installation.home.lake, SparkSessions.for_home(self.installation.home.root))
        while not self._stop.is_set():
            began = time.monotonic()
            self._look(lake)
            self._stop.wait(max(1.0, REST * (time.monotonic() - began)))
        self._look(lake)

    def _look(self, lake: Lake) -> None:
        try:
            publication = current_publication(self.installation.state, PRODUCTION)
            entries = {table: publication.entry(table) for table in TABLES}
            inputs = {table: TableVersion(entry.path, entry.version) for table, entry in entries.items()}
            rows = lake.sessions.run(lambda: lake.sql(COUNTS, inputs, {}).toArrow()).to_pylist()
            self.seen.append((publication.id, rows[0]))
        except Exception as error:  # noqa: BLE001 - the test asserts that there was none
            self.failures.append(repr(error))
