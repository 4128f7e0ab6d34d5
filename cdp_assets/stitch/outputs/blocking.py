"""The tables about blocking: which keys records share, and which blocks were too large to compare whole."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.assign_ids import KEYS
from cdp_assets.stitch.block import Parts, keys_of
from cdp_assets.stitch.block_keys import PARTS, STRATEGIES
from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.incremental import Part
from cdp_assets.stitch.resolved import Resolved

GONE = {"strategy": pl.String, "bk": pl.String}
KEYS_SCHEMA = {"bk": pl.String, "datasource": pl.String, "pk": pl.String, "strategy": pl.String}
BLOCKS_SCHEMA = {"strategy": pl.String, "block": pl.String, "bk": pl.String, "size": pl.Int64, "compared": pl.Boolean}


def blocking_keys(run: Resolved) -> pl.DataFrame:
    """Give bk, datasource, pk, strategy: every key of the tenant's strategies that two records share, or more.

    A key is spelled as its parts with colons between, such as `JUS:CUR:98101`.
    """
    people, found = run.collapsed.records, [pl.DataFrame(schema=KEYS_SCHEMA)]
    for strategy in _strategies(people, run.settings):
        found.append(_shared(_keyed(people, strategy)))
    return pl.concat(found)


def blocking_keys_since(known: pl.DataFrame, part: Part, settings: Stitch) -> pl.DataFrame:
    """Give what `blocking_keys` gives of a day's people, from the table of the run before.

    Only keys are looked at that somebody has who was not there then, or is no more.
    """
    days = part.days
    differing, strategies = days.people != days.people_before, _strategies(days.records, settings)
    gone, found = [pl.DataFrame(schema=GONE)], [pl.DataFrame(schema=KEYS_SCHEMA)]
    for strategy, shared, _ in part.keys.sharing(differing):
        if strategy in strategies:
            marks = {"is_news": differing[shared.rows], "is_there": days.people[shared.rows]}
            keyed = _keyed(days.records[shared.rows].with_columns(**_series(marks)), strategy, *marks)
            keyed = keyed.filter(pl.col("is_news").any().over("bk"))
            gone.append(keyed.select("strategy", "bk").unique())
            found.append(_shared(keyed.filter("is_there")))
    return pl.concat([_without(known.select(list(KEYS_SCHEMA)), pl.concat(gone)), *found])


def _series(marks: Mapping[str, Bools]) -> dict[str, pl.Series]:
    return {name: pl.Series(mark) for name, mark in marks.items()}


def _without(known: pl.DataFrame, gone: pl.DataFrame) -> pl.DataFrame:
    """Give the keys that are not gone; only those that are spelled as one that is are looked at closely."""
    suspect = known.select("strategy", "bk").with_row_index("row").filter(pl.col("bk").is_in(gone["bk"].implode()))
    rows = suspect.join(gone, on=["strategy", "bk"], how="semi")["row"].to_numpy()
    kept = np.ones(known.height, dtype=np.bool_)
    kept[rows] = False
    return known.filter(kept)


def _keyed(people: pl.DataFrame, strategy: str, *others: str) -> pl.DataFrame:
    keyed = people.select(*KEYS, *others, bk=_text(strategy), strategy=pl.lit(strategy))
    return keyed.filter(pl.col("bk") != "")


def _shared(keyed: pl.DataFrame) -> pl.DataFrame:
    return keyed.filter(pl.len().over("bk") > 1).select(list(KEYS_SCHEMA))


def stitch_blocks(run: Resolved) -> pl.DataFrame:
    """Give strategy, block (a hash), bk, size, compared (in parts) of the blocks that were too large to take whole."""
    people, skipped = run.collapsed.records, run.pairs.skipped
    found = [pl.DataFrame(schema=BLOCKS_SCHEMA)]
    for name, key, _ in keys_of(Parts(people), run.settings):
        wanted = skipped.filter(strategy=name)
        if wanted.height:
            texts = people.select(bk=_text(name)).with_columns(block=pl.Series(key.hashes)).filter(pl.Series(key.known))
            named = wanted.join(texts.unique("block", keep="first", maintain_order=True), on="block")
            found.append(named.with_columns(pl.col("block").cast(pl.String)).select(list(BLOCKS_SCHEMA)))
    return pl.concat(found).sort("strategy", "block")


def _strategies(people: pl.DataFrame, settings: Stitch) -> list[str]:
    """Give the strategies of the settings, and of every key column that blocks."""
    chosen = settings.blocking_strategies
    kinds = ("fk_", "bk_") if "fk" in chosen else ("bk_",)
    own = [name.replace("_", ":", 1) for name in people.columns if name.startswith(kinds)]
    return [*(name for name in chosen if name != "fk"), *own]


def _text(strategy: str) -> pl.Expr:
    """Spell a strategy's key; null where a part of it is unknown."""
    if strategy in STRATEGIES:
        return pl.concat_str([PARTS[part] for part in STRATEGIES[strategy].parts], separator=":")
    return pl.col(strategy.replace(":", "_", 1))
