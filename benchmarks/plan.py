"""How long `cdp plan` and a promotion take for a tenant of 1,000 resources, drift checks included.

    python -m benchmarks.plan [--runs 3]

Makes such a tenant in a temporary folder, applies it and publishes a small Delta table for each of its tables. Then
it times whole processes, as an engineer starts them: no daemon, no Spark, no network. Prints the median of the runs;
a promotion is planned and applied once. Ends with 1 when a target is missed or a promotion does what it need not.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.big_installation import LANDED, Installation, Ran
from cdp_assets.names import PRODUCTION

WARM_S, COLD_S, CHANGED_S, PROMOTED_S = 1.0, 2.5, 3.0, 5.0
COLUMN, FIELDS = "s.contacts,", "fields:\n"
"""Before which a table's SQL and a feed get a column more."""
FEED = f"feeds/{LANDED.name}.yaml"
SMALL, LARGE = 10, 1_000_000
"""Rows of each table that a sandbox builds."""


@dataclass
class Report:
    """What was measured, line by line."""

    failed: list[str] = field(default_factory=list)

    def line(self, what: str, ran: Sequence[Ran], right: bool, *, target_s: float | None = None) -> None:
        """Print the sum of some processes; `right` says whether they did what they should."""
        seconds, cpu_s = sum(one.seconds for one in ran), sum(one.cpu_s for one in ran)
        verdict = "wrong" if not right else "" if target_s is None else "ok" if seconds < target_s else "missed"
        target = "" if target_s is None else f"{target_s:.1f}"
        print(f"{what:<64} {seconds:7.2f} {cpu_s:7.2f} {target:>7} {verdict}", flush=True)
        if verdict in ("wrong", "missed"):
            self.failed.append(what)


def main() -> None:
    """Make the tenant, time everything, and say what missed its target."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="how often each plan is timed")
    runs = parser.parse_args().runs
    folder = Path(tempfile.mkdtemp(prefix="plan_"))
    try:
        there, report = Installation(folder), Report()
        started = time.monotonic()
        print(f"{there.set_up(SMALL)} resources applied and published in {time.monotonic() - started:.0f} s\n")
        print(f"{'what':<64} {'seconds':>7} {'CPU s':>7} {'target':>7}")
        _plans(there, report, runs)
        for name, rows in (("small", SMALL), ("large", LARGE)):
            _reused(there, report, name, rows)
        _lagging(there, report)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(1 if report.failed else 0)


def _plans(there: Installation, report: Report, runs: int) -> None:
    """Time plans without a change and with one."""
    there.cdp("plan")
    report.line("plan, no change, second process in a row", *_median(there, runs, 0), target_s=WARM_S)
    report.line("plan, no change, our caches deleted", *_median(there, runs, 0, cold=True), target_s=COLD_S)
    there.forget_caches()
    there.cdp("plan", "--json")
    table = there.most_read()
    before = there.edit(table, COLUMN, f"{COLUMN}\n  s.contacts * 2 AS twice,")
    report.line("plan, one column more in a table, our caches deleted", *_median(there, 1, 2, cold=True))
    report.line("plan, one column more in a table", *_median(there, runs, 2), target_s=CHANGED_S)
    (there.config / table).write_text(before)


def _median(there: Installation, runs: int, code: int, *, cold: bool = False) -> tuple[list[Ran], bool]:
    """Give the median of some plans, and whether each ended with `code`."""
    timed = []
    for _ in range(runs):
        if cold:
            there.forget_caches()
        timed.append(there.cdp("plan"))
    middle = sorted(timed, key=lambda one: one.seconds)[runs // 2]
    return [middle], all(one.code == code for one in timed)


def _reused(there: Installation, report: Report, name: str, rows: int) -> None:
    """Promote a sandbox that has built all that its change needs, from what production has."""
    built = _tried(there, name, there.most_read(), COLUMN, f"{COLUMN}\n  {rows} AS {name},", rows)
    compared = there.cdp("plan", "--promote", name)
    plan, apply = _promoted(there, name)
    right = (plan.code, apply.code) == (2, 0) and f" {built} reused." in plan.text and "Building" not in apply.text
    report.line(f"promotion that reuses {built} tables of {rows:,} rows: plan", [plan], right)
    report.line("  apply", [apply], right)
    report.line("  both", [plan, apply], right, target_s=PROMOTED_S)
    report.line("  its plan with the data compared", [compared], compared.code == 2)


def _lagging(there: Installation, report: Report) -> None:
    """Promote a sandbox whose feed has not loaded production's last day."""
    _tried(there, "late", FEED, FIELDS, f"{FIELDS}  - {{name: note, type: string}}\n", SMALL)
    there.next_day()
    there.publish(PRODUCTION, SMALL, only=LANDED)
    before = there.files_loaded()
    plan, apply = _promoted(there, "late")
    says = (plan.code, apply.code) == (2, 0) and "1 files behind production" in plan.text
    loaded = {path: files - before[path] for path, files in there.files_loaded().items()}
    right = says and sorted(loaded.values()) == [0, 1]
    report.line("promotion that lags by a day's file: plan", [plan], right)
    report.line("  apply, which loads that file alone", [apply], right)


def _tried(there: Installation, name: str, file: str, old: str, new: str, rows: int) -> int:
    """Make a sandbox, change a file in it, and build what that changes; give how many tables that are."""
    there.cdp("sandbox", "create", name)
    there.edit(file, old, new, sandbox=name)
    there.cdp("apply", "--yes", "--sandbox", name)
    return there.publish(f"sandbox__{name}", rows)


def _promoted(there: Installation, name: str) -> tuple[Ran, Ran]:
    saved = str(there.root / f"{name}.json")
    return there.cdp("plan", "--promote", name, "--no-data", "-o", saved), there.cdp("apply", saved)


if __name__ == "__main__":
    main()
