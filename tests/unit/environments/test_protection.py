"""What is protected goes in two steps: one apply that clears the flag, one that removes."""

from __future__ import annotations

from typing import Any

import pytest

from cdp_assets.environments.planning import protected
from cdp_assets.names import PRODUCTION
from tests.unit.environments.edits import TENANT, Edit, edited


def without_feed(document: dict[str, Any]) -> None:
    del document["feeds"]["products_products"]


def without_stitch(document: dict[str, Any]) -> None:
    document["stitch"]["stitched_tables"] = []


def without_query(document: dict[str, Any]) -> None:
    del document["queries"]["lifecycle_summary"]


def flag(place: tuple[str, ...], value: bool) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        for name in place:
            document = document[name]
        document["prevent_destroy"] = value

    return edit


KINDS = pytest.mark.parametrize(
    ("remove", "place", "address"),
    [
        (without_feed, ("feeds", "products_products"), "feed.products_products"),
        (without_stitch, ("stitch",), "stitch"),
    ],
)


@KINDS
def test_a_stateful_kind_is_protected_unless_it_says_otherwise(
    remove: Edit, place: tuple[str, ...], address: str
) -> None:
    (found,) = protected(TENANT, edited(remove), PRODUCTION)
    assert (found.check, found.address, found.severity) == ("prevent_destroy", address, "error")
    cleared = edited(flag(place, False))
    assert protected(TENANT, cleared, PRODUCTION) == []
    assert protected(cleared, edited(remove, cleared), PRODUCTION) == []


@KINDS
def test_clearing_and_removing_in_one_step_is_refused(remove: Edit, place: tuple[str, ...], address: str) -> None:
    """What runs now decides, not what the target says of itself."""

    def both(document: dict[str, Any]) -> None:
        flag(place, False)(document)
        remove(document)

    assert [one.address for one in protected(TENANT, edited(both), PRODUCTION)] == [address]


@KINDS
def test_an_undo_is_warned_and_not_refused(remove: Edit, place: tuple[str, ...], address: str) -> None:
    """Whoever has just promoted a new feed by mistake goes back at once."""
    (found,) = protected(TENANT, edited(remove), PRODUCTION, undoing=True)
    assert (found.check, found.address, found.severity) == ("prevent_destroy", address, "warning")


def test_any_resource_may_be_protected() -> None:
    assert protected(TENANT, edited(without_query), PRODUCTION) == []
    kept = edited(flag(("queries", "lifecycle_summary"), True))
    assert [one.address for one in protected(kept, edited(without_query, kept), PRODUCTION)] == [
        "query.lifecycle_summary"
    ]


def test_a_sandbox_may_drop_what_it_likes() -> None:
    assert protected(TENANT, edited(without_stitch), "sandbox__s") == []
    assert protected(None, TENANT, PRODUCTION) == []
