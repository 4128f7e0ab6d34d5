"""Fetches the Delta Lake jars once, by the Ivy that pyspark ships, and checks each by SHA-256."""

from __future__ import annotations

import concurrent.futures
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyspark

from cdp_assets.errors import EngineError
from cdp_assets.hashing import sha256_of_file
from cdp_assets.lakehouse.java import find_java, trust_options

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
    """Give the folder of the jars that pyspark ships."""
    return Path(pyspark.__file__).parent / "jars"


def missing(folder: Path) -> list[Jar]:
    """Give the jars that are absent or not what they should be."""
    return [jar for jar in JARS if not (folder / jar.file).is_file() or sha256_of_file(folder / jar.file) != jar.sha256]


def fetch(folder: Path, say: Callable[[str], None]) -> None:
    """Bring every missing jar into `folder`; raises EngineError saying what to do."""
    wanted = missing(folder)
    if not wanted:
        return
    folder.mkdir(parents=True, exist_ok=True)
    say(f"Fetching {len(wanted)} Delta Lake jars (once, 10 MB) …")
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(lambda jar: _fetch_one(jar, folder), wanted))


def _fetch_one(jar: Jar, folder: Path) -> None:
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        command = [
            str(find_java()),
            *trust_options(),
            *("-cp", f"{spark_jars()}/*", "org.apache.ivy.Main", "-m2compatible", "-notransitive"),
            *("-cache", f"{scratch}/cache"),
            *("-dependency", jar.group, jar.artefact, jar.version),
            *("-confs", "default", "-retrieve", f"{scratch}/[artifact]-[revision].[ext]"),
        ]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=FETCH_TIMEOUT_S, check=False, cwd=scratch
        )
        found = Path(scratch) / jar.file
        if done.returncode != 0 or not found.is_file():
            tail = "\n".join((done.stdout + done.stderr).splitlines()[-6:])
            raise EngineError(f"{jar.file} could not be fetched.\n{tail}\n{_advice(jar, folder)}")
        if sha256_of_file(found) != jar.sha256:
            raise EngineError(f"{jar.file}: its SHA-256 is not the pinned one. {_advice(jar, folder)}")
        shutil.copyfile(found, folder / f".{jar.file}")
        os.replace(folder / f".{jar.file}", folder / jar.file)


def _advice(jar: Jar, folder: Path) -> str:
    return (
        f"Expected Maven Central to be reachable; behind a proxy set JAVA_TOOL_OPTIONS=-Dhttps.proxyHost=…, or put "
        f"{jar.group}:{jar.artefact}:{jar.version} into {folder} by hand. Then run the same command again."
    )
