"""Fetches the Delta Lake jars once, by the Ivy that pyspark ships, and checks each by SHA-256."""

from __future__ import annotations

import concurrent.futures
import importlib.util
import os
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cdp_assets.errors import EngineError
from cdp_assets.hashing import sha256_of_file
from cdp_assets.lakehouse.java import find_java
from cdp_assets.lakehouse.trust import trust_options

FETCH_TIMEOUT_S = 300


@dataclass(frozen=True)
class Jar:
    """One artefact, without transitives."""

    group: str
    artefact: str
    version: str
    sha256: str

    @property
    def file(self) -> str:
        """The file's name in the jars folder."""
        return f"{self.artefact}-{self.version}.jar"


JARS = (
    Jar(
        "io.delta",
        "delta-spark_4.2_2.13",
        "4.4.0",
        "27d4fd8b1f879535c573ed1c718177d6a27f24d3e626ba02e216369725721ead",
    ),
    Jar(
        "io.delta",
        "delta-storage",
        "4.4.0",
        "c46735481fa8e326b0957be02b4420cbcab4b325bb08009b7f2045a95133f1cc",
    ),
)
"""What Delta needs on this Spark, and nothing else (docs/decisions/0002-engine.md)."""


def spark_jars() -> Path:
    """Give the folder of the jars that pyspark ships; raises EngineError without pyspark."""
    found = importlib.util.find_spec("pyspark")  # found, not imported: that takes a second
    if found is None or found.origin is None:
        raise EngineError("pyspark is not installed. Expected the packages of requirements.lock.")
    return Path(found.origin).parent / "jars"


def missing(folder: Path) -> list[Jar]:
    """Give the jars that are absent or not what they should be."""
    return [jar for jar in JARS if not (folder / jar.file).is_file() or sha256_of_file(folder / jar.file) != jar.sha256]


def fetch(folder: Path, say: Callable[[str], None]) -> None:
    """Bring every missing jar into `folder`, side by side; raises EngineError saying what to do.

    A jar appears whole and checked, or not at all; two processes may fetch at once.
    """
    wanted = missing(folder)
    if not wanted:
        return
    folder.mkdir(parents=True, exist_ok=True)
    java = find_java()
    say(f"Fetching {len(wanted)} Delta Lake jars (once, 10 MB) …")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for jar in pool.map(lambda jar: _fetch_one(java, jar, folder), wanted):
            say(f"  {jar.file}")


def _fetch_one(java: Path, jar: Jar, folder: Path) -> Jar:
    with tempfile.TemporaryDirectory(dir=folder) as name:
        scratch = Path(name)
        command = [
            str(java),
            *trust_options(scratch),
            *("-cp", f"{spark_jars()}/*", "org.apache.ivy.Main", "-m2compatible", "-notransitive"),
            *("-cache", f"{scratch}/cache"),
            *("-dependency", jar.group, jar.artefact, jar.version),
            *("-confs", "default", "-retrieve", f"{scratch}/[artifact]-[revision].[ext]"),
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, timeout=FETCH_TIMEOUT_S, check=False, cwd=scratch
            )
        except subprocess.TimeoutExpired:
            raise EngineError(f"{jar.file}: no answer in {FETCH_TIMEOUT_S} s. {_advice(jar, folder)}") from None
        found = scratch / jar.file
        if done.returncode != 0 or not found.is_file():
            tail = "\n".join((done.stdout + done.stderr).splitlines()[-6:])
            raise EngineError(f"{jar.file} could not be fetched.\n{tail}\n{_advice(jar, folder)}")
        if sha256_of_file(found) != jar.sha256:
            raise EngineError(f"{jar.file}: its SHA-256 is not the pinned one. {_advice(jar, folder)}")
        os.replace(found, folder / jar.file)
    return jar


def _advice(jar: Jar, folder: Path) -> str:
    return (
        f"Expected Maven Central to be reachable; behind a proxy set JAVA_TOOL_OPTIONS=-Dhttps.proxyHost=…, or put "
        f"{jar.file} (of {jar.group}) into {folder} by hand. Then run the same command again."
    )
