"""Two spellings of one value are similar; two values are not."""

from __future__ import annotations

import pytest

from cdp_assets.stitch.fuzzy import similar


@pytest.mark.parametrize(
    ("semantic", "one", "other", "wanted"),
    [
        ("given_name", "LIZ", "ELIZABETH", True),
        ("given_name", "J", "JOHN", True),
        ("given_name", "MARY", "MARY ANN", True),
        ("given_name", "CATHERINE", "CATHARINE", True),
        ("given_name", "ANN", "AMY", False),
        ("given_name", "PETER", "PAULA", False),
        ("sk_given_name", "BOB", "ROBERT", True),
        ("surname", "SMITH", "SMYTH", True),
        ("surname", "SMITH", "SMITH-JONES", True),
        ("surname", "SMITH", "JONES", False),
        ("birthdate", "1980-02-03", "1980-03-02", True),
        ("birthdate", "1980-02-03", "1980-02-08", True),
        ("birthdate", "1980-02-03", "1991-12-30", False),
        ("suffix", "JR", "II", True),
        ("suffix", "JR", "SR", False),
        ("company", "ACME", "ACME LTD", True),
        ("company", "ACME", "GLOBEX", False),
        ("email", "ANN@MAIL.COM", "ANN@MAIL.CO", True),
        ("email", "ANN23@MAIL.COM", "ANN26@MAIL.COM", False),
        ("phone", "2065550100", "2065550101", True),
        ("fk_member", "A1000", "A1001", False),
        ("sk_account", "A1000", "A1001", False),
    ],
)
def test_what_is_similar(semantic: str, one: str, other: str, wanted: bool) -> None:
    """The order of the two does not matter; ids of other systems are equal or they are not."""
    assert similar(semantic, [one, other], [other, one]).tolist() == [wanted, wanted]
