"""Makes plans: compares a target with what an environment runs, and works out every consequence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from cdp_assets.config.catalog import stitched_feeds
from cdp_assets.config.resources import STITCH, documents, resources
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.categories import judged, table_judgements
from cdp_assets.environments.columns import columns_of
from cdp_assets.environments.diff import tenant_diff
from cdp_assets.environments.drift import drift_of
from cdp_assets.environments.facts import read_facts
from cdp_assets.environments.impact import impact
from cdp_assets.environments.one_process import kept_in_one_process
from cdp_assets.environments.plan import (
    EVERYTHING,
    FILES,
    ROLLBACK,
    Check,
    ConflictShown,
    Drift,
    Plan,
    PlannedChange,
    moment,
)
from cdp_assets.environments.revision import active_tenant, body_of
from cdp_assets.environments.sql_mistakes import refuse_mistakes
from cdp_assets.environments.table_actions import Built, Facts, table_plans
from cdp_assets.environments.table_effects import TableEffects, table_of
from cdp_assets.names import PRODUCTION
from cdp_assets.security.actions import actions_of_changes
from cdp_assets.state import environments
from cdp_assets.state.database import State
from cdp_assets.state.environments import Environment


@dataclass(frozen=True)
class Source:
    """Where a target comes from, and what comes with it."""

    name: str = FILES
    """files, sandbox:<name> or rollback:<serial>."""
    revision: str | None = None
    built: Built | None = None
    action: str = EVERYTHING
    conflicts: tuple[ConflictShown, ...] = ()
    untested: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    files: Mapping[str, str | None] = field(default_factory=dict)
    files_seen: Mapping[str, str | None] = field(default_factory=dict)
    never_back: tuple[str, ...] = ()
    drift: tuple[Drift, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What a plan is asked about, and what runs now."""

    target: Tenant
    environment: str
    user: str
    source: Source
    now: Environment | None
    """The environment; None where nothing was ever planned for it."""
    before: Tenant | None
    """What it runs; None where nothing was ever applied."""
    drift: tuple[Drift, ...]


def make_plan(
    state: State,
    target: Tenant,
    environment: str,
    *,
    user: str = "",
    source: Source | None = None,
    lake: Path | None = None,
) -> Plan:
    """Compare a target with what an environment runs; equal ones give an empty plan. Writes no change.

    Args:
        state: The store.
        target: A valid tenant.
        environment: Which one's active revision would become the target.
        user: Who plans; an approver must be somebody else.
        source: Where the target comes from; the tenant's files unless given.
        lake: The lake's root; with it the plan also says which tables have changed outside.

    Raises ConfigErrors for files whose SQL reads columns that are not there, or compares types that do not fit.
    """
    with state.write() as conn:
        environments.get_or_create(conn, environment)
    asked = _asked(state, target, environment, user, source or Source(), lake)
    if asked.source.name == FILES:
        refuse_mistakes(asked.before, target)
    effects = TableEffects(asked.before, columns_of(target)) if asked.before is not None else None
    changes = _judged_changes(asked.before, target, effects)
    facts = _judged_tables(_facts(state, asked), effects)
    source = asked.source
    return replace(
        _without_tables(asked, changes),
        tables=tuple(table_plans(facts)),
        unchanged=sum(facts.before.get(name) == found for name, found in facts.after.items() if name.layer != "query"),
        impact=tuple(impact(target, facts, changes)),
        untested=source.untested,
        checks=_checks(asked, facts),
        actions=tuple(sorted({source.action, *_edits(changes, environment, source)})),
        files=dict(source.files),
        files_seen=dict(source.files_seen),
        never_back=source.never_back,
    )


def _checks(asked: Asked, facts: Facts) -> tuple[Check, ...]:
    """Give what was found about a target that can be planned."""
    undoing = asked.source.action == ROLLBACK
    kept = protected(asked.before, asked.target, asked.environment, undoing=undoing)
    return (*asked.source.checks, *kept, *kept_in_one_process(asked.target, facts))


