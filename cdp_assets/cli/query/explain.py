"""`cdp query explain`: what asking a query would do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from cdp_assets.cli.query.asked import DATABASE, QUERY, SANDBOX, here

if TYPE_CHECKING:
    from cdp_assets.environments.query_explained import Explained


@click.command()
@QUERY
@DATABASE
@SANDBOX
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(query: str, database: str, sandbox: str | None, as_json: bool) -> None:
    """Show the Spark SQL of a query, the tables and versions that it reads, and where its columns come from.

    Nothing is run, and no value is shown.

    \b
    Examples:
      ./cdp query explain high_value_customers
      ./cdp query explain "SELECT state, COUNT(*) AS people FROM customer_360 GROUP BY state" --json
    """
    from cdp_assets.environments import query_explained

    place = here(sandbox)
    question = place.question(query, database)
    place.allow("query:run", question)
    found = query_explained.explain(place.lake, question)
    click.echo(json.dumps(found.as_json(), indent=2) if as_json else _text(found))


def _text(found: Explained) -> str:
    told = found.as_json()
    width = max((len(name) for name in found.lineage), default=0)
    lines = [f"Publication {told['publication']}, by way of"]
    lines += [f"  {one['table']}  {one['path']}@{one['version']}" for one in told["tables"]]
    lines += ["", "Columns"]
    for name, origins in found.lineage.items():
        shown = ", ".join(origins) or "no column, or lineage unknown"
        lines.append(f"  {name:<{width}}  {'personal' if name in found.personal else '        '}  {shown}")
    return "\n".join([*lines, "", "Spark SQL", found.spark_sql])
