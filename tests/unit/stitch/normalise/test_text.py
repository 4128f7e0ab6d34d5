"""Texts of any script."""

from __future__ import annotations

import polars as pl
import pytest

from cdp_assets.stitch.normalise.text import MOST_CHARACTERS, composed, folded, spaced


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("Müller", "MULLER"),
        ("Mu\u0308ller", "MULLER"),
        ("Straße", "STRASSE"),
        ("Søren Ærø", "SOREN AERO"),
        ("Łukasz", "LUKASZ"),
        ("Иванов", "IVANOV"),
        ("Νίκος", "NIKOS"),
        ("ＡＢＣ　１２３", "ABC 123"),
        ("O’Brien", "O'BRIEN"),
        ("a\u200bb\ufeff", "AB"),
        ("a\tb\x00c", "A B C"),
        ("Ann 😀", "ANN"),
        ("\ud800".encode("utf-8", "replace").decode(), "?"),
    ],
)
def test_texts_become_upper_case_ascii(given: str, wanted: str) -> None:
    """Accents go, scripts are transliterated, what nobody sees is gone."""
    assert folded(pl.Series([given, "plain"])).to_list() == [wanted, "PLAIN"]


def test_long_texts_are_cut() -> None:
    """Before anything is done with them, and after: one sign may stand for many letters."""
    assert all(len(text) <= MOST_CHARACTERS for text in folded(pl.Series(["a" * 100_000, "㎏" * 100_000, "王" * 500])))


def test_composed_texts_keep_their_script() -> None:
    """Full-width letters are letters, and zero-width ones nothing."""
    assert composed(pl.Series(["ａ\u200bｂ", "Иван", "é"])).to_list() == ["ab", "Иван", "é"]


def test_one_space_for_whatever_is_between_words() -> None:
    """Apostrophes and points close up."""
    assert spaced(pl.Series(["O'NEIL - ST. JOHN,,X"])).to_list() == ["ONEIL ST JOHN X"]
