"""A plan: the whole consequence of making a configuration an environment's active revision."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from cdp_assets.environments.diff import Action, Document, FieldChange, ResourceChange, marks
from cdp_assets.environments.fingerprint import ALGORITHM
from cdp_assets.environments.table_plan import TablePlan, effort
from cdp_assets.errors import StalePlanError
from cdp_assets.hashing import sha256_of

if TYPE_CHECKING:
    from cdp_assets.environments.data_diff.model import DataConsequence

FORMAT_VERSION = "1.1"
FILES = "files"
"""The source of a plan that comes from the environment's own files."""
EVERYTHING, ROLLBACK = "environment:apply", "environment:rollback"
"""What whoever applies such a plan must be allowed."""
Severity = Literal["error", "warning"]


@dataclass(frozen=True)
class PlannedChange:
    """A resource's change, and what it means."""

    change: ResourceChange
    category: str
    reason: str


@dataclass(frozen=True)
class Impact:
    """Something downstream that would behave differently."""

    address: str
    reason: str


@dataclass(frozen=True)
class Check:
    """A finding about the plan: an error keeps it from being applied, a warning is only shown."""

    check: str
    """Its stable name."""
    address: str
    message: str
    severity: Severity = "error"


@dataclass(frozen=True)
class Drift:
    """Something that changed outside of plan and apply."""

    kind: str
    address: str
    message: str
    action: Action = "update"
    """What happened to it."""
    before: Document | None = None
    """What plan and apply left, where that is known."""
    after: Document | None = None


@dataclass(frozen=True)
class ConflictShown:
    """A conflict of the merge, as the plan shows it."""

    place: str
    kind: str
    base: Any
    production: Any
    sandbox: Any
    taken: str | None
    """The side that a recorded resolution takes; None while the conflict stands."""


@dataclass(frozen=True)
class Plan:
    """A saved plan; `plan_id` is the hash of everything else, so an edited plan is not applied."""

    environment: str
    source: str
    """files, sandbox:<name> or rollback:<serial>."""
    lineage: str
    serial: int
    prior_revision: str | None
    source_revision: str | None
    """The active revision of the promoted sandbox."""
    created_by: str
    created_at: str
    target: dict[str, Any]
    changes: tuple[PlannedChange, ...] = ()
    tables: tuple[TablePlan, ...] = ()
    unchanged: int = 0
    impact: tuple[Impact, ...] = ()
    conflicts: tuple[ConflictShown, ...] = ()
    untested: tuple[str, ...] = ()
    """Tables whose merged definition is neither side's: nobody has run them so."""
    drift: tuple[Drift, ...] = ()
    checks: tuple[Check, ...] = ()
    actions: tuple[str, ...] = ()
    """What the acting user must be allowed to do."""
    files: dict[str, str | None] = field(default_factory=dict)
    """Content to write, by path below the tenant's folder; None removes."""
    files_seen: dict[str, str | None] = field(default_factory=dict)
    """Hash of what those paths held when the plan was made."""
    never_back: tuple[str, ...] = ()
    """What a rollback leaves as it is."""
    data: DataConsequence | None = None
    """What a promotion does to the data that readers use."""

    @property
    def plan_id(self) -> str:
        """The hash of everything that the plan says."""
        return sha256_of(self._body())

    @property
    def is_empty(self) -> bool:
        """Say whether applying it would change nothing."""
        return not self.changes

    @property
    def errors(self) -> list[Check]:
        """The findings that keep the plan from being applied."""
        return [check for check in self.checks if check.severity == "error"]

    @property
    def warnings(self) -> list[Check]:
        """The findings that are only shown."""
        return [check for check in self.checks if check.severity == "warning"]

    @property
    def may_be_applied(self) -> bool:
        """Say whether it changes something and nothing that it says of itself stands in the way."""
        return not (self.is_empty or self.errors or self.open_conflicts)

    @property
    def open_conflicts(self) -> list[ConflictShown]:
        """The conflicts that nobody has resolved."""
        return [conflict for conflict in self.conflicts if conflict.taken is None]

    def to_json(self) -> dict[str, Any]:
        """Give the plan in Terraform's shape; existing policy tools read `resource_changes`."""
        return {"format_version": FORMAT_VERSION, "plan_id": self.plan_id, **self._body()}

    def _body(self) -> dict[str, Any]:
        return {
            "fingerprint_algorithm": ALGORITHM,
            "environment": self.environment,
            "source": self.source,
            "lineage": self.lineage,
            "serial": self.serial,
            "prior_revision": self.prior_revision,
            "source_revision": self.source_revision,
            "created_by": self.created_by,
            "timestamp": self.created_at,
            "applyable": self.may_be_applied,
            "errored": bool(self.errors),
            "resource_changes": [_change(change) for change in self.changes],
            "resource_drift": [_drift(one) for one in self.drift],
            "conflicts": [asdict(one) for one in self.conflicts],
            "tables": [one.to_json() for one in self.tables],
            "unchanged_tables": self.unchanged,
            "not_tested_together": list(self.untested),
            "impact": [asdict(one) for one in self.impact],
            "cost": effort(self.tables),
            "checks": [asdict(one) for one in self.checks],
            "policy": {"required": list(self.actions)},
            "never_back": list(self.never_back),
            "data": self.data.to_json() if self.data else None,
            "files": self.files,
            "files_seen": self.files_seen,
            "target": self.target,
        }


