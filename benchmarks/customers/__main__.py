"""Makes a file of invented customers with an `entity_id`; the same rows and seed give the same file.

    python -m benchmarks.customers ROWS OUT.parquet [--seed 7]

`household_id` is there to look into mistakes; no matcher may read it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks.customers.places import Numbers, stores, towns
from benchmarks.customers.population import population
from benchmarks.customers.records import COLUMNS, COVERAGE, SOURCES, Asked, Chance, Clerk
from benchmarks.customers.words import names

RECORDS_PER_PERSON = 2.6
MOST_RECORDS = 14


def customers(rows: int, seed: int) -> pl.DataFrame:
    """Give `rows` records: source, record_id, entity_id, then texts or null, then household_id."""
    draw = np.random.default_rng(seed)
    known = names(draw)
    where = towns(draw, seed, known, rows)
    everybody = population(draw, known, where, int(rows / RECORDS_PER_PERSON))
    person = _persons(draw, len(everybody.people.household), rows)
    source = draw.choice(len(SOURCES), size=rows, p=list(SOURCES.values()))
    asked = draw.random((rows, 6)) < np.array([COVERAGE[name] for name in SOURCES])[source]
    chances = draw.random((rows, len(Chance)))
    clerk, kinds = Clerk(draw, everybody, stores(draw, where)), list(SOURCES)
    records = [
        clerk.record(int(person[at]), kinds[source[at]], Asked(*asked[at].tolist()), chances[at]) for at in range(rows)
    ]
    return pl.DataFrame(records, schema=dict.fromkeys(COLUMNS, pl.String)).select(
        pl.Series("source", [kinds[one] for one in source]),
        pl.format("r{}", pl.int_range(pl.len())).alias("record_id"),
        pl.format("p{}", pl.Series(person)).alias("entity_id"),
        *COLUMNS,
        household_id=pl.Series(everybody.people.household[person]),
    )


def _persons(draw: np.random.Generator, people: int, rows: int) -> Numbers:
    """Say whose each record is: most people have one to three."""
    counts = 1 + draw.geometric(1 / 1.7, size=people) - (draw.random(people) < 0.12)
    person = np.repeat(np.arange(people), np.clip(counts, 1, MOST_RECORDS))
    draw.shuffle(person)
    if len(person) < rows:
        person = np.concatenate([person, draw.integers(0, people, rows - len(person))])
    return person[:rows]


def main() -> None:
    """Write the file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", type=int)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    customers(asked.rows, asked.seed).write_parquet(asked.out)


if __name__ == "__main__":
    main()
