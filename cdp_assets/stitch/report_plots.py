"""The plots of the Stitch report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import matplotlib as mpl
import numpy as np
import polars as pl
from matplotlib.dates import DateFormatter, DayLocator
from matplotlib.ticker import StrMethodFormatter

from cdp_assets.page.plots import AMBER, BRAND, GREEN, INK, RED, SOFT, STYLE, Plot, address, bars, canvas
from cdp_assets.stitch.figures.matching import DETERMINISTIC, PROBABILISTIC, TRANSITIVE
from cdp_assets.stitch.scores import CATEGORIES

CHANGES = {
    "added": GREEN,
    "deleted": RED,
    "merged": BRAND,
    "recognized": "#0891b2",
    "split": AMBER,
    "split + merged": "#c026d3",
    "renamed": SOFT,
}
"""Kind of change -> its colour; the unchanged are told in words, as they would hide the others."""
STRATEGIES = {DETERMINISTIC: BRAND, PROBABILISTIC: "#0891b2", TRANSITIVE: AMBER}
DARK_ABOVE = 0.6
"""The share of the darkest cell above which a cell's text is white."""
CELL = 0.42
MOST_SOURCES = 12
DAY, MOST_DAYS = dt.timedelta(days=1), 8
"""How far days stand apart, and the most of them that are named below a plot."""


def complexity(sizes: Mapping[str, int]) -> Plot:
    """Show how many people have how many records."""
    names = [f"{size} record{'' if size == '1' else 's'}" for size in sizes]
    return bars("People by their number of records", names, {"people": list(sizes.values())}, {"people": BRAND})


def changes(found: pl.DataFrame) -> Plot | None:
    """Show what became of people, each kind in its colour; None where nobody changed."""
    counts = {kind: max(before, after) for kind, before, after, _ in found.iter_rows() if kind in CHANGES}
    chosen = {kind: count for kind, count in counts.items() if count}
    if not chosen:
        return None
    with mpl.rc_context(STYLE):
        figure, axes = canvas(0.7 + 0.34 * len(chosen))
        drawn = axes.barh(list(chosen), list(chosen.values()), 0.7, color=[CHANGES[kind] for kind in chosen])
        axes.bar_label(drawn, fmt="{:,.0f}", fontsize=7, padding=3)
        axes.invert_yaxis()
        axes.margins(x=0.12)
        axes.xaxis.set_visible(False)
        axes.spines["bottom"].set_visible(False)
        said = "; ".join(f"{kind}: {count:,}" for kind, count in chosen.items())
        return Plot(address(figure), f"People by what became of them. {said}")


