"""Reads the lists of words beside it; each names its source in its first lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources

FOLDER = resources.files("cdp_assets.stitch.normalise") / "lists"
"""Found also where the package is an archive, as on Spark's workers."""


@cache
def words(name: str, separator: str | None = None) -> tuple[str, ...]:
    """Give all entries of a list in its order; `separator` is what stands between two, None for white space."""
    return tuple(entry for line in _lines(name) for entry in _split(line, separator))


@cache
def kinds(name: str, separator: str | None = None) -> Mapping[str, frozenset[str]]:
    """Give the entries of a list of `kind: entry entry` by kind."""
    found: dict[str, set[str]] = {}
    for line in _lines(name):
        kind, _, rest = line.partition(":")
        found.setdefault(kind, set()).update(_split(rest, separator))
    return {kind: frozenset(entries) for kind, entries in found.items()}


@cache
def spellings(name: str, separator: str | None = None) -> Mapping[str, str]:
    """Give what each entry of a list of `form: spelling spelling` stands for; a form stands for itself.

    Of two forms that claim one spelling the first has it.
    """
    forms: dict[str, str] = {}
    for line in _lines(name):
        form, _, rest = line.partition(":")
        for spelling in (form, *_split(rest, separator)):
            forms.setdefault(spelling, form)
    return forms


def _lines(name: str) -> Iterator[str]:
    for line in (FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line


def _split(text: str, separator: str | None) -> list[str]:
    """Split at the separator; a `+`, after which entries are ours, is no entry."""
    return [entry.strip() for entry in text.removeprefix(" +").split(separator) if entry.strip()]
