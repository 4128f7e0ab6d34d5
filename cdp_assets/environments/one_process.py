"""Says at plan time which Stitch stays in one process though there are more records than one is meant to hold."""

from __future__ import annotations

from cdp_assets.config.catalog import stitched_feeds
from cdp_assets.config.resources import STITCH
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.plan import Check
from cdp_assets.environments.table_actions import Facts
from cdp_assets.stitch.estimate import engine_of

NEEDS = {"enable_staple": "staples are looked for among all people", "one_to_one": "one-to-one Stitch compares nobody"}
"""Setting -> why Spark does not make what it asks for."""


def kept_in_one_process(target: Tenant, facts: Facts) -> list[Check]:
    """Warn of the setting that keeps so many records as are published from being resolved in Spark, if one does."""
    settings, records = target.stitch, _published_records(target, facts)
    if records <= settings.spark_above_records or engine_of(records, settings) == "spark":
        return []
    name = next(name for name in NEEDS if getattr(settings, name))
    text = (
        f"{records:,} records, more than spark_above_records, stay in one process, since {NEEDS[name]}; "
        f"it fails beyond its memory. Expected {name}: false, or memory_limit_mb on a machine that has as much"
    )
    return [Check("stitch_in_one_process", STITCH, text, "warning")]


def _published_records(target: Tenant, facts: Facts) -> int:
    """Count the records of the stitched feeds in the current publication."""
    entries = facts.publication.entries if facts.publication else {}
    paths = [entries[feed.table].path for feed in stitched_feeds(target) if feed.table in entries]
    return sum(facts.sizes[path].rows or 0 for path in paths if path in facts.sizes)
