"""A launch records its recipients once and sends each group once, whatever is tried again."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cdp_assets.audiences.campaigns.recipients import SCHEMA
from cdp_assets.config.catalog import RECIPIENTS, build_catalog
from cdp_assets.config.tenant import Tenant
from cdp_assets.defs.resources import CloudClients
from cdp_assets.environments import campaigns
from cdp_assets.environments.campaign_sending import Sending
from cdp_assets.environments.campaigns import Campaigning, Launched
from cdp_assets.environments.columns import columns_of
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.errors import DeliveryError, StateError
from cdp_assets.home import Home
from cdp_assets.lakehouse import delta
from cdp_assets.names import PRODUCTION, TableName, table_path
from cdp_assets.state import environments, physical_tables, publications, revisions
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry
from tests.unit.environments.edits import TENANT, edited

DAY = dt.date(2026, 11, 20)
MEMBERS = [f"p{number:03d}" for number in range(40)]
CUSTOMERS = TableName("database__customer_360", "customer_360")
LAPSING = TableName("segment", "high_value_lapsing")
TEMPLATE = {
    "name": "mail", "destination": "warehouse_folder", "format": {"kind": "csv"}, "output": "file",
    "filename": "{{campaign_name}}_{{group_name}}_{{now|format:'yyyy_MM_dd'}}.csv",
}  # fmt: skip


def tenant(**change: Any) -> Tenant:
    """Give acme with a campaign over one segment: a quarter in control, the rest in two treatments."""
    delivery = {"data_template": "mail", "attributes": ["customer_360.state", "customer_360.email"]}
    treatments = [
        {"name": "offer", "percentage": 50, "deliveries": [delivery]},
        {"name": "letter", "percentage": 25, "deliveries": [{"data_template": "mail"}]},
    ]
    part = {"name": "everybody", "control_percentage": 25, "treatments": treatments}
    mine = {"name": "mine", "database": "customer_360", "include": [LAPSING.name], "sub_audiences": [part]}

    def edit(document: dict[str, Any]) -> None:
        document["campaigns"]["mine"] = mine | change
        document["data_templates"]["mail"] = TEMPLATE

    return edited(edit)


class Marketer:
    """Somebody with a published segment of forty people."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root)
        self.home.make()
        self.state = State.open(self.home.state)
        self.ledger = self.home.lake / table_path(PRODUCTION, RECIPIENTS, fingerprints(tenant())[RECIPIENTS])
        with self.state.write() as conn:
            environments.get_or_create(conn, PRODUCTION)
            self.revision = revisions.put(conn, {"name": "t"}, created_by="ann", message="")
        self.publish(MEMBERS)

    def publish(self, members: list[str]) -> None:
        """Let a run end with these people in the segment."""
        rows = {
            LAPSING: pa.table({"amperity_id": members}),
            CUSTOMERS: pa.table(
                {
                    "amperity_id": MEMBERS,
                    "state": ["CA"] * len(MEMBERS),
                    "email": [f"{one}@mail.com" for one in MEMBERS],
                }
            ),
            **{name: _empty(name) for name in build_catalog(TENANT).tables[CUSTOMERS].inputs},
        }
        app = f"run {sorted(members)}"
        entries = [
            Entry(name, str(name), delta.overwrite(self.home.lake / str(name), table, app), {})
            for name, table in rows.items()
        ]
        path = str(self.ledger.relative_to(self.home.lake))
        entries.append(Entry(RECIPIENTS, path, delta.create(self.ledger, SCHEMA), {}))
        with self.state.write() as conn:
            physical_tables.register(conn, path, RECIPIENTS, fingerprints(tenant())[RECIPIENTS], PRODUCTION)
            number = publications.insert(
                conn, environment=PRODUCTION, parent_id=None, run_id=app, revision_id=self.revision,
                business_date=DAY, entries=entries,
            )  # fmt: skip
            conn.execute(environments.tables.environment.update().values(publication_id=number))

    def campaigning(self, environment: str = PRODUCTION, **change: Any) -> Campaigning:
        made = Campaigning.of(self.state, self.home, PRODUCTION, tenant(**change), "mine")
        return Campaigning(self.state, self.home, environment, made.tenant, made.campaign, made.publication)

    def launch(self, day: dt.date = DAY, **change: Any) -> Launched:
        return self.campaigning(**change).launch(day, "ann", CloudClients())

    def recorded(self) -> list[dict[str, Any]]:
        return list(delta.read(self.ledger).to_pylist())

    def sent(self) -> dict[str, list[dict[str, str]]]:
        """Give the rows of every file at the destination."""
        folder = self.home.outbox(PRODUCTION) / "warehouse"
        return {path.name: list(csv.DictReader(path.open())) for path in sorted(folder.glob("*"))}


def _empty(name: TableName) -> pa.Table:
    return pa.schema([(column, pa.string()) for column in columns_of(TENANT).of(name)]).empty_table()


@pytest.fixture
def marketer(tmp_path: Path) -> Marketer:
    return Marketer(tmp_path)


def test_everybody_is_recorded_once_and_each_group_gets_its_file(marketer: Marketer) -> None:
    launched = marketer.launch()
    rows = marketer.recorded()
    assert sorted(row["amperity_id"] for row in rows) == MEMBERS
    assert sum(launched.groups.values()) == len({row["pk"] for row in rows}) == len(MEMBERS)
    assert set(launched.groups) == {"everybody / _control", "everybody / letter", "everybody / offer"}
    sent = marketer.sent()
    assert list(sent) == ["mine_letter_2026_11_20.csv", "mine_offer_2026_11_20.csv"]
    for group in ("letter", "offer"):
        wanted = sorted(row["amperity_id"] for row in rows if row["treatment_name"] == group)
        assert [row["amperity_id"] for row in sent[f"mine_{group}_2026_11_20.csv"]] == wanted
    assert list(sent["mine_letter_2026_11_20.csv"][0]) == ["amperity_id"]
    offered = sent["mine_offer_2026_11_20.csv"][0]
    assert (offered["state"], offered["email"]) == ("CA", f"{offered['amperity_id']}@mail.com")


