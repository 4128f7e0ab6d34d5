"""`cdp stitch explain` as an operator uses it, on what the kernel made of a few people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from cdp_assets.stitch import within
from cdp_assets.stitch.scores import score_of
from tests.unit.cli.stitch.operator_of import RECORDS, Operator

SHOP, POS, MAIL = "shop:customers", "pos:shoppers", "mail:list"


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Operator:
    """For tests that change nothing but the audit log."""
    return Operator(tmp_path_factory.mktemp("operator"))


@pytest.fixture(scope="module")
def pk(operator: Operator) -> str:
    """A key that all three sources have, each for the same person."""
    found = operator.frames["stitch_ids"].group_by("pk").agg(pl.len(), people=pl.col("amperity_id").n_unique())
    return str(found.filter(pl.col("len") == 3, pl.col("people") == 1)["pk"].min())


def explained(operator: Operator, *words: str) -> dict[str, Any]:
    """Give an explanation that shows its values."""
    found: dict[str, Any] = json.loads(operator.run("stitch", "explain", *words, "--json", "--reveal").stdout)
    return found


def test_a_person_is_its_records_and_what_holds_them_together(operator: Operator, pk: str) -> None:
    """By a record or by the id; one link fewer than records that differ."""
    found = explained(operator, SHOP, pk)
    assert {tuple(one["record"]) for one in found["records"]} == {(source, pk) for source in (SHOP, POS, MAIL)}
    assert len(found["links"]) == len({tuple(one["compared_as"]) for one in found["records"]}) - 1
    assert explained(operator, "--id", found["person"]) == found


def test_a_pair_adds_up_to_its_stored_score(operator: Operator, pk: str) -> None:
    """What any two records have, and each field, in either order of the two."""
    found = explained(operator, SHOP, pk, MAIL, pk)
    again = explained(operator, MAIL, pk, SHOP, pk)
    assert found["score"] == again["score"] == score_of(found["weighed"]["bits"])
    assert found["weighed"]["prior"] + sum(one["adds"] for one in found["weighed"]["comparisons"]) == pytest.approx(
        found["weighed"]["bits"]
    )
    email = RECORDS.filter(pl.col("pk") == pk, pl.col("datasource") == SHOP)["email"].item().upper()
    assert found["values"]["email"] == [email, email]
    assert found["one_person"]
    assert "email" in found["keys"]


def test_two_of_a_person_with_too_many_records_for_all_pairs_are_weighed_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the score that they have where all pairs are kept: nothing brought them together but a third."""
    zoe = {"given_name": "Zoe", "surname": "Quill", "phone": "2065559876", "email": "zoe.quill@mail.com"}
    whole = {"datasource": SHOP, "pk": "z1", **zoe}
    ends = [
        {"datasource": POS, "pk": "z2", "phone": zoe["phone"]},
        {"datasource": MAIL, "pk": "z3", "email": zoe["email"]},
    ]
    more, words = pl.DataFrame([whole, *ends]), (POS, "z2", MAIL, "z3")
    stored = explained(Operator(tmp_path / "every", more), *words)
    monkeypatch.setattr(within, "MOST_PAIRED", 2)
    anew = explained(Operator(tmp_path / "few", more), *words)
    assert (stored["match_type"], anew["match_type"]) == ("scored_transitive", None)
    assert (anew["one_person"], anew["score"]) == (True, pytest.approx(stored["score"]))


def test_two_people_are_weighed_anew_and_told_why(operator: Operator) -> None:
    """Strangers do not agree enough; there is no score of them to look up."""
    ids = operator.frames["stitch_ids"].filter(datasource=SHOP).sort("pk")
    found = explained(operator, SHOP, ids["pk"][0], SHOP, ids["pk"][1])
    assert (found["one_person"], found["match_type"]) == (False, None)
    assert found["score"] == score_of(found["weighed"]["bits"]) < 3
    assert "They do not agree enough: the odds are below those of the threshold." in found["reasons"]


