"""A single record to normalise."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from cdp_assets.config.stitch import DEFAULT_PROFILES
from cdp_assets.stitch.normalise.records import normalised


def one(profiles: Collection[str] = DEFAULT_PROFILES, **values: str | None) -> dict[str, str | None]:
    """Normalise a record that holds `values`."""
    record = pl.DataFrame({"datasource": ["a:b"], "pk": ["1"], **{name: [value] for name, value in values.items()}})
    return normalised(record.cast(pl.String), profiles).row(0, named=True)
