"""The plots of a comparison, each as a picture that a page holds inside itself."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

from cdp_assets.environments.data_diff.model import DataDiff, IdentityDiff, RowChanges

MOST_BARS = 15
WIDTH, BAR, FRAME = 7.2, 0.34, 0.9
"""Inches: a plot's width, a bar's share of its height, and what title and axis need."""
INK, PRODUCTION, SANDBOX = "#334155", "#94a3b8", "#4f46e5"
KINDS = {"added": "#16a34a", "removed": "#dc2626", "changed": "#d97706"}
STYLE = {
    "font.size": 8,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": "#cbd5e1",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "svg.hashsalt": "cdp",
}
"""The salt makes the same plot the same bytes."""


@dataclass(frozen=True)
class Plot:
    """A picture and what it says, for those who cannot see it."""

    picture: str
    """A `data:` address, so that the page needs nothing from elsewhere."""
    says: str


def people_by_size(identity: IdentityDiff) -> Plot:
    """Show how many people have how many records, on both sides."""
    sizes = list(identity.sizes_before)
    with mpl.rc_context(STYLE):
        figure, axes = _figure(3.0)
        for shift, label, colour, counts in (
            (-0.2, "production", PRODUCTION, identity.sizes_before),
            (0.2, "sandbox", SANDBOX, identity.sizes_after),
        ):
            bars = axes.bar(
                [at + shift for at in range(len(sizes))], list(counts.values()), 0.38, label=label, color=colour
            )
            axes.bar_label(bars, fmt="{:,.0f}", fontsize=7, padding=1)
        axes.set_xticks(range(len(sizes)), sizes)
        axes.set_xlabel("records per person")
        axes.yaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.legend(frameon=False, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
        changes = (f"{size}: {identity.sizes_before[size]:,} to {identity.sizes_after[size]:,}" for size in sizes)
        return Plot(_data(figure), f"People by records, production to sandbox. {'; '.join(changes)}")


def rows_by_table(diff: DataDiff) -> Plot | None:
    """Show the rows that each table gains, loses and changes; None where no row differs."""
    return _changes("Rows by table", [(table.table, table.rows) for table in diff.different if table.rows])


def records_by_export(diff: DataDiff) -> Plot | None:
    """Show the records that each export would add, drop and change; None where none differs."""
    return _changes("Records by export", [(one.orchestration, one.rows) for one in diff.exports if one.rows])


def changed_columns(diff: DataDiff) -> Plot | None:
    """Show the columns with the most changed values; None where no row changed in one."""
    found = {
        f"{table.table}  {column}": count for table in diff.different for column, count in table.rows.columns.items()
    }
    top = dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))[:MOST_BARS])
    return _bars("Changed values by column", list(top), {"changed": list(top.values())}) if top else None


def _changes(title: str, found: Sequence[tuple[str, RowChanges]]) -> Plot | None:
    chosen = sorted(found, key=lambda one: (-one[1].total, one[0]))[:MOST_BARS]
    counts = {kind: [getattr(rows, kind) for _, rows in chosen] for kind in KINDS}
    return _bars(title, [name for name, _ in chosen], counts) if chosen else None


def _bars(title: str, names: Sequence[str], counts: Mapping[str, Sequence[int]]) -> Plot:
    """Draw a stacked bar per name, the first on top."""
    with mpl.rc_context(STYLE):
        figure, axes = _figure(FRAME + BAR * len(names))
        left = [0] * len(names)
        for kind, values in counts.items():
            axes.barh(range(len(names)), values, 0.7, left=left, color=KINDS[kind], label=kind)
            left = [start + value for start, value in zip(left, values, strict=True)]
        for at, total in enumerate(left):
            axes.annotate(f"{total:,}", (total, at), (4, 0), textcoords="offset points", va="center", fontsize=7)
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=True))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.margins(x=0.12)
        if len(counts) > 1:
            axes.legend(frameon=False, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0))
        said = "; ".join(f"{name}: {total:,}" for name, total in zip(names, left, strict=True))
        return Plot(_data(figure), f"{title}. {said}")


def _figure(height: float) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots()


def _data(figure: Figure) -> str:
    out = io.BytesIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return f"data:image/svg+xml;base64,{base64.b64encode(out.getvalue()).decode()}"
