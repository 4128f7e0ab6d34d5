"""The matrix of standard policies and actions, worked out from the statements, for docs/concepts/policies.md."""

from __future__ import annotations

from cdp_assets.config.policy import STANDARD_POLICIES
from cdp_assets.config.tenant import Tenant
from cdp_assets.config.user import OPTIONS, User
from cdp_assets.security.actions import ACTIONS, SANDBOX_CREATE
from cdp_assets.security.decision import decide

MARKS = {option: str(number) for number, option in enumerate(OPTIONS, 1)}
"""Option -> its number in the table."""
SANDBOX = "sandbox__example"


def cell(policy: str, action: str) -> str:
    """Say when somebody with only this policy may do an action: `yes`, in their `own` sandbox, or `·` for no.

    `+n` is an option that allows more than that, `-n` one that takes it away.
    """
    resource = SANDBOX if _of_sandboxes(action) else "production"
    everywhere, own = _may(policy, action, resource), _may(policy, action, resource, owner=True)
    more, less = [], []
    for option, mark in MARKS.items():
        if not everywhere and _may(policy, action, resource, option):
            more.append(f"+{mark}")
        if own and not _may(policy, action, resource, option, owner=True):
            less.append(f"-{mark}")
    base = ["yes"] if everywhere else ["own"] if own else []
    return " ".join(base + more + less) or "·"


def table() -> str:
    """Give the matrix as a Markdown table, a line for each action."""
    lines = [["Action", *STANDARD_POLICIES], ["---"] * (len(STANDARD_POLICIES) + 1)]
    lines += [[f"`{action}`", *(cell(policy, action) for policy in STANDARD_POLICIES)] for action in ACTIONS]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def legend() -> str:
    """Give the numbered options as a Markdown list."""
    return "\n".join(f"{mark}. {option}" for option, mark in MARKS.items())


def _of_sandboxes(action: str) -> bool:
    return action.startswith("sandbox:") and action != SANDBOX_CREATE


def _may(policy: str, action: str, resource: str, *options: str, owner: bool = False) -> bool:
    person = User(name="ann", full_name="Ann", policies=(policy,), options=options)
    tenant = Tenant(id="example", name="Example", users={"ann": person})
    return decide("ann", action, resource, tenant, "ann" if owner else "bob").allowed


if __name__ == "__main__":
    print(f"{table()}\n\n{legend()}")  # noqa: T201 - `python -m cdp_assets.security.matrix` writes them for the page
