"""How quickly an encrypted file on an SFTP server becomes rows of a committed table.

    python -m benchmarks.exchange [--mb 250] [--json]

A customer's orders (text, three columns of dates and times, decimals, whole numbers; 2 % of their keys are repeats and
0.2 % of the rows are bad) are packed by `tar` and `gpg` and fetched from a local OpenSSH server into a table of text,
and into one with the feed's types and rejects. Then the same file comes again, a tenth of it changed, and goes in as
an upsert. Each step stands beside the tool that a user would use by hand. All MB are those of the plain file.

Exit status 1 when an aim is missed or a table does not hold the rows that were written.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.exchange.arrival import Arrivals
from benchmarks.exchange.by_hand import by_hand
from benchmarks.exchange.orders import make_orders
from cdp_assets.output import aligned
from tests.pgp import PASSPHRASE, stock_gpg
from tests.sftp_server import running_server

RAW_MB_S, TYPED_MB_S, MOST_MEMORY_MB = 60.0, 40.0, 1024.0
STEPS = {"fetch_s": ("fetch", "sftp"), "decrypt_s": ("decrypt", "gpg"), "unpack_s": ("decrypt, unpack", "gpg, tar")}


@dataclass(frozen=True)
class Figures:
    """What was measured: seconds by step, rows by table."""

    mb: float
    raw: dict[str, float]
    typed: dict[str, float]
    again: dict[str, float]
    steps: dict[str, float]
    tools: dict[str, float]
    expected: dict[str, int]

    def mb_s(self, flow: dict[str, float]) -> float:
        """MB/s from the server to the committed table."""
        return self.mb / (flow["landing_s"] + flow["loading_s"])

    @property
    def memory_mb(self) -> float:
        """The most that loading the file the first time took."""
        return max(flow["memory_mb"] for flow in (self.raw, self.typed))

    def missed(self) -> list[str]:
        """Give the aims that are missed and the tables that are wrong."""
        rows = {"raw": self.raw["rows"], "typed": self.typed["rows"], "again": self.again["rows"]}
        aims = {
            f"raw {RAW_MB_S:.0f} MB/s": self.mb_s(self.raw) >= RAW_MB_S,
            f"feed on {TYPED_MB_S:.0f} MB/s": self.mb_s(self.typed) >= TYPED_MB_S,
            f"memory below {MOST_MEMORY_MB:.0f} MB": self.memory_mb < MOST_MEMORY_MB,
        }
        wrong = [f"rows of {name}: {count:,} for {self.expected[name]:,}" for name, count in rows.items()]
        return [aim for aim, met in aims.items() if not met] + [
            text for text, name in zip(wrong, rows, strict=True) if rows[name] != self.expected[name]
        ]

    def as_json(self) -> dict[str, Any]:
        """Give everything, and the rates that the aims are about."""
        rates = {name: self.mb_s(getattr(self, name)) for name in ("raw", "typed", "again")}
        return vars(self) | {"mb_s": rates, "missed": self.missed()}


def main() -> None:
    """Measure, print, and exit with 1 where something is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=int, default=250, help="size of the plain file")
    parser.add_argument("--json", action="store_true", help="print JSON")
    arguments = parser.parse_args()
    figures = figures_of(arguments.mb)
    print(json.dumps(figures.as_json(), indent=2) if arguments.json else table(figures))
    sys.exit(1 if figures.missed() else 0)


def figures_of(size_mb: int) -> Figures:
    """Run everything once, each flow in a process of its own."""
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="exchange_")))
        gpg = opened.enter_context(stock_gpg())
        arrivals = Arrivals(
            opened.enter_context(running_server()), gpg, gpg.key("Ours <ours@acme.example>", "rsa4096 encr")
        )
        first = make_orders(folder / "orders_2026_11_20.csv", size_mb)
        arrived = arrivals.put(first.path)
        told = _told(arrivals, folder)
        raw, typed, steps = (flow(what, told) for what in ("raw", "typed", "steps"))
        tools = by_hand(arrivals, arrived, first.path, folder)
        mb = first.mb
        first.path.unlink()
        arrivals.put(make_orders(folder / "orders_2026_11_21.csv", size_mb, day=2).path)
        expected = {"raw": first.keys, "typed": first.good_keys, "again": first.good_keys}
        return Figures(mb, raw, typed, flow("typed", told), steps, tools, expected)


def flow(what: str, told: str) -> dict[str, float]:
    """Run a part of the way in a process of its own; give what it found."""
    command = [sys.executable, "-m", "benchmarks.exchange.flow", what]
    done = subprocess.run(command, input=told, stdout=subprocess.PIPE, text=True, check=True, timeout=1800)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _told(arrivals: Arrivals, folder: Path) -> str:
    login = {"username": arrivals.server.user, "private_key": (arrivals.server.folder / "key").read_text()}
    facts = {"folder": str(folder), "courier": arrivals.courier.model_dump(mode="json"), "login": login}
    return json.dumps(facts | {"private_keys": arrivals.key.private, "passphrase": PASSPHRASE})


def table(figures: Figures) -> str:
    """Lay the figures out for people."""
    flows = [
        ("server to table", "MB/s", "landing s", "loading s", "CPU s", "memory MB", "rows", "aim"),
        _flow("text", figures, figures.raw, f"{RAW_MB_S:.0f}"),
        _flow("feed on", figures, figures.typed, f"{TYPED_MB_S:.0f}"),
        _flow("again, 10 % changed", figures, figures.again, "-"),
    ]
    steps = [("step", "ours MB/s", "by hand MB/s", "ratio", "tool")]
    for step, (name, tool) in STEPS.items():
        ours, theirs = (figures.mb / seconds[step] for seconds in (figures.steps, figures.tools))
        steps.append((name, f"{ours:.0f}", f"{theirs:.0f}", f"{ours / theirs:.2f}", tool))
    loading, reading = figures.typed["loading_s"], figures.tools["read_s"] + figures.tools["unpack_s"]
    steps.append(
        (
            "all of loading",
            f"{figures.mb / loading:.0f}",
            f"{figures.mb / reading:.0f}",
            f"{reading / loading:.2f}",
            "gpg, tar, polars",
        )
    )
    missed = figures.missed()
    verdict = f"missed: {'; '.join(missed)}" if missed else "every aim is met"
    head = f"{figures.mb:.0f} MB, {figures.typed['rejected']:,.0f} bad rows"
    right = {1, 2, 3, 4, 5, 6, 7}
    return "\n".join([head, "", *aligned(flows, right=right), "", *aligned(steps, right={1, 2, 3}), "", verdict])


def _flow(name: str, figures: Figures, flow: dict[str, float], aim: str) -> tuple[str, ...]:
    seconds = (f"{flow['landing_s']:.2f}", f"{flow['loading_s']:.2f}", f"{flow['cpu_s']:.2f}")
    return (name, f"{figures.mb_s(flow):.0f}", *seconds, f"{flow['memory_mb']:.0f}", f"{flow['rows']:,.0f}", aim)


if __name__ == "__main__":
    main()
