"""The tables about blocking: which keys records share, and which blocks were too large to compare whole."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.assign_ids import KEYS
from cdp_assets.stitch.block import Parts, strategies_of, text_of
from cdp_assets.stitch.block_keys import Strategy
from cdp_assets.stitch.carry import Since, since, staying
from cdp_assets.stitch.column import Bools
from cdp_assets.stitch.incremental import Part
from cdp_assets.stitch.large_blocks import MOVED_SCHEMA, PLACE
from cdp_assets.stitch.resolved import Resolved
from cdp_assets.stitch.slots import near

GONE = {"strategy": pl.String, "bk": pl.String}
KEYS_SCHEMA = {"bk": pl.String, "datasource": pl.String, "pk": pl.String, "strategy": pl.String}
BLOCKS_SCHEMA = {
    "strategy": pl.String, "part": pl.String, "block": pl.String, "bk": pl.String, "size": pl.Int64,
    "compared": pl.Boolean,
}  # fmt: skip
ROWS_SCHEMA = pl.Schema({name: MOVED_SCHEMA[name] for name in (*PLACE, "row")})


def blocking_keys(run: Resolved) -> pl.DataFrame:
    """Give bk, datasource, pk, strategy: every key of the tenant's strategies that two records share, or more.

    A key is spelled as its parts with colons between, such as `JUS:CUR:98101`.
    """
    people = run.collapsed.records
    return pl.concat([pl.DataFrame(schema=KEYS_SCHEMA), *map(_shared, keyed(people, run.settings))])


def keyed(people: pl.DataFrame, settings: Stitch) -> Iterator[pl.DataFrame]:
    """Give, strategy by strategy, KEYS_SCHEMA of every key of some people, shared or not."""
    for name, parts in _strategies(people, settings):
        yield _keyed(_read(people, parts), name, parts).select(list(KEYS_SCHEMA))


@dataclass(frozen=True, eq=False)
class MovedKeys:
    """What a day's news do to the table of keys that people share.

    left: datasource, pk of those whose keys go. gone: strategy, bk of keys whose rows go. found: The rows that come.
    """

    left: pl.DataFrame
    gone: pl.DataFrame
    found: pl.DataFrame


def blocking_keys_since(known: pl.DataFrame, part: Part, settings: Stitch) -> Since:
    """Give what `blocking_keys` gives of a day's people, from the table of the run before."""
    moved, known = moved_keys(part, settings), known.select(list(KEYS_SCHEMA))
    return since(known, staying(known, moved.left) & _not_among(known, moved.gone), moved.found)


def moved_keys(part: Part, settings: Stitch) -> MovedKeys:
    """Look at the keys that somebody has who was not there in the run before, or is no more."""
    days, blocks = part.days, part.reached.blocks
    differing = days.people != days.people_before
    left = days.records.select(KEYS).filter(differing & days.people_before)
    gone, found = [pl.DataFrame(schema=GONE)], [pl.DataFrame(schema=KEYS_SCHEMA)]
    for name, parts in _strategies(days.records, settings):
        rows, people = blocks.held[name].rows, _read(days.records, parts)
        keyed = _keyed(people[rows].with_columns(is_there=pl.Series(days.people[rows])), name, parts, "is_there")
        gone.append(keyed.select("strategy", "bk").unique())
        crowded = _keyed(people[blocks.crowded[name]], name, parts)
        found += [_shared(keyed.filter("is_there")), crowded.select(list(KEYS_SCHEMA))]
    return MovedKeys(left, pl.concat(gone), pl.concat(found))


def _not_among(known: pl.DataFrame, gone: pl.DataFrame) -> Bools:
    """Say which keys are not gone; only those that are spelled as one that is are looked at closely."""
    suspect = known.select("strategy", "bk").with_row_index("row").filter(near(known["bk"], gone["bk"]))
    rows = suspect.join(gone, on=["strategy", "bk"], how="semi")["row"].to_numpy()
    kept = np.ones(known.height, dtype=np.bool_)
    kept[rows] = False
    return kept


