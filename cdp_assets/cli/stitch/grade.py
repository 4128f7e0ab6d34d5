"""`cdp stitch grade`: thumbs up or down for pairs of one person, and what the grades recommend."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from cdp_assets.cli.environment import may_reveal, note_revealed, stitched_environment
from cdp_assets.home import Home
from cdp_assets.names import TableName

if TYPE_CHECKING:
    from cdp_assets.stitch.qa.grades import Graded

EXAMPLES_TABLE = TableName("stitch", "detailed_examples")
SHOWN = ("given_name", "surname", "email", "phone", "address", "postal", "birthdate")


@click.command()
@click.argument("pair", required=False)
@click.option("--up/--down", "is_one_person", default=None, help="Whether the records of PAIR are one person.")
@click.option("--sandbox", metavar="NAME", help="Of a sandbox instead of production.")
@click.option("--reveal", is_flag=True, help="Show personal values as they are; this is noted in the audit log.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def grade(pair: str | None, is_one_person: bool | None, sandbox: str | None, reveal: bool, as_json: bool) -> None:
    """Show ten pairs of one person that nobody has graded, of each category of score some; or grade one of them.

    Grades are kept with a hash of the pair. With enough of a category they recommend what to change.

    \b
    Examples:
      ./cdp stitch grade --reveal
      ./cdp stitch grade 5b1f0c2a9d3e4f70 --down
    """
    from cdp_assets.environments.data_diff.reading import Side
    from cdp_assets.security.user import acting_user
    from cdp_assets.state import grades
    from cdp_assets.state.readers import reading
    from cdp_assets.stitch.qa.grades import by_category, recommendations, stratified

    if (pair is None) != (is_one_person is None):
        raise click.UsageError("Give a PAIR with --up or --down, or neither.")
    state, environment = stitched_environment(sandbox, EXAMPLES_TABLE)
    if reveal:
        may_reveal(state, environment, "stitch.grade")
    side = Side.current(state, Home.locate().lake, environment)
    with reading(state, side.publication.id, "grading of examples"):
        entry = side.publication.entry(EXAMPLES_TABLE)
        examples = side.rows(entry, list(side.schema(entry)))
    if pair is not None and is_one_person is not None:
        _refuse_unknown(pair, set(stratified(examples, {}, examples.height)["pair"]))
        with state.write() as conn:
            grades.put(conn, environment, pair, is_one_person=is_one_person, graded_by=acting_user())
    with state.read() as conn:
        graded = grades.of_environment(conn, environment)
    found = by_category(examples, graded)
    advice = recommendations(found, side.made_by.stitch.threshold)
    pairs = [] if pair is not None else [_shown(row, reveal) for row in stratified(examples, graded).to_dicts()]
    if reveal and pairs:
        note_revealed(state, environment, "stitch.grade", publication=side.publication.id)
    if as_json:
        told = {"examples": pairs, "grades": [asdict(one) for one in found], "recommendations": advice}
        click.echo(json.dumps(told, indent=2, default=str))
        return
    click.echo("\n".join([*_lines(pairs), *_summary(found, advice)]))


def _refuse_unknown(pair: str, known: set[str]) -> None:
    from cdp_assets.config.known import nearest_known
    from cdp_assets.errors import StateError

    if pair not in known:
        raise StateError(f"pair {pair}: none of the published examples. Expected {nearest_known(pair, known)}.")


def _shown(row: dict[str, Any], reveal: bool) -> dict[str, Any]:
    """Give what is shown of a pair: category and score, then both records side by side."""
    from cdp_assets.security.obfuscation import mask

    head = {name: row[name] for name in ("pair", "match_category", "score")}
    for side in "ab":
        keys = {name: f"{name}_{side}" for name in ("datasource", "pk", *SHOWN)}
        values = {name: row[column] for name, column in keys.items()}
        hidden = {name: value if name == "datasource" else mask(value) for name, value in values.items()}
        head[side] = values if reveal else hidden
    return head


def _lines(pairs: list[dict[str, Any]]) -> list[str]:
    lines = []
    for one in pairs:
        lines.append(f"{one['pair']}  {one['match_category'].replace('_', ' ')} ({one['score']:.2f})")
        for side in "ab":
            values = one[side]
            told = ", ".join(str(values[name]) for name in SHOWN if values[name] is not None)
            lines.append(f"    {values['datasource']} {values['pk']}: {told}")
    return [*lines, ""] if lines else lines


def _summary(found: list[Graded], advice: list[str]) -> list[str]:
    if not found:
        return ["Nothing is graded yet: `./cdp stitch grade PAIR --up`, or --down."]
    lines = [f"{one.category.replace('_', ' '):>10}  {one.right} up, {one.wrong} down" for one in found]
    return [*lines, *(f"- {text}" for text in advice)]
