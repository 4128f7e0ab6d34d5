"""Nicknames."""

from __future__ import annotations

import polars as pl
import pytest

from cdp_assets.stitch.normalise.nicknames import COMMON, amended, nicknames_of


@pytest.mark.parametrize(
    "pair",
    [
        ("ROBERT", "BOB"), ("BOB", "ROB"), ("WILLIAM", "BILL"), ("ELIZABETH", "LIZ"), ("BETH", "LIZ"), ("JOHN", "JACK"),
        ("JOSE", "PEPE"), ("GIUSEPPE", "BEPPE"), ("MARY-ANN", "MARYANN"), ("MARY-ANN", "MARY"), ("STEPHEN", "STEVEN"),
    ],
)  # fmt: skip
def test_names_of_one_person(pair: tuple[str, str]) -> None:
    """Either way round."""
    assert {pair, pair[::-1]} <= COMMON.pairs


@pytest.mark.parametrize(
    "pair",
    [
        ("CHRISTOPHER", "CHRISTINA"),
        ("PATRICK", "PATRICIA"),
        ("ALEXANDER", "ALEXANDRA"),
        ("JOHN", "MARY"),
        ("ANN", "ANN"),
    ],
)
def test_a_nickname_of_two_does_not_make_them_one(pair: tuple[str, str]) -> None:
    """Nor is a name its own nickname."""
    assert pair not in COMMON.pairs


@pytest.mark.parametrize(
    ("name", "formal"),
    [
        ("PAT", "PATRICIA"), ("CHRIS", "CHRISTOPHER"), ("ALEX", "ALEXANDER"), ("BILL", "WILLIAM"), ("JOHN", "JOHN"),
        ("JACK", "JOHN"), ("LIZ", "ELIZABETH"), ("ANN", "ANN"), ("MARY", "MARY"), ("PEPE", "JOSE"),
    ],
)  # fmt: skip
def test_a_nickname_of_several_is_counted_as_the_commonest(name: str, formal: str) -> None:
    """And common names as themselves."""
    assert COMMON.formal[name] == formal


def test_every_formal_name_stands_for_itself() -> None:
    """So that a name is counted once."""
    assert all(COMMON.formal[formal] == formal for formal in COMMON.formal.values())


def test_families_stay_small() -> None:
    """No chain of nicknames takes half of all names for one."""
    sizes = pl.Series(list(COMMON.formal.values())).value_counts()["count"]
    assert sizes.max() <= 20
    assert len(COMMON.pairs) < 5 * len(COMMON.formal)


def test_pairs_may_run_in_circles() -> None:
    """Each is a nickname of the other; one of them is counted."""
    found = nicknames_of({("AB", "CD"), ("CD", "EF"), ("EF", "AB")})
    assert set(found.formal.values()) == {"AB"}
    assert ("CD", "EF") in found.pairs


def table(*rows: tuple[str | None, str | None, str | None]) -> pl.DataFrame:
    """Give a tenant's table."""
    schema = {"canonical_name": pl.String, "nickname": pl.String, "update_type": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_tenant_adds_and_removes() -> None:
    """The documented examples, in any case; what nobody knew before and what everybody knows."""
    found = amended(table(("Tylian", "Ty", "ADD"), ("Thomas", "Tom", "remove"), (None, "X", "ADD")))
    assert {("TYLIAN", "TY"), ("TY", "TYLIAN"), ("BOB", "ROBERT")} <= found.pairs
    assert not {("THOMAS", "TOM"), ("TOM", "THOMAS")} & found.pairs


def test_a_pair_that_is_added_and_removed_is_kept() -> None:
    """As documented."""
    found = amended(table(("Tylian", "Ty", "REMOVE"), ("Tylian", "Ty", "ADD")))
    assert ("TYLIAN", "TY") in found.pairs


@pytest.mark.parametrize("nothing", [None, table()])
def test_without_a_table_the_common_ones_stand(nothing: pl.DataFrame | None) -> None:
    """As they are."""
    assert amended(nothing) is COMMON
