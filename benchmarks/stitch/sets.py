"""The sets of records whose people are known, and what Stitch must reach on them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.peers import environment
from cdp_assets.home import REPOSITORY

DATA = REPOSITORY / "benchmarks" / "data" / "stitch"


@dataclass(frozen=True)
class LabelledSet:
    """Records with an `entity_id`.

    floor, goal: The F1 of pairs that Stitch must reach, and that it aims at.
    recipe: Which of the peer's models fits the columns.
    made: Rows and seed, where the set is generated rather than shipped.
    """

    name: str
    floor: float
    recipe: str
    goal: float | None = None
    made: tuple[int, int] | None = None

    def path(self) -> Path:
        """Give the file; a generated one is made on first use."""
        if self.made is None:
            return DATA / f"{self.name}.parquet"
        rows, seed = self.made
        return customers(rows, seed)


SETS = (
    LabelledSet("febrl1", 0.999, "febrl"),
    LabelledSet("febrl2", 0.999, "febrl"),
    LabelledSet("febrl3", 0.998, "febrl"),
    LabelledSet("febrl4", 0.998, "febrl"),
    LabelledSet("fake_1000", 0.925, "fake", goal=0.94),
    LabelledSet("historical_50k", 0.915, "historical", goal=0.93),
    LabelledSet("registers", 0.98, "registers"),
    LabelledSet("cdp20k", 0.925, "cdp", goal=0.94),
    LabelledSet("cdp100k", 0.91, "cdp", goal=0.925, made=(100_000, 11)),
    LabelledSet("cdp1m", 0.845, "cdp", goal=0.88, made=(1_000_000, 13)),
)
OTHER_SEED = 17
BY_NAME = {one.name: one for one in SETS}


def customers(rows: int, seed: int) -> Path:
    """Give a file of generated customers, made on first use."""
    path = environment.FOLDER / f"customers_{rows}_{seed}.parquet"
    if not path.exists():
        new = path.with_suffix(".new")
        environment.run("benchmarks.customers", str(rows), str(new), "--seed", str(seed))
        new.rename(path)
    return path


def of_size(rows: int) -> Path:
    """Give a file of so many generated customers, that of a labelled set where there is one."""
    made = (one.made for one in SETS if one.made is not None)
    return customers(rows, dict(made).get(rows, OTHER_SEED))


def truth(path: Path) -> pl.Series:
    """Give who each record really is, in the file's order."""
    return pl.read_parquet(path, columns=["entity_id"])["entity_id"]
