"""What is left of the quality where records have few fields: what is learnt must hold with little to learn from."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from benchmarks.stitch.parts import Options, Part, Row
from benchmarks.stitch.runs import quality
from benchmarks.stitch.sets import BY_NAME

ABOUT = "precision, recall and F1 of pairs of records that have a few fields alone; records with none of these left out"
NAMES = ("given_name", "surname", "full_name")


@dataclass(frozen=True)
class Fields:
    """A labelled set of which some columns are read, and the F1 of pairs that Stitch must reach with them."""

    name: str
    columns: Sequence[str]
    floor: float


FEWER = (
    Fields("cdp20k", (*NAMES, "email"), 0.82),
    Fields("cdp20k", (*NAMES, "phone"), 0.81),
    Fields("cdp20k", (*NAMES, "birthdate"), 0.8),
    Fields("cdp20k", (*NAMES, "address", "city", "postal"), 0.83),
    Fields("cdp20k", (*NAMES, "postal"), 0.82),
    Fields("cdp20k", (*NAMES, "city"), 0.78),
    Fields("cdp20k", ("email", "phone"), 0.77),
    Fields("registers", NAMES, 0.9),
    Fields("registers", (*NAMES, "birthdate"), 0.93),
    Fields("registers", (*NAMES, "address"), 0.92),
)


def measure(_: Options) -> Part:
    """Resolve every set with each choice of columns; good where each is at its floor."""
    rows = [_row(one) for one in FEWER]
    return Part(ABOUT, rows, good=all(row["f1"] >= row["floor"] for row in rows))


def _row(one: Fields) -> Row:
    fields = [column for column in one.columns if column != "full_name"]
    print(f"{one.name}, {', '.join(fields)} …", file=sys.stderr, flush=True)
    records = pl.read_parquet(BY_NAME[one.name].path(), columns=["source", "record_id", "entity_id", *one.columns])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.parquet"
        records.filter(pl.any_horizontal(pl.col(*one.columns).is_not_null())).write_parquet(path)
        found, _ = quality(path)
    said = found.to_json()
    return (
        {"set": one.name, "fields": ", ".join(fields)}
        | {name: said[name] for name in ("precision", "recall", "f1")}
        | {"floor": one.floor}
    )
