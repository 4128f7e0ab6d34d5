"""`cdp credential`: the names of secrets, whether they open what they are for, and keys for them."""

from __future__ import annotations

import click

from cdp_assets.cli.credential_generate import generate
from cdp_assets.cli.credential_look import list_, test


@click.group()
def credential() -> None:
    """List and try credentials, and make the keys that they name.

    \b
    Examples:
      ./cdp credential list
      ./cdp credential test acme_sftp       connect, log in and list, wherever it is used
      ./cdp credential generate pgp acme
    """


for _command in (list_, test, generate):
    credential.add_command(_command)
