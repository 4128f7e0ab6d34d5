"""A shop whose files lie in a bucket, to be read there by Spark or to be landed first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from cdp_assets.exchange.locations import Location
from cdp_assets.exchange.locations.cloud import open_cloud
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.sources.in_place.spark import InPlace
from cdp_assets.sources.in_place.store import Store
from tests.integration.sources.shop import COURIER, Shop
from tests.object_stores import CLIENTS, Server

PIECE_BYTES = 200
"""So small that tests' files have several."""


class CloudShop(Shop):
    """A shop with a bucket; all of its new files stay there, or none."""

    server: Server
    bucket: str
    sessions: SparkSessions
    piece_bytes: int = PIECE_BYTES

    def drop(self, name: str, content: str | bytes) -> None:
        """Let a file arrive in the bucket."""
        data = content.encode() if isinstance(content, str) else content
        self.server.store(self.bucket).put(f"in/{name}", data)

    @property
    def location(self) -> Location:
        """The place below the bucket's prefix."""
        return open_cloud(self.the_courier.location, self.server.secrets, CLIENTS)  # type: ignore[arg-type]

    def in_place(self) -> InPlace:
        """Give what reads the files that stay."""
        store = Store(self.the_courier.location, self.server.secrets, CLIENTS)  # type: ignore[arg-type]
        return InPlace(Lake(self.lake, self.sessions), store, self.piece_bytes)


def cloud_shop(
    root: Path,
    server: Server,
    sessions: SparkSessions,
    *,
    bucket: str | None = None,
    in_place_above_gb: float | None = 0,
    format: dict[str, Any] | None = None,
    feed: dict[str, Any] | None = None,
    **courier: Any,
) -> CloudShop:
    """Give a shop with a bucket, an empty one unless it is said; its files stay there unless something else is said."""
    bucket = bucket or server.new_bucket()
    (file,) = COURIER["files"]  # type: ignore[misc]
    file = {**file, "format": format or {"kind": "csv"}, "in_place_above_gb": in_place_above_gb}  # type: ignore[dict-item]
    place = {"location": server.config(bucket, "in").model_dump(), "files": [file]}
    made = CloudShop(root, feed=feed or {}, courier=place | courier)
    made.server, made.bucket, made.sessions = server, bucket, sessions
    return made
