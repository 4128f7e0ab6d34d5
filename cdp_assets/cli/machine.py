"""The doctor's look at the machine: Python, packages, Java, room, memory, ports, optional tools."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from cdp_assets.cli.finding import Finding, ok, warning, wrong
from cdp_assets.cli.ports import DEFAULT_PORT, is_free
from cdp_assets.defs.running import running
from cdp_assets.errors import EngineError
from cdp_assets.home import REPOSITORY, Home

OLDEST, NEWEST = (3, 11), (3, 13)
ENOUGH_DISK_GB, LITTLE_DISK_GB = 10.0, 2.0
ENOUGH_MEMORY_GB, LITTLE_MEMORY_GB = 6.0, 3.5
"""Spark's heap is 3 GB unless told otherwise; Dagster's processes and a run take about 1.5 GB more."""
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
OPTIONAL_TOOLS = {"gpg": "PGP files", "sshd": "tests of SFTP", "postgres": "tests on Postgres"}
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*])?==([^ ;\\]+)(?:\s*;\s*([^\\]+))?")


def python_version(_: Home) -> Finding:
    """Look at Python's version."""
    text = f"{sys.version.split()[0]}, {sys.executable}"
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return ok("python", text)
    return wrong("python", text, "Run ./cdp under Python 3.11, 3.12 or 3.13; it takes one from the PATH.")


def packages(_: Home) -> Finding:
    """Compare what is installed with requirements.lock."""
    lock = REPOSITORY / "requirements.lock"
    absent, other = [], []
    pinned = list(pinned_versions(lock.read_text()))
    for name, version in pinned:
        try:
            found = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            absent.append(name)
        else:
            if found != version:
                other.append(f"{name} {found} (not {version})")
    advice = "Run any ./cdp command outside another virtual environment: it installs exactly what is pinned."
    if absent:
        return wrong("packages", f"{len(absent)} are not installed: {few(absent)}", advice)
    if other:
        return warning("packages", f"{len(other)} differ from requirements.lock: {few(other)}", advice)
    return ok("packages", f"all {len(pinned)} are as pinned in requirements.lock")


def pinned_versions(lock: str) -> Iterator[tuple[str, str]]:
    """Give the packages that a lock file pins for this Python and system.

    >>> list(pinned_versions("one==1.0 \\\\\\n    --hash=x\\nwin==2 ; sys_platform == 'win32' \\\\\\n"))
    [('one', '1.0')]
    """
    from packaging.markers import Marker

    for line in lock.splitlines():
        if (match := _PINNED.match(line)) and (match[3] is None or Marker(match[3].strip()).evaluate()):
            yield match[1], match[2]


def java(_: Home) -> Finding:
    """Say which Java is used."""
    from cdp_assets.lakehouse.java import find_java, version_of

    try:
        found = find_java()
    except EngineError as error:
        return wrong("java", str(error), "Set JAVA_HOME to a Java 17 or 21, or let ./cdp install the pinned packages.")
    return ok("java", f"{version_of(found)}, {found}")


def disk(home: Home) -> Finding:
    """Look at the room where the home is."""
    folder = next(path for path in (home.root, *home.root.parents) if path.exists())
    free = shutil.disk_usage(folder).free / 1e9
    text = f"{free:.0f} GB free at {folder}"
    advice = "Make room, or let CDP_HOME name a folder on another disk."
    if free < LITTLE_DISK_GB:
        return wrong("disk", text, advice)
    return warning("disk", text, advice) if free < ENOUGH_DISK_GB else ok("disk", text)


def memory(_: Home) -> Finding:
    """Look at the memory that this machine, or its container, has."""
    gigabytes = memory_gb()
    text = f"{gigabytes:.1f} GB"
    if gigabytes < LITTLE_MEMORY_GB:
        return wrong("memory", text, f"Use a machine with {ENOUGH_MEMORY_GB:.0f} GB; Spark's server alone takes 3.")
    if gigabytes < ENOUGH_MEMORY_GB:
        return warning("memory", text, "Give Spark less: ./cdp up --spark-memory 1g.")
    return ok("memory", text)


def memory_gb() -> float:
    """Give the gigabytes of memory that this machine, or its container, has."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    limit = CGROUP_LIMIT.read_text().strip() if CGROUP_LIMIT.is_file() else "max"
    return min(total, int(limit) if limit.isdigit() else total) / 1e9


def ports(home: Home) -> Finding:
    """Look whether the UI's customary port can be had."""
    if (there := running(home)) is not None:
        return ok("ports", f"the platform runs at {there.url} (process {there.pid})")
    if is_free("127.0.0.1", DEFAULT_PORT):
        return ok("ports", f"{DEFAULT_PORT} is free")
    return warning(
        "ports", f"{DEFAULT_PORT} is taken by another program", "./cdp up takes a free one; or name one by --port."
    )


def tools(_: Home) -> Finding:
    """Name what is optional, there or not."""
    parts = [f"{name} {'found' if shutil.which(name) else 'absent'} ({use})" for name, use in OPTIONAL_TOOLS.items()]
    return ok("optional tools", ", ".join(parts))


def few(names: list[str]) -> str:
    """Give the first of many names."""
    return ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
