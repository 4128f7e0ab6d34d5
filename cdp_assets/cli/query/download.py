"""`cdp query download`: a whole answer as a CSV file."""

from __future__ import annotations

from pathlib import Path

import click

from cdp_assets.cli.query.asked import DATABASE, QUERY, REVEAL, SANDBOX, here

TELL_EVERY = 100_000
"""Rows between two words of progress."""


@click.command()
@QUERY
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@DATABASE
@SANDBOX
@REVEAL
def download(query: str, file: Path, database: str, sandbox: str | None, reveal: bool) -> None:
    """Write the whole answer of a query of the tenant, or of Presto SQL, to a CSV FILE; noted in the audit log.

    FILE appears when it is whole: a download that is cut off or cancelled leaves what was there.

    \b
    Examples:
      ./cdp query download lifecycle_summary summary.csv
      ./cdp query download --reveal high_value_customers customers.csv
    """
    from cdp_assets.defs.engine import spark_server
    from cdp_assets.environments import query_download
    from cdp_assets.environments.asking import asking

    place = here(sandbox)
    question, lake = place.question(query, database), place.lake
    place.allow("export:download", question)
    place.allow("query:reveal" if reveal else "query:run", question)
    with spark_server(place.home), asking(place.state, lake, question, place.user, "download") as asked:
        rows = query_download.download(lake, question, asked, file, reveal=reveal, tell=Progress())
    place.note("export:download", question, rows)
    if reveal:
        place.note("query:reveal", question, rows)
    click.echo(f"{rows:,} rows written to {file}")


class Progress:
    """Says on stderr how many rows have come, every so many."""

    def __init__(self) -> None:
        self._next = TELL_EVERY

    def __call__(self, rows: int) -> None:
        """Note how many rows there are by now."""
        if rows >= self._next:
            click.echo(f"{rows:,} rows …", err=True)
            self._next = rows - rows % TELL_EVERY + TELL_EVERY
