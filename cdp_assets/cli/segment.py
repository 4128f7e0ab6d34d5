"""`cdp segment`: who is in a segment, how it comes about, and why somebody is not in it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cdp_assets.cli.environment import may_reveal, note_revealed, opened_environment
from cdp_assets.home import Home
from cdp_assets.names import TableName

if TYPE_CHECKING:
    from cdp_assets.audiences.segments.looking import Counts
    from cdp_assets.config.tenant import Tenant
    from cdp_assets.environments.segment_answers import Explained, SegmentAnswers

SANDBOX = click.option("--sandbox", metavar="NAME", help="As a sandbox has published it, instead of production.")
FILES = click.option("--files", is_flag=True, help="The segment as the files say it now, before it is applied.")
REVEAL = click.option(
    "--reveal", is_flag=True, help="Show personal values as they are; this is noted in the audit log."
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group()
def segment() -> None:
    """Look at segments: their people, their rules one by one, and single people.

    \b
    Examples:
      ./cdp segment list
      ./cdp segment preview high_value_lapsing
      ./cdp segment preview high_value_lapsing --files     before it is applied
      ./cdp segment explain high_value_lapsing --id 0d7f5a2e-5bd1-5d0a-9e0e-0d2b52f8a1c3
    """


@segment.command("list")
@SANDBOX
@AS_JSON
def list_(sandbox: str | None, as_json: bool) -> None:
    """Name every segment that is applied, and how many people it had when it was last built."""
    from cdp_assets.environments.revision import applied_tenant
    from cdp_assets.environments.runs import latest_publication
    from cdp_assets.lakehouse import delta

    state, environment = opened_environment(sandbox)
    tenant = applied_tenant(state, environment)
    publication = latest_publication(state, environment)
    entries = publication.entries if publication else {}
    found: list[dict[str, Any]] = []
    for name, one in sorted(tenant.segments.items()):
        entry = entries.get(TableName("segment", name))
        people = None if entry is None else delta.count(Home.locate().lake / entry.path, entry.version)
        found.append({"name": name, "people": people, "database": one.database, "description": one.description})
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for row in found:
        count = "not built" if row["people"] is None else f"{row['people']:,} people"
        click.echo(f"{row['name']}  {count}  {row['description']}".rstrip())


@segment.command()
@click.argument("name")
@click.option("--sample", type=click.IntRange(0), default=5, show_default=True, help="The most members to show.")
@SANDBOX
@FILES
@REVEAL
@AS_JSON
def preview(name: str, sample: int, sandbox: str | None, files: bool, reveal: bool, as_json: bool) -> None:
    """Count a segment's people, and how many each of its rules leaves; show a few of them."""
    with _answers(name, sandbox, files, reveal) as answers:
        counts, members = answers.counts(), answers.sample(sample, reveal=reveal) if sample else []
    if as_json:
        click.echo(json.dumps(asdict(counts) | {"sample": members}, indent=2, default=str))
        return
    click.echo("\n".join(_waterfall(name, counts)))
    for member in members:
        click.echo("  " + ", ".join(f"{key} {'absent' if one is None else one}" for key, one in member.items()))


@segment.command()
@click.argument("name")
@click.option("--id", "amperity_id", metavar="AMPERITY_ID", required=True, help="Whom to explain.")
@SANDBOX
@FILES
@REVEAL
@AS_JSON
def explain(name: str, amperity_id: str, sandbox: str | None, files: bool, reveal: bool, as_json: bool) -> None:
    """Say why a person is in a segment, or which rule is the first that keeps them out."""
    with _answers(name, sandbox, files, reveal) as answers:
        found = answers.explain(amperity_id, reveal=reveal)
    click.echo(json.dumps(asdict(found), indent=2) if as_json else "\n".join(_explained(found)))


@contextlib.contextmanager
def _answers(name: str, sandbox: str | None, files: bool, reveal: bool) -> Iterator[SegmentAnswers]:
    from cdp_assets.environments.permission import allow
    from cdp_assets.environments.revision import applied_tenant
    from cdp_assets.environments.runs import current_publication
    from cdp_assets.environments.segment_answers import SegmentAnswers
    from cdp_assets.security.user import acting_user
    from cdp_assets.state.readers import reading

    state, environment = opened_environment(sandbox)
    tenant = applied_tenant(state, environment)
    home, user = Home.locate(), acting_user()
    if files:
        tenant = _of_files(home, sandbox)
    publication = current_publication(state, environment)
    answers = SegmentAnswers.of(home.lake, publication, tenant, name)
    for table in answers.tables:
        allow(state, user, "segment:explore", environment, within=str(table))
    if reveal:
        may_reveal(state, environment, f"segment.{name}")
    with reading(state, publication.id, f"cdp segment of {user}"):
        yield answers
    if reveal:
        note_revealed(state, environment, f"segment.{name}", publication=publication.id)


def _of_files(home: Home, sandbox: str | None) -> Tenant:
    from cdp_assets.environments.said import tenant_of_files

    return tenant_of_files(home.config_of(sandbox), None)


def _waterfall(name: str, counts: Counts) -> list[str]:
    lines = [f"{name}: {counts.members:,} of {counts.people:,} people", "", f"{'left':>10}  {'alone':>10}  rule"]
    lines.append(f"{counts.people:>10,}  {'':>10}  everybody")
    for one in counts.rules:
        left = "" if one.remaining is None else f"{one.remaining:,}"
        lines.append(f"{left:>10}  {one.alone:>10,}  {'  ' * one.depth}{one.rule}")
    return [*lines, ""]


def _explained(found: Explained) -> list[str]:
    lines = [f"{found.person} is {'in' if found.member else 'not in'} {found.segment}"]
    if found.failing is not None:
        lines.append(f"The first thing that keeps them out: {found.failing}")
    for one in found.rules:
        value: Any = "" if one.attribute is None else f"; it is {'absent' if one.value is None else one.value}"
        lines.append(f"  {'  ' * one.depth}{'yes' if one.holds else 'no ':3} {one.rule}{value}")
    return lines
