"""`cdp diff`: what a sandbox's data has that production's has not, and the other way round."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdp_assets.cli.environment import opened_environment
from cdp_assets.cli.progress import Progress
from cdp_assets.environments.data_diff.options import EXAMPLES, SAMPLE_ABOVE, Options
from cdp_assets.errors import CdpError
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION, TableName
from cdp_assets.output import write_whole

if TYPE_CHECKING:
    from cdp_assets.environments.data_diff.model import DataDiff
    from cdp_assets.state.database import State

IDENTICAL, DIFFERENT = 0, 2
FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--sandbox", metavar="NAME", required=True, help="Whose data is compared with production's.")
@click.option("--table", "names", metavar="TABLE", multiple=True, help="This `layer.name` alone; may be repeated.")
@click.option(
    "--sample-above",
    metavar="ROWS",
    type=click.IntRange(1),
    default=SAMPLE_ABOVE,
    show_default=True,
    help="Compare a larger table on a sample of about so many rows.",
)
@click.option(
    "--examples", type=click.IntRange(0), default=EXAMPLES, show_default=True, help="The most examples of each kind."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--markdown", type=FILE, help="Write a pull request's comment.")
@click.option("--html", type=FILE, help="Write one page with plots.")
def diff(
    sandbox: str,
    names: tuple[str, ...],
    sample_above: int,
    examples: int,
    as_json: bool,
    markdown: Path | None,
    html: Path | None,
) -> None:
    """Compare what a sandbox has published with production: rows, columns, people, exports.

    Tables that both read at one version are not opened. Personal values show their shape only.

    Exit codes: 0 identical, 1 an error, 2 different.

    \b
    Examples:
      ./cdp diff --sandbox loyalty-v2
      ./cdp diff --sandbox loyalty-v2 --html diff.html --markdown comment.md
      ./cdp diff --sandbox loyalty-v2 --table unified.merged_customers --examples 20
    """
    from cdp_assets.environments.data_diff.text import render

    options = Options(tuple(_table(name) for name in names), sample_above, examples)
    found = _compared(sandbox, options)
    if markdown is not None:
        from cdp_assets.environments.data_diff.markdown import markdown as comment

        write_whole(markdown, comment(found))
    if html is not None:
        from cdp_assets.environments.data_diff.html import page

        write_whole(html, page(found))
    click.echo(json.dumps(found.to_json(), indent=2) if as_json else render(found))
    sys.exit(IDENTICAL if found.is_identical else DIFFERENT)


def _table(name: str) -> TableName:
    try:
        return TableName.parse(name)
    except ValueError:
        raise CdpError(f"--table {name}: not a table. Expected a name such as unified.merged_customers.") from None


def _compared(sandbox: str, options: Options) -> DataDiff:
    from cdp_assets.environments.data_diff.compare import compare

    state, environment = opened_environment(sandbox)
    _allow_reading(state, environment, options)
    return compare(state, Home.locate().lake, sandbox, options, progress=Progress())


def _allow_reading(state: State, environment: str, options: Options) -> None:
    """Return when the user may query every table whose rows would be compared, on both sides."""
    from cdp_assets.environments.permission import allow_reading
    from cdp_assets.environments.runs import latest_publication
    from cdp_assets.security.user import acting_user

    for one in (PRODUCTION, environment):
        published = latest_publication(state, one)
        tables = options.tables or sorted(published.entries if published else ())
        allow_reading(state, acting_user(), one, tables)
