"""How well and how quickly Stitch resolves the demo retailer's 20,000 records.

    python -m benchmarks.stitch_quality

Prints pairwise precision, recall and F1 against the retailer's truth, seconds per stage, and the memory of the process.
"""

from __future__ import annotations

import resource
import sys
import time

import polars as pl

from cdp_assets.config.loader import load_tenant
from cdp_assets.home import REPOSITORY
from cdp_assets.stitch.child import stitch_in_child
from cdp_assets.stitch.given import Given
from tests.integration.stitch.acme import acme_records

TRUTH = REPOSITORY / "tests" / "data" / "acme" / "truth.parquet"
LEAST_F1 = 0.85


def pairs(frame: pl.DataFrame, *columns: str) -> int:
    """Count the pairs of records that agree on some columns."""
    sizes = frame.group_by(columns).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def main() -> None:
    """Resolve once and print the figures."""
    records = acme_records()
    settings = load_tenant(REPOSITORY / "tenant_config").stitch
    started = time.monotonic()
    result = stitch_in_child(records, settings, Given(key=b"k" * 32))
    seconds = time.monotonic() - started
    found = result.frames["stitch_ids"].join(pl.read_parquet(TRUTH), left_on="pk", right_on="record_id")
    right = pairs(found, "amperity_id", "entity_id")
    precision, recall = right / pairs(found, "amperity_id"), right / pairs(found, "entity_id")
    f1 = 2 * precision * recall / (precision + recall)
    print(f"records {records.height:,}, people {result.report.clusters:,}, compared pairs {result.report.pairs:,}")
    print(f"precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f} (at least {LEAST_F1})")
    for stage, stage_s in result.report.seconds.items():
        print(f"  {stage:<12} {stage_s:6.2f} s")
    memory_mb = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"process: {seconds:.2f} s, {records.height / seconds:,.0f} records/s, {memory_mb:.0f} MB")
    sys.exit(0 if f1 >= LEAST_F1 else 1)


if __name__ == "__main__":
    main()
