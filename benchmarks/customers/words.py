"""The words that customers are made of: names as common as they are, streets, and what stands for no value."""

from __future__ import annotations

import importlib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from faker.providers.person.en_US import Provider as American

Texts = npt.NDArray[np.object_]
Shares = npt.NDArray[np.float64]
FOREIGN = (
    "en_GB", "es_MX", "it_IT", "de_DE", "fr_FR", "pt_BR", "nl_NL", "pl_PL", "sv_SE", "es_ES", "ro_RO", "cs_CZ", "fi_FI",
    "da_DK", "hu_HU", "en_IN", "id_ID", "tr_TR", "vi_VN", "de_AT", "no_NO",
)  # fmt: skip
AMERICAN_SHARE = 0.65
"""Of surnames; the others are as unevenly spread as ranks."""

_NICKNAMES = """
William Bill Will Billy|Robert Bob Rob Bobby|Richard Rick Dick Rich|James Jim Jimmy|John Jack Johnny|Michael Mike
Christopher Chris|Joseph Joe|Thomas Tom|Daniel Dan Danny|Matthew Matt|Anthony Tony|Steven Steve|Andrew Andy Drew
Joshua Josh|Kenneth Ken|Edward Ed Ted|Jeffrey Jeff|Nicholas Nick|Jonathan Jon|Benjamin Ben|Samuel Sam|Gregory Greg
Patrick Pat|Alexander Alex|Timothy Tim|Ronald Ron|Donald Don|Charles Chuck Charlie|David Dave|Zachary Zach
Elizabeth Liz Beth Betty|Jennifer Jen Jenny|Patricia Pat Patty|Katherine Kate Kathy Katie|Kathleen Kathy
Margaret Maggie Peggy Meg|Rebecca Becky|Jessica Jess|Deborah Debbie Deb|Susan Sue|Christina Chris Tina|Kimberly Kim
Barbara Barb|Stephanie Steph|Cynthia Cindy|Victoria Vicky|Pamela Pam|Samantha Sam|Amanda Mandy|Jacqueline Jackie
Alexandra Alex|Melissa Missy|Theresa Terry|Judith Judy
"""
NICKNAMES: Mapping[str, list[str]] = {
    formal: others
    for line in _NICKNAMES.strip().split("\n")
    for formal, *others in (group.split() for group in line.split("|"))
}
STREET_WORDS: Mapping[str, str] = {
    "Street": "St", "Avenue": "Ave", "Road": "Rd", "Drive": "Dr", "Lane": "Ln", "Court": "Ct", "Boulevard": "Blvd",
    "Place": "Pl", "Way": "Way", "Circle": "Cir",
}  # fmt: skip
"""Each with its short form."""
STATES = (
    "CA", "TX", "FL", "NY", "PA", "IL", "OH", "GA", "NC", "MI", "WA", "AZ", "MA", "TN", "IN", "MO", "MD", "WI", "CO",
    "MN", "OR", "NV", "UT", "VA", "NJ",
)  # fmt: skip
MAIL_DOMAINS: Mapping[str, float] = {
    "gmail.com": 0.48, "yahoo.com": 0.16, "hotmail.com": 0.1, "outlook.com": 0.09, "aol.com": 0.05, "icloud.com": 0.06,
    "comcast.net": 0.03, "att.net": 0.02, "verizon.net": 0.01,
}  # fmt: skip
JUNK_EMAILS = (
    "test@test.com", "noemail@noemail.com", "none@none.com", "na@na.com", "donotreply@store.com", "guest@store.com",
)  # fmt: skip
JUNK_PHONES = ("0000000000", "9999999999", "1234567890", "5555555555", "1111111111")
JUNK_NAMES = (
    ("Guest", "Customer"), ("Unknown", "Unknown"), ("Test", "Test"), ("Cash", "Customer"), ("N/A", "N/A"),
    ("Valued", "Customer"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Names:
    """Names and how common each is."""

    men: Texts
    men_shares: Shares
    women: Texts
    women_shares: Shares
    surnames: Texts
    surname_shares: Shares


def names(draw: np.random.Generator) -> Names:
    """Give American given names, and the surnames of many countries."""
    men, men_shares = _weighted(American.first_names_male)
    women, women_shares = _weighted(American.first_names_female)
    american, american_shares = _weighted(American.last_names)
    foreign = sorted({_ascii(name) for locale in FOREIGN for name in _surnames(locale)} - {*american, ""})
    by_rank = 1 / np.arange(5, 5 + len(foreign))
    draw.shuffle(by_rank)
    shares = np.concatenate([american_shares * AMERICAN_SHARE, by_rank / by_rank.sum() * (1 - AMERICAN_SHARE)])
    return Names(_texts(men), men_shares, _texts(women), women_shares, _texts([*american, *foreign]), shares)


def _weighted(counted: Mapping[str, float]) -> tuple[list[str], Shares]:
    weights = np.array([float(weight) for weight in counted.values()])
    return list(counted), weights / weights.sum()


def _surnames(locale: str) -> list[str]:
    return list(importlib.import_module(f"faker.providers.person.{locale}").Provider.last_names)


def _ascii(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def _texts(words: list[str]) -> Texts:
    return np.array(words, dtype=object)
