"""Tells how long each stage of a run takes."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass
class Clock:
    """Seconds per stage."""

    seconds: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.monotonic)

    def lap(self, stage: str) -> None:
        """End a stage, or a further part of one; the next begins."""
        now = time.monotonic()
        self.seconds[stage], self._last = round(self.seconds.get(stage, 0.0) + now - self._last, 3), now
