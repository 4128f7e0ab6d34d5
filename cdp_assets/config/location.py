"""Where files live: one model per kind of place."""

from __future__ import annotations

from typing import Literal

from pydantic import field_validator

from cdp_assets.config.base import ConfigModel, affects


class LocalLocation(ConfigModel):
    """A folder of this machine, below the environment's drop folder or outbox."""

    kind: Literal["local"] = affects("runtime", "local")
    path: str = affects("runtime")
    """Relative; it cannot leave the folder that it is below."""

    @field_validator("path")
    @classmethod
    def _stays_inside(cls, path: str) -> str:
        if path.startswith(("/", "~")) or ".." in path.split("/"):
            msg = "must be relative and stay inside its folder"
            raise ValueError(msg)
        return path


Location = LocalLocation
