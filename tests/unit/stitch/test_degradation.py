"""Records that say little are resolved as far as they go: nothing breaks, and nobody is joined for want of evidence."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from tests.unit.stitch.people import people
from tests.unit.stitch.world import GIVEN, SURNAMES, ids_of

EVERYBODY = people(250)


def figures(records: pl.DataFrame) -> tuple[float, float]:
    """Give precision and recall of the pairs that are found among records of known people."""
    ids = ids_of(records.drop("person"))
    keys = records.select("datasource", "pk").rows()
    found = records.select("person", id=pl.Series([ids[key] for key in keys]))
    sizes = [found.group_by(columns).len()["len"] for columns in (["id", "person"], ["id"], ["person"])]
    right, said, true = (int((size * (size - 1) // 2).sum()) for size in sizes)
    return (right / said if said else 1.0), (right / true if true else 1.0)


def people_among(records: pl.DataFrame) -> int:
    """Count the people that are found."""
    return len(set(ids_of(records).values()))


def test_only_names_and_cities() -> None:
    """Rare names in one town are joined, at a price that is bounded; common ones are not all one person."""
    draw = np.random.default_rng(3)
    given, surname = draw.choice(GIVEN, 600), draw.choice(SURNAMES, 600)
    town = draw.choice([f"Town {letter}" for letter in "ABCDEFGHIJKLMNOPQRST"], 600)
    person = {"given_name": given, "surname": surname, "city": town, "person": np.arange(600)}
    once = pl.DataFrame(person).with_columns(datasource=pl.lit("a"), pk=pl.int_range(600).cast(pl.String))
    records = pl.concat([once, once.head(300).with_columns(datasource=pl.lit("b"))])
    precision, recall = figures(records)
    assert precision > 0.75
    assert recall > 0.75


def families(count: int) -> pl.DataFrame:
    """Give families of three under one surname and postal code, whose members are in two sources each."""
    draw = np.random.default_rng(count)
    rows = [
        {"given_name": given, "surname": f"{draw.choice(SURNAMES)}{chr(97 + int(draw.integers(26)))}", "home": home}
        for home in range(count)
        for given in draw.choice(GIVEN, 3, replace=False)
    ]
    once = pl.DataFrame(rows).with_columns(
        surname=pl.col("surname").first().over("home"), postal=pl.format("9{}", 1000 + pl.col("home") % 400)
    )
    once = once.drop("home").with_row_index("person").with_columns(pk=pl.col("person").cast(pl.String))
    return pl.concat([once.with_columns(datasource=pl.lit(source)) for source in ("a", "b")])


def test_only_names_and_postal_codes() -> None:
    """A family under one surname and postal code is not one person with several given names."""
    precision, recall = figures(families(300))
    assert precision > 0.97
    assert recall > 0.97


def test_names_and_a_phone_that_many_lack() -> None:
    """Of whom most records say the very same, few are left to tell how often people have another phone."""
    once = families(300).filter(datasource="a").with_columns(phone=pl.format("206{}", 2_000_000 + pl.col("person")))
    once = once.drop("postal", "datasource")
    draw = np.random.default_rng(4).random(once.height)
    others = pl.when(draw < 0.6).then("phone").when(draw < 0.7).then(pl.format("425{}", 2_000_000 + pl.col("person")))
    both = [once.with_columns(datasource=pl.lit("a")), once.with_columns(phone=others, datasource=pl.lit("b"))]
    precision, recall = figures(pl.concat(both))
    assert precision > 0.9
    assert recall > 0.9


def test_only_emails() -> None:
    """One mailbox is one person where nothing says otherwise; a slip in it is not."""
    once = pl.DataFrame({"pk": [str(row) for row in range(300)]}).with_columns(
        datasource=pl.lit("a"), email=pl.concat_str(pl.lit("reader"), "pk", pl.lit("@mail.org")), person=pl.col("pk")
    )
    precision, recall = figures(pl.concat([once, once.head(150).with_columns(datasource=pl.lit("b"))]))
    assert precision == 1.0
    assert recall == 1.0


def readers(count: int, twice: int, *columns: str) -> pl.DataFrame:
    """Give people of whom some are in two sources, known by contacts that nobody could guess, one row each."""
    draw = np.random.default_rng(count + twice)
    letters = list("abcdefghijklmnopqrstuvwxyz0123456789")
    logins = ["".join(draw.choice(letters, 9)) for _ in range(count)]
    values = {
        "email": pl.Series([f"{login}@mail.org" for login in logins]),
        "phone": pl.Series([f"206{number}" for number in draw.integers(2_000_000, 9_999_999, count)]),
        "given_name": pl.Series(draw.choice(GIVEN, count)).set(pl.Series(draw.random(count) < 0.9), None),
    }
    once = pl.DataFrame({"pk": list(map(str, range(count))), **{name: values[name] for name in columns}})
    once = once.with_columns(datasource=pl.lit("a"), person="pk")
    return pl.concat([once, once.head(twice).with_columns(datasource=pl.lit("b"))])


@pytest.mark.parametrize(("count", "twice"), [(10, 2), (40, 10), (200, 100), (2000, 60), (500, 500)])
@pytest.mark.parametrize("columns", [("email",), ("phone",), ("email", "given_name")])
def test_contacts_that_nobody_could_guess(columns: tuple[str, ...], count: int, twice: int) -> None:
    """Whoever has the same mailbox or phone is the same person, be they few or many, among few records or many."""
    assert figures(readers(count, twice, *columns)) == (1.0, 1.0)


def test_colleagues_whose_mailboxes_are_their_given_names() -> None:
    """At two hundred firms: whoever is `mary@` at one is not whoever is `mary@` at another."""
    draw, rows = np.random.default_rng(3), []
    for person in range(800):
        firm, place = person % 200, person // 200
        given, surname = GIVEN[(firm * 5 + place * 11) % len(GIVEN)], str(draw.choice(SURNAMES))
        phone = f"206{draw.integers(2_000_000, 9_999_999)}"
        said = {"email": f"{given}@firm{firm}.com".lower(), "phone": phone, "company": f"Firm {firm}"}
        for copy in range(int(draw.integers(1, 4))):
            kept = {name: value for name, value in said.items() if draw.random() < 0.7}
            who = {"given_name": given, "surname": surname, "person": f"{person}"}
            rows.append({"datasource": "ab"[copy % 2], "pk": f"{person}-{copy}", **who, **kept})
    precision, recall = figures(pl.DataFrame(rows, infer_schema_length=None))
    assert precision > 0.9
    assert recall > 0.9


def test_everybody_is_once_in_a_list_of_emails() -> None:
    """Nobody is joined for want of somebody to join."""
    assert people_among(readers(300, 0, "email").drop("person")) == 300


@pytest.mark.parametrize("column", ["email", "fk_member"])
def test_whoever_has_many_events_that_hold_nothing_else_is_one_person(column: str) -> None:
    """However many they are: two hundred clicks of one mailbox, or orders of one customer number."""
    rows = [(f"{column}-{person}@mail.org", event) for person in range(40) for event in range(200 if person < 3 else 2)]
    events = [{"datasource": "a", "pk": f"{value} {event}", column: value} for value, event in rows]
    assert people_among(pl.DataFrame(events)) == 40


def test_a_single_source() -> None:
    """One source holds its duplicates as well as several do."""
    records = EVERYBODY.with_columns(pk=pl.concat_str("pk", "datasource", separator="/"), datasource=pl.lit("crm"))
    precision, recall = figures(records)
    assert precision > 0.97
    assert recall > 0.95


def test_nine_values_of_ten_are_null() -> None:
    """What is left joins few people, and hardly a wrong one."""
    draw = np.random.default_rng(9)
    values = ["given_name", "surname", "address", "postal", "city"]
    kept = {name: pl.Series(draw.random(EVERYBODY.height) < 0.1) for name in values}
    records = EVERYBODY.with_columns(pl.when(kept[name]).then(pl.col(name)).alias(name) for name in values)
    assert figures(records)[0] > 0.9


def test_every_column_null() -> None:
    """Everybody is somebody of their own."""
    nothing = EVERYBODY.select("datasource", "pk", pl.lit(None, dtype=pl.String).alias("email"))
    assert people_among(nothing) == EVERYBODY.height


@pytest.mark.parametrize("column", ["address", "surname", "email", "phone"])
def test_one_value_everywhere(column: str) -> None:
    """A value that all share says nothing about anybody: people are found as they are without it."""
    value = {"email": "all@mail.com", "phone": "2065550142"}.get(column, "Everywhere")
    found = figures(EVERYBODY.with_columns(pl.lit(value).alias(column)))
    without = figures(EVERYBODY.with_columns(pl.lit(None, dtype=pl.String).alias(column)))
    assert found == pytest.approx(without, abs=0.05)


@pytest.mark.parametrize(("column", "value", "towns"), [("email", "all@mail.com", 1), ("surname", "Smith", 20)])
def test_one_value_everywhere_among_many(column: str, value: str, towns: int) -> None:
    """A thousand people are neither one household for a mailbox, nor one person in each town for a given name."""
    town = pl.format("981{}", pl.col("person") % towns + 10)
    records = people(1000).with_columns(postal=town, city=pl.format("Town {}", town))
    found = figures(records.with_columns(pl.lit(value).alias(column)))
    without = figures(records.with_columns(pl.lit(None, dtype=pl.String).alias(column)))
    assert min(found[0] - without[0], found[1] - without[1]) > -0.05


@pytest.mark.parametrize("count", [0, 1, 10])
def test_few_records(count: int) -> None:
    """Each has an id."""
    assert len(ids_of(EVERYBODY.head(count).drop("person"))) == count


def test_ten_people_twice() -> None:
    """Even so few are recognised when everything agrees."""
    once = EVERYBODY.unique("pk", keep="first", maintain_order=True).head(10).drop("person")
    ids = ids_of(pl.concat([once, once.with_columns(datasource=pl.lit("copy"))]))
    assert all(ids[datasource, pk] == ids["copy", pk] for datasource, pk in once.select("datasource", "pk").rows())
    assert len(set(ids.values())) == 10


def test_only_foreign_keys() -> None:
    """Without anything to compare, keys still say who is who."""
    keys = {"datasource": ["a", "b", "c", "d"], "pk": list("1111"), "fk_member": ["x", "x", "y", None]}
    assert people_among(pl.DataFrame(keys)) == 3
