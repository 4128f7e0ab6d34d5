"""What a change of a tenant means for each of its tables, and for what is sent of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cdp_assets.config.catalog import Catalog
from cdp_assets.config.feed import Feed
from cdp_assets.config.loader import load_tenant
from cdp_assets.config.resources import documents
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.categories import Judgement, judged, of_domain, table_judgements
from cdp_assets.environments.columns import GENERATED, Columns
from cdp_assets.environments.diff import tenant_diff
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.impact import impact
from cdp_assets.environments.plan import PlannedChange
from cdp_assets.environments.table_actions import Facts
from cdp_assets.environments.table_effects import TableEffects, feed_effect, table_of
from cdp_assets.home import REPOSITORY
from cdp_assets.names import TableName

TENANT = load_tenant(REPOSITORY / "tenant_config")
DATABASE = "database__customer_360"
Edit = Callable[[dict[str, Any]], object]


def edited(edit: Edit, tenant: Tenant = TENANT) -> Tenant:
    """Give a tenant with one thing changed."""
    document = tenant.model_dump(mode="json", by_alias=True)
    edit(document)
    return Tenant.model_validate(document)


def field(document: dict[str, Any], feed: str, name: str) -> dict[str, Any]:
    return next(one for one in document["feeds"][feed]["fields"] if one["name"] == name)


def sql(table: str, old: str, new: str) -> Edit:
    """Change the SQL of a table of the customer 360."""

    def edit(document: dict[str, Any]) -> None:
        found = document["databases"]["customer_360"]["tables"][table]
        assert old in found["sql"]
        found["sql"] = found["sql"].replace(old, new)

    return edit


class Consequence:
    """What an edit means."""

    def __init__(self, edit: Edit, tenant: Tenant = TENANT) -> None:
        target = edited(edit, tenant)
        before, after = fingerprints(tenant), fingerprints(target)
        changed = frozenset(name for name, found in after.items() if before.get(name) != found)
        effects = TableEffects(tenant, Columns(target))
        catalog: Catalog = effects.now.catalog
        self.tables: Mapping[TableName, Judgement] = table_judgements(catalog.tables, effects.of(changed))
        changes = []
        for change in tenant_diff(tenant, target):
            table = table_of(change.address)
            effect = None if table is None or change.action != "update" else effects.own(table)
            found = judged(change, _document(tenant, change.address), _document(target, change.address), effect)
            changes.append(PlannedChange(change, found.category, found.reason))
        self.resources = {one.change.address: (one.category, one.reason) for one in changes}
        facts = Facts(catalog, before, after, None, self.tables)
        self.impact = {one.address: one.reason for one in impact(target, facts, changes)}

    def table(self, name: str) -> Judgement:
        return self.tables[TableName.parse(name)]


def _document(tenant: Tenant, address: str) -> dict[str, Any]:
    return documents(tenant)[address]


def test_a_column_more_reaches_nobody_who_does_not_read_it() -> None:
    found = Consequence(sql("customer_360", "c.gender,", "c.gender, UPPER(c.state) AS region,"))
    assert found.table(f"{DATABASE}.customer_360") == Judgement("non_breaking", "adds column region")
    told = f"reads {DATABASE}.customer_360, but none of the columns that change: region"
    assert found.table(f"{DATABASE}.customer_attributes") == Judgement("non_breaking", told, alike=True)
    assert found.impact == {}


def test_a_changed_column_reaches_the_queries_exports_schedules_and_destinations_that_read_it() -> None:
    """`state` is read by one of the two queries alone: its export is named, and a data export that reads it."""
    found = Consequence(sql("customer_360", "c.state,", "UPPER(c.state) AS state,"))
    assert found.resources["database_table.customer_360.customer_360"] == ("breaking", "changes column state")
    assert found.table("query.high_value_customers").alike
    assert found.table("query.lifecycle_summary").category == "breaking"
    assert list(found.impact) == [
        "query.lifecycle_summary",
        "orchestration.send_customer_tables",
        "orchestration.send_lifecycle_summary",
        "destination.warehouse_folder",
        "courier_group.daily",
    ]
    assert f"reads {DATABASE}.customer_360.state, which changes" in found.impact["query.lifecycle_summary"]
    assert "send_high_value_customers" not in str(found.impact)


def test_a_column_that_a_segment_reads_reaches_its_campaigns() -> None:
    """One that it does not read reaches neither."""
    found = Consequence(sql("customer_360", "c.given_name,", "UPPER(c.given_name) AS given_name,"))
    assert "segment.high_value_lapsing" not in found.impact
    changed = "CAST(t.latest_order_datetime AS DATE) AS latest_order_datetime,"
    found = Consequence(sql("customer_360", "t.latest_order_datetime,", changed))
    assert f"reads {DATABASE}.customer_360.latest_order_datetime" in found.impact["segment.high_value_lapsing"]
    assert found.impact["campaign.win_back"] == "takes its people from segment.high_value_lapsing"


def test_a_changed_table_reaches_the_data_exports_that_hold_it_and_what_sends_them() -> None:
    """Also by a column that no query reads: a data export sends all of them."""

    def sending(document: dict[str, Any]) -> None:
        tables = ["customer_360", "customer_attributes"]
        document["data_exports"]["people"] = {"name": "people", "database": "customer_360", "tables": tables}
        template = document["data_templates"]["daily_csv"] | {"name": "people", "filename": "people", "output": None}
        document["data_templates"]["people"] = template
        document["orchestrations"]["send"] = {"name": "send", "data_export": "people", "data_template": "people"}
        group = {"name": "weekly", "orchestrations": ["send"], "schedule": "0 6 * * 1"}
        document["orchestration_groups"]["weekly"] = group

    tenant = edited(sending)
    found = Consequence(sql("customer_360", "c.gender,", "c.gender, UPPER(c.state) AS region,"), tenant)
    assert found.impact == {
        "orchestration.send": f"sends {DATABASE}.customer_360",
        "destination.warehouse_folder": "receives what send sends",
        "orchestration_group.weekly": "sends send",
    }
    found = Consequence(lambda document: document["data_exports"]["people"].update(tables=["customer_360"]), tenant)
    assert found.impact["orchestration.send"] == "sends data_export.people, which changes"
    found = Consequence(lambda document: document["orchestration_groups"]["weekly"].update(run="on_changes"), tenant)
    assert found.impact == {"orchestration_group.weekly": "its own definition changes"}


def test_another_limit_changes_the_segment_and_its_campaigns() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["segments"]["high_value_lapsing"]["rules"]["all"][1]["value"] = 501

    found = Consequence(edit)
    assert found.resources["segment.high_value_lapsing"] == ("breaking", "rules.all decides on the data")
    assert list(found.impact) == ["segment.high_value_lapsing", "campaign.win_back"]


def test_a_removed_column_names_itself_to_who_reads_it() -> None:
    found = Consequence(sql("customer_360", "c.city,", ""))
    assert found.table(f"{DATABASE}.customer_360").reason == "removes column city"
    told = f"column contactable_address reads {DATABASE}.customer_360.city, which is removed"
    assert found.table(f"{DATABASE}.customer_attributes") == Judgement("breaking", told)


def test_another_spelling_breaks_nothing() -> None:
    found = Consequence(sql("customer_attributes", "FROM customer_360 AS c", "FROM customer_360 AS c -- why"))
    assert not found.tables
    text = TENANT.databases["customer_360"].tables["customer_attributes"].sql or ""
    renamed = text.replace("c.", "x.").replace("customer_360 AS c", "customer_360 AS x")
    found = Consequence(sql("customer_attributes", text, renamed))
    assert found.table(f"{DATABASE}.customer_attributes").alike
    assert found.impact == {}


def test_an_untagged_column_of_a_feed_does_not_concern_stitch() -> None:
    found = Consequence(lambda document: document["feeds"]["ecom_customers"]["fields"].append({"name": "shoe_size"}))
    assert found.resources["feed.ecom_customers"] == ("forward_only", "adds optional column shoe_size")
    assert found.table("domain.ecom_customers").category == "forward_only"
    assert {one.category for name, one in found.tables.items() if name.layer != "domain"} == {"non_breaking"}
    assert {address for address in found.impact if not address.startswith("courier_group")} == set()


def test_a_tag_says_nothing_about_the_domain_table_and_much_about_people() -> None:
    found = Consequence(lambda document: field(document, "ecom_customers", "gender").update(tags=[]))
    assert found.resources["feed.ecom_customers"][0] == "breaking"
    assert found.table("domain.ecom_customers").alike
    told = "who is one person may change: ecom_customers gives it other columns"
    assert found.table("stitch.stitch_ids") == Judgement("breaking", told)
    assert {"query.high_value_customers", "query.lifecycle_summary"} <= found.impact.keys()


def test_a_column_that_stitch_compares_reaches_who_is_one_person() -> None:
    found = Consequence(lambda document: field(document, "ecom_customers", "gender").update({"from": "sex"}))
    assert "column gender changes" in found.table("stitch.stitch_ids").reason
    assert "whose rows may change" in found.table("unified.unified_coalesced").reason


def test_stitch_settings_reach_everything_below() -> None:
    found = Consequence(lambda document: document["stitch"].update(threshold=4.0))
    assert {one.category for one in found.tables.values()} == {"breaking"}
    assert "domain.ecom_customers" not in map(str, found.tables)


def test_a_column_that_only_one_part_of_an_order_reads_leaves_the_others() -> None:
    """`currency` of an order line is a column of the order too, and nothing that buyers are counted by."""
    found = Consequence(lambda document: field(document, "orders_order_items", "currency").update({"from": "money"}))
    assert "currency" in found.table("unified.unified_itemized_transactions").reason
    assert found.table("unified.unified_transactions").category == "breaking"
    assert found.table("unified.transaction_attributes_extended").alike
    assert not [address for address in found.impact if address.startswith(("query", "orchestration"))]


def test_what_is_sent_in_another_way_behaves_differently_though_no_table_changes() -> None:
    template = TENANT.orchestrations["send_lifecycle_summary"].data_template
    found = Consequence(lambda document: document["data_templates"][template].update(compression="gzip"))
    assert not found.tables
    assert found.impact["orchestration.send_lifecycle_summary"] == f"sends by data_template.{template}, which changes"
    assert "destination.warehouse_folder" in found.impact
    words = Consequence(lambda document: document["data_templates"][template].update(description="other words"))
    assert words.impact == {}


def test_another_credential_reaches_what_is_fetched_and_sent_with_it() -> None:
    def edit(document: dict[str, Any], key: str = "FIRST") -> None:
        secrets = {"password": f"secret://env/{key}"}
        document["credentials"]["sftp"] = {"name": "sftp", "type": "sftp", "secrets": secrets}
        document["couriers"]["ecom"]["credential"] = "sftp"
        document["destinations"]["warehouse_folder"]["credential"] = "sftp"

    found = Consequence(lambda document: edit(document, "SECOND"), edited(edit))
    assert found.resources["credential.sftp"] == ("metadata", "runs differently; no table changes")
    assert found.impact["orchestration.send_lifecycle_summary"] == "sends by credential.sftp, which changes"
    manual = Consequence(
        lambda document: [edit(document, "SECOND"), document["orchestrations"].clear()],
        edited(lambda document: [edit(document), document["orchestrations"].clear()]),
    )
    assert manual.impact == {"courier_group.daily": "its runs load by what changes: credential.sftp"}


def test_another_schedule_behaves_differently() -> None:
    found = Consequence(lambda document: document["courier_groups"]["daily"].update(schedule="5 5 * * *"))
    assert found.impact == {"courier_group.daily": "its own definition changes"}


def test_how_files_are_read_decides_on_every_row() -> None:
    def edit(document: dict[str, Any]) -> None:
        document["couriers"]["ecom"]["load"].append({"feed": "ecom_customers", "type": "truncate", "file": None})

    assert Consequence(edit).table("domain.ecom_customers").reason == "how its files are read changes"


FEED = Feed.model_validate(
    {
        "source": "shop",
        "name": "orders",
        "fields": [{"name": "id", "required": True}, {"name": "amount", "type": "integer"}, {"name": "note"}],
        "primary_key": ["id"],
    }
)


def feed(edit: Edit) -> Feed:
    document = FEED.model_dump(mode="json", by_alias=True)
    edit(document)
    return Feed.model_validate(document)


@pytest.mark.parametrize(
    ("edit", "category", "reason"),
    [
        (lambda one: one["fields"].append({"name": "x"}), "forward_only", "adds optional column x"),
        (
            lambda one: one["fields"][1].update(type="decimal"),
            "non_breaking",
            "widens column amount (integer -> decimal)",
        ),
        (lambda one: one["fields"][1].update(type="string"), "breaking", "changes column amount (integer -> string)"),
        (lambda one: one["fields"][1].update(type="float"), "breaking", "changes column amount (integer -> float)"),
        (lambda one: one["fields"].pop(), "breaking", "removes column note"),
        (lambda one: one["fields"][2].update({"from": "memo"}), "breaking", "changes column note"),
        (lambda one: one["fields"][2].update(tags=["email"]), "non_breaking", "the same rows and columns"),
        (lambda one: one.update(primary_key=["id", "note"]), "breaking", "primary_key decides on the rows"),
    ],
)
def test_a_feeds_change_is_judged_by_what_it_does_to_its_table(edit: Edit, category: str, reason: str) -> None:
    found = of_domain(feed_effect(FEED, feed(edit)))
    assert (found.category, found.reason) == (category, reason)


@pytest.mark.parametrize(
    ("edit", "rows"),
    [
        (lambda one: one["fields"][1].update(type="string"), False),
        (lambda one: one["fields"][1].update(type="boolean"), True),
        (lambda one: one["fields"][2].update(type="integer"), True),
        (lambda one: one["fields"][2].update(required=True), True),
        (lambda one: one["fields"].append({"name": "x", "required": True}), True),
        (lambda one: one["fields"][0].update({"from": "key"}), True),
        (lambda one: one["fields"][0].update(required=False), True),
        (lambda one: one["fields"][1].update(type="decimal"), False),
        (lambda one: one["fields"][2].update({"from": "memo"}), False),
    ],
)
def test_what_may_refuse_a_row_changes_the_rows(edit: Edit, rows: bool) -> None:
    """A value that its column cannot hold refuses its row; one that was held before still is in a looser type."""
    assert feed_effect(FEED, feed(edit)).rows is rows


def test_a_key_of_another_type_is_another_key() -> None:
    before = feed(lambda one: one.update(primary_key=["amount"]))
    after = feed(lambda one: [one.update(primary_key=["amount"]), one["fields"][1].update(type="decimal")])
    assert feed_effect(before, after).why[0] == "the key or the order of records is made of amount"


def test_who_reads_by_position_notices_another_order() -> None:
    names = ", ".join([*(one.name for one in TENANT.feeds["pos_shoppers"].fields), *GENERATED])

    def tables(document: dict[str, Any]) -> None:
        star, named = "SELECT * FROM domain.pos_shoppers", f"SELECT {names} FROM domain.pos_shoppers"
        document["custom_domain_tables"]["copy"] = {"name": "copy", "sql": star}
        document["custom_domain_tables"]["both"] = {"name": "both", "sql": f"{star} UNION ALL {named}"}

    def swapped(document: dict[str, Any]) -> None:
        tables(document)
        fields = document["feeds"]["pos_shoppers"]["fields"]
        fields[1], fields[2] = fields[2], fields[1]

    found = Consequence(swapped, edited(tables))
    assert found.table("domain.pos_shoppers").reason == "another order of columns"
    assert found.table("custom.copy") == Judgement("non_breaking", "another order of columns")
    assert found.table("custom.both").reason == "changes column given_name, surname; another order of columns"


def tagged(*tags: str) -> Edit:
    """Give the demo tenant's opt-ins, which nobody stitches, some tags of labels."""

    def edit(document: dict[str, Any]) -> None:
        document["custom_domain_tables"]["email_opt_ins"]["tags"] = {"email": tags}

    return edit


def test_labels_that_come_go_or_change_may_move_people() -> None:
    """A plan says so, though Stitch's settings and feeds stay."""
    labels = tagged("sl/label-id", "sl/value")
    told = "who is one person may change: custom.email_opt_ins steers Stitch or no longer does"
    assert Consequence(labels).table("stitch.stitch_ids") == Judgement("breaking", told)
    assert Consequence(tagged(), edited(labels)).table("stitch.stitch_ids") == Judgement("breaking", told)
    told = "who is one person may change: custom.email_opt_ins, which steers Stitch, changes"
    other = tagged("sl/label-id", "sl/value", "sl/semantic")
    assert Consequence(other, edited(labels)).table("stitch.stitch_ids") == Judgement("breaking", told)
