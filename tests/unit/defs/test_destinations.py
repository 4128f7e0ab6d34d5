"""Export assets: a run sends what is published, and its page says what and where to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from cdp_assets.config.catalog import build_catalog
from cdp_assets.defs.destinations import export_assets
from cdp_assets.defs.platform import BUSINESS_DATE_TAG, Platform, Revision
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.names import PRODUCTION
from cdp_assets.state import deliveries
from tests.unit.environments.publisher import Publisher, tenant


class Runs:
    """Runs of the one export asset."""

    def __init__(self, root: Path) -> None:
        self.publisher = Publisher(root)
        self.publisher.publish(["p1", "p2"])

    def run(self, environment: str = PRODUCTION, **change: Any) -> dg.ExecuteInProcessResult:
        """Materialise it, for a day."""
        told = tenant(**change)
        revision = Revision(environment, "r", told, build_catalog(told), fingerprints(told), frozenset())
        (asset,) = (one for one in export_assets(revision) if one.key.path[2] == "o")
        return dg.materialize(
            [asset],
            resources={"platform": Platform(home_path=str(self.publisher.home.root), environment=environment)},
            tags={BUSINESS_DATE_TAG: "2026-11-20"},
            raise_on_error=False,
        )

    def said(self, done: dg.ExecuteInProcessResult) -> dict[str, Any]:
        """Give what the asset's page shows."""
        (event,) = done.asset_materializations_for_node(done.job_def.nodes[0].name)
        return {name: value.value for name, value in event.metadata.items() if not name.startswith("dagster")}


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_a_run_sends_and_says_what(runs: Runs) -> None:
    """Its id is in the ledger; the next run of the publication sends nothing."""
    first = runs.run()
    assert first.success
    said = runs.said(first)
    assert said["files"] == ["both/customer_360.csv", "both/customer_attributes.csv"]
    assert (said["rows"], said["sent"], said["destination"], said["publication"]) == (4, True, "warehouse_folder", 1)
    assert runs.said(runs.run())["sent"] is False
    with runs.publisher.state.read() as conn:
        (delivery,) = deliveries.listed(conn, PRODUCTION)
    assert delivery.order.sent_by == f"run {first.run_id}"
    assert sorted(runs.publisher.files()) == said["files"]


def test_what_a_group_waits_for_is_said_where_nothing_has_changed(runs: Runs) -> None:
    runs.run(run="on_changes")
    runs.publisher.publish(["p1", "p2"])
    assert runs.said(runs.run(run="on_changes"))["not sent"] == "nothing has changed since publication 1 was sent"


def test_a_refusal_fails_the_run_with_its_reason_and_is_not_tried_again(runs: Runs) -> None:
    """Nobody's data goes anywhere."""
    done = runs.run(personal_data=False)
    assert not done.success
    (failure,) = done.get_step_failure_events()
    assert "customer_360.amperity_id, customer_360.email are personal" in str(
        failure.step_failure_data.user_failure_data
    )
    assert runs.publisher.files() == {}
