"""A query's alerts on its records: one warns, the other stops whatever reads the query."""

import dagster as dg
import pytest

from cdp_assets.config.query import Query
from cdp_assets.defs.record_counts import FAIL, WARN, record_count_results, record_count_specs

KEY = dg.AssetKey("q")
QUERY = Query.model_validate(
    {"name": "q", "database": "d", "sql": "SELECT 1", "warn_when": {"above": 10}, "fail_when": {"below": 1}}
)


def ran(rows: int) -> tuple[bool, bool, dict[str, bool]]:
    """Give whether a run succeeds, whether what reads the query ran, and each alert's outcome."""
    sent = []

    @dg.asset(key=KEY, check_specs=record_count_specs(KEY, QUERY))
    def answer() -> dg.MaterializeResult:
        return dg.MaterializeResult(check_results=record_count_results(KEY, QUERY, rows))

    @dg.asset(deps=[KEY])
    def export() -> None:
        sent.append(rows)

    with dg.DagsterInstance.ephemeral() as instance:
        result = dg.materialize([answer, export], instance=instance, raise_on_error=False)
    checks = {one.check_name: one.passed for one in result.get_asset_check_evaluations()}
    return result.success, bool(sent), checks


@pytest.mark.parametrize(
    ("rows", "succeeds", "is_sent", "passed"),
    [
        (5, True, True, {WARN: True, FAIL: True}),
        (11, True, True, {WARN: False, FAIL: True}),
        (0, False, False, {WARN: True, FAIL: False}),
    ],
)
def test_a_warning_goes_on_and_a_failure_sends_nothing(
    rows: int, succeeds: bool, is_sent: bool, passed: dict[str, bool]
) -> None:
    assert ran(rows) == (succeeds, is_sent, passed)


def test_a_query_without_alerts_has_no_such_check() -> None:
    plain = QUERY.model_copy(update={"warn_when": None, "fail_when": None})
    assert record_count_specs(KEY, plain) == record_count_results(KEY, plain, 0) == []
