"""Builds the tables of a revision that is not active yet, in a process of its own; nothing is published."""

from __future__ import annotations

import json
import logging
import os
import sys
import threading
from pathlib import Path
from typing import Any

import dagster as dg

from cdp_assets.cache import kept_in
from cdp_assets.config.catalog import build_catalog
from cdp_assets.defs import keys
from cdp_assets.defs.environment import revision_definitions
from cdp_assets.defs.platform import APPLY_TAG, BUSINESS_DATE_TAG, Revision, staged_runs, state_of
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.revision import tenant_of_revision
from cdp_assets.environments.runs import TableRun
from cdp_assets.home import Home
from cdp_assets.names import TableName


def main() -> int:
    """Build what the first line of standard input asks for; give the exit status."""
    job = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    logger = logging.getLogger("cdp_assets")
    logger.setLevel(logging.INFO)
    logger.addHandler(_Lines())
    home = Home(Path(job["home"]))
    state = state_of(home.state)
    with state.read() as conn:
        tenant = tenant_of_revision(conn, job["revision_id"])
    assert tenant is not None  # noqa: S101 - the journal names a revision that is kept
    with kept_in(home.cache):
        found = fingerprints(tenant)
    revision = Revision(job["environment"], job["revision_id"], tenant, build_catalog(tenant), found, frozenset())
    paths = {TableName.parse(name): path for name, path in job["paths"].items()}
    run = TableRun.staged(state, job["run_id"], job["fence"], paths)
    staged_runs[job["run_id"]] = run
    result = _materialise(home, revision, run, [TableName.parse(name) for name in job["tables"]])
    return 0 if result.success and not _failed_checks(result) else 1


def _materialise(home: Home, revision: Revision, run: TableRun, tables: list[TableName]) -> dg.ExecuteInProcessResult:
    definitions = revision_definitions(home, revision)
    selected = [keys.asset_key(revision.environment, table) for table in tables]
    return definitions.resolve_job_def("refresh").execute_in_process(
        instance=dg.DagsterInstance.get(),
        asset_selection=selected,
        run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
        tags={
            APPLY_TAG: run.run_id,
            BUSINESS_DATE_TAG: run.business_date.isoformat(),
            "cdp/env": revision.environment,
        },
        raise_on_error=False,
    )


def _failed_checks(result: dg.ExecuteInProcessResult) -> list[Any]:
    """Give the checks that keep a build from being swapped in; a warning does not."""
    failed = [
        one
        for one in result.get_asset_check_evaluations()
        if not one.passed and one.severity == dg.AssetCheckSeverity.ERROR
    ]
    for one in failed:
        sys.stderr.write(f"  {one.asset_key.to_user_string()}: the check {one.check_name} failed\n")
    return failed


class _Lines(logging.Handler):
    """Prints what the steps log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one line."""
        sys.stdout.write(f"  {record.getMessage()}\n")
        sys.stdout.flush()


def _end_with_parent() -> None:
    """End when the parent does, whatever happened to it; the journal says that nothing counts."""
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
