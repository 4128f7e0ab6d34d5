"""The documented checks of a promotion, each with its name and severity."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.config.rules import tenant_mistakes
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.plan import Check
from cdp_assets.environments.promotion_checks import PROMOTION_CHECKS, broken_checks, promotion_checks
from cdp_assets.home import REPOSITORY

TENANT = load_tenant(REPOSITORY / "tenant_config")
Edit = Callable[[dict[str, Any]], object]


def edited(edit: Edit) -> Tenant:
    document = TENANT.model_dump(mode="json", by_alias=True)
    edit(document)
    return Tenant.model_validate(document)


def findings(edit: Edit) -> list[Check]:
    """Give what is found when a promotion would make an edit."""
    target = edited(edit)
    if mistakes := tenant_mistakes(target, lambda _kind, _name: None):
        return broken_checks(target, mistakes)
    before, after = fingerprints(TENANT), fingerprints(target)
    return promotion_checks(TENANT, target, {name for name, found in after.items() if before.get(name) != found})


def told(edit: Edit) -> list[tuple[str, str, str]]:
    return [(one.check, one.address, one.severity) for one in findings(edit)]


def table(name: str, sql: str) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        document["databases"]["customer_360"]["tables"][name] = {"name": name, "sql": sql}

    return edit


def query(sql: str, mode: str | None) -> Edit:
    """Add a query, and an orchestration that sends it."""

    def edit(document: dict[str, Any]) -> None:
        document["queries"]["q"] = {"name": "q", "database": "customer_360", "sql": sql}
        if mode is not None:
            template = document["data_templates"]["daily_csv"] | {"name": "q_csv", "filename": "q.csv"}
            document["data_templates"]["q_csv"] = template
            found = {"name": "send_q", "query": "q", "data_template": "q_csv", "mode": mode}
            document["orchestrations"]["send_q"] = found

    return edit


def without_city(document: dict[str, Any]) -> None:
    """Take a column away that another table of the database reads."""
    found = document["databases"]["customer_360"]["tables"]["customer_360"]
    found["sql"] = found["sql"].replace("c.city,", "")


def test_a_valid_promotion_has_no_finding() -> None:
    assert findings(table("more", "SELECT amperity_id, email FROM customer_360 WHERE birthdate > '2000-01-01'")) == []
    assert findings(query("SELECT COUNT(*) AS n FROM customer_360", "automatic")) == []


def test_a_courier_without_what_it_fills_is_an_error() -> None:
    """Ingest queries are refused as a whole until they run; what a courier refers to today are feeds."""
    edit: Edit = lambda one: one["couriers"]["ecom"]["load"][0].update(feed="nothing")  # noqa: E731
    assert ("courier_input", "courier.ecom", "error") in told(edit)
    assert "Cannot find required feeds: nothing" in findings(edit)[0].message


@pytest.mark.parametrize(
    ("kind", "name", "change"),
    [
        ("orchestrations", "send_lifecycle_summary", {"query": "gone"}),
        ("orchestrations", "send_customer_tables", {"data_export": "gone"}),
        ("orchestrations", "send_lifecycle_summary", {"data_template": "gone"}),
        ("data_templates", "daily_parquet", {"destination": "gone"}),
    ],
)
def test_an_export_without_what_it_sends_or_where_to_is_an_error(kind: str, name: str, change: dict[str, str]) -> None:
    (found,) = findings(lambda one: one[kind][name].update(change))
    assert (found.check, found.address, found.severity) == ("export_table", f"{kind[:-1]}.{name}", "error")
    assert "gone is absent. Expected one of" in found.message


def test_a_database_without_an_upstream_table_is_an_error() -> None:
    (found,) = findings(table("broken", "SELECT a FROM nowhere"))
    assert (found.check, found.address) == ("database_table", "database_table.customer_360.broken")
    assert "line 1, column 15: nowhere is absent" in found.message


def test_a_database_without_an_upstream_field_is_an_error_that_names_it() -> None:
    found = [one for one in findings(without_city) if one.check == "database_field"]
    assert [(one.address, one.severity) for one in found] == [
        ("database_table.customer_360.customer_attributes", "error")
    ]
    assert "customer_attributes.sql, line 25, column 31: reads c.city, which is absent" in found[0].message
    joined = "SELECT nothing FROM customer_360 AS c JOIN customer_attributes AS a ON a.amperity_id = c.amperity_id"
    (found_by_name,) = findings(table("broken", joined))
    assert "line 1, column 8: reads nothing, which is absent. Expected one of" in found_by_name.message


@pytest.mark.parametrize(
    ("sql", "clash"),
    [
        ("SELECT * FROM domain.orders_order_items WHERE item_quantity = order_datetime", "a number and a time"),
        ("SELECT SUM(is_return) AS n FROM domain.orders_order_items", "of a boolean"),
        ("SELECT item_revenue * currency AS n FROM domain.orders_order_items", "a number and a text"),
        (
            "SELECT order_datetime AS x FROM domain.orders_order_items UNION ALL SELECT item_quantity FROM "
            "domain.orders_order_items",
            "UNION of columns whose types do not fit",
        ),
        ("WITH w AS (SELECT currency AS x FROM domain.orders_order_items) SELECT x + 1 AS y FROM w", "a text"),
    ],
)
def test_a_database_whose_types_do_not_fit_is_an_error(sql: str, clash: str) -> None:
    (found,) = findings(table("broken", sql))
    assert (found.check, found.severity) == ("database_type", "error")
    assert clash in found.message


def test_a_field_that_gets_another_type_upstream_is_found_where_it_is_read() -> None:
    def retyped(document: dict[str, Any]) -> None:
        table("sums", "SELECT SUM(item_quantity) AS n FROM domain.orders_order_items")(document)
        fields = document["feeds"]["orders_order_items"]["fields"]
        next(one for one in fields if one["name"] == "item_quantity").update(type="datetime")

    (found,) = findings(retyped)
    assert (found.check, found.address) == ("database_type", "database_table.customer_360.sums")


def test_a_text_that_is_written_out_may_be_compared_with_anything() -> None:
    sql = "SELECT * FROM domain.orders_order_items WHERE order_datetime > '2026-01-01' AND item_quantity > '1'"
    assert findings(table("fine", sql)) == []


@pytest.mark.parametrize(
    ("mode", "check", "severity"),
    [
        ("automatic", "scheduled_query", "error"),
        ("manual", "unscheduled_query", "warning"),
        (None, "unscheduled_query", "warning"),
    ],
)
def test_a_query_that_cannot_answer_is_an_error_when_it_is_sent_by_itself(
    mode: str | None, check: str, severity: str
) -> None:
    assert told(query("SELECT c.nothing FROM customer_360 AS c", mode)) == [(check, "query.q", severity)]


def test_a_query_that_reads_an_absent_table_is_an_error_whoever_sends_it() -> None:
    """Such a tenant has no order of its tables, so nobody could run it."""
    assert told(query("SELECT a FROM nowhere", "automatic")) == [("scheduled_query", "query.q", "error")]
    assert told(query("SELECT a FROM nowhere", None)) == [("unscheduled_query", "query.q", "error")]


def test_whatever_else_is_wrong_is_a_finding_too() -> None:
    (found,) = findings(lambda one: one["courier_groups"]["daily"].update(time_zone="Mars/North"))
    assert (found.check, found.address) == ("configuration", "courier_group.daily")
    assert found.check in PROMOTION_CHECKS


def segment(column: str, schedule: str | None = "0 9 * * 1") -> Edit:
    """Add a segment over a column, and a campaign for it."""
    rules = {"attribute": f"customer_360.{column}", "operator": "is_null"}

    def edit(document: dict[str, Any]) -> None:
        document["segments"]["s"] = {"name": "s", "database": "customer_360", "rules": rules}
        campaign = document["campaigns"]["win_back"]
        document["campaigns"]["c"] = campaign | {"name": "c", "include": ["s"], "schedule": schedule}

    return edit


def test_a_segment_of_a_scheduled_campaign_that_cannot_be_answered_is_an_error() -> None:
    (found,) = findings(segment("cty"))
    assert (found.check, found.address, found.severity) == ("campaign", "segment.s", "error")
    assert found.message == (
        "segments/s.yaml, rules.attribute: customer_360.cty is no column of its table. Expected city; "
        "c is launched for it by schedule"
    )


def test_one_for_which_nothing_is_scheduled_is_a_warning() -> None:
    assert told(segment("cty", schedule=None)) == [("segment", "segment.s", "warning")]
    assert findings(segment("city")) == []


def test_a_segment_whose_column_goes_upstream_is_found() -> None:
    def without(document: dict[str, Any]) -> None:
        segment("city")(document)
        without_city(document)

    assert ("campaign", "segment.s", "error") in told(without)


def test_a_campaign_without_its_segment_is_an_error() -> None:
    found = told(lambda one: one["campaigns"]["win_back"].update(include=["gone"]))
    assert found == [("campaign", "campaign.win_back", "error")]


def test_a_campaign_that_sends_a_column_that_goes_upstream_is_an_error() -> None:
    def unsent(document: dict[str, Any]) -> None:
        found = document["databases"]["customer_360"]["tables"]["customer_360"]
        found["sql"] = found["sql"].replace("c.postal,", "c.postal AS zip,")

    (found,) = [one for one in findings(unsent) if one.check == "campaign"]
    assert (found.address, found.severity) == ("campaign.win_back", "error")
    assert "treatments.1.deliveries.0.attributes.1: postal is no column of customer_360." in found.message
