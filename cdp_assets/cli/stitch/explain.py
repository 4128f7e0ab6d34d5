"""`cdp stitch explain`: why records are one person, or two."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cdp_assets.cli.environment import may_reveal, note_revealed, stitched_environment
from cdp_assets.errors import CdpError
from cdp_assets.home import Home
from cdp_assets.output import aligned

if TYPE_CHECKING:
    from cdp_assets.environments.explained import ExplainedPair, ExplainedPerson
    from cdp_assets.environments.identities import Identities

FILE = click.Path(dir_okay=False, path_type=Path)
RECORD, PAIR = 2, 4
"""How many words name one record with its source, and two."""


@click.command()
@click.argument("words", nargs=-1, metavar="[DATASOURCE] PK [DATASOURCE2 PK2]")
@click.option("--id", "person", metavar="AMPERITY_ID", help="Explain this person instead of the one of a record.")
@click.option("--sandbox", metavar="NAME", help="As a sandbox has published it, instead of production.")
@click.option(
    "--most", type=click.IntRange(1), default=10, show_default=True, help="The most pairs of a person to show."
)
@click.option(
    "--plot", type=FILE, help="Draw a pair, or a person's weakest link, as a waterfall: FILE.png or FILE.svg."
)
@click.option("--reveal", is_flag=True, help="Show personal values as they are; this is noted in the audit log.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(
    words: tuple[str, ...],
    person: str | None,
    sandbox: str | None,
    most: int,
    plot: Path | None,
    reveal: bool,
    as_json: bool,
) -> None:
    """Say why the records of a person are one, or why two records are one person or two.

    Of a pair: what decided, its score, and what each field says in bits: how much likelier it is for one person than
    for two strangers, and than for two people of one household. Of a person: the strongest pairs that hold the records
    together, and those that speak against it. Values and keys show their shape only.

    \b
    Examples:
      ./cdp stitch explain K-1017
      ./cdp stitch explain ecom:customers K-1017
      ./cdp stitch explain ecom:customers K-1017 loyalty:members 88-12 --plot pair.png
      ./cdp stitch explain --id 0d7f5a2e-5bd1-5d0a-9e0e-0d2b52f8a1c3 --json
    """
    _check(words, person, plot)
    from cdp_assets.environments.data_diff.reading import Side
    from cdp_assets.environments.identities import TABLES, Identities
    from cdp_assets.state.readers import reading

    state, environment = stitched_environment(sandbox, *TABLES)
    if reveal:
        may_reveal(state, environment, "stitch.explanation")
    side = Side.current(state, Home.locate().lake, environment)
    with reading(state, side.publication.id, "explanation of identities"):
        found = _found(Identities(side), words, person, most)
    if reveal:
        note_revealed(state, environment, "stitch.explanation", publication=side.publication.id)
    shown = found if reveal else found.masked()
    if plot is not None:
        _draw(shown, plot, side.made_by.stitch.threshold)
    click.echo(json.dumps(asdict(shown), indent=2) if as_json else "\n".join(_lines(shown)))


def _check(words: tuple[str, ...], person: str | None, plot: Path | None) -> None:
    if (person is None) == (not words):
        raise click.UsageError("Give a record or two, or --id and a person.")
    if len(words) not in (0, 1, RECORD, PAIR):
        raise click.UsageError("Give PK, or DATASOURCE PK, or two records as DATASOURCE PK DATASOURCE2 PK2.")
    if plot is not None:
        from cdp_assets.stitch.waterfall import FORMATS

        if plot.suffix not in FORMATS:
            raise click.UsageError(f"--plot {plot.name}: neither {' nor '.join(FORMATS)}.")


def _found(
    identities: Identities, words: tuple[str, ...], person: str | None, most: int
) -> ExplainedPerson | ExplainedPair:
    from cdp_assets.environments.identity_explained import explain_apart, explain_person, explain_within

    if person is not None:
        return explain_person(identities, person, most)
    pairs = [words[at : at + RECORD] for at in range(0, len(words), RECORD)]
    records = [identities.find(one[-1], one[0] if len(one) == RECORD else None) for one in pairs]
    if len(records) != len(set(records)):
        raise CdpError(f"{words[1]}: one record, given twice. Expected two, or the one alone.")
    people = [identities.person(record) for record in records]
    if len(records) == 1:
        return explain_person(identities, people[0], most)
    if people[0] == people[1]:
        return explain_within(identities, people[0], *records)
    return explain_apart(identities, *records)


def _lines(found: ExplainedPerson | ExplainedPair) -> list[str]:
    from cdp_assets.environments.explained import ExplainedPerson

    return _person(found) if isinstance(found, ExplainedPerson) else _pair(found)


def _person(found: ExplainedPerson) -> list[str]:
    lines = [f"{found.person}: {len(found.records):,} records, {found.pairs:,} pairs of different ones", ""]
    for one in found.records:
        same = "" if one.compared_as == one.record else f"; says the same as {' '.join(one.compared_as)}"
        bad = f"; too many people have its {', '.join(one.bad_values)}" if one.bad_values else ""
        lines.append(f"  {' '.join(one.record)}{same}{bad}")
    lines += [f"  linked to {name} ({count:,} records) and parted" for name, count in found.parted_from.items()]
    for strategy, size, in_parts in found.large_blocks:
        how = "in parts" if in_parts else "not at all"
        lines.append(f"  {size:,} records share its key of {strategy}: compared {how}")
    lines += ["", "Held together by, the strongest first"] if found.links else []
    lines += [line for pair in found.links for line in _indented(_pair(pair))]
    lines += (
        ["", f"{found.doubtful:,} of {found.pairs:,} pairs speak against it, the weakest first"] if found.doubts else []
    )
    return lines + [line for pair in found.doubts for line in _indented(_pair(pair))]


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" for line in lines] + [""]


def _pair(found: ExplainedPair) -> list[str]:
    kind = f", {found.match_type}" if found.match_type else ""
    what = "one person" if found.one_person else "two people"
    lines = [
        f"{' '.join(found.left)} and {' '.join(found.right)}: {what}",
        f"score {found.score:.2f} ({found.category}{kind})"
        + (f", decided by {found.decided_by}" if found.decided_by else ""),
    ]
    if found.weighed is not None and found.one_person:
        lines.append(
            f"share the keys of: {', '.join(found.keys)}"
            if found.keys
            else "share no key: others brought them together"
        )
    return lines + list(found.reasons) + _table(found)


def _table(found: ExplainedPair) -> list[str]:
    if found.weighed is None:
        return []
    rows: list[tuple[str, ...]] = [("field", "agreement", "strangers", "household", "adds", "values")]
    rows.append(("", "any two records", "", "", f"{found.weighed.prior:+.1f}", ""))
    for one in found.weighed.comparisons:
        left, right = found.values[one.field]
        values = f"{left or '-'} | {right or '-'}"
        bits = (f"{value:+.1f}" for value in (one.against_strangers, one.against_household, one.adds))
        rows.append((one.field, one.label, *bits, values) if one.adds else (one.field, one.label, "", "", "", values))
    rows.append(("", "odds of one person, in bits", "", "", f"{found.weighed.bits:+.1f}", ""))
    return aligned(rows, right={2, 3, 4})


def _draw(found: ExplainedPerson | ExplainedPair, plot: Path, threshold: float) -> None:
    from cdp_assets.environments.explained import ExplainedPerson
    from cdp_assets.stitch.scores import bits_of
    from cdp_assets.stitch.waterfall import save, waterfall

    pairs = found.links[-1:] if isinstance(found, ExplainedPerson) else (found,)
    if not pairs or pairs[0].weighed is None:
        raise CdpError(f"--plot {plot.name}: nothing was weighed. Expected records that say different things.")
    title = f"{' '.join(pairs[0].left)} and {' '.join(pairs[0].right)}: score {pairs[0].score:.2f}"
    save(waterfall(pairs[0].weighed, title, bits_of(threshold)), plot)
