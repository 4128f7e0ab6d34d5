"""An orchestration sends a query's answer or a database's tables, as the publication has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cdp_assets.errors import DeliveryError, StateError
from cdp_assets.lakehouse import delta
from tests.unit.environments.edits import edited
from tests.unit.environments.publisher import CUSTOMERS, QUERY, Publisher, tenant


@pytest.fixture
def publisher(tmp_path: Path) -> Publisher:
    made = Publisher(tmp_path)
    made.publish(["p1", "p2"])
    return made


def test_a_data_export_sends_its_tables_at_the_publications_versions(publisher: Publisher) -> None:
    """Also while a later run writes; once per publication."""
    delta.overwrite(publisher.home.lake / str(CUSTOMERS), pa.table({"amperity_id": ["later"]}), "later")
    sent = publisher.send(tenant())
    assert publisher.files() == {
        "both/customer_360.csv": ["amperity_id,email", "p1,p1@mail.com", "p2,p2@mail.com"],
        "both/customer_attributes.csv": ["amperity_id,order_count", "p1,3", "p2,3"],
    }
    assert sent.delivered is not None
    assert sent.delivered.sent
    again = publisher.send(tenant())
    assert again.delivered is not None
    assert not again.delivered.sent


def test_a_query_is_sent_as_it_was_answered_for_the_publication(publisher: Publisher) -> None:
    """In the order of its rows; without an answer there is nothing to send."""
    told = tenant(QUERY.name)
    with pytest.raises(StateError, match=r"query\.lifecycle_summary: no answer for publication 1"):
        publisher.send(told)
    publisher.answer(told, pa.table({"lifecycle": ["z", "a"], "n": [1, 2]}))
    publisher.send(told)
    assert publisher.files() == {"lifecycle_summary/part-0000001.csv": ["lifecycle,n", "z,1", "a,2"]}


def test_a_destination_without_personal_data_gets_no_table_about_people(publisher: Publisher) -> None:
    """The refusal names table and column; nothing is sent, not even the tables that it may have."""
    with pytest.raises(DeliveryError, match=r"customer_360\.amperity_id, customer_360\.email are personal"):
        publisher.send(tenant(personal_data=False))
    assert publisher.files() == {}


def test_a_group_that_waits_for_changes_sends_only_what_has_changed(publisher: Publisher) -> None:
    """A new publication with the same rows is none; a group that always runs sends it."""
    told = tenant(run="on_changes")
    publisher.send(told)
    publisher.publish(["p1", "p2"])
    unchanged = publisher.send(told)
    assert (unchanged.delivered, unchanged.why_not) == (None, "nothing has changed since publication 1 was sent")
    assert publisher.send(tenant(run="always")).delivered is not None
    publisher.publish(["p1", "p2", "p3"])
    assert publisher.send(told).delivered is not None
    assert len(publisher.files()["both/customer_360.csv"]) == 4


@pytest.mark.parametrize(("clause", "is_sent"), [("", False), (" WHERE order_count < DAY(CURRENT_DATE)", True)])
def test_a_query_has_changed_when_what_it_reads_has_or_it_asks_for_the_day(
    publisher: Publisher, clause: str, is_sent: bool
) -> None:
    """Its answer is made anew for each publication; that alone is no change."""

    def ask(document: dict[str, Any]) -> None:
        document["queries"][QUERY.name]["sql"] = f"SELECT order_count FROM customer_attributes{clause}"

    told = edited(ask, tenant(QUERY.name, run="on_changes"))
    for _ in range(2):
        publisher.answer(told, pa.table({"order_count": [3, 3]}))
        last = publisher.send(told)
        publisher.publish(["p1", "p2"])
    assert (last.delivered is not None) is is_sent


def test_a_sandbox_without_endpoint_sends_nothing(publisher: Publisher) -> None:
    """It says which destination it mutes."""
    muted = publisher.send(tenant(), "sandbox__s")
    assert muted.why_not == "muted: sandbox__s binds no endpoint for warehouse_folder in its sandbox.yaml"
    assert publisher.files() == {}
