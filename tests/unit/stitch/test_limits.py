"""How much memory a process may take."""

from __future__ import annotations

import subprocess
import sys

import pytest

LOWER, ASKED = 4 << 30, 5 << 30


@pytest.mark.parametrize(("allowed", "expected"), [(LOWER, LOWER), (-1, ASKED)])
def test_a_hard_limit_that_is_lower_is_kept(allowed: int, expected: int) -> None:
    """Whoever starts the platform may allow it less than it would take; -1 allows everything."""
    words = (
        "import resource; from cdp_assets.stitch.limits import limited; "
        f"resource.setrlimit(resource.RLIMIT_DATA, ({allowed}, {allowed})); "
        f"print(limited({ASKED}), *resource.getrlimit(resource.RLIMIT_DATA))"
    )
    done = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(expected)] * 3
