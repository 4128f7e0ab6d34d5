"""What an apply reaches the world by, on this machine: a build in a child process, files, git, Dagster."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable

from cdp_assets.config.tenant import Tenant
from cdp_assets.defs.engine import prepare, spark_server
from cdp_assets.defs.running import reload_location
from cdp_assets.environments import git
from cdp_assets.environments.apply import Ports, plan_of
from cdp_assets.environments.files import refuse_moved, write_files
from cdp_assets.environments.plan import Plan
from cdp_assets.environments.revision import tenant_of_revision
from cdp_assets.environments.sandboxes import delete
from cdp_assets.environments.staging import Staged
from cdp_assets.errors import CdpError
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.names import PRODUCTION, TableName, sandbox_environment
from cdp_assets.state import applies, sandboxes
from cdp_assets.state.applies import Apply
from cdp_assets.state.database import State


def ports_of(home: Home, state: State, say: Callable[[str], None]) -> Ports:
    """Give the ports of this machine; `say` gets the lines of progress. Each projection may be done again."""
    return Ports(
        builder=ChildBuilder(home, state, say),
        projections={
            "files": lambda found: write_files(home.tenant_config, plan_of(found).files),
            "git": lambda found: _commit(home, found),
            "sandbox": lambda found: _delete_sandbox(home, state, found),
            "code location": lambda found: _reload(home, found),
            "events": lambda found: _report(home, state, found),
        },
        before=lambda plan: _refuse(home, plan),
        say=say,
    )


class ChildBuilder:
    """Builds in a process of its own, which ends with this one."""

    def __init__(self, home: Home, state: State, say: Callable[[str], None]) -> None:
        self._home, self._state, self._say = home, state, say

    def build(self, apply_id: str, staged: Staged) -> None:
        """Build the staged tables; raises CdpError with what the process said last."""
        with self._state.read() as conn:
            fence = applies.get(conn, apply_id).fence
            tenant = tenant_of_revision(conn, staged.revision_id)
        job = {
            "home": str(self._home.root),
            "run_id": staged.run_id,
            "revision_id": staged.revision_id,
            "environment": staged.environment,
            "fence": fence,
            "tables": [str(table) for table in staged.tables],
            "paths": {str(table): path for table, path in staged.paths.items()},
        }
        prepare(self._home)
        paths = os.pathsep.join(filter(None, [str(REPOSITORY), os.environ.get("PYTHONPATH")]))
        environment = os.environ | {"DAGSTER_HOME": str(self._home.dagster), "PYTHONPATH": paths}
        command = [sys.executable, "-m", "cdp_assets.defs.staged_build"]
        needs_spark = any(not _is_loaded(table, tenant) for table in staged.tables)
        with (
            spark_server(self._home, self._say) if needs_spark else contextlib.nullcontext(),
            subprocess.Popen(command, stdin=subprocess.PIPE, env=environment) as child,
        ):
            assert child.stdin is not None  # noqa: S101 - asked for above
            child.stdin.write(json.dumps(job).encode() + b"\n")
            child.stdin.flush()  # left open: the child ends when it closes
            code = child.wait()
        if code != 0:
            raise CdpError(
                "The build failed; nothing was activated. Expected every table to be built and its checks to pass."
            )


def _is_loaded(table: TableName, tenant: Tenant | None) -> bool:
    """Say whether a table is filled with files as they are, here, which needs no Spark."""
    couriers = tenant.couriers.values() if tenant is not None else ()
    return table.layer == "domain" and not any(table.name in courier.spark_feeds for courier in couriers)


def _refuse(home: Home, plan: Plan) -> None:
    refuse_moved(home.tenant_config, plan.files_seen)
    git.refuse_dirty(home.tenant_config, plan.files)


def _commit(home: Home, found: Apply) -> None:
    plan = plan_of(found)
    message = str(found.options.get("message") or f"Apply {plan.source} to {plan.environment}")
    trailer = f"Cdp-Environment: {plan.environment}\nCdp-Serial: {found.serial}\nCdp-Plan: {plan.plan_id}"
    git.commit(home.tenant_config, plan.files, f"{message}\n\n{trailer}")


def _delete_sandbox(home: Home, state: State, found: Apply) -> None:
    plan = plan_of(found)
    if not found.options.get("delete_sandbox") or not plan.source.startswith("sandbox:"):
        return
    name = plan.source.removeprefix("sandbox:")
    with state.read() as conn:
        sandbox = sandboxes.find(conn, sandbox_environment(name))
    if sandbox is not None:
        delete(state, home.sandboxes / name, sandbox, user=found.began_by)


def _reload(home: Home, found: Apply) -> None:
    reload_location(home, found.environment)


def _report(home: Home, state: State, found: Apply) -> None:
    if found.environment != PRODUCTION:
        return
    tables = [one.table for one in plan_of(found).tables if one.action == "reuse"]
    if tables:
        os.environ["DAGSTER_HOME"] = str(home.dagster)
        prepare(home)
        from cdp_assets.defs.events import report_reused

        report_reused(state, found.environment, tables, f"apply-{found.id}")
