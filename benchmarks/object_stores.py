"""How quickly objects are listed, fetched and sent, and what of the time is ours rather than the store's.

    python -m benchmarks.object_stores [--objects 100000] [--mb 256] [--kinds s3 gcs azure] [--json]

Against moto, fake-gcs-server and Azurite on this machine (`.ci/servers` installs them). They are stand-ins: their own
time says nothing about the cloud's, so beside the seconds on the clock stand those of our processor, which would be
spent on any store. Memory is the most that this process has held by then. The last two list a twentieth of the objects:
they take minutes to be filled with more.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from cdp_assets.exchange.in_order import in_order
from cdp_assets.exchange.locations import Location, open_location
from cdp_assets.output import aligned
from cdp_assets.sources.landing import FILES_AT_ONCE
from tests.object_stores import (
    CLIENTS,
    AzureServer,
    GcsServer,
    S3Server,
    Server,
    running_azure,
    running_gcs,
    running_s3,
)

BUCKET = "full-bucket"
SMALL_FILES, SMALL_BYTES = 400, 100_000


@dataclass(frozen=True)
class Figure:
    """One thing that was done."""

    kind: str
    what: str
    amount: float
    unit: str
    seconds: float
    cpu_s: float
    memory_mb: float


class Clock:
    """Takes the time of what is done, by the clock and by our processor."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.figures: list[Figure] = []

    def take(self, what: str, amount: float, unit: str, action: Callable[[], object]) -> None:
        """Do it once."""
        began, cpu = time.perf_counter(), time.process_time()
        action()
        seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu
        memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.figures.append(Figure(self.kind, what, amount, unit, seconds, cpu_s, memory_mb))


def measure(kind: str, server: Server, folder: Path, objects: int, size_mb: int) -> list[Figure]:
    """List the full bucket, then send and fetch a large object and many small ones."""
    clock = Clock(kind)
    full = open_location(server.config(BUCKET, "drop"), folder, server.secrets, CLIENTS)
    next(iter(full.list()))  # logs in, and imports the client
    clock.take("list", objects, "objects", lambda: expect(objects, sum(1 for _ in full.list())))
    other = open_location(server.config(server.new_bucket()), folder, server.secrets, CLIENTS)
    large, small = folder / "large", folder / "small"
    with large.open("wb") as file:
        for _ in range(size_mb):
            file.write(b"0123456789abcdef" * (1 << 16))
    small.write_bytes(b"x" * SMALL_BYTES)
    clock.take("send one", size_mb, "MB", lambda: other.put("large.bin", large))
    clock.take("fetch one", size_mb, "MB", lambda: expect(size_mb << 20, drained(other, "large.bin")))
    names = [f"small/{number}.csv" for number in range(SMALL_FILES)]
    clock.take("send small", SMALL_FILES, "files", lambda: [other.put(name, small) for name in names])
    for at_once in (1, FILES_AT_ONCE):
        what = f"fetch small, {at_once} at once"
        clock.take(what, SMALL_FILES, "files", partial(fetch_small, other, names, at_once))
    return clock.figures


def fetch_small(location: Location, names: list[str], at_once: int) -> None:
    """Fetch files as a courier does, without keeping them."""
    expect(SMALL_BYTES, *in_order(partial(drained, location), names, at_once))


def drained(location: Location, name: str) -> int:
    """Read a file to its end; give its size."""
    size = 0
    with location.fetch(name) as stream:
        while chunk := stream.read(4 << 20):
            size += len(chunk)
    return size


def expect(wanted: int, *found: int) -> None:
    """Raise where any number is another one."""
    assert set(found) == {wanted}, f"{set(found)} for {wanted}"


@contextmanager
def full_s3(folder: Path, objects: int) -> Iterator[S3Server]:
    """Run moto with its bucket full."""
    with running_s3(folder, "benchmarks.filled_s3", BUCKET, str(objects)) as server:
        yield server


@contextmanager
def full_gcs(folder: Path, objects: int) -> Iterator[GcsServer]:
    """Run fake-gcs-server over a folder that holds the bucket."""
    bucket = folder / "data" / BUCKET / "drop"
    bucket.mkdir(parents=True)
    for number in range(objects):
        (bucket / f"{number:07}.csv").touch()
    with running_gcs(folder, "-data", str(folder / "data")) as server:
        yield server


@contextmanager
def full_azure(folder: Path, objects: int) -> Iterator[AzureServer]:
    """Run Azurite and fill its container."""
    with running_azure(folder) as server:
        server.client.create_container(BUCKET)
        store = server.store(BUCKET)
        for _ in in_order(lambda number: store.put(f"drop/{number:07}.csv", b""), range(objects), 8):
            continue
        yield server


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=100_000, help="in the bucket that is listed")
    parser.add_argument("--mb", type=int, default=256, help="size of the large object")
    parser.add_argument("--kinds", nargs="+", choices=("s3", "gcs", "azure"), default=["s3", "gcs", "azure"])
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    servers: dict[str, tuple[Any, int]] = {
        "s3": (full_s3, arguments.objects),
        "gcs": (full_gcs, arguments.objects // 20),
        "azure": (full_azure, arguments.objects // 20),
    }
    figures: list[Figure] = []
    for kind in arguments.kinds:
        full, objects = servers[kind]
        with ExitStack() as opened:
            folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="stores_")))
            figures += measure(kind, opened.enter_context(full(folder, objects)), folder, objects, arguments.mb)
    print(json.dumps([vars(one) for one in figures], indent=2) if arguments.json else table(figures))


def table(figures: list[Figure]) -> str:
    """Lay the figures out for people."""
    rows = [("store", "what", "amount", "s", "per s", "per s of our CPU", "memory MB")]
    for one in figures:
        rates = (f"{one.amount / one.seconds:,.0f}", f"{one.amount / one.cpu_s:,.0f}")
        amount = f"{one.amount:,.0f} {one.unit}"
        rows.append((one.kind, one.what, amount, f"{one.seconds:.2f}", *rates, f"{one.memory_mb:.0f}"))
    return "\n".join(aligned(rows, right={2, 3, 4, 5, 6}))


if __name__ == "__main__":
    main()
