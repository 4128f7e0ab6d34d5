"""A plan: what would change if a tenant's files became an environment's active revision."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import Any

from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.diff import FieldChange, ResourceChange, tenant_diff
from cdp_assets.environments.fingerprint import ALGORITHM, fingerprints
from cdp_assets.environments.revision import active_tenant, body_of
from cdp_assets.errors import StalePlanError
from cdp_assets.hashing import sha256_of
from cdp_assets.state import environments
from cdp_assets.state.database import State

FORMAT_VERSION = "1.0"


@dataclass(frozen=True)
class Plan:
    """A saved plan; `plan_id` is the hash of everything else, so an edited plan is not applied."""

    plan_id: str
    environment: str
    lineage: str
    serial: int
    created_at: str
    changes: tuple[ResourceChange, ...]
    tables: dict[str, list[str]]
    """build, unchanged, retire: the tables, as `layer.name`."""
    target: dict[str, Any]

    @property
    def is_empty(self) -> bool:
        """Say whether applying it would change nothing."""
        return not self.changes

    def to_json(self) -> dict[str, Any]:
        """Give the plan in Terraform's shape; existing policy tools read `resource_changes`."""
        return {
            "format_version": FORMAT_VERSION,
            "plan_id": self.plan_id,
            "fingerprint_algorithm": ALGORITHM,
            "environment": self.environment,
            "lineage": self.lineage,
            "serial": self.serial,
            "timestamp": self.created_at,
            "resource_changes": [_change(change) for change in self.changes],
            "tables": self.tables,
            "target": self.target,
        }


def make_plan(state: State, tenant: Tenant, environment: str) -> Plan:
    """Compare `tenant` with what the environment runs; equal ones give an empty plan. Writes no change."""
    with state.write() as conn:
        now = environments.get_or_create(conn, environment)
    active = active_tenant(state, environment)
    before = active[1] if active else None
    body = {
        "environment": environment,
        "lineage": now.lineage,
        "serial": now.serial,
        "changes": tuple(tenant_diff(before, tenant)),
        "tables": _tables(before, tenant),
        "target": body_of(tenant),
    }
    created_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    return Plan(plan_id=_digest(body), created_at=created_at, **body)  # type: ignore[arg-type]  # keys are the fields


def read_plan(document: dict[str, Any]) -> Plan:
    """Give a saved plan back; raises StalePlanError for another format or an edited file."""
    if document.get("format_version") != FORMAT_VERSION:
        raise StalePlanError(f"plan format {document.get('format_version')}: unknown. Expected {FORMAT_VERSION}.")
    changes = tuple(
        ResourceChange(
            change["address"],
            change["change"]["actions"][0],
            tuple(FieldChange(**field) for field in change["change"]["fields"]),
        )
        for change in document["resource_changes"]
    )
    body = {name: document[name] for name in ("environment", "lineage", "serial", "tables", "target")}
    plan = Plan(plan_id=document["plan_id"], created_at=document["timestamp"], changes=changes, **body)
    told = json.loads(json.dumps(plan.to_json()))  # what people and tools read of it must be what is applied
    if _digest(body | {"changes": changes}) != plan.plan_id or told != document:
        raise StalePlanError("the plan file was edited after it was made. Expected a plan as `cdp plan` wrote it.")
    return plan


def _digest(body: dict[str, Any]) -> str:
    return sha256_of({**body, "changes": [asdict(change) for change in body["changes"]]})


def _tables(before: Tenant | None, after: Tenant) -> dict[str, list[str]]:
    old = fingerprints(before) if before else {}
    new = fingerprints(after)
    return {
        "build": sorted(str(table) for table, found in new.items() if old.get(table) != found),
        "unchanged": sorted(str(table) for table, found in new.items() if old.get(table) == found),
        "retire": sorted(str(table) for table in old if table not in new),
    }


def _change(change: ResourceChange) -> dict[str, Any]:
    return {
        "address": change.address,
        "category": change.category,
        "change": {
            "actions": [change.action],
            "before": {field.path: field.before for field in change.fields} if change.action != "create" else None,
            "after": {field.path: field.after for field in change.fields} if change.action != "delete" else None,
            "fields": [asdict(field) for field in change.fields],
        },
    }


SYMBOLS = {"create": "+", "update": "~", "delete": "-"}
WORDS = {"create": "will be created", "update": "will be updated in-place", "delete": "will be destroyed"}
LEGEND = {"create": "create", "update": "update in-place (current -> planned)", "delete": "destroy"}


def render(plan: Plan) -> str:
    """Give the plan as text, in Terraform's manner."""
    if plan.is_empty:
        return f"No changes. {plan.environment} matches the configuration."
    actions = [change.action for change in plan.changes]
    lines = ["Actions are indicated with the following symbols:"]
    lines += [f"  {SYMBOLS[action]} {text}" for action, text in LEGEND.items() if action in actions]
    lines += ["", f"These actions will be performed in {plan.environment}:", ""]
    for change in plan.changes:
        lines += _rendered(change)
    counts = {action: actions.count(action) for action in ("create", "update", "delete")}
    lines.append(f"Plan: {counts['create']} to add, {counts['update']} to change, {counts['delete']} to destroy.")
    tables = plan.tables
    lines.append(
        f"Data: {len(tables['build'])} tables to build, {len(tables['unchanged'])} unchanged, "
        f"{len(tables['retire'])} to retire."
    )
    return "\n".join(lines)


def _rendered(change: ResourceChange) -> list[str]:
    symbol = SYMBOLS[change.action]
    lines = [f"  # {change.address} {WORDS[change.action]} ({change.category})"]
    if change.action == "delete":
        lines.append(f"  # (because {change.address} is not in configuration)")
    lines.append(f"  {symbol} {change.address}")
    for field in change.fields:
        if change.action == "update":
            lines.append(f"      ~ {field.path}: {_short(field.before)} -> {_short(field.after)}")
        elif change.action == "create":
            lines.append(f"      + {field.path}: {_short(field.after)}")
    return [*lines, ""]


def _short(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, str):
        first, *rest = value.splitlines() or [""]
        return f'"{first[:60]}"' + (f" … ({len(rest) + 1} lines)" if rest else "")
    if isinstance(value, list | dict):
        return f"({len(value)} entries)"
    return str(value)
