"""Resolves a file with Splink on DuckDB: prepare, train, score, and link what is likelier than the threshold.

    python -m benchmarks.peers.splink_model RECIPE IN.parquet CLUSTERS.parquet [--edges EDGES.parquet]

Source: Linacre et al. (2022), Splink: free software for probabilistic record linkage at scale.
"""

from __future__ import annotations

import argparse
import logging
import time
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
from splink import DuckDBAPI, Linker, SettingsCreator

from benchmarks.peers.preparation import prepared
from benchmarks.peers.recipes import Recipe, recipe, rules

THRESHOLD = 0.95
"""Splink's usual choice; edges are kept from LEAST on, to look for the best threshold afterwards."""
LEAST = 0.01
TRAINING_PAIRS = 2e6
THREADS, MEMORY = 2, "6GB"
SEED = 1


def resolve(family: str, source: Path, clusters: Path, edges: Path | None) -> None:
    """Write unique_id and cluster_id of every record; and, if asked, the scored pairs with their weight."""
    started = time.monotonic()
    model, records = recipe(family, prepared(pl.read_parquet(source)))
    print(f"prepared {time.monotonic() - started:.2f} s", flush=True)
    linker, reached = _trained(model, records), time.monotonic()
    print(f"trained {reached - started:.2f} s", flush=True)
    scored = linker.inference.predict(threshold_match_probability=LEAST if edges else THRESHOLD)
    print(f"scored {time.monotonic() - started:.2f} s", flush=True)
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(scored, threshold_match_probability=THRESHOLD)
    found.as_duckdbpyrelation().select("unique_id, cluster_id").pl().write_parquet(clusters)
    print(f"clustered {time.monotonic() - started:.2f} s", flush=True)
    if edges is not None:
        scored.as_duckdbpyrelation().select("unique_id_l, unique_id_r, match_weight").pl().write_parquet(edges)


def _trained(model: Recipe, records: pl.DataFrame) -> Any:
    settings = SettingsCreator(
        link_type="link_only" if model.link_only else "dedupe_only",
        comparisons=list(model.comparisons),
        blocking_rules_to_generate_predictions=rules(model.blocking),
        retain_intermediate_calculation_columns=False,
        retain_matching_columns=False,
    )
    linker = Linker(_registered(model, records), settings)
    linker.training.estimate_probability_two_random_records_match(rules(model.certain), recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=TRAINING_PAIRS, seed=SEED)
    for rule in rules(model.training):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    return linker


def _registered(model: Recipe, records: pl.DataFrame) -> Any:
    connection = duckdb.connect()
    connection.execute(f"SET threads = {THREADS}; SET memory_limit = '{MEMORY}'")
    database = DuckDBAPI(connection=connection)
    parts = records.partition_by("source") if model.link_only else [records]
    return [
        database.register(part.drop("source").to_pandas(), table_name=f"records_{place}")
        for place, part in enumerate(parts)
    ]


def main() -> None:
    """Resolve one file."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe")
    parser.add_argument("source", type=Path)
    parser.add_argument("clusters", type=Path)
    parser.add_argument("--edges", type=Path)
    asked = parser.parse_args()
    logging.disable(logging.WARNING)
    resolve(asked.recipe, asked.source, asked.clusters, asked.edges)


if __name__ == "__main__":
    main()
