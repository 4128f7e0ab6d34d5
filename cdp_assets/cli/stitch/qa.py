"""`cdp stitch qa`: the documented queries that people judge Stitch by."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from cdp_assets.cli.environment import may_reveal, note_revealed, stitched_environment
from cdp_assets.home import Home
from cdp_assets.output import aligned

if TYPE_CHECKING:
    from cdp_assets.environments.stitch_qa import Rows
    from cdp_assets.stitch.qa.queries import QaQuery

WIDEST = 32


@click.command()
@click.argument("name", required=False)
@click.option("--sql", "as_sql", is_flag=True, help="Print the Presto SQL instead, for `cdp query`.")
@click.option("--most", type=click.IntRange(1), default=20, show_default=True, help="The most rows to show.")
@click.option("--sandbox", metavar="NAME", help="As a sandbox has published it, instead of production.")
@click.option("--reveal", is_flag=True, help="Show personal values as they are; this is noted in the audit log.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def qa(name: str | None, as_sql: bool, most: int, sandbox: str | None, reveal: bool, as_json: bool) -> None:
    """Answer one of the queries of Stitch QA, or list them all.

    \b
    Examples:
      ./cdp stitch qa
      ./cdp stitch qa bad_foreign_keys
      ./cdp stitch qa weakest_match --most 50 --json
      ./cdp query "$(./cdp stitch qa many_ids --sql)"
    """
    from cdp_assets.environments.permission import allow_reading
    from cdp_assets.environments.revision import applied_tenant
    from cdp_assets.environments.runs import current_publication
    from cdp_assets.environments.stitch_qa import StitchQa
    from cdp_assets.security.user import acting_user
    from cdp_assets.state.readers import reading
    from cdp_assets.stitch.qa.queries import qa_queries, qa_query

    if name is None:
        if as_sql or reveal:
            raise click.UsageError("--sql and --reveal are about one query. Expected NAME; `cdp stitch qa` lists them.")
        click.echo(_listed(qa_queries().values(), as_json))
        return
    query = qa_query(name)
    state, environment = stitched_environment(sandbox)
    tenant = applied_tenant(state, environment)
    asked = StitchQa(Home.locate().lake, current_publication(state, environment), tenant)
    if as_sql:
        click.echo(asked.presto(query))
        return
    allow_reading(state, acting_user(), environment, asked.tables(query))
    if reveal:
        may_reveal(state, environment, f"stitch.qa.{name}")
    with reading(state, asked.publication.id, f"stitch qa of {acting_user()}"):
        rows = asked.answer(query, most, reveal=reveal)
    if reveal:
        note_revealed(state, environment, f"stitch.qa.{name}", publication=asked.publication.id)
    click.echo(json.dumps(rows, indent=2, default=str) if as_json else f"{query.description}\n\n{_table(rows)}")


def _listed(queries: Iterable[QaQuery], as_json: bool) -> str:
    """Give the queries with what each shows."""
    if as_json:
        return json.dumps([{"name": one.name, "description": one.description} for one in queries], indent=2)
    return "\n".join(aligned([(one.name, one.description) for one in queries]))


def _table(rows: Rows) -> str:
    if not rows:
        return "none"
    return "\n".join(aligned([list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]))


def _cell(value: object) -> str:
    text = "absent" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)
    return text if len(text) <= WIDEST else f"{text[: WIDEST - 1]}…"
