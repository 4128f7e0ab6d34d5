"""`cdp database`: a new database from a template, and the schema of one as a file."""

from __future__ import annotations

from pathlib import Path

import click

from cdp_assets.home import Home
from cdp_assets.names import is_name

TEMPLATES = ("customer_360", "stitch_qa", "passthrough", "none")
SANDBOX = click.option("--sandbox", metavar="NAME", help="Of a sandbox instead of production.")


@click.group()
def database() -> None:
    """Make databases, and look at their schemas.

    \b
    Examples:
      ./cdp database new quality --template stitch_qa     writes files; then plan and apply
      ./cdp database schema customer_360 schema.csv       tables, columns, types, for people
    """


@database.command()
@click.argument("name")
@click.option(
    "--template", type=click.Choice(TEMPLATES), default="none", show_default=True, help="What it begins with."
)
@SANDBOX
def new(name: str, template: str, sandbox: str | None) -> None:
    """Write the files of a database NAME: a pass-through of each table of the template that the tenant has.

    customer_360: what is known of people, orders, loyalty and e-mail; stitch_qa: what tells how good identities are;
    passthrough: every unified table; none: no table. Edit the files, add tables, then plan and apply.
    """
    from cdp_assets.config.catalog import build_catalog
    from cdp_assets.config.loader import load_tenant
    from cdp_assets.databases.templates import database_files

    folder = Home.locate().config_of(sandbox)
    if not is_name(name) or (folder / "databases" / name).exists():
        raise click.UsageError(f"{name}: taken, or not lower snake case. Expected the name of a new database.")
    files = database_files(build_catalog(load_tenant(folder)), name, template)
    (folder / "databases" / name).mkdir(parents=True)
    for path, text in files.items():
        (folder / path).write_text(text, encoding="utf-8")
    click.echo(f"databases/{name}/: {len(files) - 1} tables. Next: `cdp plan`.")


@database.command()
@click.argument("name")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@SANDBOX
def schema(name: str, file: Path, sandbox: str | None) -> None:
    """Write the published schema of a database NAME to a FILE: .csv, .json or .xlsx."""
    from cdp_assets.cli.explore import looking
    from cdp_assets.databases.schema_file import schema_rows, write_schema
    from cdp_assets.lakehouse.tables import TableVersion

    place = looking(sandbox)
    known = place.columns.tenant.databases
    rows = []
    for table in place.tables(name, None):
        entry, said = place.publication.entry(table), known[name].tables if name in known else {}
        types = place.lake.spark_columns(TableVersion(entry.path, entry.version))
        rows += schema_rows(table.name, types, place.personal(table), said.get(table.name))
    write_schema(file, rows)
    click.echo(f"{len(rows)} columns written to {file}")