def test_a_row_says_what_the_documents_list(marketer: Marketer) -> None:
    marketer.launch()
    offered = next(row for row in marketer.recorded() if row["treatment_name"] == "offer")
    control = next(row for row in marketer.recorded() if row["is_control"])
    assert (offered["campaign_name"], offered["campaign_type"], offered["database_name"]) == (
        "mine", "one_time", "customer_360",
    )  # fmt: skip
    assert (offered["destination_name"], offered["target_name"], offered["segment_name"]) == (
        "warehouse_folder", "mail", "high_value_lapsing",
    )  # fmt: skip
    assert offered["launch_datetime"] == dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
    assert (control["destination_name"], control["delivery_datetime"], control["target_id"]) == (None, None, None)


def test_a_campaign_without_a_schedule_is_launched_once(marketer: Marketer) -> None:
    first = marketer.launch()
    marketer.publish(MEMBERS[:5])
    again = marketer.launch(DAY + dt.timedelta(days=9))
    assert (first.sent, again.sent, again.files) == (True, False, first.files)
    assert len(marketer.recorded()) == len(MEMBERS)


def test_the_files_of_a_campaign_without_a_schedule_have_its_date_in_their_names(marketer: Marketer) -> None:
    """Also where the template says none; those of a recurring one are called as it says."""
    named = {"filename": "{{list_name}}.csv"}
    for change in ({}, {"schedule": "0 9 * * *", "name": "again"}):
        made = marketer.campaigning(**change)
        templates = made.tenant.data_templates | {"mail": made.tenant.data_templates["mail"].model_copy(update=named)}
        told = made.tenant.model_copy(update={"data_templates": templates})
        campaigns.Campaigning(made.state, made.home, PRODUCTION, told, made.campaign, made.publication).launch(
            DAY, "ann", CloudClients()
        )
    assert list(marketer.sent()) == [
        "again_letter.csv",
        "again_offer.csv",
        "mine_letter_2026-11-20.csv",
        "mine_offer_2026-11-20.csv",
    ]


def test_a_recurring_one_is_launched_once_a_day(marketer: Marketer) -> None:
    for days in (0, 0, 1):
        marketer.launch(DAY + dt.timedelta(days=days), schedule="0 9 * * *")
    rows = marketer.recorded()
    assert len(rows) == 2 * len(MEMBERS)
    places = {(row["amperity_id"], row["treatment_name"]) for row in rows}
    assert len(places) == len(MEMBERS)
    assert len(marketer.sent()) == 4


def test_a_launch_that_broke_off_sends_the_same_people_what_is_missing(
    marketer: Marketer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the segment has other people by then."""
    once: Callable[..., Any] = Sending.send

    def broken(*_: Any) -> None:
        raise DeliveryError("the far side went away")

    monkeypatch.setattr(Sending, "send", broken)
    with pytest.raises(DeliveryError):
        marketer.launch()
    assert len(marketer.recorded()) == len(MEMBERS)
    assert marketer.sent() == {}
    monkeypatch.setattr(Sending, "send", once)
    marketer.publish(MEMBERS[:5])
    assert marketer.launch().sent
    sent = [row["amperity_id"] for rows in marketer.sent().values() for row in rows]
    assert sorted(sent) == sorted(row["amperity_id"] for row in marketer.recorded() if not row["is_control"])


def test_who_was_sent_to_before_is_left_out_and_control_stays_control(marketer: Marketer) -> None:
    recurring = {"schedule": "0 9 * * *", "exclude_recipients_of": ["mine"]}
    marketer.launch(**recurring)
    control = {row["amperity_id"] for row in marketer.recorded() if row["is_control"]}
    marketer.launch(DAY + dt.timedelta(days=1), **recurring)
    second = [row for row in marketer.recorded() if row["launch_datetime"].day == 21]
    assert {row["amperity_id"] for row in second} == control
    assert all(row["is_control"] for row in second)


def test_a_sandbox_without_endpoints_records_and_sends_nothing(marketer: Marketer) -> None:
    launched = marketer.campaigning("sandbox__s").launch(DAY, "ann", CloudClients())
    assert launched.muted == "sandbox__s binds no endpoint for warehouse_folder in its sandbox.yaml"
    assert (marketer.recorded(), marketer.sent()) == ([], {})


def test_a_destination_that_may_have_no_personal_data_gets_no_campaign(marketer: Marketer) -> None:
    asked = marketer.campaigning()
    destination = asked.tenant.destinations["warehouse_folder"].model_copy(update={"personal_data": False})
    strict = asked.tenant.model_copy(update={"destinations": {"warehouse_folder": destination}})
    campaigning = campaigns.Campaigning(asked.state, asked.home, PRODUCTION, strict, asked.campaign, asked.publication)
    with pytest.raises(DeliveryError, match=r"amperity_id, customer_360\.email, customer_360\.state are personal"):
        campaigning.launch(DAY, "ann", CloudClients())
    assert (marketer.recorded(), marketer.sent()) == ([], {})


def test_a_draft_and_an_absent_campaign_are_refused(marketer: Marketer) -> None:
    with pytest.raises(StateError, match="a draft"):
        marketer.launch(status="draft")
    with pytest.raises(StateError, match=r"campaign min: absent. Expected mine"):
        Campaigning.of(marketer.state, marketer.home, PRODUCTION, tenant(), "min")
