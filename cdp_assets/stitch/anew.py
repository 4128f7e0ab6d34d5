"""Weighs two records as a run did, or would have: by its model, on the values that it compared."""

from __future__ import annotations

import numpy as np
import polars as pl

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.bad_values import FLAGS, BadBy, without_bad_values
from cdp_assets.stitch.block import Parts, keys_of
from cdp_assets.stitch.encode import encode
from cdp_assets.stitch.judge import Decisions
from cdp_assets.stitch.labels import no_labels
from cdp_assets.stitch.normalise.nicknames import Nicknames
from cdp_assets.stitch.regrouped import RECORD
from cdp_assets.stitch.stages import is_worded
from cdp_assets.stitch.weigh import Evidence, Model, Scale

FIRST, SECOND = (np.array([place], dtype=np.int32) for place in (0, 1))


def as_compared(spelled: pl.DataFrame, records: pl.DataFrame, values: pl.DataFrame) -> pl.DataFrame:
    """Give rows of stitch_spelled as they were compared, in order: without the values that too many people have.

    `records` are the same records' rows of stitch_records, which say of five semantics whether the value is bad, and
    of the others only that some value is; `values` is stitch_badvalues, which says which.
    """
    marks = [f"blv_{name}" for name in FLAGS]
    marked = spelled.join(records.select(*RECORD, "has_blv", *marks), on=RECORD, how="left").sort(RECORD)
    unmarked = values.filter(~pl.col("semantic").str.replace_all("-", "_").is_in(FLAGS))
    listed = without_bad_values(marked, BadBy(given=unmarked)).records
    others = [name for name in spelled.columns if name not in (*RECORD, *FLAGS)]
    good = [pl.when(f"blv_{name}").then(None).otherwise(name).alias(name) for name in FLAGS]
    good += [pl.when("has_blv").then(listed[name]).otherwise(name).alias(name) for name in others]
    return marked.with_columns(good).drop("has_blv", *marks)


def evidence_of(pair: pl.DataFrame, model: Model, nicknames: Nicknames) -> Evidence:
    """Give the evidence of two records as they were compared: what the run found, or would have."""
    scale = Scale(model, encode(pair, worded=is_worded(model), nicknames=nicknames))
    return scale.evidence(FIRST, SECOND)


def rule_of(pair: pl.DataFrame, settings: Stitch, nicknames: Nicknames) -> str | None:
    """Give the rule that overrules the model, or None; what labels say is not looked at."""
    found = Decisions(pair, settings, no_labels(2), nicknames).decided_by(FIRST, SECOND)[0]
    return None if found is None else str(found)


def shared_keys(pair: pl.DataFrame, settings: Stitch) -> list[str]:
    """Give the blocking strategies of which two records, as they were compared, share a key."""
    keys = ((name, key) for name, key, _ in keys_of(Parts(pair), settings))
    return [name for name, key in keys if key.known.all() and key.hashes[0] == key.hashes[1]]


def large_blocks_of(compared: pl.DataFrame, blocks: pl.DataFrame, settings: Stitch) -> pl.DataFrame:
    """Give strategy, size, compared of the blocks of `blocks` that some of these records are in, the largest first.

    `compared` are records as they were compared, `blocks` is stitch_blocks.
    """
    keys = keys_of(Parts(compared), settings)
    found = [(name, str(block)) for name, key, _ in keys for block in key.hashes[key.known]]
    mine = pl.DataFrame(found, schema={"strategy": pl.String, "block": pl.String}, orient="row").unique()
    chosen = blocks.join(mine, on=["strategy", "block"], how="semi")
    return chosen.sort("size", "strategy", descending=[True, False]).select("strategy", "size", "compared")