def test_nobody_is_shown_unless_asked(operator: Operator, pk: str) -> None:
    """Neither values nor keys nor ids, as text, as JSON and in a plot."""
    person = explained(operator, SHOP, pk)["person"]
    row = operator.frames["unified_preprocessed_raw"].filter(pk=pk, datasource=SHOP)
    secrets = {person, *(row[name].item() for name in ("email", "phone", "address", "surname", "given_name"))}
    shapes = [operator.run("stitch", "explain", *words).stdout for words in ((SHOP, pk), (SHOP, pk, MAIL, pk))]
    shapes += [operator.run("stitch", "explain", SHOP, pk, "--json").stdout]
    assert [value for value in secrets if any(value in shape for shape in shapes)] == []
    assert "odds of one person, in bits" in shapes[1]


def test_a_person_tells_from_whom_it_was_parted(tmp_path: Path) -> None:
    """Father and son, with a record in between that could be either's."""
    shared = {"given_name": "Ulf", "surname": "Quist", "email": "quist@mail.com", "phone": "2065550199"}
    suffixes = {"father": "Sr", "son": "Jr", "either": None}
    family = [
        {"datasource": SHOP, "pk": pk, "generational_suffix": suffix, **shared} for pk, suffix in suffixes.items()
    ]
    operator = Operator(tmp_path, pl.DataFrame(family))
    people = {pk: explained(operator, SHOP, pk)["person"] for pk in suffixes}
    assert people["father"] != people["son"]
    assert list(explained(operator, SHOP, "father")["parted_from"]) == [people["son"]]
    apart = explained(operator, SHOP, "father", SHOP, "son")
    assert apart["decided_by"] == "separate: fuzzy-different sk"
    assert "A rule has the word over the model: separate: fuzzy-different sk." in apart["reasons"]


def test_two_people_are_weighed_with_the_tenants_own_nicknames(tmp_path: Path) -> None:
    """As the run weighed them; without the table Zed is no Quin."""
    names = {"quin": "Quin", "zed": "Zed"}
    two = pl.DataFrame([{"datasource": SHOP, "pk": pk, "given_name": name} for pk, name in names.items()])
    pair = {"canonical_name": ["Quin"], "nickname": ["Zed"], "update_type": ["ADD"]}
    operators = Operator(tmp_path / "without", two), Operator(tmp_path / "with", two, pl.DataFrame(pair))
    levels = [explained(one, SHOP, "quin", SHOP, "zed")["weighed"]["comparisons"][0]["label"] for one in operators]
    assert levels == ["different", "a nickname or a part"]


@pytest.mark.parametrize(("kind", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_pair_is_drawn(operator: Operator, pk: str, tmp_path: Path, kind: str, begins: bytes) -> None:
    """In the format that the name asks for."""
    path = tmp_path / f"pair.{kind}"
    assert operator.run("stitch", "explain", SHOP, pk, MAIL, pk, "--plot", str(path)).exit_code == 0
    assert path.read_bytes().startswith(begins)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("nobody",), "no record has this key"),
        (("shop:customer", "p1"), "no such source. Expected shop:customers"),
        (("--id", "nobody"), "nobody has this id"),
        ((SHOP, "p1", MAIL), "Give PK, or DATASOURCE PK"),
        ((), "Give a record or two"),
        ((SHOP, "p1", SHOP, "p1"), "p1: one record, given twice. Expected two, or the one alone."),
        (("p1", "--plot", "a.pdf"), "neither .png nor .svg"),
        ((SHOP, "p1", MAIL, "p1", "--plot", "absent/a.svg"), "absent/a.svg: not written (no such file or directory)"),
    ],
)
def test_a_wrong_question_is_told_what_is_right(operator: Operator, words: tuple[str, ...], says: str) -> None:
    """One line; exit codes as of other commands."""
    found = operator.run("stitch", "explain", *words)
    assert found.exit_code in (1, 2)
    assert says in found.stderr


def test_a_key_of_several_sources_asks_for_one(operator: Operator, pk: str) -> None:
    """They are named."""
    assert f"Expected one of {MAIL}, {POS}, {SHOP} before it" in operator.run("stitch", "explain", pk).stderr
