"""`cdp query`: an answer from the current publication, in the terminal."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

import click

from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION, TableName, database_layer

Rows = list[dict[str, object]]
WIDEST = 40


@click.command()
@click.argument("sql", required=False)
@click.option("--name", help="Answer this query of the tenant instead.")
@click.option("--database", default="customer_360", show_default=True, help="Where one-part names are looked up.")
@click.option("--environment", default=PRODUCTION, show_default=True, help="Whose publication answers.")
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True, help="The most rows to show.")
@click.option("--format", "shape", type=click.Choice(["table", "csv", "json"]), default="table", show_default=True)
@click.option("--reveal", is_flag=True, help="Show personal columns as they are; this is noted in the audit log.")
def query(
    sql: str | None, name: str | None, database: str, environment: str, limit: int, shape: str, reveal: bool
) -> None:
    """Answer Presto SQL from what is published now; personal columns show their shape only.

    \b
    Examples:
      ./cdp query "SELECT state, COUNT(*) AS people FROM customer_360 GROUP BY state"
      ./cdp query --name high_value_customers --format csv
      ./cdp query --reveal "SELECT email FROM customer_360 LIMIT 3"
    """
    if (sql is None) == (name is None):
        raise click.UsageError("Give SQL, or --name and a query of the tenant.")
    rows = _answer(sql, name, database, environment, limit, reveal)
    click.echo(SHAPES[shape](rows))


def _answer(sql: str | None, name: str | None, database: str, environment: str, limit: int, reveal: bool) -> Rows:
    from cdp_assets.config.catalog import build_catalog, scope_of
    from cdp_assets.defs.engine import spark_server
    from cdp_assets.environments.answers import AD_HOC, frame_of, personal_of_answer, with_ad_hoc
    from cdp_assets.environments.permission import allow
    from cdp_assets.environments.revision import active_tenant
    from cdp_assets.environments.runs import current_publication
    from cdp_assets.errors import StateError
    from cdp_assets.lakehouse.lake import Lake
    from cdp_assets.lakehouse.session import SparkSessions
    from cdp_assets.security.audit import record
    from cdp_assets.security.obfuscation import mask
    from cdp_assets.security.user import acting_user
    from cdp_assets.state.database import State
    from cdp_assets.state.readers import reading

    home, user = Home.locate(), acting_user()
    state = State.open(home.state)
    active = active_tenant(state, environment)
    if active is None:
        raise StateError(f"{environment}: nothing is applied. Expected `./cdp apply`, or `./cdp demo`, first.")
    catalog = build_catalog(active[1])
    if sql is not None:
        catalog = with_ad_hoc(catalog, sql, database, TableName(database_layer(database), ""))
    asked = AD_HOC if name is None else TableName("query", name)
    if asked not in catalog.tables:
        known = ", ".join(sorted(table.name for table in catalog.tables if table.layer == "query"))
        raise click.UsageError(f"There is no query {name}. The tenant's queries are {known}.")
    table = catalog.tables[asked]
    publication = current_publication(state, environment)
    allow(state, user, "query:reveal" if reveal else "query:run", environment, within=str(asked))
    lake = Lake(home.lake, SparkSessions.for_home(home.root))
    with reading(state, publication.id, f"cdp query of {user}"), spark_server(home):
        found = lake.sessions.run(
            lambda: frame_of(lake, publication, table, scope_of(table), where="the query").limit(limit).toArrow()
        )
    if reveal:
        with state.write() as conn:
            record(conn, user, "query:reveal", str(asked), publication=publication.id, rows=found.num_rows)
        return list(found.to_pylist())
    hidden = personal_of_answer(lake, publication, catalog, asked, found.column_names)
    return [
        {column: mask(value) if column in hidden else value for column, value in row.items()}
        for row in found.to_pylist()
    ]


def _table(rows: Rows) -> str:
    if not rows:
        return "no rows"
    shown = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(len(line[at]) for line in shown) for at in range(len(shown[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in shown]
    return "\n".join([lines[0], "  ".join("─" * width for width in widths), *lines[1:]])


def _cell(value: object) -> str:
    text = "NULL" if value is None else str(value)
    return text if len(text) <= WIDEST else text[: WIDEST - 1] + "…"


def _csv(rows: Rows) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, fieldnames=_columns(rows), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().rstrip("\n")


def _columns(rows: Rows) -> Sequence[str]:
    return list(rows[0]) if rows else []


def _json(rows: Rows) -> str:
    return json.dumps(rows, indent=2, default=str)


SHAPES = {"table": _table, "csv": _csv, "json": _json}
