"""The parts of a page: light, readable on a phone, whole in itself; every text in it is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from importlib import resources

from cdp_assets.page.plots import Plot

Cells = Sequence[Sequence[str]]


def document(title: str, subtitle: str, parts: Iterable[str]) -> str:
    """Write a page of parts; empty ones are left out."""
    style = resources.files(__package__).joinpath("page.css").read_text(encoding="utf-8")
    header = f'<header><h1>{escape(title)}</h1>\n<p class="soft">{escape(subtitle)}</p></header>'
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{style}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(part for part in (header, *parts) if part)
        + "\n</main>\n</body>\n</html>\n"
    )


def section(title: str, *parts: str) -> str:
    """Write a section below its title."""
    return f"<section><h2>{escape(title)}</h2>{''.join(parts)}</section>"


def subtitle(text: str) -> str:
    """Write the title of a section's part."""
    return f"<h3>{escape(text)}</h3>"


def tiles(found: Iterable[tuple[str, str]]) -> str:
    """Write the most important numbers, each above its name: (name, value)."""
    shown = "".join(f'<div class="tile"><b>{escape(value)}</b>{escape(name)}</div>' for name, value in found)
    return f'<div class="tiles">{shown}</div>'


def paragraph(text: str, kind: str = "") -> str:
    """Write a paragraph; `kind` is a class of the style sheet, such as `soft` or `note`."""
    return f'<p class="{escape(kind)}">{escape(text)}</p>' if kind else f"<p>{escape(text)}</p>"


def picture(plot: Plot | None) -> str:
    """Write a plot, or nothing where there is none."""
    if plot is None:
        return ""
    return f'<div class="wide"><img src="{escape(plot.picture)}" alt="{escape(plot.says)}"></div>'


def grid(head: Sequence[str], rows: Cells, texts: frozenset[int] = frozenset({0})) -> str:
    """Write a table: the columns at `texts` to the left, numbers to the right."""
    kinds = ["" if at in texts else ' class="number"' for at in range(len(head))]
    titles = "".join(f"<th{kind}>{escape(name)}</th>" for name, kind in zip(head, kinds, strict=True))
    lines = ("".join(f"<td{kind}>{escape(cell)}</td>" for cell, kind in zip(row, kinds, strict=True)) for row in rows)
    body = "".join(f"<tr>{line}</tr>" for line in lines)
    return f'<div class="wide"><table><thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table></div>'
