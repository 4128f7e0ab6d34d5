"""What `cdp doctor` finds: a line that says how something is and, where it is not well, what to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's."""

    name: str
    level: Level
    text: str
    advice: str = ""


def ok(name: str, text: str) -> Finding:
    """Give a finding that needs nothing."""
    return Finding(name, "ok", text)


def warning(name: str, text: str, advice: str) -> Finding:
    """Give a finding with which the platform works, for now or not as well."""
    return Finding(name, "warning", text, advice)


def wrong(name: str, text: str, advice: str) -> Finding:
    """Give a finding with which something does not work."""
    return Finding(name, "wrong", text, advice)
