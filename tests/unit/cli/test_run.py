"""`cdp run` as somebody uses it, where nothing must be built."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdp_assets.cli.main import cdp
from cdp_assets.environments.apply import apply_plan
from cdp_assets.environments.planning import make_plan
from cdp_assets.names import PRODUCTION
from cdp_assets.security.user import acting_user
from tests.unit.environments.publisher import Publisher, tenant


@pytest.fixture
def publisher(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Publisher:
    """A home with people published, and a group that sends two of their tables by hand."""
    monkeypatch.delenv("CDP_STATE_URL", raising=False)
    made = Publisher(tmp_path)
    apply_plan(made.state, make_plan(made.state, tenant(description="By hand."), PRODUCTION), acting_user())
    made.publish(["p1", "p2"])
    return made


def run(publisher: Publisher, job: str) -> Result:
    return CliRunner().invoke(cdp, ["run", job], env={"CDP_HOME": str(publisher.home.root), "CDP_USER": "ann"})


def test_an_orchestration_group_is_sent_by_hand(publisher: Publisher) -> None:
    """Without Spark where it sends tables only; what is published goes out once."""
    done = run(publisher, "send_g")
    assert done.exit_code == 0, done.output
    assert "Spark" not in done.output
    assert "export.o: 2 files, 4 rows" in done.stdout
    assert sorted(publisher.files()) == ["both/customer_360.csv", "both/customer_attributes.csv"]
    for path in (publisher.home.outbox(PRODUCTION) / "warehouse" / "both").iterdir():
        path.unlink()
    assert run(publisher, "send_g").exit_code == 0
    assert publisher.files() == {}


@pytest.mark.parametrize(("job", "nearest"), [("send_h", "send_g"), ("group_dayly", "group_daily"), ("ful", "full")])
def test_a_job_that_there_is_not_is_told_with_the_nearest(publisher: Publisher, job: str, nearest: str) -> None:
    refused = run(publisher, job)
    assert refused.exit_code == 1
    assert f"{job}: no such job. Expected {nearest}." in refused.stderr
