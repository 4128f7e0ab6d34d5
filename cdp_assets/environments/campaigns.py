"""Launches campaigns: takes the audience from a publication, and records who falls where before anything is sent."""

from __future__ import annotations

import datetime as dt
import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import polars as pl
import pyarrow as pa

from cdp_assets.audiences.campaigns.recipients import SCHEMA, Launch, recipient_rows
from cdp_assets.audiences.campaigns.split import Group, audience, split
from cdp_assets.audiences.segments.membership import ID
from cdp_assets.config.campaign import Campaign
from cdp_assets.config.catalog import RECIPIENTS
from cdp_assets.config.known import nearest_known
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.campaign_sending import Sending
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.runs import current_publication
from cdp_assets.errors import StateError
from cdp_assets.exchange.locations import Clients
from cdp_assets.home import Home
from cdp_assets.lakehouse import delta
from cdp_assets.names import TableName, table_path
from cdp_assets.state import physical_tables, tenant_keys
from cdp_assets.state.database import State, now
from cdp_assets.state.leases import lease
from cdp_assets.state.publications import Publication

logger = logging.getLogger(__name__)
KEY = "campaign"


@dataclass(frozen=True)
class Launched:
    """What a launch has done, now or when it was first tried."""

    launch: str
    muted: str | None
    """Why nothing was recorded and sent, in a sandbox without endpoints."""
    groups: Mapping[str, int]
    """Sub-audience / treatment -> people."""
    files: tuple[str, ...]
    sent: bool
    """Whether this call has sent any file."""


@dataclass(frozen=True)
class Campaigning:
    """One campaign of an environment over what is published there."""

    state: State
    home: Home
    environment: str
    tenant: Tenant
    campaign: Campaign
    publication: Publication

    @classmethod
    def of(cls, state: State, home: Home, environment: str, tenant: Tenant, name: str) -> Campaigning:
        """Give a campaign by its name; raises StateError where it is absent, or nothing is published."""
        campaign = tenant.campaigns.get(name)
        if campaign is None:
            raise StateError(f"campaign {name}: absent. Expected {nearest_known(name, tenant.campaigns)}.")
        return cls(state, home, environment, tenant, campaign, current_publication(state, environment))

    def groups(self) -> dict[str, Group]:
        """Give everybody whom a launch would take now, with their groups; nothing is recorded."""
        members = {name: self._people(TableName("segment", name)) for name in self.campaign.segments}
        with self.state.write() as conn:
            key = tenant_keys.get_or_create(conn, KEY)
        people = audience(self.campaign, members, self._before())
        return split(self.campaign, people, members, key)

    def launch(self, day: dt.date, user: str, clients: Clients) -> Launched:
        """Record the recipients of a business date and send every group's files; repeated, finish what is missing.

        The recipients are recorded in one commit that carries the launch's id, before the first file is sent; what
        follows is made from that record, so a repeated launch sends the same people the same files. Raises StateError
        for a draft, DeliveryError where a destination may not have what it would be sent.
        """
        if self.campaign.status == "draft":
            raise StateError(f"campaign {self.campaign.name}: a draft. Expected `status: active`.")
        launch = Launch.of(self.environment, self.campaign, day, self.publication.id, now())
        sending = Sending(self.state, self.home, self.environment, self.tenant, self.campaign, clients)
        if muted := sending.muted():
            why = f"{self.environment} binds no endpoint for {', '.join(muted)} in its sandbox.yaml"
            return Launched(launch.id, why, {}, (), sent=False)
        sending.refuse_personal(self.publication)
        with lease(self.state, f"campaign:{self.environment}:{self.campaign.name}", holder=user):
            rows = self._recorded(launch)
            delivered = sending.send(rows, launch.id)
        files = tuple(file.filename for one in delivered for file in one.files)
        counts = Counter(f"{row['sub_audience_name']} / {row['treatment_name']}" for row in _once(rows))
        sent = any(one.sent for one in delivered)
        logger.info("campaign.%s: %d people, %d files", self.campaign.name, counts.total(), len(files))
        return Launched(launch.id, None, dict(sorted(counts.items())), files, sent)

    @cached_property
    def _ledger(self) -> Path:
        """Where the environment's own recipients are; a sandbox never writes to production's."""
        entry = self.publication.entry(RECIPIENTS)
        with self.state.read() as conn:
            owned = set(physical_tables.paths_of(conn, self.environment).values())
        own = table_path(self.environment, RECIPIENTS, fingerprints(self.tenant)[RECIPIENTS])
        return self.home.lake / (entry.path if entry.path in owned else own)

    def _people(self, table: TableName) -> set[str]:
        entry = self.publication.entry(table)
        return set(delta.read(self.home.lake / entry.path, entry.version, columns=[ID]).column(ID).to_pylist())

    def _before(self) -> set[str]:
        """Give those whom one of the named campaigns has been sent to."""
        names = self.campaign.exclude_recipients_of
        if not names or delta.version(self._ledger) is None:
            return set()
        known = ", ".join(f"'{name}'" for name in names)
        where = f"campaign_id IN ({known}) AND NOT is_control"
        return set(delta.read(self._ledger, columns=[ID], sql_where=where).column(ID).to_pylist())

    def _recorded(self, launch: Launch) -> pa.Table:
        """Give the rows of a launch, recording them unless that has happened."""
        delta.create(self._ledger, SCHEMA)
        if delta.transaction_version(self._ledger, launch.id) is None:
            templates = self.tenant.data_templates
            destinations = {name: template.destination for name, template in templates.items()}
            delta.append(self._ledger, recipient_rows(launch, self.groups(), destinations), launch.id)
        return delta.read(self._ledger, sql_where=f"workflow_id = '{launch.id}'")


def _once(rows: pa.Table) -> list[dict[str, str]]:
    """Give each person's row once, however many deliveries they have."""
    return list(pl.DataFrame(rows).unique(ID).to_dicts())
