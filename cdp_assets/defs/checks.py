"""The data checks that each table carries, computed from the version that was just written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import dagster as dg
import polars as pl

from cdp_assets.config.catalog import Table
from cdp_assets.config.database import DatabaseTable
from cdp_assets.config.table_keys import key_of
from cdp_assets.security.obfuscation import mask, person_name

ID_COVERAGE: Mapping[str, float] = {
    "unified.unified_coalesced": 1.0,
    "unified.unified_itemized_transactions": 0.5,
}
"""The share of rows that must carry an amperity_id; below it the check warns."""
PERSON = "amperity_id"
MOST_EXAMPLES = 5
"""How many rows that break a rule of a column are named."""
MAY_BE_EMPTY = frozenset(
    (
        "stitch.stitch_blocking_keys",
        "stitch.stitch_badvalues",
        "stitch.stitch_blocks",
        "stitch.stitch_labelled",
        "stitch.stitch_retired_ids",
        "unified.campaign_recipients",
        "unified.unified_changes_clusters",
        "unified.unified_changes_pks",
    )
)
"""Tables that hold nothing on an ordinary day."""


def column_rules(table: Table) -> list[tuple[str, str]]:
    """Give what a database says about its columns: (`unique` or `required`, column)."""
    if not isinstance(table.definition, DatabaseTable):
        return []
    columns = sorted(table.definition.columns.items())
    return [(rule, name) for name, column in columns for rule in ("unique", "required") if getattr(column, rule)]


def check_specs(key: dg.AssetKey, table: Table) -> list[dg.AssetCheckSpec]:
    """Declare a table's checks, so that the graph shows them before the first run."""
    specs = [] if str(table.name) in MAY_BE_EMPTY else [not_empty_spec(key)]
    if columns := key_of(table):
        text = f"No two rows share {', '.join(columns)}."
        specs.append(dg.AssetCheckSpec("primary_key_unique", asset=key, description=text))
    if str(table.name) in ID_COVERAGE:
        share = ID_COVERAGE[str(table.name)]
        text = f"At least {share:.0%} of the rows carry an amperity_id."
        specs.append(dg.AssetCheckSpec("id_coverage", asset=key, description=text))
    for rule, column in column_rules(table):
        text = f"{column} has no NULL." if rule == "required" else f"No value of {column} occurs twice."
        specs.append(dg.AssetCheckSpec(f"{column}_{rule}", asset=key, description=text))
    return specs


def not_empty_spec(key: dg.AssetKey) -> dg.AssetCheckSpec:
    """Declare the check that every table and every query has."""
    return dg.AssetCheckSpec("not_empty", asset=key, description="There is at least one row.")


def not_empty(key: dg.AssetKey, rows: int) -> dg.AssetCheckResult:
    """Judge a row count; none at all is a warning, since a day without orders may be true."""
    severity = dg.AssetCheckSeverity.WARN
    return dg.AssetCheckResult(check_name="not_empty", asset_key=key, passed=rows > 0, severity=severity)


def wanted_columns(table: Table) -> list[str]:
    """Give the columns that the checks read, and no others."""
    extra = ["amperity_id"] if str(table.name) in ID_COVERAGE else []
    return sorted({*key_of(table), *extra, *(column for _, column in column_rules(table))})


def check_results(
    key: dg.AssetKey, table: Table, rows: int, values: pl.DataFrame, personal: frozenset[str] = frozenset()
) -> list[dg.AssetCheckResult]:
    """Judge a table by its row count and the columns of `wanted_columns`.

    Results hold counts, and keys of rows to look at; of a key in a `personal` column its shape, a person by name.
    """
    results = [] if str(table.name) in MAY_BE_EMPTY else [not_empty(key, rows)]
    if columns := key_of(table):
        repeated = rows - values.select(columns).unique().height
        results.append(
            dg.AssetCheckResult(
                check_name="primary_key_unique",
                asset_key=key,
                passed=repeated == 0,
                metadata={"repeated_rows": repeated},
            )
        )
    if (least := ID_COVERAGE.get(str(table.name))) is not None:
        share = (rows - values["amperity_id"].null_count()) / rows if rows else 1.0
        results.append(
            dg.AssetCheckResult(
                check_name="id_coverage",
                asset_key=key,
                passed=share >= least,
                severity=dg.AssetCheckSeverity.WARN,
                metadata={"share": round(share, 4), "at_least": least},
            )
        )
    return results + [_column_result(key, table, one, values, personal) for one in column_rules(table)]


def _column_result(
    key: dg.AssetKey, table: Table, rule_of: tuple[str, str], values: pl.DataFrame, personal: frozenset[str]
) -> dg.AssetCheckResult:
    """Judge one column; a failure warns, as the documents say. NULL is ignored by `unique`."""
    rule, column = rule_of
    known = values[column].drop_nulls()
    wrong = values[column].null_count() if rule == "required" else len(known) - known.n_unique()
    bad = (
        values[column].is_null()
        if rule == "required"
        else values[column].is_in(known.filter(known.is_duplicated()).implode())
    )
    found: dict[str, str | int] = {"table": str(table.name), "column": column, "rows": wrong}
    if wrong:
        keys = [name for told, name in column_rules(table) if told == "unique"] or [column]
        rows = values.filter(bad).select(keys).unique(maintain_order=True).head(MOST_EXAMPLES)
        found["examples"] = "; ".join(", ".join(_shown(row, personal)) for row in rows.iter_rows(named=True))
    return dg.AssetCheckResult(
        check_name=f"{column}_{rule}",
        asset_key=key,
        passed=wrong == 0,
        severity=dg.AssetCheckSeverity.WARN,
        metadata=found,
    )


def _shown(row: dict[str, object], personal: frozenset[str]) -> Iterator[str]:
    """Give the key of a row as it may be shown."""
    for name, value in row.items():
        if value is not None and name == PERSON:
            yield person_name(str(value))
        else:
            yield str(mask(value) if name in personal else value)
