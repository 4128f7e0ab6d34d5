"""The one door before every change: may this user do this to that?"""

from __future__ import annotations

from collections.abc import Callable

from cdp_assets.errors import DeniedError

Rule = Callable[[str, str, str], bool]


def allow_all(user: str, action: str, resource: str) -> bool:
    """The rule until a tenant has policies: everybody with access to the machine may do everything."""
    return bool(user and action and resource)


def may(user: str, action: str, resource: str, rule: Rule = allow_all) -> None:
    """Return when `user` may do `action` (such as `environment:apply`) to `resource`; else raise DeniedError."""
    if not rule(user, action, resource):
        raise DeniedError(f"{user or 'nobody'} may not {action} {resource}. Expected a policy that allows it.")
