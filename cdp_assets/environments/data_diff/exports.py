"""What an orchestration would send differently: the two answers of its query."""

from __future__ import annotations

import polars as pl

from cdp_assets.config.table_keys import PERSON_KEY
from cdp_assets.environments.data_diff.model import ExportDiff
from cdp_assets.environments.data_diff.rows import compare_rows, schema_change


def compare_export(
    orchestration: str, before: pl.DataFrame, after: pl.DataFrame, personal: frozenset[str], most: int
) -> ExportDiff:
    """Give the records that the sandbox's answer adds, drops and changes: by person where each occurs once."""
    rows = compare_rows(before, after, [PERSON_KEY], personal, most)
    schema = schema_change(before.schema, after.schema)
    return ExportDiff(orchestration, before.height, after.height, rows, schema)
