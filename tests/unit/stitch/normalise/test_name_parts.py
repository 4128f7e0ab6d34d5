"""One name read."""

from __future__ import annotations

import pytest

from cdp_assets.stitch.normalise.name_parts import Name, full_name, given_name, surname


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("MR & MRS JOHN SMITH", Name("JOHN", None, "SMITH")),
        ("MR JOHN SMITH", Name("JOHN", None, "SMITH", gender="M")),
        ("FRAU DR EVA KLEIN", Name("EVA", None, "KLEIN", gender="F")),
        ("SR JUAN PEREZ", Name("JUAN", None, "PEREZ", gender="M")),
        ("JOHN SMITH & MARY JONES", Name("JOHN", None, "SMITH")),
        ("JOHN Q SMITH V", Name("JOHN", "Q", "SMITH", "V")),
        ("JOHN V", Name("JOHN", None, "V")),
        ("SMITH,", Name(surname="SMITH")),
        ("ANH LE", Name("ANH", None, "LE")),
        ("", Name()),
    ],
)
def test_full_names(text: str, wanted: Name) -> None:
    """Titles tell the gender unless they are two; `V` after one word is an initial."""
    assert full_name(text) == wanted


def test_a_title_that_is_a_name_too_stays_where_it_stands_alone() -> None:
    """`Major` is somebody, `Mr` is nobody."""
    assert given_name("MAJOR") == Name("MAJOR")
    assert given_name("MR") == Name(gender="M")
    assert given_name("MAJOR TOM") == Name("TOM")


def test_hyphens_of_surnames_are_spaces() -> None:
    """`Smith-Jones` and `Smith Jones` are one."""
    assert surname("SMITH-JONES") == surname("SMITH JONES") == Name(surname="SMITH JONES")
