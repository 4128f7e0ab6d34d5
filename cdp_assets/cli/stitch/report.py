"""`cdp stitch report`: what the published run made of the records, how well, and where to look."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdp_assets.cli.environment import may_reveal, note_revealed, stitched_environment
from cdp_assets.errors import CdpError
from cdp_assets.home import Home
from cdp_assets.output import write_whole

if TYPE_CHECKING:
    from cdp_assets.stitch.figures.run import Figures
    from cdp_assets.stitch.report_page import About

FILE = click.Path(dir_okay=False, path_type=Path)
READABLE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--html", type=FILE, help="Write one page with plots.")
@click.option("--sandbox", metavar="NAME", help="Of a sandbox instead of production.")
@click.option(
    "--examples", type=click.IntRange(0), default=10, show_default=True, help="The most examples of each kind."
)
@click.option("--include", type=READABLE, help="Examples of these people alone: a file with one amperity_id a line.")
@click.option("--exclude", type=READABLE, help="No examples of these people.")
@click.option("--reveal", is_flag=True, help="Show personal values as they are; this is noted in the audit log.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def report(
    html: Path | None,
    sandbox: str | None,
    examples: int,
    include: Path | None,
    exclude: Path | None,
    reveal: bool,
    as_json: bool,
) -> None:
    """Report on identities as they are published now: summary, changes, matching, benchmarks, duplicates, doubts.

    \b
    Examples:
      ./cdp stitch report
      ./cdp stitch report --html stitch.html
      ./cdp stitch report --sandbox loyalty-v2 --examples 50 --json
      ./cdp stitch report --html stitch.html --exclude looked_at.txt --reveal
    """
    from cdp_assets.config.catalog import STITCH_TABLES
    from cdp_assets.environments.stitch_report import stitch_report
    from cdp_assets.stitch.figures.run import READ, Examples

    tables = [name for name in STITCH_TABLES if name.name in READ]
    state, environment = stitched_environment(sandbox, *tables)
    if reveal:
        may_reveal(state, environment, "stitch.report")
    chosen = Examples(examples, _people(include), _people(exclude))
    about, figures = stitch_report(state, Home.locate().lake, environment, chosen)
    if reveal:
        note_revealed(state, environment, "stitch.report", publication=about.publication)
    _write(about, figures if reveal else figures.masked(), html, as_json, reveal)


def _people(path: Path | None) -> frozenset[str]:
    """Read a list of ids; raises CdpError for no text, and for an empty one, which would choose nobody unsaid."""
    if path is None:
        return frozenset()
    try:
        found = frozenset(filter(None, map(str.strip, path.read_text(encoding="utf-8").splitlines())))
    except UnicodeDecodeError:
        raise CdpError(f"{path}: no text in UTF-8. Expected one amperity_id a line.") from None
    if not found:
        raise CdpError(f"{path}: empty. Expected one amperity_id a line.")
    return found


def _write(about: About, figures: Figures, html: Path | None, as_json: bool, reveal: bool) -> None:
    if html is not None:
        from dataclasses import replace

        from cdp_assets.stitch.report_page import page

        write_whole(html, page(replace(about, are_shown=reveal), figures))
    if as_json:
        head = {"environment": about.environment, "publication": about.publication}
        click.echo(json.dumps(head | figures.to_json(), indent=2, default=str))
    else:
        click.echo("\n".join(_lines(about, figures)))
        if html is not None:
            click.echo(f"\nThe page: {html}")


def _lines(about: About, figures: Figures) -> list[str]:
    people = f"{figures.people:,} people of {figures.records:,} records, {figures.dedup_percent:.1f} % repeat somebody"
    lines = [f"Identities of {about.environment}, publication {about.publication}: {people}", ""]
    changed = [f"{row['people_after'] or row['people_before']:,} {row['kind']}" for row in _some(figures, "changes")]
    lines.append(f"Changes: {', '.join(changed)}")
    shares = [
        f"{100 * row['people'] / max(figures.people, 1):.1f} % {row['strategy']}"
        for row in _some(figures, "strategies")
    ]
    lines += [f"Matching: {', '.join(shares)}"] if shares else []
    lines.append(
        f"Records per person: {', '.join(f'{size}: {count:,}' for size, count in figures.sizes.items() if count)}"
    )
    return lines + _benchmarks(figures) + _sources(figures)


def _some(figures: Figures, name: str) -> list[dict[str, int]]:
    """Give the rows of a frame in which something is counted."""
    rows = figures.frames[name].to_dicts() if name in figures.frames else []
    return [row for row in rows if any(value for value in row.values() if isinstance(value, int))]


def _benchmarks(figures: Figures) -> list[str]:
    if "benchmarks" not in figures.frames:
        return []
    from cdp_assets.stitch.figures.benchmarks import BENCHMARKS, last_run

    found = {row["benchmark"]: row for row in last_run(figures.frames["benchmarks"]).to_dicts()}
    return ["", "Benchmarks"] + [
        f"  {found[name]['percent']:>8.3f} %  {found[name]['result']:<13}  {one.says}"
        for name, one in BENCHMARKS.items()
        if name in found
    ]


def _sources(figures: Figures) -> list[str]:
    rows = figures.frames["sources"].to_dicts()
    wide = max((len(row["datasource"]) for row in rows), default=0)
    return ["", "Sources"] + [
        f"  {row['datasource']:<{wide}}  {row['records']:>11,} records  {row['people']:>11,} people  "
        f"{row['dedup_percent']:>5.1f} % repeat somebody  {row['elsewhere']:>11,} people elsewhere too"
        for row in rows
    ]
