"""Makes every output table of a tenant's Stitch in Spark: what one process makes, none of it held in one place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial

import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.lakehouse.batches import with_plain_texts
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.stages import Make, Stages, stages_of
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve
from cdp_assets.stitch.labelled import LABELLED
from cdp_assets.stitch.outputs.benchmarks import with_those_before
from cdp_assets.stitch.outputs.tables import SCORES
from cdp_assets.stitch.pace import LEARN, NEWS, Chosen, chosen_pace, runs_frame
from cdp_assets.stitch.report import Report
from cdp_assets.stitch.spark import outputs
from cdp_assets.stitch.spark.carried import tables_of_day
from cdp_assets.stitch.spark.closed import Before, keep_closed
from cdp_assets.stitch.spark.clusters import keep_roots
from cdp_assets.stitch.spark.counts import report, report_of_day
from cdp_assets.stitch.spark.day import Day, resolved_day
from cdp_assets.stitch.spark.figures import Rows, of_spark
from cdp_assets.stitch.spark.frames import Schema
from cdp_assets.stitch.spark.ids import parts_of
from cdp_assets.stitch.spark.made import MAKERS, Work, keep_everybody, keep_made, made
from cdp_assets.stitch.spark.news import Known, keep_changed
from cdp_assets.stitch.spark.resolve import Lists, Weighed, keep_weighed
from cdp_assets.stitch.spark.rows import with_history, without
from cdp_assets.stitch.spelled import HASH

HELD = ("stitch_ids", "stitch_retired_ids", "stitch_spelled")
"""Tables of the run before by which a person keeps their id."""
CHANGES = ("unified_changes_clusters", "unified_changes_pks")
WORKED = (
    "stitch_ids", "stitch_retired_ids", "stitch_records", "unified_preprocessed_raw", "stitch_spelled",
    "stitch_shares", "stitch_blocking_keys", "unified_scores", "stitch_explanations", "detailed_examples", *CHANGES,
)  # fmt: skip
"""Tables of which each bucket of records gives a part."""
Parts = Mapping[str, Make]


@dataclass(frozen=True, eq=False)
class Asked:
    """What a run in Spark is given.

    given: With the small tables of the run before alone. tables: All that it left, as frames by name.
    """

    settings: Stitch
    given: Given
    tables: Mapping[str, Make] = field(default_factory=dict)

    @property
    def before(self) -> Before | None:
        """Who was who in the run before."""
        ids, retired, spelled = (self.tables.get(name) for name in HELD)
        return None if ids is None else Before(ids, retired, spelled)


@dataclass(frozen=True, eq=False)
class Made:
    """Every output table, as long as the stages are there, and what the run was like."""

    stages: Stages
    tables: Mapping[str, Rows]
    report: Report

    def of_spark(self, name: str) -> Make:
        """Give a table that Spark has."""
        return of_spark(self.tables[name])


@contextmanager
def stitched_in_spark(lake: Lake, records: Make, asked: Asked) -> Iterator[Made]:
    """Give what `kernel.stitch` gives of the same records, which decides as it does whether the news are enough.

    Records, pairs and tables stay where Spark has them. Here come counts, the records that labels name, a sample of
    10,000 people that a later day is held against and, where the news are enough, the records that they reach.

    Args:
        records: datasource, pk and one column per profile semantic.
    """
    records = partial(without, records, asked.given.erased)
    size = int(lake.sessions.run(lambda: records().count()))
    with stages_of(lake, parts_of(size)) as stages:
        chosen = _chosen(stages, records, asked, size)
        if chosen.pace == NEWS:
            day = resolved_day(stages, records, Known(asked.tables), asked.settings, asked.given)
            if isinstance(day, Day):
                yield _of_day(stages, day, asked, chosen)
                return
            chosen = replace(chosen, pace=LEARN, why=day)
        yield _of_all(stages, records, asked, replace(chosen, pace=LEARN))


def _chosen(stages: Stages, records: Make, asked: Asked, size: int) -> Chosen:
    """Decide how to resolve so many records."""
    known = asked.tables.get("stitch_spelled")
    news = size if known is None else keep_changed(stages, records, known)
    return chosen_pace(asked.settings, asked.given, size, news, asked.tables)


def _of_day(stages: Stages, day: Day, asked: Asked, chosen: Chosen) -> Made:
    """Give the tables of a day whose news alone were resolved."""
    known, given = Known(asked.tables), asked.given
    made = tables_of_day(stages, known, day, asked.settings, given)
    parts = {name: _written(stages, name, one, given) for name, one in made.spread.items()}
    told = report_of_day(stages, day, parts, chosen, known)
    rows = parts | dict(made.here) | {"stitch_shares": partial(known.read, "stitch_shares")}
    return Made(stages, rows | _of_runs(stages, parts, asked, chosen, told.records), told)


def _of_all(stages: Stages, records: Make, asked: Asked, chosen: Chosen) -> Made:
    """Give the tables of a run that resolves all records and learns the model anew."""
    schemas = _schemas(pl.DataFrame(stages.answer(lambda: records().limit(0))), asked.settings)
    weighed = _keep_all(stages, records, asked, schemas)
    parts = {name: partial(made, stages, name, schemas[name]) for name in WORKED if name in schemas}
    found = _of_spark(stages, weighed, asked, parts, schemas)
    tables: dict[str, Rows] = {name: _written(stages, name, make, asked.given) for name, make in found.items()}
    told = report(stages, weighed, parts, chosen, follows=asked.before is not None)
    small = _of_runs(stages, parts, asked, chosen, weighed.everything.size)
    return Made(stages, tables | small | _small(stages, weighed, parts), told)


def _written(stages: Stages, name: str, make: Make, given: Given) -> Make:
    """Give a table without the records that were deleted for good."""
    return _kept(stages, name, partial(without, make, given.erased))


def _kept(stages: Stages, name: str, make: Make) -> Make:
    """Keep a table as a stage, since it is read more than once."""
    stage = f"table_{name}"
    stages.keep(stage, make)
    return lambda: with_plain_texts(stages.read(stage))


def _schemas(nobody: pl.DataFrame, settings: Stitch) -> dict[str, Schema]:
    """Give the columns of every table that is made of records such as these."""
    run = resolve(nobody, settings, Given(key=b""))
    skipped = SCORES if settings.skip_unified_scores else ()
    wanted = [name for name in (*WORKED, "stitch_scores", "stitch_badvalues") if name not in skipped]
    return {name: dict(MAKERS[name](run).schema) for name in wanted}


def _keep_all(stages: Stages, records: Make, asked: Asked, schemas: Mapping[str, Schema]) -> Weighed:
    given = asked.given
    weighed = keep_weighed(stages, records, asked.settings, Lists(given.labels, given.bad_values, given.nicknames))
    keep_roots(stages, weighed.comparison)
    keep_everybody(stages, weighed)
    if asked.before is not None:
        keep_closed(stages, asked.before, given.key)
    few = {name: table for name, table in given.previous.items() if name == LABELLED}
    plain = Given(given.key, given.run_id, given.at, given.settings_changed, "learn", few)
    columns = tuple(name for name in schemas["stitch_spelled"] if name != HASH)
    worked = {name: schemas[name] for name in WORKED if name in schemas}
    keep_made(stages, Work(weighed.comparison, weighed.model, columns, plain, asked.before is not None, worked))
    return weighed


def _of_spark(
    stages: Stages, weighed: Weighed, asked: Asked, parts: Parts, schemas: Mapping[str, Schema]
) -> dict[str, Make]:
    """Give the tables whose rows Spark has."""
    found = {name: make for name, make in parts.items() if name != "detailed_examples"}
    days = asked.settings.recorded_history_days
    found |= {name: partial(with_history, parts[name], asked.tables.get(name), asked.given, days) for name in CHANGES}
    found["stitch_shares"] = lambda: parts["stitch_shares"]().distinct()
    found["stitch_blocking_keys"] = lambda: outputs.shared_keys(parts["stitch_blocking_keys"]())
    found["stitch_badvalues"] = partial(outputs.badvalues, stages, schemas["stitch_badvalues"])
    found["stitch_blocks"] = partial(outputs.blocks, stages, weighed, outputs.large_strategies(stages))
    if not asked.settings.skip_unified_scores:
        both = (parts["stitch_ids"], parts["unified_scores"])
        found["stitch_scores"] = partial(outputs.both_scores, stages, weighed, *both, schemas["stitch_scores"])
    return found


def _small(stages: Stages, weighed: Weighed, parts: Parts) -> dict[str, Rows]:
    """Give the tables of what was learnt and of labels, which are small however many records there are."""
    said = weighed.comparison.labels.said
    found: dict[str, Rows] = {"stitch_model": outputs.model_table(stages, weighed), LABELLED: said}
    if "detailed_examples" in parts:
        found["detailed_examples"] = outputs.examples(stages, parts["detailed_examples"])
    return found


def _of_runs(stages: Stages, parts: Parts, asked: Asked, chosen: Chosen, size: int) -> dict[str, Rows]:
    """Give the tables that tell of each run."""
    scores = outputs.benchmarks(stages, parts["unified_preprocessed_raw"])
    return {
        "stitch_runs": runs_frame(chosen, asked.given, size, asked.settings.recorded_history_days),
        "stitch_benchmarks": with_those_before(scores, asked.given),
    }
