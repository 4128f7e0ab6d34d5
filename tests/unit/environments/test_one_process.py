"""Whoever has more records than one process is meant to hold hears at plan time what keeps them there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from cdp_assets.config.catalog import build_catalog, stitched_feeds
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.one_process import kept_in_one_process
from cdp_assets.environments.table_actions import Facts, Size
from cdp_assets.state.publications import Entry, Publication
from tests.unit.environments.edits import TENANT, edited

FEEDS = [feed.table for feed in stitched_feeds(TENANT)]
ROWS = 10


def facts(published: bool = True) -> Facts:
    """Give what is known where each stitched feed has ROWS records, one of which has not been counted."""
    entries = {name: Entry(name, str(name), 1, {}) for name in FEEDS}
    sizes = {str(name): Size(ROWS) for name in FEEDS[1:]} | {str(FEEDS[0]): Size()}
    at = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    publication = Publication(1, "production", None, "run", "revision", at.date(), at, entries)
    return Facts(build_catalog(TENANT), {}, {}, publication if published else None, sizes=sizes)


def with_stitch(**settings: Any) -> Tenant:
    """Give the tenant with other settings of Stitch."""
    return edited(lambda document: document["stitch"].update(settings))


MANY = ROWS * (len(FEEDS) - 1)


@pytest.mark.parametrize("setting", ["enable_staple", "one_to_one"])
def test_what_keeps_many_records_in_one_process_is_named(setting: str) -> None:
    (found,) = kept_in_one_process(with_stitch(spark_above_records=MANY - 1, **{setting: True}), facts())
    assert (found.address, found.severity) == ("stitch", "warning")
    assert found.message.startswith(f"{MANY} records, more than spark_above_records, stay in one process")
    assert f"Expected {setting}: false" in found.message


@pytest.mark.parametrize(
    ("settings", "published"),
    [
        ({"spark_above_records": MANY - 1}, True),
        ({"spark_above_records": MANY, "enable_staple": True}, True),
        ({"spark_above_records": MANY - 1, "enable_staple": True}, False),
    ],
)
def test_nothing_is_said_where_spark_resolves_or_one_process_is_enough(
    settings: dict[str, Any], published: bool
) -> None:
    """Nor where nothing is published yet: how many records come is not known."""
    assert kept_in_one_process(with_stitch(**settings), facts(published)) == []
