"""Says what a run will compare, need and take, before it is run.

Records and pairs are counted, with the very functions of the run, which is a small part of its time. Memory and time
follow from them by unit costs that were measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.block import candidate_pairs
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.prepare import prepared

Engine = Literal["one process", "spark"]


@dataclass(frozen=True)
class Counts:
    """How many records there are, how many stand for all of them, and how many pairs of those are compared."""

    records: int
    people: int
    pairs: int


@dataclass(frozen=True)
class Cost:
    """What a stage takes on two cores: microseconds per record and per pair."""

    per_record_us: float = 0.0
    per_pair_us: float = 0.0

    def seconds(self, counts: Counts) -> float:
        """Give the seconds for so many records and pairs."""
        return (self.per_record_us * counts.records + self.per_pair_us * counts.pairs) / 1e6


@dataclass(frozen=True)
class EngineCosts:
    """What an engine needs: seconds to begin with, then by stage; bytes to begin with, then per record and pair.

    tables_per_record_bytes: What the tables of a tenant need beside, and those of the run before.
    """

    start_s: float
    stages: Mapping[str, Cost]
    memory_bytes: float
    per_record_bytes: float
    per_pair_bytes: float
    tables_per_record_bytes: float = 0.0
    disk_per_record_bytes: float = 0.0
    disk_per_pair_bytes: float = 0.0


MEGABYTE = 1 << 20
TABLES = "tables"
"""The stage that a bare file has not."""
COSTS: Mapping[Engine, EngineCosts] = {
    "one process": EngineCosts(
        start_s=1.5,
        stages={
            "normalise": Cost(per_record_us=8.7),
            "block": Cost(per_pair_us=0.6),
            "compare": Cost(per_pair_us=0.58),
            "learn": Cost(per_record_us=0.7, per_pair_us=0.16),
            "cluster": Cost(per_pair_us=0.68),
            "ids": Cost(per_record_us=3.5),
            TABLES: Cost(per_record_us=18.0),
        },
        memory_bytes=330 * MEGABYTE,
        per_record_bytes=1_800,
        per_pair_bytes=20,
        tables_per_record_bytes=3_200,
    ),
    "spark": EngineCosts(
        start_s=50.0,
        stages={
            "people": Cost(per_record_us=60.0),
            "pairs": Cost(per_pair_us=4.5),
            "compare": Cost(per_record_us=45.0, per_pair_us=7.0),
            "components": Cost(per_record_us=10.0),
            "clusters": Cost(per_record_us=25.0),
        },
        memory_bytes=6_400 * MEGABYTE,
        per_record_bytes=400,
        per_pair_bytes=0,
        disk_per_record_bytes=1_700,
        disk_per_pair_bytes=180,
    ),
}
"""Of one process: processor seconds of 1,000,000 records to all tables. Memory was measured with 20,000, 100,000 and
1,000,000 invented customers, at its peak: 405, 549 and 2,309 MB without tables (372, 530 and 2,270 are said), with them
and those of a run before 610, 1,091 and 5,473 (429, 828 and 5,327 are said; a first run took 553, 900 and 3,587);
5,000,000 took 10.2 GB without (11.3 are said). Check it with `python -m benchmarks.stitch --only estimates`. Of Spark:
see docs/concepts/stitch-at-scale.md."""


LEAST_LIMIT = 4 << 30
HEADROOM, MANY_PAIRS = 3, 25
"""How many times the estimate, since the system counts what is reserved too (14 GB where 8.8 were in use), and pairs
per record where these have not been counted: twice the usual."""


@dataclass(frozen=True)
class Estimate:
    """What a run will compare, need and take.

    seconds: By stage, on two cores. memory_bytes: At its peak; of the Spark server and of its workers, for Spark.
    """

    counts: Counts
    engine: Engine
    seconds: Mapping[str, float]
    memory_bytes: int
    disk_bytes: int

    @property
    def total_s(self) -> float:
        """Give the seconds of all stages."""
        return sum(self.seconds.values())

    def to_json(self) -> dict[str, Any]:
        """Give it as one object."""
        return {
            **asdict(self.counts),
            "engine": self.engine,
            "seconds": {name: round(seconds, 2) for name, seconds in self.seconds.items()},
            "total_seconds": round(self.total_s, 1),
            "memory_bytes": self.memory_bytes,
            "disk_bytes": self.disk_bytes,
        }


def counts_of(records: pl.DataFrame, settings: Stitch, given: Given) -> Counts:
    """Count what a run in one process would compare."""
    if settings.is_one_to_one:
        return Counts(records.height, records.height, 0)
    people = prepared(records, settings, given).collapsed.records
    return Counts(records.height, people.height, len(candidate_pairs(people, settings).left))


def engine_of(records: int, settings: Stitch) -> Engine:
    """Say which engine resolves so many records.

    In one process whatever their number: staples, which are looked for among all people, and one-to-one Stitch, which
    compares nobody.
    """
    needs_one = settings.enable_staple or settings.is_one_to_one
    return "spark" if records > settings.spark_above_records and not needs_one else "one process"


def estimate(counts: Counts, engine: Engine, *, tables: bool = True) -> Estimate:
    """Give what so many records and pairs need and take; without `tables` where ids alone are made, of a bare file."""
    costs = COSTS[engine]
    stages = {name: cost.seconds(counts) for name, cost in costs.stages.items() if tables or name != TABLES}
    seconds = {"start": costs.start_s} | stages
    per_record = costs.per_record_bytes + costs.tables_per_record_bytes * tables
    memory = costs.memory_bytes + per_record * counts.records + costs.per_pair_bytes * counts.pairs
    disk = costs.disk_per_record_bytes * counts.records + costs.disk_per_pair_bytes * counts.pairs
    return Estimate(counts, engine, seconds, int(memory), int(disk))


def memory_limit(records: int, settings: Stitch) -> int:
    """Give the bytes that a process may take which resolves so many records."""
    if settings.memory_limit_mb is not None:
        return settings.memory_limit_mb * MEGABYTE
    expected = estimate(Counts(records, records, MANY_PAIRS * records), "one process").memory_bytes
    return max(HEADROOM * expected, LEAST_LIMIT)
