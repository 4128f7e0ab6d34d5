"""Hands the workers of a Spark server what nobody else may read, in two halves of which neither tells anything.

What a worker runs is part of Spark's plan, and what it is sent beside that is a file of the session's. A secret's bytes
are combined with random ones (a one-time pad): the one half goes with the function, the other is the file.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pyspark import SparkFiles
from pyspark.sql import SparkSession


def sealed(session: SparkSession, content: bytes) -> Callable[[], bytes]:
    """Give a function that gives the content on the session's workers and nowhere else.

    Belongs inside `sessions.run`, with the frame whose function calls it: the half in a file ends with the session.
    """
    pad, name = secrets.token_bytes(len(content)), f"cdp_{secrets.token_hex(16)}"
    with tempfile.TemporaryDirectory(prefix="sealed_") as folder:
        path = Path(folder) / name
        path.write_bytes(pad)
        session.addArtifacts(str(path), file=True)
    return partial(_opened, name, _combined(content, pad))


def _opened(name: str, half: bytes) -> bytes:
    return _combined(half, (Path(SparkFiles.getRootDirectory()) / name).read_bytes())


def _combined(one: bytes, other: bytes) -> bytes:
    return bytes(left ^ right for left, right in zip(one, other, strict=True))