def _strategies(people: pl.DataFrame, settings: Stitch) -> Iterator[tuple[str, Sequence[str]]]:
    """Give the name and parts of the strategies of the settings and of every key column; no wider ones."""
    for name, strategy in strategies_of(Parts(people), settings.model_copy(update={"wider_blocking": False})):
        yield name, strategy.parts


def _read(people: pl.DataFrame, parts: Sequence[str]) -> pl.DataFrame:
    """Give the columns that keys of some parts are spelled by."""
    return people.select(*dict.fromkeys([*KEYS, *text_of(parts).meta.root_names()]))


def _keyed(people: pl.DataFrame, strategy: str, parts: Sequence[str], *others: str) -> pl.DataFrame:
    keyed = people.select(*KEYS, *others, bk=text_of(parts), strategy=pl.lit(strategy))
    return keyed.filter(pl.col("bk") != "")


def _shared(keyed: pl.DataFrame) -> pl.DataFrame:
    return keyed.filter(pl.len().over("bk") > 1).select(list(KEYS_SCHEMA))


def stitch_blocks(run: Resolved) -> pl.DataFrame:
    """Give strategy, part, block (a hash), bk, size, compared (in parts) of the blocks that were too large.

    part: the further part of the key where the block is itself a part of one that is too large, NULL where it is not.
    """
    people, skipped = run.collapsed.records, run.pairs.skipped
    parts, found = Parts(people), []
    strategies = dict(strategies_of(parts, run.settings))
    for (name, part), blocks in skipped.partition_by("strategy", "part", as_dict=True).items():
        key = parts.key(_parts(strategies[name], part))
        places = np.flatnonzero(key.known & np.isin(key.hashes, blocks["block"].to_numpy()))
        hashes, first = np.unique(key.hashes[places], return_index=True)
        found.append(pl.DataFrame({"strategy": name, "part": part, "block": hashes, "row": places[first]}))
    rows = pl.concat([pl.DataFrame(schema=ROWS_SCHEMA), *(rows.cast(ROWS_SCHEMA) for rows in found)])
    return _named(skipped.join(rows, on=PLACE, nulls_equal=True), people, strategies)


def stitch_blocks_since(known: pl.DataFrame, part: Part, settings: Stitch) -> pl.DataFrame:
    """Give what `stitch_blocks` gives of a day's people, from the table of the run before."""
    moved, people = part.reached.blocks.moved, part.days.records
    strategies = dict(strategies_of(Parts(people), settings))
    before = known.select(list(BLOCKS_SCHEMA)).with_columns(pl.col("block").cast(pl.UInt64))
    new = moved.join(before, on=PLACE, how="anti", nulls_equal=True).filter(pl.col("size") > 0)
    is_split = [
        part is None and bool(strategies[name].narrower) for name, part in new.select("strategy", "part").rows()
    ]
    named = _named(new.with_columns(compared=pl.Series(is_split, dtype=pl.Boolean)), people, strategies)
    sized = before.join(moved.select(*PLACE, now="size"), on=PLACE, how="left", nulls_equal=True)
    kept = sized.with_columns(pl.col("block").cast(pl.String), size=pl.coalesce("now", "size")).filter(
        pl.col("size") > 0
    )
    return pl.concat([kept.select(list(BLOCKS_SCHEMA)), named]).sort("strategy", "block")


def _named(blocks: pl.DataFrame, people: pl.DataFrame, strategies: Mapping[str, Strategy]) -> pl.DataFrame:
    """Give blocks with their keys spelled, each as the row among people that it names has it."""
    found = [pl.DataFrame(schema=BLOCKS_SCHEMA)]
    for (name, part), some in blocks.partition_by("strategy", "part", as_dict=True).items():
        texts = people[some["row"]].select(text_of(_parts(strategies[str(name)], part)))
        named = some.with_columns(texts.to_series().alias("bk"), block=pl.col("block").cast(pl.String))
        found.append(named.select(list(BLOCKS_SCHEMA)))
    return pl.concat(found).sort("strategy", "block")


def _parts(strategy: Strategy, part: str | None) -> list[str]:
    """Give the parts of a strategy's key, and a further one."""
    return [*strategy.parts, *([] if part is None else [part])]
