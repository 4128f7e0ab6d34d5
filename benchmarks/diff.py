"""How quickly the data of a large sandbox is compared with production's.

    python -m benchmarks.diff [--rows 2000000] [--columns 20]

Each side has one table of that many rows and columns, a tenth of whose rows differ, and the ids of as many records,
some of whose people are merged in the sandbox. Prints seconds and memory of a process that compares them as the plan of
a promotion does, as `cdp diff` does, and row by row; checks what each finds against what was made.
"""

from __future__ import annotations

import argparse
import datetime as dt
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import numpy as np
import polars as pl
import sqlalchemy as sa

from cdp_assets.config.loader import load_tenant
from cdp_assets.environments.data_diff.compare import compare
from cdp_assets.environments.data_diff.consequence import IN_A_PLAN
from cdp_assets.environments.data_diff.options import Options
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.revision import body_of
from cdp_assets.home import REPOSITORY
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION, TableName, sandbox_environment
from cdp_assets.state import environments, physical_tables, revisions, runs, tables
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry

SANDBOX = "large"
IDS, FEED = TableName("stitch", "stitch_ids"), TableName("domain", "ecom_customers")
PER_PERSON, MERGED_EVERY, CHANGED_EVERY = 3, 100, 10
"""Records of a person; of so many people one is merged with its neighbour; of so many rows one differs."""
NEAR = 0.1
"""How far an estimate may be from the truth."""
WAYS = {"plan": IN_A_PLAN, "diff": Options(), "whole": Options(sample_above=sys.maxsize)}


def ids(rows: int, *, merged: bool) -> pl.DataFrame:
    """Make who each record is."""
    person = np.arange(rows) // PER_PERSON
    if merged:
        person = np.where(person % MERGED_EVERY == 1, person - 1, person)
    names = pl.Series([str(uuid.UUID(int=number)) for number in range(rows // PER_PERSON + 1)])
    pk = pl.format("P{}", pl.int_range(rows, eager=True))
    return pl.select(datasource=pl.lit("ecom:customers"), pk=pk, amperity_id=names.gather(person))


def feed(rows: int, columns: int, *, changed: bool) -> pl.DataFrame:
    """Make a table that is half numbers, half texts."""
    at = pl.int_range(rows)
    numbers = {f"number_{n}": (at * (n + 7)) % 1000 for n in range(columns // 2)}
    texts = {f"text_{n}": pl.format("text {} of {}", at % 977, pl.lit(n)) for n in range(columns - columns // 2 - 1)}
    found = pl.select(_pk=pl.format("P{}", at), **numbers, **texts)
    return found.with_columns(number_0=pl.col("number_0") - (at % CHANGED_EVERY == 0)) if changed else found


def publish(state: State, lake: Path, environment: str, frames: dict[TableName, pl.DataFrame]) -> None:
    """Apply the demo tenant in an environment, and publish these tables there."""
    tenant = load_tenant(REPOSITORY / "tenant_config")
    made = fingerprints(tenant)
    paths = {name: f"{environment}/{name}" for name in frames}
    versions = {name: delta.overwrite(lake / paths[name], rows.to_arrow(), "load") for name, rows in frames.items()}
    with state.write() as conn:
        environments.get_or_create(conn, environment)
        revision = revisions.put(conn, body_of(tenant), created_by="benchmark", message="")
        active = sa.update(tables.environment).where(tables.environment.c.name == environment)
        conn.execute(active.values(revision_id=revision))
        for name, path in paths.items():
            physical_tables.register(conn, path, name, made[name], environment)
        day = dt.date(2026, 11, 20)
        facts = {"environment": environment, "revision_id": revision, "business_date": day, "expected": list(frames)}
        runs.begin(conn, run_id=environment, **facts)
        for name in frames:
            runs.record_write(conn, environment, Entry(name, paths[name], versions[name], {}))
        runs.commit(conn, environment)


def measured(folder: Path, way: str) -> None:
    """Compare in this process, say how long it took, and stop unless the answer is right."""
    state = State.open(str(folder / "state.db"))
    started = time.monotonic()
    found = compare(state, folder / "lake", SANDBOX, WAYS[way])
    seconds, memory_mb = time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    table = next(one for one in found.tables if one.table == str(FEED))
    expected = -(-table.before // CHANGED_EVERY)
    assert found.identity is not None
    people = found.identity.counts.people_before
    assert found.identity.counts.merged_from == 2 * len(range(1, people, MERGED_EVERY))
    assert abs(table.rows.changed - expected) <= (NEAR * expected if table.sampled else 0)
    sample = f"a sample of {table.sampled:.0%}" if table.sampled else "every row"
    print(
        f"{way:<6} {seconds:6.1f} s  {memory_mb:6,} MB  {sample}, {table.rows.changed:,} of {expected:,} changed rows"
    )


def main() -> None:
    """Make both sides, then compare them in each way."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--columns", type=int, default=20)
    parser.add_argument("--measured", nargs=2, metavar=("FOLDER", "WAY"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measured:
        measured(Path(arguments.measured[0]), arguments.measured[1])
        return
    with tempfile.TemporaryDirectory() as name:
        folder, rows = Path(name), arguments.rows
        state = State.open(str(folder / "state.db"))
        for environment, newer in ((PRODUCTION, False), (sandbox_environment(SANDBOX), True)):
            frames = {IDS: ids(rows, merged=newer), FEED: feed(rows, arguments.columns, changed=newer)}
            publish(state, folder / "lake", environment, frames)
        print(f"{rows:,} records, a table of {rows:,} rows and {arguments.columns} columns, on each side")
        for way in WAYS:
            command = [sys.executable, "-m", "benchmarks.diff", "--measured", name, way]
            subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
