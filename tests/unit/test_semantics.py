"""Semantic tags: the documented ones, the tenant's own keys, and the nearest for a slip."""

from __future__ import annotations

import pytest

from cdp_assets.semantics import SEMANTICS, family, nearest, semantic


@pytest.mark.parametrize(
    ("tag", "column", "personal"),
    [
        ("email", "email", True),
        ("email-2", "email_2", True),
        ("fk-customer-id", "fk_customer_id", True),
        ("sk-account", "sk_account", True),
        ("txn-item/order-id", "order_id", False),
        ("pc/product-name", "product_name", False),
        ("birthdate", "birthdate", True),
        ("email-summary/email-opens-last-7-days", "email_opens_last_7_days", False),
        ("email-summary/email-clicks-last-12-months", "email_clicks_last_12_months", False),
    ],
)
def test_what_a_tag_means(tag: str, column: str, personal: bool) -> None:
    """Its column in a unified table, and whether it is about a person."""
    found = semantic(tag)
    assert found is not None
    assert (found.column, found.personal) == (column, personal)


@pytest.mark.parametrize(
    "tag",
    ["given_name", "emial", "fk-", "txn-item/oder-id", "EMAIL", "email-0", "", "email-summary/email-opens-last-8-days"],
)
def test_what_is_no_tag(tag: str) -> None:
    """A slip is not a new tag."""
    assert semantic(tag) is None


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("emial", "email"),
        ("given_name", "given-name"),
        ("txn-item/oder-id", "txn-item/order-id"),
        ("sur-name", "surname"),
    ],
)
def test_the_nearest_tag_is_offered(slip: str, meant: str) -> None:
    """What the engineer most likely meant."""
    assert nearest(slip) == meant


def test_birthdate_and_phone_insist_on_their_types() -> None:
    """As the documents do."""
    kinds = {
        tag: meaning.enforced_type
        for tag, meaning in SEMANTICS.items()
        if tag in ("birthdate", "phone", "postal", "email")
    }
    assert kinds == {"birthdate": "date", "phone": "string", "postal": "string", "email": None}


def test_a_tag_belongs_to_a_family() -> None:
    """The part before the slash."""
    assert {family(tag) for tag in SEMANTICS} >= {"", "txn-item", "pc", "loy"}
