"""What a command asks, of which environment, and whether the user may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from cdp_assets.cli.environment import opened_environment
from cdp_assets.home import Home

if TYPE_CHECKING:
    from cdp_assets.environments.asking import Question
    from cdp_assets.lakehouse.lake import Lake
    from cdp_assets.state.database import State

QUERY = click.argument("query", metavar="NAME|SQL")
DATABASE = click.option(
    "--database", default="customer_360", show_default=True, help="Where one-part names of SQL are looked up."
)
SANDBOX = click.option("--sandbox", metavar="NAME", help="Of a sandbox instead of production.")
REVEAL = click.option(
    "--reveal", is_flag=True, help="Personal values as they are instead of their shape; noted in the audit log."
)


@dataclass(frozen=True)
class Here:
    """An installation, and one of its environments."""

    home: Home
    state: State
    environment: str
    user: str

    @property
    def lake(self) -> Lake:
        """The lake, with a session that is opened when it is first needed."""
        from cdp_assets.lakehouse.lake import Lake
        from cdp_assets.lakehouse.session import SparkSessions

        return Lake(self.home.lake, SparkSessions.for_home(self.home.root))

    def question(self, query: str, database: str) -> Question:
        """Give what a name or SQL asks; raises as `asking.question` does."""
        from cdp_assets.environments.asking import question

        return question(self.state, query, environment=self.environment, database=database)

    def allow(self, action: str, question: Question) -> None:
        """Return when the user may do this with a question, SQL counting as what it reads; else raise DeniedError."""
        from cdp_assets.environments.answers import AD_HOC
        from cdp_assets.environments.permission import allow

        for name in question.table.inputs if question.table.name == AD_HOC else (question.table.name,):
            allow(self.state, self.user, action, self.environment, within=str(name))

    def note(self, action: str, question: Question, rows: int) -> None:
        """Note in the audit log what was shown or taken away."""
        from cdp_assets.security.audit import record

        resource, publication = f"{self.environment}:{question.table.name}", question.publication.id
        with self.state.write() as conn:
            record(conn, self.user, action, resource, publication=publication, rows=rows)


def here(sandbox: str | None) -> Here:
    """Give this installation and the environment that is meant; raises DeniedError where the user may not open it."""
    from cdp_assets.security.user import acting_user

    state, environment = opened_environment(sandbox)
    return Here(Home.locate(), state, environment, acting_user())
