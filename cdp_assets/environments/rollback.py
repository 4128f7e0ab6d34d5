"""Rollback: a plan whose target is an earlier revision, and whose tables are those that it had."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from cdp_assets.config.resources import documents
from cdp_assets.config.tenant_files import Sides, changed_files, files_of, texts_of
from cdp_assets.environments.files import hashes_of
from cdp_assets.environments.plan import ROLLBACK, Plan
from cdp_assets.environments.planning import Source, make_plan
from cdp_assets.environments.revision import tenant_of_revision
from cdp_assets.environments.staging import built_of
from cdp_assets.errors import StateError
from cdp_assets.state import environments, revisions
from cdp_assets.state.database import State

NEVER_BACK = (
    "landed files, and what was loaded from them into tables that both revisions have",
    "ids that were given to people: nobody gets another's id back",
    "deliveries that were made",
    "deletions: what was deleted stays deleted",
)


def rollback_plan(
    state: State, environment: str, folder: Path, *, user: str, to: int | None = None, lake: Path | None = None
) -> Plan:
    """Give the plan that goes back to an earlier serial, by default the one before; the serial itself goes up.

    Before the next run everything is reused: the same paths at the same versions. Afterwards the tables of the
    earlier revision lag behind: apply catches them up before the swap, or swaps at once when told to.
    """
    with state.read() as conn:
        now = environments.get(conn, environment)
        history = environments.history(conn, environment)
        serial = _serial(history, environment, to)
        wanted = next(one for one in history if one.serial == serial)
        target = tenant_of_revision(conn, wanted.revision_id)
        present = tenant_of_revision(conn, now.revision_id if now else None)
        texts = revisions.files(conn, wanted.revision_id)
        name = f"rollback:{environment}@{serial}"
        built = built_of(conn, name)
    assert target is not None and present is not None  # noqa: S101, PT018 - both have been applied
    files = _files(folder, documents(present), documents(target), texts)
    source = Source(
        name=name,
        revision=wanted.revision_id,
        built=built,
        action=ROLLBACK,
        files=files,
        files_seen=hashes_of(folder, files),
        never_back=NEVER_BACK,
    )
    return make_plan(state, target, environment, user=user, source=source, lake=lake)


def _files(
    folder: Path,
    present: Mapping[str, dict[str, object]],
    target: Mapping[str, dict[str, object]],
    texts: Mapping[str, str],
) -> dict[str, str | None]:
    ours = Sides(dict(present), files_of(texts_of(folder)))
    return changed_files(ours, Sides(dict(target), files_of(texts)), dict(target))


def _serial(history: list[environments.Applied], environment: str, to: int | None) -> int:
    known = [one.serial for one in history]
    if to is None and len(known) > 1:
        return known[1]
    if to is None or to not in known[1:]:
        earlier = ", ".join(str(serial) for serial in known[1:]) or "there is none"
        raise StateError(f"{environment}: cannot go back to serial {to}. Expected an earlier one: {earlier}.")
    return to
