"""Stitch without comparing: each existing customer id is one person."""

from __future__ import annotations

import polars as pl

from cdp_assets.hashing import keyed_uuids
from cdp_assets.stitch.assign_ids import ID, KEYS


def one_to_one_ids(records: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Give datasource, pk, amperity_id, in order: one id per value of `ck`, made of it by keyed hash.

    Letter case counts in a `ck`; blanks around it do not. A record without one is a person by itself.
    """
    given = pl.col("ck").cast(pl.String).str.strip_chars() if "ck" in records.columns else pl.lit(None, pl.String)
    ordered = records.select(*KEYS, ck=given).sort(KEYS)
    owners = [("ck", ck) if ck else ("pk", datasource, pk) for datasource, pk, ck in ordered.iter_rows()]
    return ordered.select(KEYS).with_columns(pl.Series(ID, list(keyed_uuids(key, owners)), dtype=pl.String))
