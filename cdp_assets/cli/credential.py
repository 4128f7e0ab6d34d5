"""`cdp credential`: the names of secrets, and keys for them."""

from __future__ import annotations

import click

from cdp_assets.cli.credential_generate import generate


@click.group()
def credential() -> None:
    """Make the keys that credentials name.

    \b
    Example:
      ./cdp credential generate pgp acme
    """


credential.add_command(generate)