def by_day(found: pl.DataFrame) -> Plot:
    """Show how many people were added, deleted and updated on each day."""
    dates = found["date"].to_list()
    with mpl.rc_context(STYLE):
        figure, axes = canvas(2.4)
        below = np.zeros(len(dates))
        for kind, colour in (("added", GREEN), ("updated", BRAND), ("deleted", RED)):
            axes.bar(dates, found[kind].to_list(), 0.8, bottom=below, color=colour, label=kind)
            below += found[kind].to_numpy()
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.xaxis.set_major_formatter(DateFormatter("%d %b"))
        axes.xaxis.set_major_locator(DayLocator(interval=1 + (dates[-1] - dates[0]).days // MOST_DAYS))
        axes.set_xlim(dates[0] - DAY, dates[-1] + DAY)
        axes.legend(frameon=False, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
        said = (
            f"{day}: {added:,} added, {gone:,} deleted, {updated:,} updated"
            for day, added, gone, updated in found.iter_rows()
        )
        return Plot(address(figure), f"People who changed by day. {'; '.join(said)}")


def strategies(found: pl.DataFrame, people: int) -> Plot:
    """Show which share of all people has pairs of each strategy."""
    shares = {name: 100.0 * count / max(people, 1) for name, count, _ in found.iter_rows()}
    with mpl.rc_context(STYLE):
        figure, axes = canvas(0.6 + 0.34 * len(shares))
        drawn = axes.barh(list(shares), list(shares.values()), 0.7, color=[STRATEGIES[name] for name in shares])
        axes.bar_label(drawn, fmt="{:.1f} %", fontsize=7, padding=3)
        axes.set_xlim(0, 100)
        axes.invert_yaxis()
        axes.xaxis.set_visible(False)
        axes.spines["bottom"].set_visible(False)
        said = "; ".join(f"{name}: {share:.1f} %" for name, share in shares.items())
        return Plot(address(figure), f"Share of all people by matching strategy. {said}")


def categories(found: Mapping[str, int]) -> Plot:
    """Show how many pairs have which score."""
    names = [f"{at} {name.replace('_', ' ')}" for at, name in enumerate(CATEGORIES)]
    counts = [found.get(name, 0) for name in CATEGORIES]
    return bars("Pairs of one person by score", names[::-1], {"pairs": counts[::-1]}, {"pairs": BRAND})


def sources(between: pl.DataFrame) -> Plot | None:
    """Show how many people each two sources share, darker for more; None for a single source."""
    names = between["datasource"].unique().sort().to_list()
    busiest = (
        between.group_by("datasource")
        .agg(pl.col("people").sum())
        .sort("people", "datasource", descending=[True, False])
    )
    names = sorted(busiest["datasource"].head(MOST_SOURCES)) if len(names) > MOST_SOURCES else names
    if len(names) < 2:
        return None
    cells = np.zeros((len(names), len(names)))
    for one, other, people in between.filter(
        pl.col("datasource").is_in(names), pl.col("other").is_in(names)
    ).iter_rows():
        cells[names.index(one), names.index(other)] = people
    return _matrix("People whom two sources share; a source with itself: whom it has more than once", names, cells)


def weights(found: pl.DataFrame) -> Plot:
    """Show what each level of each field says against strangers and against a household, in bits."""
    names = [f"{field.replace('_', ' ')}: {label}" for field, label in found.select("field", "label").iter_rows()]
    with mpl.rc_context(STYLE):
        figure, axes = canvas(0.8 + 0.2 * len(names))
        rows = np.arange(len(names))
        for shift, column, colour in ((-0.19, "against_strangers", BRAND), (0.19, "against_household", AMBER)):
            axes.barh(rows + shift, found[column].to_list(), 0.36, color=colour, label=column.replace("_", " "))
        axes.axvline(0, color=SOFT, linewidth=0.8)
        axes.set_yticks(rows, names, fontsize=7)
        axes.invert_yaxis()
        axes.margins(y=0.01)
        axes.legend(frameon=False, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
        bits = zip(names, found["against_strangers"], found["against_household"], strict=True)
        said = "; ".join(f"{name}: {strangers:+.1f} and {household:+.1f}" for name, strangers, household in bits)
        return Plot(address(figure), f"Bits against strangers and against a household. {said}")


def _matrix(title: str, names: list[str], cells: np.ndarray[tuple[int, int], np.dtype[np.float64]]) -> Plot:
    with mpl.rc_context(STYLE):
        figure, axes = canvas(1.1 + CELL * len(names))
        axes.imshow(cells, cmap="Purples", aspect="auto")
        for (row, column), people in np.ndenumerate(cells):
            colour = "white" if people > DARK_ABOVE * cells.max() else INK
            axes.text(column, row, f"{people:,.0f}", ha="center", va="center", fontsize=7, color=colour)
        axes.set_xticks(range(len(names)), names, rotation=25, ha="right")
        axes.set_yticks(range(len(names)), names)
        axes.tick_params(length=0)
        axes.spines[["left", "bottom"]].set_visible(False)
        rows = (
            f"{name}: {', '.join(f'{people:,.0f}' for people in row)}" for name, row in zip(names, cells, strict=True)
        )
        return Plot(address(figure), f"{title}. {'; '.join(rows)}")
