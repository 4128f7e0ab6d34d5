"""A shop with one courier and one feed in a temporary folder, used as the platform uses them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from cdp_assets.config.courier import Courier
from cdp_assets.config.feed import Feed
from cdp_assets.exchange.codecs import Keyring
from cdp_assets.exchange.locations import Location, open_location
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION
from cdp_assets.sources.landing import Landed, land
from cdp_assets.sources.load import LoadResult, load_pending
from cdp_assets.sources.wanted import NEWS, Wanted
from cdp_assets.state import environments, loads, tables
from cdp_assets.state.database import State
from cdp_assets.state.loads import Reject

if TYPE_CHECKING:
    from cdp_assets.sources.in_place.spark import InPlace

TABLE = "production/domain/shop_orders/f1"
FEED = {
    "source": "shop",
    "name": "orders",
    "fields": [
        {"name": "id", "required": True},
        {"name": "amount", "type": "decimal", "scale": 2},
        {"name": "ordered_on", "type": "date"},
        {"name": "note"},
    ],
    "primary_key": ["id"],
}
COURIER = {
    "name": "orders",
    "location": {"kind": "local", "path": "orders"},
    "files": [{"tag": "orders", "pattern": "'orders_'yyyy'_'MM'_'dd'*'", "format": {"kind": "csv"}}],
    "load": [{"feed": "shop_orders", "file": "orders"}],
}


@dataclass
class Shop:
    """One installation's sources; `feed` and `courier` say what differs from the plain ones."""

    root: Path
    feed: dict[str, Any] = field(default_factory=dict)
    courier: dict[str, Any] = field(default_factory=dict)
    keyring: Keyring | None = None
    table: str = TABLE

    def __post_init__(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        self.state = State.open(str(self.root / "state.db"))
        with self.state.write() as conn:
            environments.get_or_create(conn, PRODUCTION)
        self.the_feed = Feed.model_validate(FEED | self.feed)
        self.the_courier = Courier.model_validate(COURIER | self.courier)

    @property
    def lake(self) -> Path:
        """The lake's root."""
        return self.root / "lake"

    def drop(self, name: str, content: str | bytes) -> None:
        """Let a file arrive."""
        place = self.root / "drop" / "orders" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content.encode() if isinstance(content, str) else content)
        stamp = getattr(self, "_clock", 1_790_000_000) + 1
        self._clock = stamp
        os.utime(place, (stamp, stamp))

    @property
    def location(self) -> Location:
        """The place that the courier looks at."""
        return open_location(self.the_courier.location, self.root / "drop")

    def land(self, wanted: Wanted = NEWS) -> Landed:
        """Let the courier look once."""
        where = {"state": self.state, "lake_root": self.lake, "environment": PRODUCTION}
        return land(self.the_courier, self.location, wanted=wanted, **where)

    def load(self) -> list[LoadResult]:
        """Load what has landed, and what stays in its store."""
        return load_pending(
            self.the_feed,
            self.the_courier,
            state=self.state,
            lake_root=self.lake,
            environment=PRODUCTION,
            landing_environment=PRODUCTION,
            table_path=self.table,
            keyring=self.keyring,
            in_place=self.in_place,
        )

    def in_place(self) -> InPlace:
        """Give what reads files where they lie: nothing of this shop's stays anywhere."""
        raise AssertionError

    def run(self, wanted: Wanted = NEWS) -> list[LoadResult]:
        """Land, then load."""
        self.land(wanted)
        return self.load()

    def rows(self) -> pl.DataFrame:
        """Give the table, by key."""
        return pl.DataFrame(delta.read(self.lake / self.table)).sort("_pk")

    def version(self) -> int | None:
        """Give the table's version."""
        return delta.version(self.lake / self.table)

    def ledger(self) -> list[dict[str, object]]:
        """Give the loads."""
        with self.state.read() as conn:
            return loads.of_table(conn, self.table)

    def rejects(self) -> list[Reject]:
        """Give every kept reject."""
        with self.state.read() as conn:
            return [reject for load in self.ledger() for reject in loads.rejects_of(conn, str(load["id"]))]

    def landed(self) -> int:
        """Count the ledger's landed files."""
        with self.state.read() as conn:
            return len(conn.execute(tables.landed_file.select()).all())
