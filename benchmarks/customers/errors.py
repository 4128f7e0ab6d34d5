"""The slips of whoever types a customer's data."""

from __future__ import annotations

import string

import numpy as np


def slip(draw: np.random.Generator, text: str) -> str:
    """Drop, add, change or swap one letter, never the first alone; a text of two letters stays."""
    if len(text) < 3:
        return text
    kind, at = draw.integers(4), int(draw.integers(1, len(text)))
    if kind == 0:
        return text[:at] + text[at + 1 :]
    if kind == 1:
        return text[:at] + _letter(draw) + text[at:]
    if kind == 2:
        return text[:at] + _letter(draw) + text[at + 1 :]
    return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]


def digit_slip(draw: np.random.Generator, text: str) -> str:
    """Swap two neighbours or change one."""
    at = int(draw.integers(len(text)))
    if draw.random() < 0.4 and at > 0:
        return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]
    return text[:at] + str(draw.integers(10)) + text[at + 1 :]


def written_phone(draw: np.random.Generator, digits: str) -> str:
    """Write ten digits in one of the usual ways."""
    area, office, line = digits[:3], digits[3:6], digits[6:]
    ways = (digits, f"({area}) {office}-{line}", f"{area}-{office}-{line}", f"+1{digits}", f"1-{area}-{office}-{line}")
    return ways[draw.integers(len(ways))]


def _letter(draw: np.random.Generator) -> str:
    return string.ascii_lowercase[draw.integers(26)]
