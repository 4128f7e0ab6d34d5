"""The alerts of a query on how many records it gives: one that warns, and one that stops the run."""

from __future__ import annotations

import dagster as dg

from cdp_assets.config.query import Query, RecordCount

WARN, FAIL = "record_count_warns", "record_count_stops"


def _alerts(query: Query) -> list[tuple[str, RecordCount]]:
    alerts = ((WARN, query.warn_when), (FAIL, query.fail_when))
    return [(name, alert) for name, alert in alerts if alert is not None]


def record_count_specs(key: dg.AssetKey, query: Query) -> list[dg.AssetCheckSpec]:
    """Declare a query's alerts; while the one that stops fails, nothing that reads the query runs."""
    return [
        dg.AssetCheckSpec(name, asset=key, description=f"Not {alert}.", blocking=name == FAIL)
        for name, alert in _alerts(query)
    ]


def record_count_results(key: dg.AssetKey, query: Query, rows: int) -> list[dg.AssetCheckResult]:
    """Judge a count of records by a query's alerts."""
    return [
        dg.AssetCheckResult(
            check_name=name,
            asset_key=key,
            passed=not alert.met_by(rows),
            severity=dg.AssetCheckSeverity.ERROR if name == FAIL else dg.AssetCheckSeverity.WARN,
            metadata={"records": rows, "alerts_at": str(alert)},
        )
        for name, alert in _alerts(query)
    ]
