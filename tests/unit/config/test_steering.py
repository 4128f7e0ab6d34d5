"""Tables that steer Stitch are known by their tags."""

from __future__ import annotations

from typing import Any

import pytest

from cdp_assets.config.catalog import SCORE_TABLES, STITCH_IDS, STITCH_TABLES, build_catalog, stitch_tables
from cdp_assets.config.loader import load_tenant
from cdp_assets.config.rules import tenant_mistakes
from cdp_assets.config.steering import steering_inputs, steering_tables
from cdp_assets.config.stitch import Stitch
from cdp_assets.config.tenant import Tenant
from cdp_assets.home import REPOSITORY
from cdp_assets.names import TableName
from cdp_assets.unified.steering import bad_values_sql

TENANT = load_tenant(REPOSITORY / "tenant_config")
TAGS = {
    "label_id": "label-id",
    "part": "partition-id",
    "source": "datasource",
    "semantic": "semantic",
    "value": "value",
}


def steered(tags: dict[str, str] = TAGS, **stitch: Any) -> Tenant:
    """Give the demo tenant with a feed of labels and a custom table of bad values."""
    document = TENANT.model_dump(mode="json", by_alias=True)
    fields = [{"name": name, "type": "string", "tags": [f"sl/{tag}"]} for name, tag in tags.items()]
    feed = {"source": "ops", "name": "labels", "primary_key": ["label_id"], "fields": fields}
    document["feeds"]["ops_labels"] = feed
    custom = {"name": "bad_mailboxes", "sql": "SELECT 'email' AS what, email FROM ecom_customers"}
    document["custom_domain_tables"]["bad_mailboxes"] = custom | {
        "tags": {"what": ["blv/semantic"], "email": ["blv/value"]}
    }
    document["stitch"] |= stitch
    return Tenant.model_validate(document)


def mistakes(tenant: Tenant) -> list[str]:
    """Give what is wrong with a tenant."""
    return [str(one) for one in tenant_mistakes(tenant, lambda *_: None)]


def test_stitch_reads_what_is_tagged_for_it() -> None:
    """Feeds and custom domain tables; the demo tenant has none."""
    tenant = steered()
    assert mistakes(tenant) == []
    labels, custom = TableName("domain", "ops_labels"), TableName("custom", "bad_mailboxes")
    assert [one.table for one in steering_tables(tenant, "sl")] == [labels]
    assert steering_tables(tenant, "sl")[0].columns["sl/partition-id"] == "part"
    assert set(steering_inputs(tenant)) == {labels, custom}
    assert {labels, custom} < set(build_catalog(tenant).tables[STITCH_IDS].inputs)
    assert steering_inputs(TENANT) == ()


@pytest.mark.parametrize("tag", ["blv/datasource", "blv/data-source"])
def test_the_source_of_a_bad_value_has_a_tag_of_two_spellings(tag: str) -> None:
    """The documents use both; they are one."""
    fields = {"where": tag, "what": "blv/semantic", "which": "blv/value"}
    document = TENANT.model_dump(mode="json", by_alias=True)
    document["feeds"]["ops_bad"] = {
        "source": "ops", "name": "bad", "primary_key": ["which"],
        "fields": [{"name": name, "type": "string", "tags": [one]} for name, one in fields.items()],
    }  # fmt: skip
    tenant = Tenant.model_validate(document)
    assert mistakes(tenant) == []
    assert steering_tables(tenant, "blv")[0].columns["blv/datasource"] == "where"
    assert "CAST(where AS STRING) AS datasource" in str(bad_values_sql(tenant))


def test_a_table_that_lacks_a_tag_is_a_mistake() -> None:
    """It names the tags."""
    without = {name: tag for name, tag in TAGS.items() if tag != "partition-id"}
    assert any("without sl/partition-id" in one for one in mistakes(steered(without)))


def test_labels_are_no_people() -> None:
    """A table of labels is not resolved itself."""
    tenant = steered(stitched_tables=[*TENANT.stitch.stitched_tables, "ops_labels"])
    assert any("ops_labels steers Stitch" in one for one in mistakes(tenant))


def test_settings_leave_tables_out() -> None:
    """Scores on request; one-to-one all but the ids."""
    assert set(stitch_tables(Stitch())) == set(STITCH_TABLES)
    assert set(STITCH_TABLES) - set(stitch_tables(Stitch(skip_unified_scores=True))) == SCORE_TABLES
    assert set(stitch_tables(Stitch(one_to_one=True))) == {STITCH_IDS}
    assert set(stitch_tables(Stitch(one_to_one=True, force_run=True))) == set(STITCH_TABLES)
