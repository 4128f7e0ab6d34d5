"""A table at one version: what every read names."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TableVersion:
    """A path below the lake's root, and the Delta version that is read."""

    path: str
    version: int
