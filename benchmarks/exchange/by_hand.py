"""The tools that a user would use by hand, timed over the same file."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path

import polars as pl

from benchmarks.exchange.arrival import FOLDER, Arrivals, run


def by_hand(arrivals: Arrivals, arrived: Path, plain: Path, folder: Path) -> dict[str, float]:
    """Give the seconds of each tool: `sftp`, `gpg`, `gpg` with `tar` behind it, and polars over the plain file."""
    copy, packed = folder / "by_hand.pgp", folder / "by_hand.tgz"
    fetch_s = _seconds(lambda: _sftp(arrivals, arrived.name, copy))
    decrypt_s = _seconds(lambda: arrivals.gpg.run("--output", str(packed), "--decrypt", str(copy)))
    untar_s = _seconds(lambda: run("tar", "-xzf", str(packed), "--to-stdout"))
    read_s = _seconds(lambda: _typed(plain))
    for made in (copy, packed):
        made.unlink()
    return {"fetch_s": fetch_s, "decrypt_s": decrypt_s, "unpack_s": decrypt_s + untar_s, "read_s": read_s}


def _sftp(arrivals: Arrivals, name: str, target: Path) -> None:
    server = arrivals.server
    (known := target.with_suffix(".hosts")).write_text(f"[127.0.0.1]:{server.port} {server.host_key()}\n")
    options = ["-P", str(server.port), "-i", str(_own(server.folder / "key", target))]
    options += ["-o", f"UserKnownHostsFile={known}", "-o", "BatchMode=yes"]
    run("sftp", "-q", *options, f"{server.user}@127.0.0.1:{FOLDER}/{name}", str(target))


def _own(key: Path, beside: Path) -> Path:
    """Give a copy of the private key that only we can read, as the tool demands."""
    own = beside.with_suffix(".key")
    shutil.copyfile(key, own)
    own.chmod(0o600)
    return own


def _typed(plain: Path) -> pl.DataFrame:
    """Read the plain file into the feed's types, without keys, checks or a table."""
    return pl.read_csv(plain, infer_schema=False).select(
        "order_id",
        "email",
        "comment",
        pl.col("ordered_at").str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False),
        pl.col("shipped_on").str.to_date("%m/%d/%Y", strict=False),
        pl.col("birthdate").str.to_date("%Y-%m-%d", strict=False),
        pl.col("revenue").cast(pl.Decimal(38, 2)),
        pl.col("discount").cast(pl.Decimal(38, 2)),
        pl.col("quantity").cast(pl.Int64),
        pl.col("is_return") == "true",
    )


def _seconds(work: Callable[[], object]) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started
