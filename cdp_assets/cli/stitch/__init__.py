"""`cdp stitch`: who is who, why, and what changed."""

from __future__ import annotations

import click

from cdp_assets.cli.lazy import LazyGroup

WORDS = {
    "file": "cdp_assets.cli.stitch.file",
    "estimate": "cdp_assets.cli.stitch.estimate",
    "explain": "cdp_assets.cli.stitch.explain",
    "qa": "cdp_assets.cli.stitch.qa",
    "grade": "cdp_assets.cli.stitch.grade",
    "report": "cdp_assets.cli.stitch.report",
    "compare": "cdp_assets.cli.stitch.compare",
}
"""Word -> the module that holds a click command of that name."""


@click.group(cls=LazyGroup, words=WORDS)
def stitch() -> None:
    """Look at identities: what a run made of them, and why.

    \b
    Examples:
      ./cdp stitch file people.parquet ids.parquet     resolve a bare file, without a tenant
      ./cdp stitch estimate people.parquet             what that will compare, need and take
      ./cdp stitch explain ecom:customers K-1017       why its records are one person
      ./cdp stitch qa bad_foreign_keys                 one of the queries to judge it by
      ./cdp stitch report --html stitch.html           what is published now, on one page
      ./cdp stitch compare                             what changed since the run before
    """
