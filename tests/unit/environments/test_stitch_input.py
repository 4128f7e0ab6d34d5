"""What Stitch would be given now."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import polars as pl
import pyarrow as pa

from cdp_assets.config.catalog import STITCH_IDS, build_catalog
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.stitch_input import stitch_steering
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.state.publications import Entry, Publication
from tests.unit.config.test_steering import TENANT, steered


@dataclass
class Answers:
    """A lake that answers every SQL with its own words; who asks belongs inside `sessions.run`."""

    sessions: Any = field(default_factory=lambda: SimpleNamespace(run=lambda make: make()))

    def sql(self, text: str, tables: dict[TableName, Any], _: object) -> Any:
        """Give one row: the SQL, and how many tables it may read."""
        return SimpleNamespace(toArrow=lambda: pa.table({"sql": [text], "tables": [len(tables)]}))


def given(tenant: Tenant) -> dict[str, pl.DataFrame]:
    """Give what steers a tenant's Stitch, where everything is published that Stitch reads."""
    inputs = build_catalog(tenant).tables[STITCH_IDS].inputs
    entries = {name: Entry(name, str(name), 0, {}) for name in inputs}
    at = dt.datetime(2026, 1, 2, tzinfo=dt.UTC)
    return stitch_steering(
        Answers(), Publication(1, PRODUCTION, None, "run", "revision", at.date(), at, entries), tenant
    )


def test_a_tenants_labels_and_lists_are_given_where_it_has_them() -> None:
    """As `Given` names them; a tenant without such tables is given nothing."""
    found = given(steered())
    assert set(found) == {"labels", "bad_values"}
    assert "FROM domain.ops_labels" in found["labels"]["sql"].item()
    assert "FROM custom.bad_mailboxes" in found["bad_values"]["sql"].item()
    assert given(TENANT) == {}
