"""`cdp query`: ask what is published, and look after the queries of the tenant."""

from __future__ import annotations

import click

from cdp_assets.cli.query.download import download
from cdp_assets.cli.query.explain import explain
from cdp_assets.cli.query.files import activate, draft, list_
from cdp_assets.cli.query.history import cancel, history
from cdp_assets.cli.query.run import run


@click.group()
def query() -> None:
    """Ask what is published now in Presto SQL, and look after the tenant's queries. Personal values show their shape.

    \b
    Examples:
      ./cdp query run "SELECT state, COUNT(*) AS people FROM customer_360 GROUP BY state"
      ./cdp query explain high_value_customers      the Spark SQL, the tables, the lineage
      ./cdp query download lifecycle_summary s.csv  the whole answer
      ./cdp query history                           who asked what, and how long it took
    """


for _command in (run, explain, download, list_, draft, activate, history, cancel):
    query.add_command(_command)
