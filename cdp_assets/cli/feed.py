"""`cdp feed infer`: a feed from a file, with its reasons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdp_assets.home import Home
from cdp_assets.names import SANDBOX_FILE, is_name
from cdp_assets.output import aligned, write_whole

if TYPE_CHECKING:
    from cdp_assets.sources.infer.proposal import Proposal


@click.group()
def feed() -> None:
    """Make feeds.

    \b
    Examples:
      ./cdp feed infer drop/customers_2026_11_20.csv.gz              look at what it proposes, and why
      ./cdp feed infer drop/customers_2026_11_20.csv.gz --write      write the feed's file and the courier's
    """


def _checked(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    if value is not None and not is_name(value):
        raise click.BadParameter("Expected lower snake case, a letter first.")
    return value


@feed.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", callback=_checked, help="The feed's source; the file's folder unless given.")
@click.option("--name", callback=_checked, help="The feed's name; the file's, without its date, unless given.")
@click.option("--contents", metavar="PATTERN", help="Which members of an archive are meant, such as 'customers*.csv'.")
@click.option("--sandbox", metavar="NAME", help="With --write: into a sandbox instead of production's files.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--write", is_flag=True, help="Write feeds/SOURCE_NAME.yaml and the courier's file; then plan and apply.")
def infer(
    file: Path,
    source: str | None,
    name: str | None,
    contents: str | None,
    sandbox: str | None,
    as_json: bool,
    write: bool,
) -> None:
    """Propose a feed that loads FILE: its format and packing, columns, types, primary key and semantic tags.

    All of the file is read, whatever its format; counts and shapes are shown, values never. Look at the reasons before
    you apply: a name says what a column is called, not what it means.
    """
    from cdp_assets.sources.infer.files import courier_document, feed_document, written
    from cdp_assets.sources.infer.proposal import propose

    found = propose(file, source=source, name=name, contents=contents)
    if as_json:
        documents = {"feed": feed_document(found.feed), "courier": courier_document(found.courier)}
        counts = {"rows": found.rows, "malformed": found.malformed, "reasons": dict(found.reasons)}
        click.echo(json.dumps(documents | counts, indent=2, ensure_ascii=False))
    else:
        click.echo(_shown(found))
    if write:
        folder = _folder(sandbox)
        for path, text in written(found, folder).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            write_whole(folder / path, text)
            click.echo(f"{path} written.", err=as_json)
        click.echo("Next: `cdp plan`.", err=as_json)


def _folder(sandbox: str | None) -> Path:
    """Give the folder of a sandbox's files, or of production's."""
    folder = Home.locate().config_of(sandbox)
    if sandbox is not None and not (folder / SANDBOX_FILE).exists():
        raise click.UsageError(f"There is no sandbox {sandbox}. Expected one that `cdp sandbox list` names.")
    return folder


def _shown(found: Proposal) -> str:
    """Say what is proposed and why: the file, a line per field, the key."""
    feed, file = found.feed, found.courier.files[0]
    malformed = f", {found.malformed:,} of them malformed" if found.malformed else ""
    head = f"{feed.datasource}: {found.rows + found.malformed:,} rows{malformed}, {len(feed.fields)} columns"
    archive = f" in an archive ({file.archive.contents})" if file.archive else ""
    options = ", ".join(f"{k} {v!r}" for k, v in file.format.model_dump(exclude_defaults=True).items() if k != "kind")
    rows = [("field", "type", "tags", "why")]
    for one in feed.fields:
        name = one.name if one.source is None else f"{one.name} (from {one.source})"
        kind = f"{one.type}({one.scale})" if one.type == "decimal" else one.type
        rows.append((name, kind, ", ".join(one.tags), found.reasons[one.name]))
    key = f"primary key {', '.join(feed.primary_key)}: {found.reasons['primary_key']}"
    newest = f"last updated {feed.last_updated}" if feed.last_updated else "last updated: the order of arrival"
    return "\n".join(
        [head, f"format {file.format.kind}{options and f' ({options})'}{archive}", "", *aligned(rows), "", key, newest]
    )
