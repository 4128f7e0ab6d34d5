"""Whether a small file among many costs as much as one among few, from a local folder to rows of a committed table.

    python -m benchmarks.exchange.many [--files 1000 4000 16000] [--json]

Each number of files, of one row each, takes a process of its own: it lands them, loads them, and looks again when
nothing is new. What counts is processor time and memory, so that a busy machine may be measured too. `growth` is the
power of the number of files that the time follows: 1 is a straight line.

Exit status 1 when landing or loading grows by more than a straight line and a fifth, or a row is missing.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from cdp_assets.lakehouse import delta
from cdp_assets.output import aligned
from tests.integration.sources.shop import TABLE, Shop

FILES = (1_000, 4_000, 16_000)
MOST_GROWTH = 1.2
STEPS = ("land", "load", "look again")
Figures = dict[str, float]
"""`files`, `rows`, `memory_mb`, and per step the seconds of a processor."""


def main() -> None:
    """Measure, print, and exit with 1 where something grows too much."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, nargs="+", default=FILES, help="how many, from few to many")
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        print(json.dumps(figures_of(arguments.files[0])))
        return
    found = [_in_its_own_process(count) for count in arguments.files]
    print(json.dumps(found, indent=2) if arguments.json else table(found))
    sys.exit(1 if missed(found) else 0)


def figures_of(count: int) -> Figures:
    """Let so many files arrive, and take them to the table."""
    with tempfile.TemporaryDirectory(prefix="many_") as folder:
        shop = Shop(Path(folder))
        place = shop.root / "drop" / "orders"
        place.mkdir(parents=True)
        for number in range(count):
            text = f"id,amount,ordered_on,note\n{number},1.50,2026-11-20,\n"
            (place / f"orders_2026_11_20_{number:06}.csv").write_text(text)
        seconds = [_cpu_s(step) for step in (shop.land, shop.load, shop.land)]
        memory_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        rows = delta.count(shop.lake / TABLE)
        return {"files": count, "rows": rows, "memory_mb": memory_mb} | dict(zip(STEPS, seconds, strict=True))


def growth(found: list[Figures], step: str) -> float:
    """Give the power of the number of files that a step's time follows, from the fewest to the most.

    >>> growth([{"files": 10, "load": 1.0}, {"files": 100, "load": 100.0}], "load")
    2.0
    """
    few, many = found[0], found[-1]
    return math.log(many[step] / few[step]) / math.log(many["files"] / few["files"])


def missed(found: list[Figures]) -> list[str]:
    """Give the steps that grow too much, and the tables that lack rows."""
    grown = [f"{step} grows" for step in STEPS[:2] if len(found) > 1 and growth(found, step) > MOST_GROWTH]
    return grown + [f"{one['rows']:,} rows of {one['files']:,}" for one in found if one["rows"] != one["files"]]


def table(found: list[Figures]) -> str:
    """Lay the figures out for people: milliseconds of a processor for each file."""
    rows = [("files", *(f"{step} ms" for step in STEPS), "memory MB")]
    for one in found:
        each = (f"{one[step] / one['files'] * 1000:.3f}" for step in STEPS)
        rows.append((f"{one['files']:,.0f}", *each, f"{one['memory_mb']:.0f}"))
    if len(found) > 1:
        rows.append(("growth", *(f"{growth(found, step):.2f}" for step in STEPS), ""))
    verdict = "; ".join(missed(found)) or "every aim is met"
    return "\n".join([*aligned(rows, right={1, 2, 3, 4}), "", verdict])


def _cpu_s(step: Callable[[], object]) -> float:
    before = resource.getrusage(resource.RUSAGE_SELF)
    step()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _in_its_own_process(count: int) -> Figures:
    command = [sys.executable, "-m", "benchmarks.exchange.many", "--one", "--files", str(count)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, timeout=36_000)
    found: Figures = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    main()
