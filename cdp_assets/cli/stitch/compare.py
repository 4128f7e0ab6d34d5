"""`cdp stitch compare`: what became of people between two runs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from cdp_assets.cli.environment import stitched_environment
from cdp_assets.home import Home
from cdp_assets.output import aligned

if TYPE_CHECKING:
    from cdp_assets.environments.run_comparison import RunComparison

HEAD = ("people who are", "before", "after", "records")


@click.command()
@click.argument("run1", required=False)
@click.argument("run2", required=False)
@click.option("--sandbox", metavar="NAME", help="Runs of a sandbox instead of production's.")
@click.option(
    "--examples", type=click.IntRange(0), default=5, show_default=True, help="The most examples of each kind."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def compare(run1: str | None, run2: str | None, sandbox: str | None, examples: int, as_json: bool) -> None:
    """Say what became of people from RUN1 to RUN2: added, deleted, merged, recognized, split, unchanged.

    A run is named by its publication's number or by its run id (or how that begins); `cdp history` lists both. Without
    RUN2 it is what is published now, without RUN1 what was published before that. Primary keys show their shape, and
    people a short name that leads nowhere.

    \b
    Examples:
      ./cdp stitch compare
      ./cdp stitch compare 12 15 --examples 20
      ./cdp stitch compare 12 --sandbox loyalty-v2 --json
    """
    from cdp_assets.environments.data_diff.compare import SCORES
    from cdp_assets.environments.run_comparison import compare_runs

    state, environment = stitched_environment(sandbox, SCORES)
    found = compare_runs(state, Home.locate().lake, environment, run1, run2, examples)
    click.echo(json.dumps(found.to_json(), indent=2) if as_json else "\n".join(_lines(found)))


def _lines(found: RunComparison) -> list[str]:
    from cdp_assets.environments.data_diff.text import regroupings
    from cdp_assets.environments.data_diff.words import people

    before, after = (
        f"publication {one} ({date})" for one, date in zip((found.before, found.after), found.dates, strict=True)
    )
    lines = [f"Identities of {found.environment}: {before} to {after}", "", *_table(found), ""]
    return [*lines, people(found.identity.counts), *regroupings(found.identity, "before", "after")]


def _table(found: RunComparison) -> list[str]:
    from cdp_assets.stitch.identity_changes import DESCRIPTIONS, RENAMED

    rows = [HEAD] + [
        (one.kind, f"{one.people_before:,}", f"{one.people_after:,}", f"{one.records:,}")
        for one in found.changes
        if one.kind != RENAMED or one.people_after
    ]
    notes = ["", *(DESCRIPTIONS[kind] for kind, *_ in rows[1:])]
    return aligned([(*row, note) for row, note in zip(rows, notes, strict=True)], right=range(1, len(HEAD)))
