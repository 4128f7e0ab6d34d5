"""Genders, and the profiles that say where they come from."""

from __future__ import annotations

import pytest

from cdp_assets.config.stitch import PreProcessingProfile
from tests.unit.stitch.normalise.one import one


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("female", "F"),
        ("W", "F"),
        ("Weiblich", "F"),
        ("m", "M"),
        ("Hombre", "M"),
        ("2", "F"),
        ("x", None),
        ("n/a", None),
    ],
)
def test_words_become_letters(given: str, wanted: str | None) -> None:
    """With `normalize-gender`, which is a default."""
    assert one(gender=given)["gender"] == wanted


def test_words_stay_without_the_profile() -> None:
    """In upper case; `U` still says nothing."""
    assert one((), gender="Non-binary")["gender"] == "NON BINARY"
    assert one((), gender="u")["gender"] is None


@pytest.mark.parametrize(
    ("profiles", "with_both", "with_title"),
    [
        (("normalize-gender", "prioritize-src-gender"), "M", "F"),
        (("normalize-gender", "prioritize-derived-gender"), "F", "F"),
        (("normalize-gender", "skip-derive-gender"), "M", None),
        (("normalize-gender", "skip-derive-gender", "prioritize-derived-gender"), "M", None),
    ],
)
def test_profiles_rank_what_is_said(
    profiles: tuple[PreProcessingProfile, ...], with_both: str, with_title: str | None
) -> None:
    """The record's own gender, and the one that its title says."""
    assert one(profiles, gender="male", title="Mrs")["gender"] == with_both
    assert one(profiles, title="Mrs")["gender"] == with_title
