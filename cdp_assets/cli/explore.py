"""`cdp explore`: what is published, down to a column's values."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cdp_assets.cli.environment import opened_environment
from cdp_assets.home import Home
from cdp_assets.names import TableName, database_layer
from cdp_assets.output import write_whole

if TYPE_CHECKING:
    from cdp_assets.environments.columns import Columns
    from cdp_assets.environments.explorer import ExploredTable
    from cdp_assets.environments.published import PublishedColumns
    from cdp_assets.lakehouse.lake import Lake
    from cdp_assets.state.database import State
    from cdp_assets.state.publications import Publication

MOST_VALUES = 20


@click.command()
@click.argument("database", required=False)
@click.argument("table", required=False)
@click.argument("column", required=False)
@click.option("--sandbox", metavar="NAME", help="Of a sandbox instead of production.")
@click.option("--html", type=click.Path(dir_okay=False, path_type=Path), help="Write one page about the tables.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explore(
    database: str | None, table: str | None, column: str | None, sandbox: str | None, html: Path | None, as_json: bool
) -> None:
    """Look at what is published, without Spark: databases, a DATABASE's tables, a TABLE's columns, a COLUMN's values.

    DATABASE may be a layer as well, such as unified or domain. Personal values show their shape alone.

    \b
    Examples:
      ./cdp explore
      ./cdp explore customer_360 --html customer_360.html
      ./cdp explore customer_360 customer_attributes
      ./cdp explore unified merged_customers email
    """
    place = looking(sandbox)
    if database is None:
        found: Any = place.databases()
        text = "\n".join(f"{name:<24}  {len(tables):>3} tables" for name, tables in found.items())
    elif table is None or html is not None:
        tables = [place.explored(name) for name in place.tables(database, table)]
        if html is not None:
            write_whole(html, _page(place, database, tables))
        found, text = [one.as_json() for one in tables], "\n".join(map(_short, tables))
    elif column is None:
        one = place.explored(place.tables(database, table)[0])
        found, text = one.as_json(), _long(one)
    else:
        found = place.column(place.tables(database, table)[0], column)
        text = _values(found)
    click.echo(json.dumps(found, indent=2) if as_json else text)


@dataclass(frozen=True)
class Looking:
    """A publication, and who looks at it."""

    state: State
    lake: Lake
    environment: str
    publication: Publication
    columns: Columns

    def databases(self) -> dict[str, list[str]]:
        """Give the tables of every database and layer."""
        found: dict[str, list[str]] = {}
        for name in sorted(self.publication.entries):
            found.setdefault(name.layer.removeprefix(database_layer("")), []).append(name.name)
        return found

    def tables(self, database: str, table: str | None) -> list[TableName]:
        """Give the tables that are meant; the user must be allowed to query each."""
        from cdp_assets.config.known import nearest_known
        from cdp_assets.environments.permission import allow_reading
        from cdp_assets.security.user import acting_user

        layers = (database_layer(database), database)
        known = [name for name in sorted(self.publication.entries) if name.layer in layers]
        if not known:
            raise click.UsageError(
                f"No tables of {database} are published. Expected {nearest_known(database, self.databases())}."
            )
        found = known if table is None else [name for name in known if name.name == table]
        if not found:
            expected = nearest_known(table or "", [name.name for name in known])
            raise click.UsageError(f"{database} has no table {table}. Expected {expected}.")
        allow_reading(self.state, acting_user(), self.environment, found)
        return found

    def personal(self, name: TableName) -> frozenset[str]:
        """Give a table's personal columns."""
        from cdp_assets.security.personal import personal_columns

        return personal_columns(self.columns.catalog, name, self._published)

    @cached_property
    def _published(self) -> PublishedColumns:
        from cdp_assets.environments.published import PublishedColumns

        return PublishedColumns(self.lake.root, self.publication)

    def explored(self, name: TableName) -> ExploredTable:
        """Look at a table."""
        from cdp_assets.environments.explorer import explored

        return explored(self.lake, self.columns.catalog, self.publication.entry(name), self.personal(name))

    def column(self, name: TableName, column: str) -> dict[str, Any]:
        """Look at a column: its common values, what it is made of, and what is made of it."""
        from cdp_assets.environments import explorer

        one = next((one for one in self.explored(name).columns if one.name == column), None)
        if one is None:
            raise click.UsageError(f"{name} has no column {column}.")
        common = explorer.common_values(self.lake, self.publication.entry(name), column, one.personal, MOST_VALUES)
        return {
            "column": f"{name}.{column}",
            "type": one.type,
            "filled": one.filled,
            "distinct": one.distinct,
            "personal": one.personal,
            "common": [{"value": value, "rows": rows} for value, rows in common],
            "made_of": explorer.origins(self.columns, name, column),
            "makes": explorer.uses(self.columns, name, column),
        }


def looking(sandbox: str | None) -> Looking:
    """Give what is published in production or in a sandbox, to a user who may query there."""
    from cdp_assets.environments.columns import columns_of
    from cdp_assets.environments.permission import allow
    from cdp_assets.environments.revision import applied_tenant
    from cdp_assets.environments.runs import current_publication
    from cdp_assets.lakehouse.lake import Lake
    from cdp_assets.lakehouse.session import SparkSessions
    from cdp_assets.security.user import acting_user

    state, environment = opened_environment(sandbox)
    allow(state, acting_user(), "query:run", environment)
    tenant = applied_tenant(state, environment)
    home = Home.locate()
    lake = Lake(home.lake, SparkSessions.for_home(home.root))
    return Looking(state, lake, environment, current_publication(state, environment), columns_of(tenant))


def _page(place: Looking, database: str, tables: Sequence[ExploredTable]) -> str:
    from cdp_assets.environments.explorer_page import page

    about = f"{place.environment}, publication {place.publication.id}, of {place.publication.business_date}"
    return page(database, about, tables)


def _short(table: ExploredTable) -> str:
    return f"{table.name:<48}  {table.rows:>12,} rows  {len(table.columns):>4} columns  {table.description}"


def _long(table: ExploredTable) -> str:
    from cdp_assets.environments.explorer_page import filled

    lines = [
        _short(table),
        f"made of {', '.join(table.reads) or 'files'}",
        f"read by {', '.join(table.read_by) or '-'}",
        "",
    ]
    for one in table.columns:
        common = ", ".join(f"{value} ({rows:,})" for value, rows in one.common)
        personal = "personal" if one.personal else "        "
        told = f"{filled(table, one):>6}  {one.distinct:>10,} values  {personal}  {common}"
        lines.append(f"{one.name:<36}  {one.type:<14}  {told}".rstrip())
    return "\n".join(lines)


def _values(found: dict[str, Any]) -> str:
    lines = [f"{found['column']}  {found['type']}  {found['filled']:,} filled, {found['distinct']:,} values"]
    lines += [f"made of  {one}" for one in found["made_of"]]
    lines += [f"makes    {one}" for one in found["makes"]]
    return "\n".join([*lines, "", *(f"{one['rows']:>12,}  {one['value']}" for one in found["common"])])
