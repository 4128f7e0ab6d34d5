"""Numbers that a record keeps from run to run, whoever comes or goes."""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import polars as pl

from cdp_assets.stitch.assign_ids import KEYS
from cdp_assets.stitch.column import Labels

LARGEST = (1 << 63) - 1


def record_numbers(records: pl.DataFrame) -> pl.Series:
    """Give a number per record, made of its datasource and pk alone; none is negative.

    >>> record_numbers(pl.DataFrame({"datasource": ["shop:customers"], "pk": ["p1"]})).to_list()
    [4915835436707270717]
    """
    texts = records.select(text=pl.concat_str(KEYS, separator="\x1f"))["text"].to_list()
    made = [int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "big") & LARGEST for text in texts]
    return pl.Series(made, dtype=pl.Int64)


def component_numbers(components: Labels, numbers: pl.Series) -> pl.Series:
    """Give each record the number of the first record of its component.

    Args:
        components: A label per record.
        numbers: The number of each record, the records being in order.
    """
    _, first, places = np.unique(components, return_index=True, return_inverse=True)
    return numbers.gather(first[places])