def read_plan(document: Mapping[str, Any]) -> Plan:
    """Give a saved plan back; raises StalePlanError for another format or an edited file."""
    if document.get("format_version") != FORMAT_VERSION:
        raise StalePlanError(f"plan format {document.get('format_version')}: unknown. Expected {FORMAT_VERSION}.")
    plan = Plan(
        environment=document["environment"],
        source=document["source"],
        lineage=document["lineage"],
        serial=document["serial"],
        prior_revision=document["prior_revision"],
        source_revision=document["source_revision"],
        created_by=document["created_by"],
        created_at=document["timestamp"],
        target=document["target"],
        changes=tuple(_read_change(one) for one in document["resource_changes"]),
        tables=tuple(TablePlan(**one) for one in document["tables"]),
        unchanged=document["unchanged_tables"],
        impact=tuple(Impact(**one) for one in document["impact"]),
        conflicts=tuple(ConflictShown(**one) for one in document["conflicts"]),
        untested=tuple(document["not_tested_together"]),
        drift=tuple(_read_drift(one) for one in document["resource_drift"]),
        checks=tuple(Check(**one) for one in document["checks"]),
        actions=tuple(document["policy"]["required"]),
        files=document["files"],
        files_seen=document["files_seen"],
        never_back=tuple(document["never_back"]),
        data=_read_data(document["data"]),
    )
    told = json.loads(json.dumps(plan.to_json()))  # what people and tools read of it must be what is applied
    if told != document:
        raise StalePlanError("the plan file was edited after it was made. Expected a plan as `cdp plan` wrote it.")
    return plan


def _read_data(document: Mapping[str, Any] | None) -> DataConsequence | None:
    if document is None:
        return None
    from cdp_assets.environments.data_diff.model import read_consequence  # only a promotion's plan has it

    return read_consequence(document)


def moment() -> str:
    """Give the present moment as plans show it."""
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _change(planned: PlannedChange) -> dict[str, Any]:
    change = planned.change
    kind, _, name = change.address.partition(".")
    values = _values(change.action, change.before, change.after)
    return {
        "address": change.address,
        "type": kind,
        "name": name or kind,
        "category": planned.category,
        "action_reason": planned.reason,
        "change": values | {"fields": [asdict(field) for field in change.fields]},
    }


def _read_change(document: Mapping[str, Any]) -> PlannedChange:
    found = document["change"]
    fields = tuple(FieldChange(**one) for one in found["fields"])
    change = ResourceChange(document["address"], found["actions"][0], fields, found["before"], found["after"])
    return PlannedChange(change, document["category"], document["action_reason"])


def _drift(found: Drift) -> dict[str, Any]:
    return {
        "address": found.address,
        "type": found.kind,
        "action_reason": found.message,
        "change": _values(found.action, found.before, found.after),
    }


def _read_drift(document: Mapping[str, Any]) -> Drift:
    change = document["change"]
    action, before, after = change["actions"][0], change["before"], change["after"]
    return Drift(document["type"], document["address"], document["action_reason"], action, before, after)


def _values(action: Action, before: Document | None, after: Document | None) -> dict[str, Any]:
    """Give a change as Terraform does; nothing of ours is unknown until apply, and secrets are marked twice."""
    return {
        "actions": [action],
        "before": before,
        "after": after,
        "after_unknown": {},
        "before_sensitive": marks(before),
        "after_sensitive": marks(after),
    }
