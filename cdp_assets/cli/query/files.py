"""`cdp query list`, `draft` and `activate`: the queries in the tenant's files."""

from __future__ import annotations

import json

import click

from cdp_assets.cli.query.asked import SANDBOX
from cdp_assets.home import Home

NAME = click.argument("name")


@click.command(name="list")
@click.option("--sandbox", metavar="NAME", help="Of a sandbox's files instead of production's.")
@click.option("--label", help="Those with this label alone.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(sandbox: str | None, label: str | None, as_json: bool) -> None:
    """List the queries in the files, by folder: status, labels, description.

    \b
    Examples:
      ./cdp query list
      ./cdp query list --label winback
    """
    from cdp_assets.config.loader import load_tenant

    queries = load_tenant(Home.locate().config_of(sandbox)).queries.values()
    found = sorted(
        (one for one in queries if label is None or label in one.labels), key=lambda one: (one.folder, one.name)
    )
    if as_json:
        click.echo(json.dumps([one.model_dump(mode="json", exclude={"sql"}) for one in found], indent=2))
        return
    for one in found:
        place = f"{one.folder}/{one.name}" if one.folder else one.name
        labels = f"  [{', '.join(one.labels)}]" if one.labels else ""
        click.echo(f"{place:<40}  {one.status:<6}  {one.description}{labels}")


@click.command()
@NAME
@SANDBOX
def draft(name: str, sandbox: str | None) -> None:
    """Make a draft beside an active query: edit it and try it, while the active one goes on running.

    \b
    Example:
      ./cdp query draft high_value_customers     makes queries/high_value_customers_draft.sql
    """
    from cdp_assets.environments import query_drafts

    made = query_drafts.draft(Home.locate().config_of(sandbox), name)
    click.echo(f"{made} is the draft; `cdp query activate {name}` ends it.")


@click.command()
@NAME
@SANDBOX
def activate(name: str, sandbox: str | None) -> None:
    """Make a draft active in the files; one beside an active query takes its place. Then plan and apply as ever.

    \b
    Example:
      ./cdp query activate high_value_customers && ./cdp plan
    """
    from cdp_assets.environments import query_drafts

    click.echo(
        f"{query_drafts.activate(Home.locate().config_of(sandbox), name)} is active in the files. Next: `cdp plan`."
    )
