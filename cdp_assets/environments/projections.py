"""What should follow from state and does not: a sandbox whose folder is gone, a folder that is no sandbox's.

A running platform's workspace is not looked at: it is brought in step with the sandboxes every second.
"""

from __future__ import annotations

from pathlib import Path

from cdp_assets.environments.plan import Drift
from cdp_assets.names import SANDBOX_FILE
from cdp_assets.state import sandboxes
from cdp_assets.state.database import State


def projection_drift(state: State, folder: Path) -> tuple[Drift, ...]:
    """Give what is out of step in the folder that holds the sandboxes, by name."""
    with state.read() as conn:
        expected = {one.name for one in sandboxes.listed(conn) if one.state == "open"}
    found = {path.parent.name for path in folder.glob(f"[!.]*/{SANDBOX_FILE}")}
    texts = {name: "there is a sandbox, but not its folder" for name in expected - found}
    texts |= {name: "there is its folder, but no sandbox" for name in found - expected}
    return tuple(Drift("projection", f"sandbox {name}", text) for name, text in sorted(texts.items()))
