"""Which checks of a staged build keep its tables from being swapped in."""

from __future__ import annotations

import dagster as dg
import pytest

from cdp_assets.defs.staged_build import _failed_checks


@pytest.mark.parametrize(
    ("passed", "severity", "stops"),
    [
        (True, dg.AssetCheckSeverity.ERROR, False),
        (False, dg.AssetCheckSeverity.WARN, False),
        (False, dg.AssetCheckSeverity.ERROR, True),
    ],
)
def test_only_a_failed_error_stops_the_swap(
    passed: bool, severity: dg.AssetCheckSeverity, stops: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    @dg.asset(
        key=["production", "domain", "orders"],
        check_specs=[dg.AssetCheckSpec("unique", asset=["production", "domain", "orders"])],
    )
    def orders() -> dg.MaterializeResult:
        check = dg.AssetCheckResult(check_name="unique", passed=passed, severity=severity)
        return dg.MaterializeResult(check_results=[check])

    result = dg.materialize([orders], instance=dg.DagsterInstance.ephemeral())
    assert result.success
    assert bool(_failed_checks(result)) == stops
    told = "production/domain/orders: the check unique failed" in capsys.readouterr().err
    assert told == stops
