"""The `cdp` command: one small module per word, loaded only when it is used."""

from __future__ import annotations

import sys
from typing import Any

import click

from cdp_assets.cache import kept_in
from cdp_assets.cli.lazy import LazyGroup
from cdp_assets.errors import CdpError, ConflictsError, DeniedError, LockedError, StalePlanError
from cdp_assets.home import Home

COMMANDS = {
    "demo": "cdp_assets.cli.demo",
    "up": "cdp_assets.cli.up",
    "doctor": "cdp_assets.cli.doctor",
    "plan": "cdp_assets.cli.plan",
    "apply": "cdp_assets.cli.plan",
    "run": "cdp_assets.cli.run",
    "courier": "cdp_assets.cli.courier",
    "alert": "cdp_assets.cli.alert",
    "credential": "cdp_assets.cli.credential",
    "approve": "cdp_assets.cli.plan",
    "rollback": "cdp_assets.cli.rollback",
    "sandbox": "cdp_assets.cli.sandbox",
    "diff": "cdp_assets.cli.diff",
    "history": "cdp_assets.cli.history",
    "state": "cdp_assets.cli.state",
    "gc": "cdp_assets.cli.gc",
    "audit": "cdp_assets.cli.audit",
    "query": "cdp_assets.cli.query",
    "explore": "cdp_assets.cli.explore",
    "database": "cdp_assets.cli.database",
    "segment": "cdp_assets.cli.segment",
    "campaign": "cdp_assets.cli.campaign",
    "deliveries": "cdp_assets.cli.deliveries",
    "stitch": "cdp_assets.cli.stitch",
    "tests": "cdp_assets.cli.tests",
    "whoami": "cdp_assets.cli.whoami",
    "may": "cdp_assets.cli.whoami",
    "feed": "cdp_assets.cli.feed",
    "schema": "cdp_assets.cli.schema",
    "lock": "cdp_assets.cli.lock",
}
"""Word -> the module that holds a click command of that name."""

EXIT_CODES = {ConflictsError: 3, StalePlanError: 4, LockedError: 5, DeniedError: 6}
"""What a program may want to tell apart; every other error is 1, and 2 says that a plan has changes."""


class Commands(LazyGroup):
    """The words of `cdp`, and what an error of theirs becomes."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; one of our errors becomes one clear line and its exit code."""
        try:
            with kept_in(Home.locate().cache):
                return super().invoke(ctx)
        except CdpError as error:
            click.echo(f"Error: {error}", err=True)
            ctx.exit(next((code for kind, code in EXIT_CODES.items() if isinstance(error, kind)), 1))


@click.group(cls=Commands, words=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
def cdp() -> None:
    """An open customer data platform: files in, people with stable ids, exports out.

    \b
    First steps:
      ./cdp demo            run the demo retailer's first day, from dropped files to exports
      ./cdp up              open the platform in the browser until Ctrl-C
      ./cdp plan            what would change if tenant_config/ were applied
      ./cdp tests           run every check and test
    """


def main() -> None:
    """Run the command, and leave with its exit code; wrong usage is an error like another, Ctrl-C is 130."""
    try:
        sys.exit(cdp.main(prog_name="cdp", standalone_mode=False))  # what it gives for `ctx.exit(code)` is the code
    except click.ClickException as error:
        error.show()
        sys.exit(1)  # click's 2 would say that a plan has changes
    except click.Abort:
        sys.exit(130)


if __name__ == "__main__":
    main()