def broken_plan(
    state: State,
    target: Tenant,
    environment: str,
    *,
    user: str = "",
    source: Source | None = None,
    lake: Path | None = None,
) -> Plan:
    """Give the plan of a target that is no valid tenant: what changes, and the findings that say what is wrong.

    It has no tables: they cannot be told of a tenant that reads what is absent.
    """
    asked = _asked(state, target, environment, user, source or Source(), lake)
    checks = (*asked.source.checks, *protected(asked.before, target, environment))
    changes = _judged_changes(asked.before, target, None)
    return replace(_without_tables(asked, changes), checks=checks, actions=(asked.source.action,))


def _asked(state: State, target: Tenant, environment: str, user: str, source: Source, lake: Path | None) -> Asked:
    with state.read() as conn:
        now = environments.get(conn, environment)  # before what it runs: an apply meanwhile makes the plan stale
        drift = (*source.drift, *drift_of(conn, environment, lake))
    return Asked(target, environment, user, source, now, _runs(state, environment), drift)


def _runs(state: State, environment: str) -> Tenant | None:
    active = active_tenant(state, environment)
    return active[1] if active else None


def _facts(state: State, asked: Asked) -> Facts:
    """Give the facts for a target, all of one moment."""
    production = asked.before if asked.environment == PRODUCTION else _runs(state, PRODUCTION)
    with state.read() as conn:
        return read_facts(
            conn,
            asked.environment,
            before=asked.before,
            target=asked.target,
            production=production,
            built=asked.source.built,
        )


def _without_tables(asked: Asked, changes: list[PlannedChange]) -> Plan:
    """Give a plan that says what changes, and nothing yet of what follows from it."""
    return Plan(
        environment=asked.environment,
        source=asked.source.name,
        lineage=asked.now.lineage if asked.now else "",
        serial=asked.now.serial if asked.now else 0,
        prior_revision=asked.now.revision_id if asked.now else None,
        source_revision=asked.source.revision,
        created_by=asked.user,
        created_at=moment(),
        target=body_of(asked.target),
        changes=tuple(changes),
        conflicts=asked.source.conflicts,
        drift=asked.drift,
    )


def _judged_changes(before: Tenant | None, target: Tenant, effects: TableEffects | None) -> list[PlannedChange]:
    old, new = documents(before) if before else {}, documents(target)
    found = []
    for change in tenant_diff(before, target):
        table = table_of(change.address) if change.action == "update" else None
        effect = effects.own(table) if effects is not None and table is not None else None
        judgement = judged(change, old.get(change.address), new.get(change.address), effect)
        found.append(PlannedChange(change, judgement.category, judgement.reason))
    return found


def _judged_tables(facts: Facts, effects: TableEffects | None) -> Facts:
    if effects is None:
        return facts
    changed = frozenset(name for name, found in facts.after.items() if facts.before.get(name, found) != found)
    return replace(facts, judgements=table_judgements(facts.catalog.tables, effects.of(changed)))


def _edits(changes: list[PlannedChange], environment: str, source: Source) -> set[str]:
    """Give what production's policies must allow beside the plan's own action; in a sandbox nothing more."""
    if environment != PRODUCTION:
        return set()
    promoting = source.action == "sandbox:promote"
    return actions_of_changes([one.change.address for one in changes], promoting=promoting)


def protected(before: Tenant | None, target: Tenant, environment: str, *, undoing: bool = False) -> list[Check]:
    """Give a check for all that would go and is protected by what runs now: the flag outlives its file.

    Feeds and Stitch are protected unless they say otherwise: neither landed rows nor people's ids are built again.
    A rollback is only warned: what it takes away came after what it goes back to.
    """
    if before is None or environment != PRODUCTION:
        return []
    now, then = resources(before), resources(target)
    going = sorted(now.keys() - then.keys())
    if stitched_feeds(before) and not stitched_feeds(target):
        going.append(STITCH)
    kept = [address for address in going if getattr(now[address], "prevent_destroy", False)]
    if undoing:
        text = "protected; a rollback takes it away all the same, and what has landed for it stays"
        return [Check("prevent_destroy", address, text, "warning") for address in kept]
    text = "protected. Expected two steps: set `prevent_destroy: false` and apply, then remove it"
    return [Check("prevent_destroy", address, text) for address in kept]


def is_stale(now: Environment, plan: Plan) -> bool:
    """Say whether an environment has moved since a plan was made."""
    return (now.lineage, now.serial) != (plan.lineage, plan.serial)
