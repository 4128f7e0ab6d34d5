"""A whole tenant: everything that one installation is configured to do."""

from __future__ import annotations

from cdp_assets.config.alert import Alert
from cdp_assets.config.base import ConfigModel, affects
from cdp_assets.config.campaign import Campaign
from cdp_assets.config.courier import Courier
from cdp_assets.config.courier_group import CourierGroup
from cdp_assets.config.credential import Credential
from cdp_assets.config.database import Database
from cdp_assets.config.destination import DataTemplate, Destination
from cdp_assets.config.feed import Feed
from cdp_assets.config.merge_policy import MergePolicy
from cdp_assets.config.orchestration import DataExport, Orchestration, OrchestrationGroup
from cdp_assets.config.policy import Policy
from cdp_assets.config.query import Query
from cdp_assets.config.query_engine import QueryEngine, SparkEngine
from cdp_assets.config.resource_group import ResourceGroup
from cdp_assets.config.segment import Segment
from cdp_assets.config.stitch import Stitch
from cdp_assets.config.transactions import Transactions
from cdp_assets.config.transforms import CustomDomainTable, IngestQuery
from cdp_assets.config.user import User


class Tenant(ConfigModel):
    """One whole, validated configuration; a revision is one of these, by content."""

    id: str = affects("metadata")
    name: str = affects("metadata")
    description: str = affects("metadata", "")
    time_zone: str = affects("runtime", "UTC")
    approval_required: bool = affects("runtime", False)
    """Whether a plan for production needs somebody else's `cdp approve` before it is applied."""
    query_engine: QueryEngine = affects("runtime", SparkEngine())
    """What answers queries: `kind: spark`, or `kind: trino` with its host, catalog and user."""
    couriers: dict[str, Courier] = affects("data", {})
    courier_groups: dict[str, CourierGroup] = affects("runtime", {})
    feeds: dict[str, Feed] = affects("data", {})
    ingest_queries: dict[str, IngestQuery] = affects("data", {})
    custom_domain_tables: dict[str, CustomDomainTable] = affects("data", {})
    stitch: Stitch = affects("data", Stitch())
    merge_policy: MergePolicy = affects("data", MergePolicy())
    transactions: Transactions = affects("data", Transactions())
    databases: dict[str, Database] = affects("data", {})
    queries: dict[str, Query] = affects("data", {})
    segments: dict[str, Segment] = affects("data", {})
    campaigns: dict[str, Campaign] = affects("runtime", {})
    destinations: dict[str, Destination] = affects("runtime", {})
    data_templates: dict[str, DataTemplate] = affects("runtime", {})
    data_exports: dict[str, DataExport] = affects("runtime", {})
    orchestrations: dict[str, Orchestration] = affects("runtime", {})
    orchestration_groups: dict[str, OrchestrationGroup] = affects("runtime", {})
    alerts: dict[str, Alert] = affects("runtime", {})
    credentials: dict[str, Credential] = affects("secret", {})
    policies: dict[str, Policy] = affects("runtime", {})
    resource_groups: dict[str, ResourceGroup] = affects("runtime", {})
    users: dict[str, User] = affects("runtime", {})
