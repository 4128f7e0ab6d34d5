"""The Stitch report as one page: what a run made of the records, how well, and where to look."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import polars as pl

from cdp_assets.page.html import document, grid, paragraph, picture, section, subtitle, tiles
from cdp_assets.stitch import report_plots as plots
from cdp_assets.stitch.figures.benchmarks import ABOVE, BENCHMARKS, HIGH, OPTIMAL, OVER, last_run
from cdp_assets.stitch.figures.run import Figures
from cdp_assets.stitch.identity_changes import DESCRIPTIONS, RENAMED

BADGES = {OPTIMAL: "added", ABOVE: "changed", HIGH: "removed"}
"""Grade of a benchmark -> the class of its colour."""

SPACE = "\u00a0"
"""One that does not part a number from its sign at the end of a line."""
PER_CENT = f"{SPACE}%"


@dataclass(frozen=True)
class About:
    """Whose run the report is of."""

    environment: str
    publication: int | None
    """None while the run is still to publish."""
    at: dt.datetime
    are_shown: bool = False
    """Whether personal values are shown as they are."""


def page(about: About, figures: Figures) -> str:
    """Write the page: tiles first, then what the documented Stitch page has, then what to look at by hand."""
    parts = [
        tiles(_tiles(figures)),
        _changes(figures),
        _matching(figures),
        section(
            "Complexity",
            paragraph("People by their number of records.", "soft"),
            picture(plots.complexity(figures.sizes)),
        ),
        _benchmarks(figures),
        _sources(figures),
        _weights(figures),
        *(_listing(one, figures) for one in LISTINGS),
    ]
    return document(f"Stitch report of {about.environment}", _subtitle(about), parts)


def _subtitle(about: About) -> str:
    when = about.at.astimezone(dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
    number = "" if about.publication is None else f"Publication {about.publication}, "
    values = "Personal values are shown." if about.are_shown else "Personal values show their shape."
    return f"{number}{when}. {values}"


def _tiles(figures: Figures) -> list[tuple[str, str]]:
    found = [
        ("unique profiles", f"{figures.people:,}"),
        ("records", f"{figures.records:,}"),
        ("deduplication rate", _percent(figures.dedup_percent)),
    ]
    if "benchmarks" in figures.frames:
        last = last_run(figures.frames["benchmarks"])
        found.append(("benchmarks optimal", f"{(last['result'] == OPTIMAL).sum()} of {last.height}"))
    return found


def _changes(figures: Figures) -> str:
    counts = figures.frames["changes"]
    rows = [
        (kind, f"{before:,}", f"{after:,}", f"{records:,}", DESCRIPTIONS[kind])
        for kind, before, after, records in counts.iter_rows()
        if kind != RENAMED or after
    ]
    table = grid(("people who are", "before", "after", "records", ""), rows, frozenset({0, 4}))
    return section("Changes since the run before", picture(plots.changes(counts)), table, *_over_time(figures))


def _over_time(figures: Figures) -> list[str]:
    parts = []
    if (causes := figures.frames.get("causes")) is not None and causes.height:
        parts += [subtitle("Why people changed"), _table(causes, CAUSES)]
    if (days := figures.frames.get("by_day")) is not None and days.height:
        parts += [subtitle("The last 90 days"), picture(plots.by_day(days))]
    return parts


def _matching(figures: Figures) -> str:
    if "strategies" not in figures.frames:
        return ""
    found = figures.frames["strategies"]
    about = "Share of all people with pairs of each kind; one person may have several. A single record has none."
    parts = [paragraph(about, "soft"), picture(plots.strategies(found, figures.people))]
    parts += [subtitle("Scores of the pairs within people"), picture(plots.categories(figures.categories))]
    if "deciders" in figures.frames and figures.frames["deciders"].height:
        parts += [subtitle("What decided before the model"), _table(figures.frames["deciders"], DECIDERS)]
    return section("Matching strategies", *parts)


def _benchmarks(figures: Figures) -> str:
    if "benchmarks" not in figures.frames:
        return ""
    history = figures.frames["benchmarks"]
    about = "Over: one person looks like several. Under: several look like one. With the runs before, oldest first."
    found = {row["benchmark"]: row for row in last_run(history).iter_rows(named=True)}
    lines = [_benchmark(found[name], history.filter(benchmark=name)) for name in BENCHMARKS if name in found]
    head = "".join(f"<th>{name}</th>" for name in ("", "benchmark", "per cent", "optimal", "result", "before"))
    body = f'<div class="wide"><table><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    return section("Benchmarks", paragraph(about, "soft"), body)


def _benchmark(row: Mapping[str, Any], history: pl.DataFrame) -> str:
    one = BENCHMARKS[row["benchmark"]]
    before = " → ".join(f"{percent:.3g}" for percent in history.sort("timestamp")["percent"][:-1])
    kind = "over" if one.kind == OVER else "under"
    cells = [kind, one.says, f"{row['percent']:.3g}{PER_CENT}", f"≤{SPACE}{one.optimal_percent:g}{PER_CENT}"]
    graded = f'<td><b class="{BADGES[row["result"]]}">{escape(row["result"])}</b></td>'
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}{graded}<td>{escape(before)}</td></tr>"


def _sources(figures: Figures) -> str:
    matrix = picture(plots.sources(figures.frames["between"]))
    more = subtitle("People whom two sources share") + matrix if matrix else ""
    return section("Deduplication", _table(figures.frames["sources"], SOURCES), more)


def _weights(figures: Figures) -> str:
    found = figures.frames.get("weights")
    if found is None or found.is_empty():
        return ""
    about = (
        "What each level of agreement says for one person, in bits: each one doubles the odds. It is learnt from the "
        "records themselves; a rare value counts more than this, a common one less."
    )
    return section("Learnt weights", paragraph(about, "soft"), picture(plots.weights(found)), _table(found, WEIGHTS))


Columns = Mapping[str, tuple[str, Callable[[Any], str]]]
"""Column -> its title, and how its values are spelled."""


def _count(value: int) -> str:
    return f"{value:,}"


def _percent(value: float) -> str:
    return f"{value:.1f}{PER_CENT}"


def _score(value: float) -> str:
    return f"{value:.2f}"


def _bits(value: float) -> str:
    return f"{value:+.1f}"


def _name(value: str) -> str:
    return value.replace("_", " ")


def _yes(value: bool) -> str:
    return "in parts" if value else "not at all"


def _text(value: object) -> str:
    return "" if value is None else str(value)


SOURCES: Columns = {
    "datasource": ("source", _text),
    "records": ("records", _count),
    "people": ("people", _count),
    "dedup_percent": ("repeat somebody", _percent),
    "elsewhere": ("people elsewhere too", _count),
}
CAUSES: Columns = {"cause": ("cause", _text), "people": ("people", _count)}
DECIDERS: Columns = {
    "decided_by": ("rule, key or label", _text),
    "pairs": ("pairs", _count),
    "conflicts": ("in conflict", _count),
    "percent": ("", _percent),
}
WEIGHTS: Columns = {
    "field": ("field", _name),
    "label": ("agreement", _text),
    "person_percent": ("of one person's pairs", _percent),
    "against_strangers": ("against strangers", _bits),
    "against_household": ("against a household", _bits),
}


@dataclass(frozen=True)
class _Listing:
    """A section with one table of examples."""

    frame: str
    title: str
    about: str
    columns: Columns


LISTINGS: Sequence[_Listing] = (
    _Listing(
        "weakest",
        "Weakest matches",
        "Of each person the record that fits the others worst, with the one that it fits best; the weakest first.",
        {
            "amperity_id": ("person", _text),
            "source1": ("source", _text),
            "pk1": ("record", _text),
            "source2": ("fits best", _text),
            "pk2": ("record", _text),
            "score": ("score", _score),
        },
    ),
    _Listing(
        "suspects",
        "Suspect people",
        "People with more different values than one person usually has; duplicates are left out.",
        {
            "amperity_id": ("person", _text),
            "reasons": ("too many", _text),
            "compared": ("records", _count),
            "given_name": ("given names", _count),
            "surname": ("surnames", _count),
            "postal": ("postal codes", _count),
            "birthdate": ("birthdates", _count),
        },
    ),
    _Listing(
        "namesakes",
        "Namesakes",
        "Full names that most people bear: these are kept apart by everything else.",
        {
            "given_name": ("given name", _text),
            "surname": ("surname", _text),
            "people": ("people", _count),
            "compared": ("records", _count),
        },
    ),
    _Listing(
        "joining",
        "Values behind most merges",
        "Contacts that most pairs of records of one person have in common.",
        {
            "semantic": ("", _text),
            "value": ("value", _text),
            "pairs": ("pairs", _count),
            "people": ("people", _count),
            "compared": ("records", _count),
        },
    ),
    _Listing(
        "blocks",
        "Blocks too large to compare whole",
        "Records that share a key with very many others; stitch.stitch_blocks lists each block.",
        {
            "strategy": ("strategy", _text),
            "blocks": ("blocks", _count),
            "largest": ("largest", _count),
            "records": ("records", _count),
            "compared": ("compared", _yes),
        },
    ),
)


def _listing(one: _Listing, figures: Figures) -> str:
    found = figures.frames.get(one.frame)
    if found is None or found.is_empty():
        return ""
    return section(one.title, paragraph(one.about, "soft"), _table(found, one.columns))


def _table(frame: pl.DataFrame, columns: Columns) -> str:
    spelled = [show for _, show in columns.values()]
    rows = [
        [show(value) for show, value in zip(spelled, row, strict=True)]
        for row in frame.select(list(columns)).iter_rows()
    ]
    texts = frozenset(at for at, show in enumerate(spelled) if show in (_text, _name, _yes))
    return grid([title for title, _ in columns.values()], rows, texts)
