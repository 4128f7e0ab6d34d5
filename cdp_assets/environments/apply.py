"""Apply: builds what readers will need, then one atomic swap of revision, serial and publication; then what follows.

The journal says what an apply intends before it makes anything. Until the swap it can be withdrawn without a trace;
after it, what remains are projections, each of which may be done again.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from cdp_assets.cache import remembered
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.permission import allow, refuse_forbidden
from cdp_assets.environments.plan import Plan, read_plan
from cdp_assets.environments.planning import is_stale
from cdp_assets.environments.revision import body_of
from cdp_assets.environments.staging import Staged, stage
from cdp_assets.environments.swap import swap
from cdp_assets.errors import LockedError, PlanRefusedError, PublicationMovedError, StalePlanError
from cdp_assets.state import applies, environments, revisions, sandboxes
from cdp_assets.state.applies import Apply
from cdp_assets.state.database import State
from cdp_assets.state.leases import holder, lease

LEASE_S = 60.0
MOST_TRIES = 5
"""How often the tables are built up to a production that moves on meanwhile."""


class Builder(Protocol):
    """Builds the tables of a target revision before it is active."""

    def build(self, apply_id: str, staged: Staged) -> None:
        """Build `staged.tables`, each recorded in the staged run; raises CdpError where one fails."""
        ...


Project = Callable[[Apply], None]
"""Does again, if need be, what follows from a swap: files, git, code locations, events."""


@dataclass(frozen=True)
class Ports:
    """What apply reaches the world by. Without a builder a plan that needs one is refused."""

    builder: Builder | None = None
    projections: Mapping[str, Project] = field(default_factory=dict)
    """In the order in which they are done."""
    before: Callable[[Plan], None] = lambda _: None
    """Refuses, before any work, what a projection could not do."""
    say: Callable[[str], None] = lambda _: None


@dataclass(frozen=True)
class Options:
    """What the user asks for beside the plan."""

    message: str = ""
    delete_sandbox: bool = False
    swap_now: bool = False
    """Swap tables that lag behind; the next run brings them up to date."""
    files: dict[str, str] | None = None
    """The text of the configuration that the plan was made from."""
    bindings: dict[str, Any] | None = None
    """What a sandbox may reach."""


@dataclass(frozen=True)
class Applied:
    """What an environment runs after an apply."""

    environment: str
    serial: int
    revision_id: str
    changed: bool


def apply_plan(
    state: State,
    plan: Plan,
    user: str,
    options: Options | None = None,
    ports: Ports | None = None,
    *,
    lease_s: float = LEASE_S,
) -> Applied:
    """Activate a plan's target.

    An empty plan writes nothing: no serial, no audit row, no journal.

    Raises:
        DeniedError: The user may not.
        PlanRefusedError: A check, a conflict or a missing approval stands in the way.
        StalePlanError: The environment, or the promoted sandbox, has moved since the plan was made.
        LockedError: Another apply of the environment is under way.
    """
    options, ports = options or Options(), ports or Ports()
    refuse_forbidden(state, plan, user)
    _refuse_stale(state, plan)
    if plan.is_empty and plan.prior_revision is not None:
        _bind(state, plan.environment, options)
        return Applied(plan.environment, plan.serial, plan.prior_revision, changed=False)
    ports.before(plan)
    with lease(state, lease_name(plan.environment), holder=holder(user), ttl_s=lease_s) as fence:
        clear_up(state, plan.environment, ports)
        apply_id = str(uuid.uuid4())
        revision_id = _begin(state, apply_id, plan, user, options, fence)
        try:
            serial = _stage_and_swap(state, apply_id, fence, plan, user, options, ports, revision_id)
        except BaseException as error:
            withdraw(state, apply_id, type(error).__name__)
            raise
        project(state, apply_id, ports)
    return Applied(plan.environment, serial, revision_id, changed=True)


def lease_name(environment: str) -> str:
    """Give the name of the lease that an apply holds."""
    return f"apply:{environment}"


def _begin(state: State, apply_id: str, plan: Plan, user: str, options: Options, fence: int) -> str:
    """Write the intent down, in the transaction that looks for staleness once more."""
    with state.write() as conn:
        if is_stale(environments.get_or_create(conn, plan.environment), plan):
            raise StalePlanError(environments.stale_text(plan.environment))
        body = body_of(Tenant.model_validate(plan.target))
        revision_id = revisions.put(conn, body, created_by=user, message=options.message, files=options.files)
        applies.begin(
            conn,
            apply_id,
            environment=plan.environment,
            plan_id=plan.plan_id,
            plan=plan.to_json(),
            options=asdict(options) | {"files": None},
            fence=fence,
            began_by=user,
        )
    return revision_id


def _stage_and_swap(
    state: State,
    apply_id: str,
    fence: int,
    plan: Plan,
    user: str,
    options: Options,
    ports: Ports,
    revision_id: str,
) -> int:
    """Build what is missing and swap; when production publishes meanwhile, build up to that and try again."""
    for attempt in range(MOST_TRIES):
        staged = stage(state, apply_id, fence, plan, revision_id, attempt=attempt, swap_now=options.swap_now)
        if staged.tables:
            if ports.builder is None:
                names = ", ".join(str(table) for table in staged.tables)
                raise PlanRefusedError(f"{names}: must be built before the swap. Expected a builder; use `cdp apply`.")
            ports.say(f"Building {len(staged.tables)} tables before the swap …")
            ports.builder.build(apply_id, staged)
        try:
            return swap(state, apply_id, fence, plan, staged, user, options.message)
        except PublicationMovedError:
            ports.say(f"{plan.environment} has published meanwhile; catching up …")
    raise LockedError(
        f"{plan.environment}: published again and again while the tables were built. Expected a pause between its "
        "runs; stop its schedules for a while, then apply again."
    )


def withdraw(state: State, apply_id: str, problem: str) -> None:
    """Close an apply that has not swapped; what it built stays nameless, for the janitor."""
    with state.write() as conn:
        if applies.get(conn, apply_id).state == "building":
            applies.end(conn, apply_id, "withdrawn", problem)


def project(state: State, apply_id: str, ports: Ports) -> None:
    """Do what follows from a swap, each step noted; again after a crash does only what is missing."""
    with state.read() as conn:
        found, done = applies.get(conn, apply_id), applies.steps_done(conn, apply_id)
    for name, do in ports.projections.items():
        if name not in done:
            do(found)
            with state.write() as conn:
                applies.step_done(conn, apply_id, name)
    with state.write() as conn:
        applies.end(conn, apply_id, "done")


def clear_up(state: State, environment: str, ports: Ports) -> str | None:
    """Finish or withdraw what an apply of a dead process has left; say which. Its lease must be held.

    Raises nothing where there is nothing to do.
    """
    with state.read() as conn:
        left = applies.find_open(conn, environment)
    if left is None:
        return None
    if left.state == "building":
        ports.say(f"Withdrawing an apply of {left.began_by} that was cut off before its swap.")
        withdraw(state, left.id, "its process died")
        return "withdrawn"
    ports.say(f"Finishing an apply of {left.began_by} that was cut off after its swap.")
    project(state, left.id, ports)
    return "finished"


def recover(state: State, environment: str, user: str, ports: Ports, *, lease_s: float = LEASE_S) -> str | None:
    """Finish or withdraw an apply that was cut off: `finished`, `withdrawn`, or None where there is none."""
    allow(state, user, "environment:recover", environment)
    with lease(state, lease_name(environment), holder=holder(user), ttl_s=lease_s):
        return clear_up(state, environment, ports)


def _refuse_stale(state: State, plan: Plan) -> None:
    """Refuse before any work; the swap looks again."""
    with state.read() as conn:
        now = environments.get(conn, plan.environment)
        if now is None or is_stale(now, plan):
            raise StalePlanError(environments.stale_text(plan.environment))
        kind, _, name = plan.source.partition(":")
        if kind == "sandbox":
            sandbox = environments.get(conn, f"sandbox__{name}")
            if sandbox is None or sandbox.revision_id != plan.source_revision:
                raise StalePlanError(environments.stale_text(f"sandbox {name}"))


def _bind(state: State, environment: str, options: Options) -> None:
    if options.bindings is None:
        return
    with state.write() as conn:
        found = sandboxes.find(conn, environment)
        if found is not None and dict(found.bindings) != options.bindings:
            sandboxes.bind(conn, environment, options.bindings)


@remembered
def plan_of(found: Apply) -> Plan:
    """Give the plan that an apply carries out."""
    return read_plan(dict(found.plan))
