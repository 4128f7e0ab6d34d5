"""E-mail addresses."""

from __future__ import annotations

import polars as pl
import pytest

from cdp_assets.config.stitch import PreProcessingProfile
from cdp_assets.stitch.normalise.emails import emails
from tests.unit.stitch.normalise.one import one


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("derek+1234@amperity.com", "DEREK@AMPERITY.COM"),
        ("test@goaway.com", None),
        ("gary.smith+123@gmail.com", "GARY.SMITH@GMAIL.COM"),
    ],
)
def test_documented_examples(given: str, wanted: str | None) -> None:
    """Word for word. Source: docs.amperity.com/reference/stitch.html, Email addresses."""
    assert one(email=given)["full_email"] == wanted


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("Ann.Lee+shop@Mail.com", "ANN.LEE@MAIL.COM"),
        (" ann@mail.co.uk ", "ANN@MAIL.CO.UK"),
        ("Ann Lee <ann@mail.com>", "ANN@MAIL.COM"),
        ("mailto:ann@mail.com", "ANN@MAIL.COM"),
        ("ann@mail.com.", "ANN@MAIL.COM"),
        ("a.n.n@googlemail.com", "ANN@GMAIL.COM"),
        ("ann@gmial.com", "ANN@GMIAL.COM"),
        ("ａｎｎ@mail.com\u200b", "ANN@MAIL.COM"),
        ("+tag@mail.com", None),
        ("noreply@mail.com", None),
        ("test+1@mail.com", None),
        ("ann@noemail.com", None),
        ("ann@example.org", "ANN@EXAMPLE.ORG"),
        ("example@example.org", None),
        ("ann@nodomain", None),
        ("a@b@mail.com", None),
        ("ann@mail.com; bob@mail.com", None),
        ("ann", None),
        ("@mail.com", None),
        ("n/a", None),
        ("a" * 300 + "@mail.com", None),
    ],
)
def test_emails(given: str, wanted: str | None) -> None:
    """Upper-case, no plus tag, one form of a mailbox at Google, no mailbox that is nobody's."""
    assert one(email=given)["email"] == wanted


@pytest.mark.parametrize(("profiles", "wanted"), [((), None), (("allow-business-email",), "INFO@ACME.COM")])
def test_mailboxes_of_businesses(profiles: tuple[PreProcessingProfile, ...], wanted: str | None) -> None:
    """A profile lets them in, and not what is always junk."""
    found = emails(pl.Series(["info@acme.com", "noreply@acme.com"]), profiles)
    assert found["email"].to_list() == [wanted, None]
