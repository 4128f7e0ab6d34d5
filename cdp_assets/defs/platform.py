"""What every step needs: the state, the lake, the run's view of the tables; made once per process."""

from __future__ import annotations

import datetime as dt
import functools
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from cdp_assets.config.catalog import Catalog, build_catalog
from cdp_assets.config.tenant import Tenant
from cdp_assets.defs.resources import CloudClients
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.outside import Outside
from cdp_assets.environments.revision import active_tenant
from cdp_assets.environments.runs import TableRun
from cdp_assets.environments.sharing import shared_tables
from cdp_assets.home import Home
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.names import TableName
from cdp_assets.state.database import State

BUSINESS_DATE_TAG = "cdp/business_date"
MODE_TAG = "cdp/mode"
"""How much a run builds again: express, normal or full; normal without it."""
APPLY_TAG = "cdp/apply"
"""On the run that builds an apply's tables: the staged run in state."""
NOT_PUBLISHED = frozenset({"landing", "query", "export", "campaign", "stitch_qa"})
"""Layers whose assets are not tables of a publication."""


@dataclass(frozen=True)
class Revision:
    """One active configuration, with what follows from it; the same for every step of a code location."""

    environment: str
    revision_id: str
    tenant: Tenant
    catalog: Catalog
    fingerprints: Mapping[TableName, str]
    shared: frozenset[TableName]


staged_runs: dict[str, TableRun] = {}
"""In the process that builds for an apply: its one run."""


@functools.cache
def state_of(url: str) -> State:
    """Open the state once per process."""
    return State.open(url)


def active_revision(home: Home, environment: str) -> Revision | None:
    """Load what the environment runs now, or nothing before the first apply."""
    state = state_of(home.state)
    active = active_tenant(state, environment)
    if active is None:
        return None
    revision_id, tenant = active
    found = fingerprints(tenant)
    shared = shared_tables(state, environment, found)
    return Revision(environment, revision_id, tenant, build_catalog(tenant), found, shared)


class Platform(dg.ConfigurableResource["Platform"]):
    """The platform as a Dagster resource: an installation's home and one environment of it."""

    home_path: str
    environment: str

    @property
    def home(self) -> Home:
        """The installation's folders."""
        return Home(Path(self.home_path))

    @property
    def state(self) -> State:
        """The relational store."""
        return state_of(self.home.state)

    @property
    def lake(self) -> Lake:
        """The tables, through Spark Connect and delta-rs."""
        return _lake(self.home)

    @property
    def clients(self) -> CloudClients:
        """What makes the clients of the cloud's stores."""
        return _clients

    def outside(self, revision: Revision) -> Outside:
        """Give the places of an environment's couriers and destinations."""
        return Outside(self.state, self.home, revision.environment, revision.tenant, self.clients)

    def run(self, context: dg.AssetExecutionContext, revision: Revision) -> TableRun:
        """Give the run's view of the tables; a re-execution goes on in the run that it repeats."""
        if (staged := context.run.tags.get(APPLY_TAG)) is not None:
            return staged_runs[staged]
        selected = context.job_def.asset_layer.selected_asset_keys
        tables = [TableName(*key.path[1:]) for key in selected if key.path[1] not in NOT_PUBLISHED]
        return TableRun.begin(
            self.state,
            run_id=context.run.root_run_id or context.run.run_id,
            environment=self.environment,
            revision_id=revision.revision_id,
            business_date=business_date(context.run.tags, revision.tenant.time_zone),
            expected=sorted(tables),
            fingerprints=revision.fingerprints,
        )


_clients = CloudClients()


@functools.cache
def _lake(home: Home) -> Lake:
    return Lake(home.lake, SparkSessions.for_home(home.root))


def business_date(tags: Mapping[str, str], time_zone: str) -> dt.date:
    """Give the run's business date: its tag, else today in the tenant's time zone.

    This is the one place that reads the clock; SQL never does.
    """
    if tag := tags.get(BUSINESS_DATE_TAG):
        return dt.date.fromisoformat(tag)
    return dt.datetime.now(zoneinfo.ZoneInfo(time_zone)).date()
