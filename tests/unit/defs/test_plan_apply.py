"""Plan and apply as Dagster runs them: the page that an operator sees, and what is active afterwards."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.defs.environment import environment_definitions
from cdp_assets.environments.apply import Options, apply_plan
from cdp_assets.environments.planning import make_plan
from cdp_assets.environments.sandboxes import create
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.names import PRODUCTION
from cdp_assets.state import environments
from cdp_assets.state.database import State

STITCH = "stitch.yaml"


class Operator:
    """Somebody who knows Dagster's UI and nothing else."""

    def __init__(self, home: Home, instance: dg.DagsterInstance) -> None:
        self.home, self.instance = home, instance
        self.state = State.open(home.state)

    def run(self, job: str, op: str, **config: Any) -> dg.ExecuteInProcessResult:
        """Run a job of production."""
        definitions = environment_definitions(self.home, PRODUCTION)
        return definitions.resolve_job_def(job).execute_in_process(
            instance=self.instance, run_config={"ops": {op: {"config": config}}}, raise_on_error=False
        )

    def plan(self, **config: Any) -> dict[str, Any]:
        """Plan, and give what the run shows."""
        result = self.run("plan", "make_plan", **config)
        assert result.success
        return shown(result)

    def serial(self) -> int:
        """Give how often production was applied."""
        with self.state.read() as conn:
            found = environments.get(conn, PRODUCTION)
        assert found is not None
        return found.serial


def shown(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """Give the metadata of a run's one output."""
    (event,) = [event for event in result.all_events if event.event_type == dg.DagsterEventType.STEP_OUTPUT]
    return {name: value.value for name, value in event.step_output_data.metadata.items()}


def failure(result: dg.ExecuteInProcessResult) -> str:
    """Give what a failed run says."""
    (event,) = [event for event in result.all_events if event.is_step_failure]
    return str(event.step_failure_data.user_failure_data.description)  # type: ignore[union-attr] # ours are Failures


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operator]:
    """An operator of the demo tenant, as it was applied first."""
    monkeypatch.setenv("CDP_TENANT_CONFIG", str(tmp_path / "tenant_config"))
    monkeypatch.setenv("CDP_USER", "olga")
    home = Home(tmp_path / "home")
    home.make()
    shutil.copytree(REPOSITORY / "tenant_config", home.tenant_config)
    with dg.DagsterInstance.ephemeral() as instance:
        made = Operator(home, instance)
        apply_plan(made.state, make_plan(made.state, load_tenant(home.tenant_config), PRODUCTION), "ann")
        yield made


def edit(folder: Path, old: str = "threshold: 3", new: str = "threshold: 4") -> None:
    """Change how alike two records must be."""
    text = (folder / STITCH).read_text()
    assert old in text
    (folder / STITCH).write_text(text.replace(old, new))


def test_a_plan_is_a_page_and_counts_and_is_applied_by_its_id(operator: Operator) -> None:
    edit(operator.home.tenant_config)
    plan = operator.plan()
    assert plan["plan"].startswith("<!-- cdp-plan:production -->")
    assert (plan["to_add"], plan["to_change"], plan["to_destroy"], plan["conflicts"]) == (0, 1, 0, 0)
    assert plan["may_be_applied"] is True
    before = operator.serial()
    config = json.loads(plan["config_for_the_job_apply"])["ops"]["apply_plan"]["config"]
    applied = shown(operator.run("apply", "apply_plan", **config, message="Bolder"))
    assert operator.serial() == applied["serial"] == before + 1
    assert applied["applied_by"] == "olga (unauthenticated)"
    with operator.state.read() as conn:
        last = environments.history(conn, PRODUCTION)[0]
    assert (last.applied_by, last.message) == ("olga", "Bolder")
    assert "plan_id" not in operator.plan(), "there is nothing left to apply"


def test_a_sandbox_is_promoted_from_dagster(operator: Operator) -> None:
    texts = {str(path.relative_to(operator.home.tenant_config)): path.read_text() for path in files(operator)}
    create(operator.state, operator.home.sandboxes, "s", user="olga", texts=texts)
    edit(operator.home.sandboxes / "s")
    target = load_tenant(operator.home.sandboxes / "s")
    apply_plan(operator.state, make_plan(operator.state, target, "sandbox__s"), "olga", Options())
    plan = operator.plan(source="sandbox:s")
    assert operator.run("apply", "apply_plan", plan_id=plan["plan_id"][:12], delete_sandbox=True).success
    assert "threshold: 4" in (operator.home.tenant_config / STITCH).read_text()
    assert not (operator.home.sandboxes / "s").exists()


def files(operator: Operator) -> list[Path]:
    """Give production's files."""
    return [path for path in operator.home.tenant_config.rglob("*") if path.suffix in (".yaml", ".sql")]


def test_a_refusal_says_why_and_changes_nothing(operator: Operator) -> None:
    edit(operator.home.tenant_config)
    plan = operator.plan()
    assert operator.run("apply", "apply_plan", plan_id=plan["plan_id"]).success
    before = operator.serial()
    assert "stale" in failure(operator.run("apply", "apply_plan", plan_id=plan["plan_id"]))
    assert "unknown" in failure(operator.run("apply", "apply_plan", plan_id="0000"))
    assert "Expected `files`" in failure(operator.run("plan", "make_plan", source="elsewhere"))
    edit(operator.home.tenant_config, "threshold: 4", "threshold: much")
    assert "stitch.yaml" in failure(operator.run("plan", "make_plan"))
    assert operator.serial() == before


def test_only_production_has_these_jobs(operator: Operator) -> None:
    """A sandbox's operator plans for it at the command line, and promotes it from production."""
    texts = {str(path.relative_to(operator.home.tenant_config)): path.read_text() for path in files(operator)}
    create(operator.state, operator.home.sandboxes, "s", user="olga", texts=texts)
    for environment, there in ((PRODUCTION, {"plan", "apply"}), ("sandbox__s", set())):
        jobs = {job.name for job in environment_definitions(operator.home, environment).resolve_all_job_defs()}
        assert jobs & {"plan", "apply"} == there
