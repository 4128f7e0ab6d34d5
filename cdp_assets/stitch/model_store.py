"""Keeps a learnt model between runs, so that a later run weighs as the one that learnt it."""

from __future__ import annotations

import numpy as np
import polars as pl

from cdp_assets.stitch.model_table import model_of
from cdp_assets.stitch.rarity import Shares
from cdp_assets.stitch.weigh import Model

SHARES_SCHEMA = {"field": pl.String, "hash": pl.Int64, "steps": pl.Int64}


def shares_frame(model: Model) -> pl.DataFrame:
    """Give field, hash, steps: how common each listed value of a field is; a null hash stands for all others."""
    rows = [pl.DataFrame(schema=SHARES_SCHEMA)]
    for name, shares in model.shares.items():
        hashes = pl.Series("hash", shares.hashes, dtype=pl.UInt64).reinterpret(signed=True)
        listed = pl.DataFrame([hashes, pl.Series("steps", shares.steps, dtype=pl.Int64)])
        usual = pl.DataFrame({"hash": [None], "steps": [shares.usual]}, schema_overrides={"hash": pl.Int64})
        rows += [frame.select(pl.lit(name).alias("field"), "hash", "steps") for frame in (listed, usual)]
    return pl.concat(rows)


def kept_model(model: pl.DataFrame, shares: pl.DataFrame) -> Model:
    """Give the model whose `model_frame` and `shares_frame` these are."""
    known = {str(name): _shares(frame) for (name,), frame in shares.partition_by("field", as_dict=True).items()}
    plain = model_of(model)
    return Model(plain.fields, plain.person, plain.household, plain.strangers, plain.expected, known)


def _shares(frame: pl.DataFrame) -> Shares:
    listed = frame.drop_nulls("hash").with_columns(pl.col("hash").reinterpret(signed=False)).sort("hash")
    [usual] = frame.filter(pl.col("hash").is_null())["steps"]
    return Shares(listed["hash"].to_numpy(), listed["steps"].to_numpy().astype(np.int16), int(usual))
