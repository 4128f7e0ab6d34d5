"""Stitch's settings name what is there: feeds, and keys that one of their fields carries."""

from __future__ import annotations

from typing import Any

import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.config.rules import tenant_mistakes
from cdp_assets.config.stitch import GENDER_FIRST
from cdp_assets.config.tenant import Tenant
from cdp_assets.home import REPOSITORY

TENANT = load_tenant(REPOSITORY / "tenant_config")


def mistakes(**stitch: Any) -> list[str]:
    """Give what is wrong with the demo tenant under other settings; its feeds have the key fk-customer-id."""
    document = TENANT.model_dump(mode="json", by_alias=True)
    document["stitch"] |= stitch
    return [str(one) for one in tenant_mistakes(Tenant.model_validate(document), lambda *_: None)]


def test_only_stitched_feeds_may_be_allowed_to_be_empty() -> None:
    """A slip of the pen would allow nothing."""
    assert any("ecom_customer: not stitched" in one for one in mistakes(allow_empty_tables=["ecom_customer"]))
    assert mistakes(allow_empty_tables=["ecom_customers"]) == []


def test_a_bad_value_is_of_a_source_that_is_stitched() -> None:
    """Or of every one."""
    value = {"semantic": "given-name", "value": "Walk-In"}
    assert mistakes(bad_values=[value, value | {"datasource": "pos:shoppers"}]) == []
    [found] = mistakes(bad_values=[value | {"datasource": "pos:shopper"}])
    assert "pos:shopper: no stitched source. Expected pos:shoppers." in found


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"stitched_tables": ["pos_shoppers", "pos_shoppers"]}, "each name once, not pos_shoppers twice"),
        ({"blocking_strategies": ["dnf1", "fk", "dnf1"]}, "each name once, not dnf1 twice"),
        ({"pre_processing_profiles": list(GENDER_FIRST)}, "one of prioritize-src-gender and prioritize-derived-gender"),
        ({"recorded_history_days": 366}, "less than or equal to 365"),
        ({"relearn_after_days": 10**12}, "less than or equal to 365"),
    ],
)
def test_settings_that_no_run_could_follow_are_refused(settings: dict[str, Any], expected: str) -> None:
    """A table that is stitched twice would double each of its records."""
    with pytest.raises(ValueError, match=expected):
        mistakes(**settings)


def about(foreign: str, separation: str) -> dict[str, Any]:
    """Give settings that name keys in each place where one may be named."""
    semantics = [foreign, separation]
    return {
        "case_sensitive_fks": [foreign],
        "rules": [{"action": "separate", "condition": "fuzzy-different", "semantics": semantics}],
        "badvalues_config": [{"semantic": foreign, "proxy": foreign, "threshold": 9}],
    }


def test_keys_that_a_field_carries_or_that_are_derived_may_be_named() -> None:
    assert mistakes(**about("fk-customer-id", "sk-given-name")) == []


def test_a_key_that_nothing_carries_is_told_with_the_nearest() -> None:
    """In every place: a rule about it would never hold, and nobody would know."""
    found = mistakes(**about("fk-customer-di", "sk-givenname"))
    problem = "fk-customer-di: no stitched feed has a field with this tag. Expected fk-customer-id."
    assert [problem in one for one in found].count(True) == 4
    assert any("sk-givenname: no stitched" in one and one.endswith("Expected sk-given-name.") for one in found)
    assert len(found) == 5


@pytest.mark.parametrize("semantic", ["fk", "sk-account", "pk", "fk-", "FK-a"])
def test_what_no_rule_of_bad_values_can_judge_is_refused(semantic: str) -> None:
    with pytest.raises(ValueError, match="fk-<name> or one of address, birthdate"):
        mistakes(badvalues_config=[{"semantic": semantic, "proxy": "given-name", "threshold": 9}])
