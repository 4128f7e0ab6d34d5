"""The alert that too many records have another id than the run before gave them."""

from __future__ import annotations

import dagster as dg

from cdp_assets.config.stitch import Stitch

NAME = "jitter"


def jitter_spec(key: dg.AssetKey) -> dg.AssetCheckSpec:
    """Declare the check of who is who."""
    text = "Few records have another id than before, but for those moved by a label or by a change of the settings."
    return dg.AssetCheckSpec(NAME, asset=key, description=text)


def jitter_result(key: dg.AssetKey, percent: float, settings: Stitch) -> dg.AssetCheckResult:
    """Judge how many of a hundred records have another id; with `ignore_jitter` any number will do."""
    return dg.AssetCheckResult(
        check_name=NAME,
        asset_key=key,
        passed=settings.ignore_jitter or percent < settings.jitter_alert_percent,
        severity=dg.AssetCheckSeverity.ERROR,
        metadata={"percent": round(percent, 4), "alert_at": settings.jitter_alert_percent},
    )
