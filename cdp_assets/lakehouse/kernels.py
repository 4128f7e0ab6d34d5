"""Sends this package to the workers of a Spark server, so that its functions run there as they run here."""

from __future__ import annotations

import hashlib
import sys
import tempfile
import zipfile
from functools import cache
from pathlib import Path
from weakref import WeakSet

from pyspark.sql import SparkSession

from cdp_assets.home import REPOSITORY

PACKAGE = "cdp_assets"
LEFT_OUT = ("__pycache__",)
_sent: WeakSet[SparkSession] = WeakSet()


def send_kernels(session: SparkSession) -> None:
    """Make every function of this package callable on the session's workers, once per session.

    The workers' Python needs the libraries that a function imports (polars, numpy, scipy, rapidfuzz, pydantic), and
    not this package: they read it from the archive that is sent. Belongs inside `sessions.run`.
    """
    if session in _sent:
        return
    data, name = _archive()
    with tempfile.TemporaryDirectory(prefix="kernels_") as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        session.addArtifacts(str(path), pyfile=True)
        sys.path.remove(str(path))  # pyspark puts it there, before this package's own place
    _sent.add(session)


@cache
def _archive() -> tuple[bytes, str]:
    """Give the package as an archive, and a name that says its content: the same files give the same bytes."""
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in _files():
                entry = zipfile.ZipInfo(path.relative_to(REPOSITORY).as_posix())
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, path.read_bytes())
        file.seek(0)
        data = file.read()
    return data, f"{PACKAGE}_{hashlib.sha256(data).hexdigest()[:16]}.zip"


def _files() -> list[Path]:
    """Give the package's files in order."""
    every = (path for path in (REPOSITORY / PACKAGE).rglob("*") if path.is_file())
    return sorted(path for path in every if not set(path.parts) & set(LEFT_OUT))
