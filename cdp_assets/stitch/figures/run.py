"""All figures of one run, from its output tables; the page, the metadata and `--json` show the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from cdp_assets.security.obfuscation import mask, person_name
from cdp_assets.stitch.figures import deduplication, doubts, history, learnt, matching
from cdp_assets.stitch.identity_changes import change_counts
from cdp_assets.stitch.report import cluster_sizes, score_categories

ID = "amperity_id"
IDS_SCHEMA = {"datasource": pl.String, "pk": pl.String, ID: pl.String}
Tables = Mapping[str, pl.DataFrame]
NEEDED = ("stitch_ids", "stitch_records", "unified_preprocessed_raw")
"""What figures cannot be made without; a tenant may leave out the other tables."""
OF_ONE_TABLE: Mapping[str, tuple[str, Callable[[pl.DataFrame], pl.DataFrame]]] = {
    "benchmarks": ("stitch_benchmarks", lambda benchmarks: benchmarks),
    "weights": ("stitch_model", learnt.weights),
    "blocks": ("stitch_blocks", learnt.large_blocks),
    "deciders": ("stitch_explanations", matching.deciders),
    "by_day": ("unified_changes_clusters", history.by_day),
    "causes": ("unified_changes_clusters", history.causes),
}
"""Figure -> the table of which alone it is made, and how."""
READ = (*NEEDED, "unified_scores", *dict.fromkeys(table for table, _ in OF_ONE_TABLE.values()))
"""The output tables that figures are made of."""
MOST_EXAMPLES = 10


@dataclass(frozen=True)
class Examples:
    """Which examples are shown: how many of each kind, of which people alone, and of which never."""

    most: int = MOST_EXAMPLES
    only: frozenset[str] = frozenset()
    without: frozenset[str] = frozenset()

    def of(self, table: pl.DataFrame) -> pl.DataFrame:
        """Give the rows of the people of whom examples may be shown."""
        chosen = table.filter(pl.col(ID).is_in(list(self.only))) if self.only else table
        return chosen.filter(~pl.col(ID).is_in(list(self.without))) if self.without else chosen


@dataclass(frozen=True, eq=False)
class Figures:
    """What one run says.

    frames: by name, each as the function of this package that makes it says; what needs a table that the tenant
    leaves out is absent.
    """

    people: int
    records: int
    sizes: Mapping[str, int]
    """People by their number of records, in the documented classes."""
    categories: Mapping[str, int]
    """Pairs within people by score category."""
    frames: Mapping[str, pl.DataFrame]

    @property
    def dedup_percent(self) -> float:
        """The share of records that repeat somebody, in per cent."""
        return 100.0 * (1 - self.people / self.records) if self.records else 0.0

    def masked(self) -> Figures:
        """Give the same with shapes instead of values, and names that lead nowhere instead of people's ids."""
        return replace(self, frames={name: _masked(name, frame) for name, frame in self.frames.items()})

    def to_json(self) -> dict[str, Any]:
        """Give plain values for `--json`."""
        counts = {"people": self.people, "records": self.records, "dedup_percent": self.dedup_percent}
        shares = {"sizes": dict(self.sizes), "categories": dict(self.categories)}
        return counts | shares | {name: frame.to_dicts() for name, frame in self.frames.items()}


PERSONAL: Mapping[str, Mapping[str, Callable[[str], str | None]]] = {
    "suspects": {ID: person_name},
    "namesakes": {"given_name": mask, "surname": mask},
    "joining": {"value": mask},
    "weakest": {ID: person_name, "pk1": mask, "pk2": mask},
}
"""Frame -> column -> what is shown instead of its values."""


def figures_of(tables: Tables, previous_ids: pl.DataFrame | None, examples: Examples) -> Figures:
    """Give the figures of a run whose output tables these are, by name; those of NEEDED must be among them.

    `previous_ids` are stitch_ids of the run before; without it everybody was added.
    """
    ids, records = tables["stitch_ids"], tables["stitch_records"]
    compared = examples.of(tables["unified_preprocessed_raw"])
    before = pl.DataFrame(schema=IDS_SCHEMA) if previous_ids is None else previous_ids
    held = deduplication.by_source(ids)
    frames = {
        "changes": change_counts(before, ids),
        "sources": deduplication.sources(held),
        "between": deduplication.between(held),
        "suspects": doubts.suspects(compared, records, examples.most),
        "namesakes": doubts.namesakes(compared, examples.most),
        "joining": doubts.joining_values(compared, examples.most),
    }
    scores = tables.get("unified_scores")
    if scores is not None:
        frames["strategies"] = matching.strategies(scores)
        frames["weakest"] = matching.weakest(examples.of(scores), examples.most)
    for name, (table, make) in OF_ONE_TABLE.items():
        if table in tables:
            frames[name] = make(tables[table])
    categories = {} if scores is None else score_categories(scores)
    return Figures(ids[ID].n_unique(), ids.height, cluster_sizes(ids), categories, frames)


def _masked(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    shown = PERSONAL.get(name, {})
    return frame.with_columns(pl.col(column).map_elements(show, pl.String) for column, show in shown.items())
