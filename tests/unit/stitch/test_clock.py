"""How long each stage takes."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from cdp_assets.stitch import clock as clocks
from cdp_assets.stitch.clock import Clock


def test_a_stage_in_two_parts_has_the_seconds_of_both(monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter((1.0, 3.5, 4.0))
    monkeypatch.setattr(clocks, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    clock = Clock(_last=0.0)
    for stage in ("read", "ready", "read"):
        clock.lap(stage)
    assert clock.seconds == {"read": 1.5, "ready": 2.5}
