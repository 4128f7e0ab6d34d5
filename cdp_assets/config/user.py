"""A user: who may act, under which policies and options."""

from __future__ import annotations

import re

from cdp_assets.config.base import Resource, affects
from cdp_assets.config.policy import (
    AMP360_USER,
    AMPIQ_USER,
    DATAGRID_ADMINISTRATOR,
    DATAGRID_OPERATOR,
)

SANDBOX_ADMINISTRATION = "Allow sandbox administration"
USER_ADMINISTRATION = "Allow user administration"
DATAGRID = (DATAGRID_OPERATOR, DATAGRID_ADMINISTRATOR)
ANY = (AMP360_USER, AMPIQ_USER, *DATAGRID)
OPTIONS: dict[str, tuple[str, ...]] = {
    "Allow API key administration": ANY,
    "Allow Profile API administration": DATAGRID,
    SANDBOX_ADMINISTRATION: DATAGRID,
    "Allow inbound bridge credential rotation": DATAGRID,
    "Allow source data deletion": DATAGRID,
    USER_ADMINISTRATION: ANY,
    "Audience monetization access": DATAGRID,
    "Restrict AmpAI access": (),
    "Restrict data exports": (),
    "Restrict download access": (),
    "Restrict PII access": (),
    "Restrict upload access": (),
}
"""Option -> the standard policies that it widens, one of which its user needs; a restriction needs none."""

_LOGIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}")


class User(Resource):
    """Somebody who may act; the first user of a tenant closes the door to everybody else."""

    name: str = affects("metadata")
    """The login, as CDP_USER or the operating system gives it; upper and lower case differ."""
    full_name: str = affects("metadata")
    email: str | None = affects("metadata", None)
    policies: tuple[str, ...] = affects("runtime", min_length=1)
    """Names of standard policies or of the tenant's own."""
    options: tuple[str, ...] = affects("runtime", ())
    resource_groups: tuple[str, ...] = affects("runtime", ())
    """The user reads data of these groups' databases only; without any, of all."""


def is_login(text: str) -> bool:
    """Say whether `text` may name a user: letters, digits and `. _ @ + -`, the first a letter or digit.

    >>> is_login("ann"), is_login("ann.lee@acme.com"), is_login("../ann")
    (True, True, False)
    """
    return _LOGIN.fullmatch(text) is not None
