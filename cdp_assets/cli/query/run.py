"""`cdp query run`: the first rows of an answer, in the terminal."""

from __future__ import annotations

import click

from cdp_assets.cli.query.asked import DATABASE, QUERY, REVEAL, SANDBOX, here
from cdp_assets.cli.query.shapes import SHAPES

PREVIEW_ROWS = 100


@click.command()
@QUERY
@DATABASE
@SANDBOX
@click.option("--limit", type=click.IntRange(1), default=PREVIEW_ROWS, show_default=True, help="The most rows to show.")
@click.option("--format", "shape", type=click.Choice(list(SHAPES)), default="table", show_default=True)
@REVEAL
def run(query: str, database: str, sandbox: str | None, limit: int, shape: str, reveal: bool) -> None:
    """Answer a query of the tenant, or Presto SQL, from what is published now. Ctrl-C stops it in Spark too.

    \b
    Examples:
      ./cdp query run "SELECT state, COUNT(*) AS people FROM customer_360 GROUP BY state"
      ./cdp query run high_value_customers --format csv
      ./cdp query run --database stitch_qa bad_foreign_keys
      ./cdp query run --reveal "SELECT email FROM customer_360 LIMIT 3"
    """
    from cdp_assets.defs.engine import spark_server
    from cdp_assets.environments.asking import asking, head, hidden
    from cdp_assets.security.obfuscation import mask

    place = here(sandbox)
    question, lake = place.question(query, database), place.lake
    place.allow("query:reveal" if reveal else "query:run", question)
    with spark_server(place.home), asking(place.state, lake, question, place.user, "preview") as asked:
        found = head(lake, question, asked, limit)
    if reveal:
        place.note("query:reveal", question, found.num_rows)
    masked = frozenset() if reveal else hidden(lake, question, found.column_names)
    rows = [
        {name: mask(value) if name in masked else value for name, value in row.items()} for row in found.to_pylist()
    ]
    click.echo(SHAPES[shape](rows))
