"""Draws how the odds of a pair come about: from what is expected of any pair, field by field, to the sum."""

from __future__ import annotations

import textwrap
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from cdp_assets.output import whole
from cdp_assets.page.plots import BAR, BRAND, FRAME, GREEN, RED, SOFT, STYLE, canvas
from cdp_assets.stitch.explain import Weighed

FORMATS = (".png", ".svg")
DOTS_PER_INCH = 160
LETTERS_PER_LINE = 56
"""Of a title: two keys and a score may be wider than the picture."""


def waterfall(found: Weighed, title: str, threshold_bits: float) -> Figure:
    """Draw a bar per field that says something, each from where the one before ended; right is for one person."""
    steps = [("any two records", 0.0, found.prior, SOFT)]
    at = found.prior
    for one in found.comparisons:
        if one.adds:
            steps.append((f"{one.field.replace('_', ' ')}: {one.label}", at, one.adds, GREEN if one.adds > 0 else RED))
            at += one.adds
    steps.append(("odds of one person", 0.0, found.bits, BRAND))
    with mpl.rc_context(STYLE):
        figure, axes = canvas(FRAME + BAR * len(steps))
        for row, (_, start, bits, colour) in enumerate(steps):
            axes.barh(row, bits, 0.66, left=start, color=colour)
            end = max(start, start + bits)
            axes.annotate(f"{bits:+.1f}", (end, row), (4, 0), textcoords="offset points", va="center", fontsize=7)
        axes.axvline(threshold_bits, color=SOFT, linewidth=1, linestyle=":")
        axes.annotate("threshold", (threshold_bits, -0.75), fontsize=6, color=SOFT, ha="center")
        axes.set_yticks(range(len(steps)), [name for name, *_ in steps])
        axes.invert_yaxis()
        axes.margins(x=0.15)
        axes.set_xlabel("bits: each one doubles the odds")
        axes.set_title(textwrap.fill(title, LETTERS_PER_LINE), fontsize=9)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a picture in the format of the ending of the file's name, one of FORMATS."""
    dateless = {"Date": None} if path.suffix == ".svg" else None
    with mpl.rc_context(STYLE), whole(path) as new:
        figure.savefig(
            new, format=path.suffix.removeprefix("."), dpi=DOTS_PER_INCH, facecolor="white", metadata=dateless
        )
