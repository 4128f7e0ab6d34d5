"""The documented benchmarks: how many people look like several, how many like a part of one; with their history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import polars as pl

from cdp_assets.lakehouse.arrow import MOMENT
from cdp_assets.stitch.slots import near, of_more_than
from cdp_assets.stitch.threads import each

ID = "amperity_id"
OVER, UNDER = "over", "under"
RUNS_KEPT = 5
HIGH_FACTOR = 5.0
OPTIMAL, ABOVE, HIGH = "Optimal", "Above optimal", "High"


@dataclass(frozen=True)
class Benchmark:
    """One benchmark: what it looks for, and up to how many per cent is optimal; above five times as many is high.

    Only the first one's 0.011 % is documented; the others are ours.
    """

    kind: str
    columns: tuple[str, ...]
    limit: int
    """Over: people with more values than so many. Under: values of more people than so many."""
    optimal_percent: float
    says: str

    @property
    def known(self) -> list[str]:
        """The columns without a value in which a row is no part of a group."""
        return [] if self.kind == OVER else ["given_name", "surname", self.columns[0]]

    @property
    def grouped(self) -> tuple[list[str], str]:
        """By which columns rows are grouped, and which one's different values are counted."""
        return ([ID], self.columns[0]) if self.kind == OVER else (["given_name", "surname", *self.columns], ID)

    @property
    def read(self) -> list[str]:
        """All columns that are looked at."""
        by, value = self.grouped
        return list(dict.fromkeys([*self.known, *by, value]))

    @property
    def rarest(self) -> str:
        """The column by whose values few rows are grouped."""
        return ID if self.kind == OVER else self.columns[0]

    def part_and_whole(self, more: int, groups: int) -> tuple[int, int]:
        """Give what the per cent is of, where so many of the groups have more values than the limit."""
        return (more, groups) if self.kind == OVER else (more, groups - more)


BENCHMARKS: Mapping[str, Benchmark] = {
    "given_names": Benchmark(OVER, ("given_name",), 3, 0.011, "people with more than three given names"),
    "surnames": Benchmark(OVER, ("surname",), 3, 0.011, "people with more than three surnames"),
    "postals": Benchmark(OVER, ("postal",), 5, 0.05, "people with more than five postal codes"),
    "name_email": Benchmark(UNDER, ("email",), 1, 0.5, "one name and e-mail, several people"),
    "name_phone": Benchmark(UNDER, ("phone",), 1, 0.5, "one name and phone, several people"),
    "name_address": Benchmark(UNDER, ("address", "postal"), 1, 1.0, "one name and address, several people"),
}
HISTORY_SCHEMA: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "run_id": pl.String,
    "timestamp": MOMENT,
    "benchmark": pl.String,
    "part": pl.Int64,
    "whole": pl.Int64,
    "percent": pl.Float64,
    "result": pl.String,
}
SCORE = ["benchmark", "part", "whole", "percent", "result"]


def benchmark_scores(preprocessed: pl.DataFrame) -> pl.DataFrame:
    """Give benchmark, part, whole, percent, result, a row per benchmark in order.

    `preprocessed` is unified_preprocessed_raw. Over: `part` of `whole` people. Under: `part` combinations are found in
    more than one person, `whole` in one alone; as documented, the per cent is the ratio of these two.
    """
    counted = each(partial(_counts, preprocessed), BENCHMARKS.values())
    return scores_of(dict(zip(BENCHMARKS, counted, strict=True)))


def benchmark_scores_since(
    last: pl.DataFrame, stayed: pl.DataFrame, gone: pl.DataFrame, came: pl.DataFrame
) -> pl.DataFrame:
    """Give what `benchmark_scores` gives of the rows that stayed and of those that came.

    `last` is what it gave of the rows that stayed and of those that are gone.
    """
    known = {name: (part, whole) for name, part, whole in last.select("benchmark", "part", "whole").iter_rows()}
    if not known.keys() >= BENCHMARKS.keys():
        return benchmark_scores(pl.concat([stayed, came]))
    counted = each(partial(_counts_since, known, stayed, gone, came), BENCHMARKS.items())
    return scores_of(dict(zip(BENCHMARKS, counted, strict=True)))


