"""Makes in Spark the figures of a run: each part by the function of one process, put together here from what is few."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import polars as pl
from pyspark.sql import DataFrame
from pyspark.sql import functions as f

from cdp_assets.lakehouse.stages import Make, Stages
from cdp_assets.stitch.assign_ids import ID, KEYS
from cdp_assets.stitch.changes import CAUSE, TYPE
from cdp_assets.stitch.figures import deduplication, doubts, history, learnt, matching
from cdp_assets.stitch.figures.run import MOST_EXAMPLES, OF_ONE_TABLE, Figures
from cdp_assets.stitch.regrouped import PAIR
from cdp_assets.stitch.report import Report
from cdp_assets.stitch.spark.became import change_counts_in_spark
from cdp_assets.stitch.spark.frames import Kernel, bucketed

Rows: TypeAlias = Make | pl.DataFrame
"""A table: rows that Spark has, or the few that are here."""
IDS, COMPARED = "stitch_ids", "unified_preprocessed_raw"
SCORES, CHANGES = "unified_scores", "unified_changes_clusters"
SMALL = ("benchmarks", "weights")
"""Figures of tables that are here."""


@dataclass(frozen=True)
class Part:
    """What is counted of some rows.

    by: Rows that agree in these are looked at together; those without the first of them are not looked at. columns:
    What else is needed. make: Gives the figure of some rows.
    """

    by: Sequence[str]
    columns: Sequence[str]
    make: Kernel

    @property
    def read(self) -> list[str]:
        """All columns that are needed."""
        return list(dict.fromkeys([*self.by, *self.columns]))


@dataclass(frozen=True)
class Spread:
    """A figure of a table whose rows are in many places; `together` makes it of what all of them gave."""

    table: str
    parts: Sequence[Part]
    together: Kernel


def figures_in_spark(
    stages: Stages, tables: Mapping[str, Rows], before: Make | None, report: Report, most: int = MOST_EXAMPLES
) -> Figures:
    """Give what `figures_of` gives of a run with this report, whose tables these are.

    Args:
        before: stitch_ids of the run before; without it everybody was added.
    """
    spread = _spread(most)
    makes = {name: of_spark(tables[name]) for name in sorted({one.table for one in spread.values()} & tables.keys())}
    nobody = {name: pl.DataFrame(stages.answer(_first_none(make))) for name, make in makes.items()}
    frames = {"changes": change_counts_in_spark(stages, before, makes[IDS])}
    for name, one in spread.items():
        if one.table in makes:
            parts = [_found(stages, makes[one.table], part, nobody[one.table]) for part in one.parts]
            frames[name] = one.together(pl.concat(parts))
    for name in SMALL:
        table, make = OF_ONE_TABLE[name]
        if isinstance(rows := tables.get(table), pl.DataFrame):
            frames[name] = make(rows)
    return Figures(report.clusters, report.records, report.cluster_sizes, report.score_categories, frames)


def _first_none(rows: Make) -> Make:
    """Give the columns of a table without its rows."""
    return lambda: rows().limit(0)


def of_spark(rows: Rows) -> Make:
    """Give a table that Spark has."""
    assert callable(rows)  # noqa: S101 - every table but the small ones is Spark's
    return rows


def _found(stages: Stages, rows: Make, part: Part, nobody: pl.DataFrame) -> pl.DataFrame:
    """Give what each bucket of rows gave; `nobody` are none of them."""
    schema = part.make(nobody.select(part.read)).schema

    def found() -> DataFrame:
        wanted = rows().select(*part.read).where(f.col(part.by[0]).isNotNull())
        return bucketed(wanted, f.struct(*part.by), stages.parts, part.make, schema)

    return pl.DataFrame(stages.answer(found)).cast(schema)


def _spread(most: int) -> dict[str, Spread]:
    """Give how each figure is made that is about all records."""
    return _of_people(most) | _of_pairs(most) | _of_runs()


def _of_people(most: int) -> dict[str, Spread]:
    """Give the figures of tables with a row for each record."""
    of_sources = (deduplication.sources, deduplication.between)
    sources, between = (Part([ID], ["datasource"], partial(_by_source, make)) for make in of_sources)
    suspects = Part([ID], [*KEYS, "supersized_id", *doubts.MOST], partial(_suspects, most))
    names = Part(["given_name", "surname"], [ID], partial(doubts.namesakes, most=most))
    contacts = [Part(columns, [ID], partial(_joining, most)) for columns in doubts.CONTACTS.values()]
    return {
        "sources": Spread(IDS, [sources], deduplication.sources_of_all),
        "between": Spread(IDS, [between], deduplication.between_all),
        "suspects": Spread(COMPARED, [suspects], partial(doubts.worst_suspects, most=most)),
        "namesakes": Spread(COMPARED, [names], partial(doubts.commonest_names, most=most)),
        "joining": Spread(COMPARED, contacts, partial(doubts.strongest_values, most=most)),
    }


def _by_source(make: Kernel, ids: pl.DataFrame) -> pl.DataFrame:
    """Give a figure of the people of some ids by source."""
    return make(deduplication.by_source(ids))


def _of_pairs(most: int) -> dict[str, Spread]:
    """Give the figures of tables with a row for each pair."""
    strategies = Part([ID], ["match_category", "match_type"], matching.strategies)
    weakest = Part([ID], [*PAIR, "score", "match_category"], partial(matching.weakest, most=most))
    deciders = Part(["decided_by"], ["score"], matching.deciders)
    return {
        "strategies": Spread(SCORES, [strategies], matching.strategies_of_all),
        "weakest": Spread(SCORES, [weakest], partial(matching.weakest_of_all, most=most)),
        "deciders": Spread("stitch_explanations", [deciders], matching.deciders_of_all),
    }


def _of_runs() -> dict[str, Spread]:
    """Give the figures of the blocks that were too large, and of what changed from run to run."""
    blocks = Part(["strategy"], ["part", "size", "compared"], learnt.large_blocks)
    days, causes = (Part(["timestamp"], [TYPE, CAUSE], make) for make in (history.by_day, history.by_cause))
    return {
        "blocks": Spread("stitch_blocks", [blocks], learnt.largest_first),
        "by_day": Spread(CHANGES, [days], history.days_of_all),
        "causes": Spread(CHANGES, [causes], history.newest_causes),
    }


def _suspects(most: int, compared: pl.DataFrame) -> pl.DataFrame:
    large = compared.select(*KEYS, is_supersized=pl.col("supersized_id").is_not_null())
    return doubts.suspects(compared, large, most)


def _joining(most: int, compared: pl.DataFrame) -> pl.DataFrame:
    """Give `doubts.joining_values` of one kind of contact."""
    others = {name for columns in doubts.CONTACTS.values() for name in columns} - set(compared.columns)
    unknown = compared.with_columns(pl.lit(None, pl.String).alias(name) for name in sorted(others))
    return doubts.joining_values(unknown, most)
