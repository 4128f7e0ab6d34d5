"""Every action that the platform asks leave for: `resource:verb`, and what it lets somebody do."""

from __future__ import annotations

ENVIRONMENT_PLAN = "environment:plan"
ENVIRONMENT_APPLY = "environment:apply"
ENVIRONMENT_ROLLBACK = "environment:rollback"
ENVIRONMENT_RECOVER = "environment:recover"
PLAN_APPROVE = "plan:approve"
SANDBOX_CREATE = "sandbox:create"
SANDBOX_OPEN = "sandbox:open"
SANDBOX_PULL = "sandbox:pull"
SANDBOX_PROMOTE = "sandbox:promote"
SANDBOX_DELETE = "sandbox:delete"
TENANT_EDIT = "tenant:edit"
SOURCE_EDIT = "source:edit"
STITCH_EDIT = "stitch:edit"
DATABASE_EDIT = "database:edit"
QUERY_EDIT = "query:edit"
SEGMENT_EDIT = "segment:edit"
CAMPAIGN_EDIT = "campaign:edit"
ORCHESTRATION_EDIT = "orchestration:edit"
DESTINATION_EDIT = "destination:edit"
CREDENTIAL_EDIT = "credential:edit"
USER_ADMINISTER = "user:administer"
QUERY_RUN = "query:run"
SEGMENT_EXPLORE = "segment:explore"
CAMPAIGN_LAUNCH = "campaign:launch"
PII_VIEW = "pii:view"
EXPORT_RUN = "export:run"
EXPORT_DOWNLOAD = "export:download"
SOURCE_DELETE = "source:delete"
AUDIT_READ = "audit:read"
STATE_COLLECT_GARBAGE = "state:collect-garbage"
STATE_UNLOCK = "state:unlock"

ACTIONS = {
    ENVIRONMENT_PLAN: "see what a change would do",
    ENVIRONMENT_APPLY: "activate a plan, as far as each changed resource may be edited too",
    ENVIRONMENT_ROLLBACK: "go back to an earlier revision",
    ENVIRONMENT_RECOVER: "finish or undo an apply that was cut off",
    PLAN_APPROVE: "approve somebody's plan",
    SANDBOX_CREATE: "make a sandbox",
    SANDBOX_OPEN: "see a sandbox and work in it",
    SANDBOX_PULL: "take production's changes into a sandbox",
    SANDBOX_PROMOTE: "bring a sandbox's changes into production",
    SANDBOX_DELETE: "delete a sandbox",
    TENANT_EDIT: "change the tenant's own settings",
    SOURCE_EDIT: "change couriers, courier groups, feeds, ingest queries and custom domain tables",
    STITCH_EDIT: "change how records become people",
    DATABASE_EDIT: "change databases and their tables",
    QUERY_EDIT: "change queries",
    SEGMENT_EDIT: "change segments",
    CAMPAIGN_EDIT: "change campaigns",
    ORCHESTRATION_EDIT: "change data exports, orchestrations and their groups",
    DESTINATION_EDIT: "change destinations and data templates",
    CREDENTIAL_EDIT: "change credentials",
    USER_ADMINISTER: "change users, policies and resource groups",
    QUERY_RUN: "run a query",
    SEGMENT_EXPLORE: "count, sample and explain segments and campaigns",
    CAMPAIGN_LAUNCH: "launch a campaign: record its recipients and send to its destinations",
    PII_VIEW: "see personal values instead of their shape",
    EXPORT_RUN: "send data to a destination",
    EXPORT_DOWNLOAD: "download results",
    SOURCE_DELETE: "delete records of a source",
    AUDIT_READ: "read the activity log",
    STATE_COLLECT_GARBAGE: "remove tables and revisions that nothing needs",
    STATE_UNLOCK: "break a lock that somebody left behind",
}
"""Action -> what it is leave to do."""
