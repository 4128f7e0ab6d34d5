"""Whatever comes: rows, refused rows, or an error that names the file; never anything else, in bounded memory."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdp_assets.exchange.formats import READERS
from cdp_assets.home import REPOSITORY
from tests.unit.exchange.formats.damage import damages, outcome, sound

ROUNDS, MANY_ROUNDS = 150, 5_000


@pytest.mark.parametrize("kind", READERS)
def test_a_damaged_file_is_read_or_refused_by_its_name(kind: str) -> None:
    outcomes = {outcome(format, content) for format, content in damages(kind, ROUNDS)}
    assert len(outcomes) > 1
    assert all(one == "read" or one.startswith("in.bin") for one in outcomes)


@pytest.mark.parametrize("kind", READERS)
@settings(max_examples=40)
@given(content=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_by_their_name(kind: str, content: bytes) -> None:
    format, files = sound(kind)
    for front in (b"", files[0][:8]):
        found = outcome(format, front + content)
        assert found == "read" or found.startswith("in.bin")


@pytest.mark.long
@pytest.mark.parametrize("kind", READERS)
def test_many_damaged_files_are_read_within_a_limit_of_memory(kind: str) -> None:
    """In a process of its own: a reader in another language than Python may end it."""
    command = [sys.executable, "-m", "tests.unit.exchange.formats.damage", kind, str(MANY_ROUNDS)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
