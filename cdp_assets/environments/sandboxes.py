"""Sandboxes: copies of production in which everything may be changed, and nothing of production's is."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from cdp_assets.config.resources import Documents, documents
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.tenant_files import Sides, changed_files, files_of, texts_of
from cdp_assets.config.yaml_edit import fresh
from cdp_assets.environments.files import write_files
from cdp_assets.environments.merge import Merged, Side, merge
from cdp_assets.environments.permission import allow
from cdp_assets.environments.revision import active_tenant, tenant_of_revision
from cdp_assets.errors import ConflictsError, SandboxError
from cdp_assets.names import PRODUCTION, SANDBOX_FILE, sandbox_environment
from cdp_assets.security.audit import record
from cdp_assets.state import environments, publications, revisions, sandboxes
from cdp_assets.state.database import State
from cdp_assets.state.sandboxes import Sandbox

RESOLUTIONS = ".resolutions.yaml"
LONGEST_DESCRIPTION = 512
BOUND = ("destinations", "alerts", "secrets")
"""What `sandbox.yaml` binds: nothing else of a sandbox reaches outside."""
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
DEFINITIONS = '''"""Dagster's entry point of this sandbox."""

from cdp_assets.defs.environment import environment_definitions
from cdp_assets.home import Home

defs = environment_definitions(Home.locate(), "{environment}")
'''


def create(state: State, folder: Path, name: str, *, user: str, description: str = "", texts: Mapping[str, str]) -> str:
    """Make a sandbox of production as it is now; nothing is copied but text, nothing is computed. Give its environment.

    Args:
        state: The store.
        folder: Where sandboxes stand.
        name: Lower case letters, digits, `-` and `_`, a letter first, 64 at most.
        user: The owner.
        description: What it is for.
        texts: Production's files, by path.
    """
    _refuse_name(folder, name, description)
    environment = sandbox_environment(name)
    allow(state, user, "sandbox:create", environment)
    active = active_tenant(state, PRODUCTION)
    if active is None:
        raise SandboxError(f"{name}: nothing is applied to production yet. Expected `cdp apply` first.")
    _write_folder(folder, name, environment, texts, user=user, description=description)
    with state.write() as conn:
        if sandboxes.find(conn, environment) is not None:
            raise SandboxError(
                f"{name}: there is a sandbox of this name. Expected another name, or `cdp sandbox delete`."
            )
        present = publications.current(conn, PRODUCTION)
        publication_id = None
        begun = environments.begin_again(conn, environment, active[0], None)
        if present is not None:
            publication_id = publications.insert(
                conn,
                environment=environment,
                parent_id=present.id,
                run_id=f"create-{environment}-{begun.lineage}",
                revision_id=active[0],
                business_date=present.business_date,
                entries=present.entries.values(),
            )
            environments.publish(conn, environment, publication_id)
        sandboxes.put(conn, environment, owner=user, description=description, base_revision_id=active[0])
        record(conn, user, "sandbox:create", environment, base=active[0])
    return environment


def _refuse_name(folder: Path, name: str, description: str) -> None:
    if _NAME.fullmatch(name) is None:
        raise SandboxError(f"{name}: not a name. Expected up to 64 of a-z, 0-9, - and _, a letter first.")
    if len(description) > LONGEST_DESCRIPTION:
        raise SandboxError(f"{name}: a description of {len(description)} characters. Expected {LONGEST_DESCRIPTION}.")
    if (folder / name).exists():
        raise SandboxError(f"{name}: the folder {folder.name}/{name} exists. Expected another name, or none there.")


def _write_folder(
    folder: Path, name: str, environment: str, texts: Mapping[str, str], *, user: str, description: str
) -> None:
    """Write the sandbox's files beside their place, then rename: there is a whole folder or none."""
    new = folder / f".{name}.new"
    shutil.rmtree(new, ignore_errors=True)
    settings = {"owner": user, "description": description, "destinations": {}, "secrets": {}}
    files = {**texts, SANDBOX_FILE: fresh(settings), "definitions.py": DEFINITIONS.format(environment=environment)}
    write_files(new, files)
    os.replace(new, folder / name)


def bindings_of(folder: Path) -> dict[str, Any]:
    """Give what a sandbox may reach: `destinations`, `alerts` and `secrets` of its `sandbox.yaml`."""
    path = folder / SANDBOX_FILE
    values = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else {}
    if not isinstance(values, dict):
        raise SandboxError(f"{folder.name}/{SANDBOX_FILE}: not a mapping. Expected `{':`, `'.join(BOUND)}:`.")
    unknown = sorted(set(values) - {"owner", "description", *BOUND})
    if unknown:
        raise SandboxError(f"{folder.name}/{SANDBOX_FILE}: unknown {', '.join(unknown)}. Expected {', '.join(BOUND)}.")
    return {name: values.get(name) or {} for name in BOUND}


def three_sides(state: State, sandbox: Sandbox) -> tuple[Documents, Documents, Documents]:
    """Give base, production and sandbox: what the sandbox was made from, and what both run now."""
    with state.read() as conn:
        ours = environments.get(conn, PRODUCTION)
        theirs = environments.get(conn, sandbox.environment)
        found = [
            tenant_of_revision(conn, revision_id)
            for revision_id in (
                sandbox.base_revision_id,
                ours.revision_id if ours else None,
                theirs.revision_id if theirs else None,
            )
        ]
    base, production, own = (documents(tenant) if tenant is not None else {} for tenant in found)
    return base, production, own


def pull(
    state: State, folder: Path, sandbox: Sandbox, own: Tenant, *, user: str
) -> tuple[Merged, dict[str, str | None]]:
    """Merge production's changes into a sandbox's files; give the merge and the files that changed.

    Args:
        state: The store.
        folder: The sandbox's folder.
        sandbox: The sandbox.
        own: What its files say now, applied or not.
        user: Who pulls.

    Raises ConflictsError, and writes nothing, while a conflict has no recorded resolution.
    """
    allow(state, user, "sandbox:pull", sandbox.environment)
    base, production, _ = three_sides(state, sandbox)
    with state.read() as conn:
        now = environments.get(conn, PRODUCTION)
        assert now is not None and now.revision_id is not None  # noqa: S101, PT018 - a sandbox has a production
        texts = revisions.files(conn, now.revision_id)
    mine = documents(own)
    merged = merge(base, mine, production, resolutions_of(folder, receiver="sandbox"))
    if merged.conflicts:
        raise ConflictsError(conflict_text(merged, sandbox.name))
    changes = changed_files(
        Sides(mine, files_of(texts_of(folder))), Sides(production, files_of(texts)), merged.documents
    )
    write_files(folder, changes)
    with state.write() as conn:
        sandboxes.rebase(conn, sandbox.environment, now.revision_id)
        record(conn, user, "sandbox:pull", sandbox.environment, base=now.revision_id, files=sorted(changes))
    return merged, changes


def conflict_text(merged: Merged, name: str) -> str:
    """Say where sandbox and production disagree, and how to settle it."""
    lines = [f"{len(merged.conflicts)} conflicts between sandbox {name} and production:"]
    lines += [f"  {one.place}: {one.kind}" for one in merged.conflicts]
    lines.append(f"Expected for each: `cdp sandbox resolve {name} PLACE --take sandbox` or `--take production`.")
    return "\n".join(lines)


def resolutions_of(folder: Path, *, receiver: str) -> dict[str, Side]:
    """Give the recorded resolutions by the conflict's key, as the side that a merge into `receiver` takes."""
    path = folder / RESOLUTIONS
    recorded = yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None
    found: dict[str, Side] = {}
    for one in recorded or []:
        found[one["key" if receiver == PRODUCTION else "pull_key"]] = "ours" if one["take"] == receiver else "theirs"
    return found


def resolve(state: State, folder: Path, sandbox: Sandbox, own: Tenant, place: str, take: str) -> int:
    """Record whose value is taken at a place, or everywhere below it; give how many conflicts that settles.

    A resolution is bound to the three values: when one of them changes, the conflict is there again.
    """
    base, production, _ = three_sides(state, sandbox)
    mine = documents(own)
    ways = [merge(base, production, mine).conflicts, merge(base, mine, production).conflicts]
    keys = {conflict.place: conflict.key for conflict in ways[1]}
    chosen = [one for one in ways[0] if one.place == place or one.place.startswith((f"{place}.", f"{place}:"))]
    if not chosen:
        places = ", ".join(one.place for one in ways[0]) or "there is no conflict"
        raise SandboxError(f"{place}: no conflict there. Expected one of: {places}.")
    path = folder / RESOLUTIONS
    recorded = (yaml.safe_load(path.read_text(encoding="utf-8")) if path.is_file() else None) or []
    places_now = {one.place for one in chosen}
    kept = [one for one in recorded if one["place"] not in places_now]
    new = [{"place": one.place, "take": take, "key": one.key, "pull_key": keys.get(one.place, "")} for one in chosen]
    write_files(folder, {RESOLUTIONS: yaml.safe_dump([*kept, *new], sort_keys=False)})
    return len(chosen)


def delete(state: State, folder: Path, sandbox: Sandbox, *, user: str) -> None:
    """Remove a sandbox; its tables stay until the janitor finds that nobody names them. May be done again."""
    allow(state, user, "sandbox:delete", sandbox.environment)
    with state.write() as conn:
        sandboxes.mark(conn, sandbox.environment, "deleting")
    remove_folder(folder)
    with state.write() as conn:
        sandboxes.mark(conn, sandbox.environment, "deleted")
        record(conn, user, "sandbox:delete", sandbox.environment)


def remove_folder(folder: Path) -> None:
    """Remove a sandbox's folder: renamed first, so that nobody loads half of it."""
    doomed = folder.with_name(f".{folder.name}.deleted")
    shutil.rmtree(doomed, ignore_errors=True)
    if folder.exists():
        os.replace(folder, doomed)
    shutil.rmtree(doomed, ignore_errors=True)