def scores_of(counted: Mapping[str, tuple[int, int]]) -> pl.DataFrame:
    """Give what `benchmark_scores` gives from the part and the whole of each benchmark."""
    rows = [(name, part, whole, _percent(part, whole)) for name, (part, whole) in counted.items()]
    return pl.DataFrame(
        [(*row, result_of(row[0], row[3])) for row in rows],
        schema={name: HISTORY_SCHEMA[name] for name in SCORE},
        orient="row",
    )


def result_of(benchmark: str, percent: float) -> str:
    """Grade a benchmark's per cent.

    >>> result_of("given_names", 0.011), result_of("given_names", 0.05), result_of("given_names", 1.0)
    ('Optimal', 'Above optimal', 'High')
    """
    optimal = BENCHMARKS[benchmark].optimal_percent
    return OPTIMAL if percent <= optimal else ABOVE if percent <= HIGH_FACTOR * optimal else HIGH


def with_history(scores: pl.DataFrame, run_id: str, at: dt.datetime, previous: pl.DataFrame | None) -> pl.DataFrame:
    """Give the benchmarks of the last five runs, this one among them; HISTORY_SCHEMA, oldest first.

    A run that scores as the last one did adds nothing, so that the same records leave the same table.
    """
    before = pl.DataFrame(schema=HISTORY_SCHEMA) if previous is None else previous.select(list(HISTORY_SCHEMA))
    if last_run(before).select(SCORE).sort("benchmark").equals(scores.select(SCORE).sort("benchmark")):
        return before
    now = scores.with_columns(run_id=pl.lit(run_id), timestamp=pl.lit(at, MOMENT))
    every = pl.concat([before, now.select(list(HISTORY_SCHEMA))])
    return every.filter(pl.col("timestamp").rank("dense", descending=True) <= RUNS_KEPT).sort("timestamp", "benchmark")


def last_run(history: pl.DataFrame) -> pl.DataFrame:
    """Give the newest run's rows."""
    return history.filter(pl.col("timestamp") == pl.col("timestamp").max())


def _counts(preprocessed: pl.DataFrame, benchmark: Benchmark) -> tuple[int, int]:
    known = _read(preprocessed, benchmark)
    return benchmark.part_and_whole(*_with_more(known, *benchmark.grouped, benchmark.limit))


def _counts_since(
    last: Mapping[str, tuple[int, int]],
    stayed: pl.DataFrame,
    gone: pl.DataFrame,
    came: pl.DataFrame,
    named: tuple[str, Benchmark],
) -> tuple[int, int]:
    """Count anew the groups of a benchmark that a row left or joined, as they were and as they are."""
    name, benchmark = named
    by, column = benchmark.grouped[0], benchmark.rarest
    gone, came = _read(gone, benchmark), _read(came, benchmark)
    touched = pl.concat([gone, came]).select(by).unique()
    near_ones = _read(stayed.select(benchmark.read).filter(near(stayed[column], touched[column])), benchmark)
    beside = near_ones.join(touched, on=by, how="semi", nulls_equal=True)
    (was_part, was_whole), (part, whole) = (_counts(pl.concat([beside, some]), benchmark) for some in (gone, came))
    return last[name][0] - was_part + part, last[name][1] - was_whole + whole


def _read(preprocessed: pl.DataFrame, benchmark: Benchmark) -> pl.DataFrame:
    """Give the rows that are of a group of a benchmark, and what of them is read."""
    read = preprocessed.select(benchmark.read)
    return read.drop_nulls(benchmark.known) if benchmark.known else read


def _with_more(frame: pl.DataFrame, by: list[str], value: str, limit: int) -> tuple[int, int]:
    """Count the groups with more different values than the limit, and all; only groups of more rows are looked at."""
    groups = frame.select(by).hash_rows(1)
    large = of_more_than(limit, groups.to_numpy())
    rows = pl.DataFrame({"group": groups, "value": frame[value]}).filter(large)
    values = rows.group_by("group").agg(pl.col("value").drop_nulls().n_unique())["value"]
    return int((values > limit).sum()), groups.n_unique()


def _percent(part: int, whole: int) -> float:
    return 100.0 * part / max(whole, 1)
