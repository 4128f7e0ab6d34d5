"""`cdp credential list` and `test`: which credentials there are, and whether they open what they are for."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from cdp_assets.cli.environment import opened_environment
from cdp_assets.home import Home
from cdp_assets.output import aligned

SANDBOX = click.option("--sandbox", metavar="NAME", help="Of a sandbox's files instead of production's.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
FAILS = 1
"""The exit code where a place cannot be used."""


@click.command("list")
@SANDBOX
@AS_JSON
def list_(sandbox: str | None, as_json: bool) -> None:
    """Name every credential in the files, its secrets by their fields, and who uses it. No secret is looked at."""
    from cdp_assets.config.loader import load_tenant
    from cdp_assets.environments.connections import users_of

    tenant = load_tenant(Home.locate().config_of(sandbox))
    found = {name: (one.type, sorted(one.secrets), users_of(tenant, name)) for name, one in tenant.credentials.items()}
    if as_json:
        fields = ("name", "type", "secrets", "used_by")
        click.echo(json.dumps([dict(zip(fields, (name, *one), strict=True)) for name, one in found.items()], indent=2))
    elif not found:
        click.echo("There is no credential. Expected files in credentials/.")
    else:
        rows = [(name, kind, ", ".join(secrets), ", ".join(users)) for name, (kind, secrets, users) in found.items()]
        click.echo("\n".join(aligned([("name", "type", "secrets", "used by"), *rows])))


@click.command()
@click.argument("name")
@SANDBOX
@AS_JSON
@click.pass_context
def test(ctx: click.Context, name: str, sandbox: str | None, as_json: bool) -> None:
    """Try the credential NAME, as the files have it, at each courier and destination that uses it.

    Connects, logs in and lists; nothing is written there. Exit codes: 0 all of them work, 1 one does not.

    \b
    Examples:
      ./cdp credential test acme_sftp
      ./cdp credential test acme_sftp --sandbox loyalty-v2     with what the sandbox binds
    """
    from cdp_assets.config.known import nearest_known
    from cdp_assets.config.loader import load_tenant
    from cdp_assets.defs.resources import CloudClients
    from cdp_assets.environments.connections import tried_credential
    from cdp_assets.environments.outside import Outside
    from cdp_assets.environments.permission import allow
    from cdp_assets.security.user import acting_user

    state, environment = opened_environment(sandbox)
    allow(state, acting_user(), "credential:edit", environment)
    tenant = load_tenant(Home.locate().config_of(sandbox))
    if name not in tenant.credentials:
        raise click.UsageError(f"There is no credential {name}. Expected {nearest_known(name, tenant.credentials)}.")
    found = tried_credential(Outside(state, Home.locate(), environment, tenant, CloudClients()), name)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], indent=2))
    else:
        click.echo("\n".join(f"{'ok   ' if one.works else 'fails'}  {one.address}: {one.said}" for one in found))
    ctx.exit(0 if all(one.works for one in found) else FAILS)
