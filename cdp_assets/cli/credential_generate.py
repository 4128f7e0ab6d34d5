"""`cdp credential generate`: key pairs, whose private parts go to files that secret:// references can name."""

from __future__ import annotations

import json
import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdp_assets.home import Home
from cdp_assets.secrets import Secret

if TYPE_CHECKING:
    from cdp_assets.exchange.ssh_key import SshKeyType

PASSPHRASE_BYTES = 32


def _plain(_: click.Context, __: click.Parameter, name: str) -> str:
    """Let a name through that can name files and a credential."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}", name):
        raise click.BadParameter("letters, digits, `_` and `-` only.")
    return name


NAME = click.argument("name", callback=_plain)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
FOLDER = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the files go; `secrets` in the home unless set.",
)


@click.group()
def generate() -> None:
    """Make a key pair. The private part goes to a file with mode 600, the public one is printed; nothing is replaced.

    \b
    Examples:
      ./cdp credential generate pgp acme            4096 bits, with a passphrase of its own
      ./cdp credential generate pgp acme --add      a second key beside it, while keys change
      ./cdp credential generate ssh acme_sftp       RSA 4096
    """


@generate.command()
@NAME
@click.option("--email", help="Whose key it says it is; NAME at an example domain unless set.")
@click.option("--add", is_flag=True, help="Put the new key beside the old one in the file; files for either are read.")
@FOLDER
@AS_JSON
def pgp(name: str, email: str | None, add: bool, folder: Path | None, as_json: bool) -> None:
    """Make a PGP key: a primary key that signs and one subkey to which files are encrypted.

    Send the printed part to whoever sends you files. With --add, wait until all of them use the new key, then take the
    old one out of the file.
    """
    from cdp_assets.exchange.codecs.pgp.generate import pgp_key_pair
    from cdp_assets.exchange.key_pair import add_private, keep_private, secret_reference

    private, passphrase = (_place(folder, f"{name}.{part}") for part in ("private.asc", "passphrase"))
    references = {"private_keys": secret_reference(private), "passphrase": secret_reference(passphrase)}
    if add and not (private.is_file() and passphrase.is_file()):
        raise click.UsageError(f"There is no key to add to. Expected {private} and {passphrase.name} beside it.")
    if not add:
        _refuse_taken(private, passphrase)
        keep_private(passphrase, secrets.token_urlsafe(PASSPHRASE_BYTES))
    pair = pgp_key_pair(f"{name} of the data platform", email or f"{name}@data.example", Secret(passphrase.read_text()))
    (add_private if add else keep_private)(private, pair.private)
    _say({"fingerprint": pair.fingerprint, "public_key": pair.public}, name, "pgp", references, as_json=as_json)


@generate.command()
@NAME
@click.option("--type", "kind", type=click.Choice(["rsa", "ed25519"]), default="rsa", show_default=True)
@FOLDER
@AS_JSON
def ssh(name: str, kind: SshKeyType, folder: Path | None, as_json: bool) -> None:
    """Make an SSH key for SFTP. Give the printed line to whoever runs the server, for its `authorized_keys`."""
    from cdp_assets.exchange.key_pair import keep_private, secret_reference
    from cdp_assets.exchange.ssh_key import ssh_key_pair

    private = _place(folder, f"{name}.ssh")
    references = {"private_key": secret_reference(private)}
    _refuse_taken(private)
    pair = ssh_key_pair(kind, name)
    keep_private(private, pair.private)
    _say({"fingerprint": pair.fingerprint, "public_key": pair.public}, name, "sftp", references, as_json=as_json)


def _place(folder: Path | None, name: str) -> Path:
    return (folder or Home.locate().root / "secrets").resolve() / name


def _refuse_taken(*paths: Path) -> None:
    """End before a key is made in vain."""
    if taken := [str(path) for path in paths if path.exists()]:
        raise click.UsageError(f"{', '.join(taken)}: there already, and kept. Expected another name, or --add for PGP.")


def _say(found: dict[str, Any], name: str, kind: str, references: dict[str, str], *, as_json: bool) -> None:
    """Print the public part, and the credential that names the private one."""
    if as_json:
        click.echo(json.dumps({"name": name, "type": kind} | found | {"secrets": references}, indent=2))
        return
    lines = [f"Fingerprint: {found['fingerprint']}", "", found["public_key"].rstrip(), ""]
    lines += [f"In tenant_config/credentials/{name}.yaml:", f"  name: {name}", f"  type: {kind}", "  secrets:"]
    lines += [f"    {field}: {reference}" for field, reference in references.items()]
    click.echo("\n".join(lines))
