"""Promotion: production as it is now, merged with what a sandbox has changed since it was made."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from cdp_assets.config.resources import Documents, tenant_of
from cdp_assets.config.rules import tenant_mistakes
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.tenant_files import Sides, changed_files, files_of, texts_of
from cdp_assets.environments.diff import tenant_diff
from cdp_assets.environments.files import hashes_of
from cdp_assets.environments.fingerprint import fingerprints
from cdp_assets.environments.merge import Conflict, Merged, Side, merge
from cdp_assets.environments.plan import Check, ConflictShown, Drift, Plan
from cdp_assets.environments.planning import Source, broken_plan, make_plan
from cdp_assets.environments.promotion_checks import broken_checks, promotion_checks
from cdp_assets.environments.revision import active_tenant
from cdp_assets.environments.said import tenant_of_files
from cdp_assets.environments.sandboxes import resolutions_of, three_sides
from cdp_assets.environments.staging import built_of
from cdp_assets.errors import ConfigError, ConfigErrors, SandboxError
from cdp_assets.names import PRODUCTION
from cdp_assets.state.database import State
from cdp_assets.state.sandboxes import Sandbox

Active = tuple[str, Tenant] | None


def promotion_plan(
    state: State, sandbox: Sandbox, folder: Path, production_folder: Path, *, user: str, lake: Path | None = None
) -> Plan:
    """Give the whole consequence of promoting a sandbox, on one page; writes nothing.

    Args:
        state: The store.
        sandbox: What is promoted: its active revision, which its runs have tried.
        folder: The sandbox's files, for the spelling of what is new.
        production_folder: The files that would change.
        user: Who plans.
        lake: The lake's root, for drift.

    A merged whole that is no valid tenant is shown too, with what is wrong as findings; it cannot be applied.
    Raises ConfigErrors for one that is not even read.
    """
    base, ours, theirs = three_sides(state, sandbox)
    if not theirs:
        raise SandboxError(f"{sandbox.name}: nothing is applied in it. Expected `cdp apply --sandbox {sandbox.name}`.")
    active, production = active_tenant(state, sandbox.environment), active_tenant(state, PRODUCTION)
    merged = merge(base, ours, theirs, resolutions_of(folder, receiver=PRODUCTION))
    if active is not None and merged.documents == theirs:
        target, mistakes = active[1], []  # production has nothing of its own: what the sandbox runs is valid
    else:
        target = read(merged.documents)
        mistakes = tenant_mistakes(target, lambda _kind, _name: None)
    texts, production_texts = texts_of(folder), texts_of(production_folder)
    files = changed_files(Sides(ours, files_of(production_texts)), Sides(theirs, files_of(texts)), merged.documents)
    with state.read() as conn:
        built = built_of(conn, f"sandbox:{sandbox.name}")
    source = Source(
        name=f"sandbox:{sandbox.name}",
        revision=active[0] if active else None,
        built=built,
        action="sandbox:promote",
        conflicts=tuple(shown(merged)),
        untested=() if mistakes else untested(target, *(one[1] for one in (production, active) if one)),
        checks=(*_unapplied(folder, sandbox, active), *_findings(target, production, mistakes)),
        drift=tuple(edited_by_hand(production_folder, production)),
        files=files,
        files_seen=hashes_of(production_folder, files),
    )
    make = broken_plan if mistakes else make_plan
    return make(state, target, PRODUCTION, user=user, source=source, lake=lake)


def read(found: Documents) -> Tenant:
    """Give the tenant of merged documents; what is clean field by field may still be no tenant as a whole."""
    try:
        return tenant_of(found)
    except ValidationError as error:
        mistakes = [
            ConfigError(".".join(str(part) for part in finding["loc"]), finding["msg"], "a value that is allowed")
            for finding in error.errors(include_input=False, include_url=False)
        ]
        raise ConfigErrors(mistakes) from None


def _findings(target: Tenant, production: Active, mistakes: list[ConfigError]) -> list[Check]:
    if mistakes:
        return broken_checks(target, mistakes)
    before = production[1] if production else None
    known = fingerprints(before) if before else {}
    changed = {table for table, found in fingerprints(target).items() if known.get(table) != found}
    return promotion_checks(before, target, changed)


def shown(merged: Merged) -> list[ConflictShown]:
    """Give a merge's conflicts as a plan shows them; production is the receiving side."""
    standing: list[tuple[Conflict, Side | None]] = [(conflict, None) for conflict in merged.conflicts]
    names = {"ours": "production", "theirs": "sandbox"}
    return [
        ConflictShown(one.place, one.kind, one.base, one.ours, one.theirs, names[taken] if taken else None)
        for one, taken in [*standing, *merged.settled]
    ]


def untested(target: Tenant, *sides: Tenant) -> tuple[str, ...]:
    """Give the tables whose merged definition neither production nor the sandbox has ever run."""
    known = [fingerprints(side) for side in sides]
    return tuple(
        str(table)
        for table, found in sorted(fingerprints(target).items())
        if all(side.get(table) != found for side in known)
    )


def _unapplied(folder: Path, sandbox: Sandbox, active: Active) -> list[Check]:
    if active is not None and tenant_of_files(folder, active) is active[1]:
        return []
    text = (
        f"has edits that are not applied in it. Expected `cdp apply --sandbox {sandbox.name}`, or the edits taken back"
    )
    return [Check("unapplied", f"sandbox {sandbox.name}", text)]


def edited_by_hand(folder: Path, active: Active) -> list[Drift]:
    """Give the resources whose files no longer say what production runs."""
    try:
        said = tenant_of_files(folder, active)
    except ConfigErrors as error:
        return [Drift("files", folder.name, f"cannot be read: {len(error.errors)} mistakes")]
    text = "its file differs from what production runs"
    return [
        Drift("files", one.address, text, one.action, one.before, one.after)
        for one in tenant_diff(active[1] if active else None, said)
    ]
