"""Staging: works out, from production as it is now, what must be built before a swap and what is only taken over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.engine import Connection

from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.facts import read_facts
from cdp_assets.environments.paths import path_of
from cdp_assets.environments.plan import Plan
from cdp_assets.environments.revision import tenant_of_revision
from cdp_assets.environments.table_actions import Built, Facts, table_plans
from cdp_assets.environments.table_plan import WORK, TablePlan
from cdp_assets.names import PRODUCTION, TableName, sandbox_environment
from cdp_assets.state import applies, environments, physical_tables, publications, runs
from cdp_assets.state.database import State
from cdp_assets.state.publications import Entry, Publication


@dataclass(frozen=True)
class Staged:
    """What one try of an apply publishes: entries kept, taken over and built, by the staged run."""

    run_id: str
    environment: str
    revision_id: str
    base: Publication | None
    tables: tuple[TableName, ...]
    """To be built before the swap."""
    kept: Mapping[TableName, Entry]
    taken_over: Mapping[TableName, Entry]
    paths: Mapping[TableName, str]
    """Where every table of the target is, or will be written."""
    fingerprints: Mapping[TableName, str]


def stage(
    state: State, apply_id: str, fence: int, plan: Plan, revision_id: str, *, attempt: int, swap_now: bool
) -> Staged:
    """Write down what one try will build, before anything is built; give it."""
    target = Tenant.model_validate(plan.target)
    with state.write() as conn:
        applies.refuse_fenced(conn, apply_id, fence)
        now = environments.get_or_create(conn, plan.environment)
        before = tenant_of_revision(conn, now.revision_id)
        built = built_of(conn, plan.source)
        facts = _facts(conn, plan, before, target, built)
        plans = table_plans(facts) if plan.environment == PRODUCTION else []
        staged = _staged(conn, f"apply-{apply_id}-{attempt}", plan.environment, revision_id, facts, plans, swap_now)
        if staged.tables:
            _prepare(conn, apply_id, staged)
    return staged


def _facts(conn: Connection, plan: Plan, before: Tenant | None, target: Tenant, built: Built | None) -> Facts:
    return read_facts(conn, plan.environment, before=before, target=target, production=before, built=built)


def _staged(
    conn: Connection,
    run_id: str,
    environment: str,
    revision_id: str,
    facts: Facts,
    plans: Sequence[TablePlan],
    swap_now: bool,
) -> Staged:
    base = facts.publication
    theirs = facts.built.entries if facts.built else {}
    actions = {TableName.parse(one.table): one for one in plans}
    work = [name for name, one in actions.items() if one.action in WORK and not (swap_now and one.action == "catch_up")]
    taken = {
        name: theirs[name]
        for name, one in actions.items()
        if one.action == "reuse" or (swap_now and one.action == "catch_up")
    }
    kept = {name: entry for name, entry in (base.entries if base else {}).items() if name not in actions}
    owned = physical_tables.paths_of(conn, environment)
    paths = {name: path_of(owned, environment, name, found) for name, found in facts.after.items()}
    paths |= {name: entry.path for name, entry in taken.items()}
    paths |= {name: one.path for name, one in actions.items() if one.action == "catch_up" and one.path is not None}
    return Staged(run_id, environment, revision_id, base, tuple(work), kept, taken, paths, facts.after)


def _prepare(conn: Connection, apply_id: str, staged: Staged) -> None:
    """Note the staged run and its paths: intent before creation."""
    assert staged.base is not None  # noqa: S101 - only what is published must be built before a swap
    runs.begin_staged(
        conn,
        run_id=staged.run_id,
        apply_id=apply_id,
        environment=staged.environment,
        revision_id=staged.revision_id,
        base=staged.base,
        expected=staged.tables,
        taken_over=list(staged.taken_over.values()),
    )
    applies.staged_run(conn, apply_id, staged.run_id)
    known = {one.path for one in physical_tables.all_tables(conn)}
    for name in staged.tables:
        if staged.paths[name] not in known:
            fingerprint = staged.fingerprints[name]
            physical_tables.register(conn, staged.paths[name], name, fingerprint, staged.environment)


def built_of(conn: Connection, source: str) -> Built | None:
    """Give what a promoted sandbox has built, or what a rollback goes back to."""
    kind, _, name = source.partition(":")
    if kind == "sandbox":
        environment = sandbox_environment(name)
        published = publications.current(conn, environment)
        return None if published is None else _built(conn, environment, published)
    if kind == "rollback":
        environment, _, serial = name.rpartition("@")
        restored = earlier_publication(conn, environment, int(serial))
        return None if restored is None else _built(conn, environment, restored)
    return None


def _built(conn: Connection, environment: str, published: Publication) -> Built:
    return Built(published.entries, physical_tables.paths_of(conn, environment), published.business_date.isoformat())


def earlier_publication(conn: Connection, environment: str, serial: int) -> Publication | None:
    """Give the last publication that readers saw while a serial was active."""
    later = [one for one in environments.history(conn, environment) if one.serial > serial]
    if not later or later[-1].publication_before is None:
        return None
    return publications.get(conn, later[-1].publication_before)
