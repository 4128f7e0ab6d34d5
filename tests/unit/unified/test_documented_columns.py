"""Every documented column of the tables about people is there, under its documented name."""

from __future__ import annotations

import pytest

from cdp_assets.config.catalog import build_catalog
from cdp_assets.config.loader import load_tenant
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.columns import Columns
from cdp_assets.home import REPOSITORY
from cdp_assets.names import TableName
from cdp_assets.security.personal import personal_columns
from tests.spark.unified import people_feeds
from tests.spark.unified.people_world import tenant

TENANT = tenant(feeds=people_feeds.feeds(), custom_domain_tables={"choices": people_feeds.CHOICES})
COLUMNS = Columns(TENANT)
PERSON = """address address2 birthdate city company country create_dt email full_name gender generational_suffix
given_name loyalty_id phone postal state surname title update_dt"""
BEST = "name address email phone birthdate gender"
WINDOWS = " ".join(
    f"email_{what}_last_{window}"
    for what in ("clicks", "opens")
    for window in ("1_day", "3_day", "5_day", "7_day", "14_day", "30_day", *(f"{n}_months" for n in (3, 6, 9, 12)))
)
ANSWERS = f"""brand email {WINDOWS} engagement_frequency_last_15_months engagement_status_last_15_months
first_email_click_datetime first_email_open_datetime first_email_send_datetime most_recent_email_bounce_datetime
most_recent_email_click_datetime most_recent_email_open_datetime most_recent_email_optin_datetime
most_recent_email_optout_datetime most_recent_email_send_datetime"""
DOCUMENTED = {
    "unified_coalesced": f"""amperity_id {PERSON} blv_address blv_email blv_given_name blv_phone blv_surname ck
        component_id datasource fk_member has_blv is_supersized pk rep_ds rep_pk supersized_id""",
    "unified_customer": f"amperity_id {PERSON} ck datasource fk_member pk",
    "unified_scores": "amperity_id source1 source2 pk1 pk2 score match_category match_type",
    "unified_changes_clusters": "amperity_id change_type job_id timestamp",
    "unified_changes_pks": "amperity_id amperity_id_prev change_type datasource job_id pk timestamp",
    "merged_customers": f"amperity_id {PERSON} name_blv address_blv email_blv phone_blv "
    + " ".join(
        f"{one}_{part}" for one in BEST.split() for part in ["pk", "update_dt", "datasource", "priority", "completion"]
    ),
    "merged_households": "amperity_id household_id",
    "unified_profiles": f"amperity_id brand {PERSON} name_datasource email_datasource",
    "email_ampid_assignment": "amperity_id email",
    "unified_loyalty": """amperity_id birthdate current_balance current_balance_expiration_datetime current_tier
        current_tier_expiration_datetime current_tier_start_datetime email is_opted_in latest_opt_out_datetime
        latest_opted_in_datetime latest_update_datetime lifetime_balance loyalty_id next_tier sign_up_channel
        sign_up_method spend_to_keep_tier spend_to_next_tier""",
    "unified_loyalty_events": """amperity_id accrual_amount accrual_datetime award_id current_point_balance current_tier
        email event_datetime event_description event_type expiration_datetime loyalty_id order_datetime order_id
        previous_point_balance previous_tier redemption_amount redemption_datetime reservation_datetime reservation_id
        tier_end_datetime tier_start_datetime""",
    "email_opt_status": """amperity_id brand email email_frequency email_program is_email_opted_in language_preference
        region""",
    "sms_opt_status": "amperity_id brand is_sms_opted_in language_preference phone region sms_frequency sms_program",
    "unified_email_events": "brand datasource email event_datetime event_type pk region send_id",
    "email_engagement_summary": f"""{ANSWERS} email_click_rate_lifetime email_clicks_lifetime email_open_rate_lifetime
        email_opens_lifetime most_recent_email_open_or_click_datetime""",
    "email_engagement_attributes": f"amperity_id {ANSWERS} purchase_before_signup signup_to_purchase_days",
}
"""Unified table -> its documented columns, in snake case."""
SAYS_NOTHING_OF_WHO = {
    "merged_customers": "create_dt update_dt name_datasource name_priority email_completion phone_blv",
    "unified_loyalty": "current_balance current_tier is_opted_in latest_opted_in_datetime",
    "unified_loyalty_events": "event_type event_datetime accrual_amount current_point_balance",
    "email_opt_status": "brand is_email_opted_in region",
    "email_engagement_attributes": "brand email_clicks_last_7_day first_email_open_datetime signup_to_purchase_days",
}


@pytest.mark.parametrize("table", DOCUMENTED)
def test_the_documented_columns_are_there(table: str) -> None:
    """In the tables of a tenant whose feeds carry every family of tags about people."""
    found = COLUMNS.of(TableName("unified", table))
    assert set(DOCUMENTED[table].split()) <= set(found)
    assert len(found) == len(set(found))


@pytest.mark.parametrize("table", SAYS_NOTHING_OF_WHO)
def test_what_says_nothing_of_who_somebody_is_may_be_seen(table: str) -> None:
    """Names, addresses, ids and keys may not."""
    name = TableName("unified", table)
    hidden = personal_columns(build_catalog(TENANT), name, {name: COLUMNS.of(name)})
    assert not hidden & set(SAYS_NOTHING_OF_WHO[table].split())
    assert {"amperity_id", "email", "loyalty_id", "email_pk"} & set(COLUMNS.of(name)) <= hidden


def has(made: Tenant) -> set[str]:
    """Give the unified tables that a tenant has."""
    return {name.name for name in build_catalog(made).tables if name.layer == "unified"}


def test_a_table_is_there_when_its_tags_are() -> None:
    """People are enough for the first five; every other family makes its own."""
    assert has(tenant()) == {
        "unified_coalesced", "unified_customer", "unified_scores", "unified_changes_clusters", "unified_changes_pks",
        "merged_customers", "merged_households", "unified_profiles", "email_ampid_assignment",
    }  # fmt: skip
    assert set(DOCUMENTED) <= has(TENANT)
    feeds = {"mail_events": people_feeds.feeds()["mail_events"]}
    assert has(Tenant.model_validate({"id": "t", "name": "T", "feeds": feeds})) == {
        "unified_email_events", "email_engagement_summary",
    }  # fmt: skip
    assert "email_opt_status" in has(load_tenant(REPOSITORY / "tenant_config"))


def test_one_to_one_has_no_blocklist() -> None:
    """Nothing is compared: no flags, no standardised address; every table about people is there all the same."""
    alone = Columns(tenant(stitch={"stitched_tables": ["shop_customers"], "one_to_one": True}))
    assert {name for name in has(alone.tenant) if name.startswith(("merged", "email", "unified_profiles"))} == {
        "merged_customers", "merged_households", "unified_profiles", "email_ampid_assignment",
    }  # fmt: skip
    merged, households = (TableName("unified", name) for name in ("merged_customers", "merged_households"))
    assert not [name for name in alone.of(merged) if name.endswith("_blv")]
    assert {"amperity_id", "email_pk"} <= set(alone.of(merged))
    assert alone.catalog.tables[households].inputs == (merged,)
