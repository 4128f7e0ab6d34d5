"""Plots, each as a picture that a page holds inside itself."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, StrMethodFormatter

WIDTH, BAR, FRAME = 7.2, 0.34, 0.9
"""Inches: a plot's width, a bar's share of its height, and what title and axis need."""
INK, SOFT, BRAND = "#334155", "#94a3b8", "#4f46e5"
GREEN, RED, AMBER = "#16a34a", "#dc2626", "#d97706"
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


def canvas(height: float) -> tuple[Figure, Axes]:
    """Give an empty plot of our width; draw on it below `mpl.rc_context(STYLE)`."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots()


def address(figure: Figure) -> str:
    """Give a drawn figure as a `data:` address of an SVG; the same figure gives the same text."""
    out = io.BytesIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return f"data:image/svg+xml;base64,{base64.b64encode(out.getvalue()).decode()}"


def bars(
    title: str, names: Sequence[str], counts: Mapping[str, Sequence[float]], colours: Mapping[str, str], unit: str = ""
) -> Plot:
    """Draw a stacked bar per name, the first on top: `counts` and `colours` by what a part of the bars is called."""
    with mpl.rc_context(STYLE):
        figure, axes = canvas(FRAME + BAR * len(names))
        left = [0.0] * len(names)
        for kind, values in counts.items():
            axes.barh(range(len(names)), values, 0.7, left=left, color=colours[kind], label=kind)
            left = [start + value for start, value in zip(left, values, strict=True)]
        spelled = [f"{total:,.{0 if float(total).is_integer() else 1}f}{unit}" for total in left]
        for at, (total, text) in enumerate(zip(left, spelled, strict=True)):
            axes.annotate(text, (total, at), (4, 0), textcoords="offset points", va="center", fontsize=7)
        axes.set_yticks(range(len(names)), names)
        axes.invert_yaxis()
        axes.xaxis.set_major_locator(MaxNLocator(5, integer=not unit))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}" + unit))
        axes.margins(x=0.12)
        if len(counts) > 1:
            axes.legend(frameon=False, ncols=len(counts), loc="lower center", bbox_to_anchor=(0.5, 1.0))
        said = "; ".join(f"{name}: {text}" for name, text in zip(names, spelled, strict=True))
        return Plot(address(figure), f"{title}. {said}")
