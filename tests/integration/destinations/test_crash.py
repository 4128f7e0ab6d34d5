"""kill -9 between any two steps of a delivery: what is sent next makes it the one that was never disturbed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from cdp_assets.home import REPOSITORY
from cdp_assets.state import leases
from tests.integration.destinations.crash_child import NAMES, POINTS, ROWS, SETTINGS
from tests.unit.destinations.sender import Sender


def killed(root: Path, *point: object) -> int:
    """Send in a process that ends itself; give its exit code."""
    command = [sys.executable, "-m", "tests.integration.destinations.crash_child", str(root), *map(str, point)]
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    return subprocess.run(command, cwd=REPOSITORY, env=environment, timeout=60, check=False).returncode


def visible(sender: Sender) -> list[str]:
    """Give what a receiver sees: what is being put has a hidden name."""
    return [path.name for path in sorted(sender.folder.glob("[!.]*"))]


def lines_of(sender: Sender, names: Iterable[str]) -> list[str]:
    """Give every row of these files."""
    texts = [(sender.folder / name).read_text() for name in sorted(names) if name.endswith(".csv")]
    return [line for text in texts for line in text.splitlines()[1:]]


@pytest.mark.parametrize("point", POINTS, ids=lambda point: " ".join(map(str, point)))
def test_a_kill_loses_and_doubles_nothing(point: tuple[str, str, int], tmp_path: Path) -> None:
    """No row is there twice or cut at any time; what had arrived is not written again."""
    sender = Sender(tmp_path)
    assert killed(tmp_path, *point) == -signal.SIGKILL
    before = {name: (sender.folder / name).stat().st_mtime_ns for name in visible(sender)}
    assert len(lines_of(sender, before)) in (0, 50_000, 60_000)
    arrived = {part.filename for delivery in sender.ledger() for part in delivery.arrived}
    assert arrived <= set(before)
    with sender.state.write() as conn:
        leases.break_(conn, "delivery:production:o")
    sender.send(1, ROWS, **SETTINGS)
    assert visible(sender) == NAMES
    assert lines_of(sender, NAMES) == [str(number) for number in range(60_000)]
    assert all((sender.folder / name).stat().st_mtime_ns == before[name] for name in arrived)
    assert list(sender.workroom.iterdir()) == [], "nothing that was made on the way is left"
    assert not sender.send(1, ROWS, **SETTINGS).sent
