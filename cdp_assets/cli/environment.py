"""Which environment a command looks at, and whether the user may."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION, TableName, sandbox_environment

if TYPE_CHECKING:
    from cdp_assets.state.database import State


def opened_environment(sandbox: str | None) -> tuple[State, str]:
    """Give the state and the environment's name; raises DeniedError where the user may not open the sandbox."""
    from cdp_assets.environments.permission import allow
    from cdp_assets.security.user import acting_user
    from cdp_assets.state import sandboxes
    from cdp_assets.state.database import State

    environment = sandbox_environment(sandbox) if sandbox else PRODUCTION
    state = State.open(Home.locate().state)
    if sandbox:
        with state.read() as conn:
            sandboxes.get(conn, environment)
        allow(state, acting_user(), "sandbox:open", environment)
    return state, environment


def stitched_environment(sandbox: str | None, *tables: TableName) -> tuple[State, str]:
    """Give what `opened_environment` does; raises DeniedError too where the user may not query ids and `tables`."""
    from cdp_assets.config.catalog import STITCH_IDS
    from cdp_assets.environments.permission import allow_reading
    from cdp_assets.security.user import acting_user

    state, environment = opened_environment(sandbox)
    allow_reading(state, acting_user(), environment, (STITCH_IDS, *tables))
    return state, environment


def may_reveal(state: State, environment: str, what: str) -> None:
    """Return when the user may see personal values as they are; else raise DeniedError."""
    from cdp_assets.environments.permission import allow
    from cdp_assets.security.user import acting_user

    allow(state, acting_user(), "query:reveal", environment, within=what)


def note_revealed(state: State, environment: str, what: str, **facts: str | int | None) -> None:
    """Note in the audit log that personal values were shown."""
    from cdp_assets.security.audit import record
    from cdp_assets.security.user import acting_user

    with state.write() as conn:
        record(conn, acting_user(), "query:reveal", f"{environment}:{what}", **facts)
