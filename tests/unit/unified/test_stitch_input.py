"""What Stitch is given: records, labels, lists of bad values, and none of them silently empty."""

from __future__ import annotations

import pytest
import sqlglot

from cdp_assets.config.catalog import stitched_feeds
from cdp_assets.config.tenant import Tenant
from cdp_assets.stitch.bad_values import GIVEN_SCHEMA
from cdp_assets.stitch.labels import LABEL_SCHEMA
from cdp_assets.unified.empty_tables import EmptyTableError, refuse_empty
from cdp_assets.unified.people import DIAGNOSTICS, coalesced_sql
from cdp_assets.unified.steering import bad_values_sql, labels_sql, nicknames_sql
from tests.unit.config.test_steering import TENANT, steered


def columns(sql: str | None) -> list[str]:
    """Give the columns of a SELECT."""
    assert sql is not None
    return [str(name) for name in sqlglot.parse_one(sql, dialect="spark").named_selects]


def test_steering_tables_are_read_as_the_kernel_wants_them() -> None:
    """Columns by their tags, whatever the tenant calls them; what a list does not say is NULL."""
    tenant = steered()
    assert columns(labels_sql(tenant)) == list(LABEL_SCHEMA)
    assert "CAST(part AS STRING) AS partition_id" in str(labels_sql(tenant))
    assert set(columns(bad_values_sql(tenant))) == {"listed_in", *GIVEN_SCHEMA}
    assert "CAST(NULL AS BOOLEAN) AS is_preprocessed" in str(bad_values_sql(tenant))
    tagged = {"one": ["nicknames/canonical-name"], "two": ["nicknames/nickname"], "three": ["nicknames/update-type"]}
    document = tenant.model_dump(mode="json", by_alias=True)
    document["custom_domain_tables"]["bad_mailboxes"]["tags"] = tagged
    amended = nicknames_sql(Tenant.model_validate(document))
    assert columns(amended) == ["listed_in", "canonical_name", "nickname", "update_type"]
    assert nicknames_sql(TENANT) is None
    assert labels_sql(TENANT) is None
    assert bad_values_sql(TENANT) is None


def filled(*without: str) -> list[str]:
    """Give the datasources of the demo tenant's stitched feeds but some."""
    return [feed.datasource for feed in stitched_feeds(TENANT) if feed.key not in without]


def test_an_empty_table_stops_the_run_and_is_named() -> None:
    """Unless the settings allow it."""
    refuse_empty(TENANT, filled())
    with pytest.raises(EmptyTableError, match=r"domain\.pos_shoppers: no record"):
        refuse_empty(TENANT, filled("pos_shoppers"))
    refuse_empty(steered(allow_empty_tables=["pos_shoppers"]), filled("pos_shoppers"))


def one_to_one(tenant: Tenant) -> list[str]:
    """Give the columns of Unified Coalesced."""
    return columns(coalesced_sql(tenant))


def test_one_to_one_has_no_diagnostics() -> None:
    """The documented columns of bad values, components and duplicates are left out; `ck` stays."""
    ordinary, alone = one_to_one(TENANT), one_to_one(steered(one_to_one=True))
    assert [name for name in ordinary if name not in alone] == list(DIAGNOSTICS)
    assert {"ck", "amperity_id", "datasource", "pk"} < set(alone)
