"""The peer's models: for each family of columns, what an expert would compare, block and train on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
import splink.comparison_level_library as levels
import splink.comparison_library as compare
from splink import block_on

Rule = tuple[str, ...]
"""The columns, or SQL expressions, that two records must agree on."""
LARGE = 500_000
"""From so many records on, names alone make too many pairs."""


@dataclass(frozen=True)
class Recipe:
    """A model before it is trained.

    blocking: Which pairs are scored. training: Which pairs each round of expectation-maximisation sees.
    certain: Pairs that are surely matches, of which the share of matches is reckoned.
    """

    comparisons: Sequence[Any]
    blocking: Sequence[Rule]
    training: Sequence[Rule]
    certain: Sequence[Rule]
    columns: Sequence[str]
    link_only: bool = False


def recipe(family: str, records: pl.DataFrame) -> tuple[Recipe, pl.DataFrame]:
    """Give a family's model, and the records with the columns that it needs."""
    found, frame = RECIPES[family](records)
    return found, frame.select("unique_id", "source", *found.columns)


def rules(wanted: Sequence[Rule]) -> list[Any]:
    """Give them as Splink's own."""
    return [block_on(*rule) for rule in wanted]


def _names() -> list[Any]:
    """Compare each name for itself: lumped together, the household's surname counts as half a match."""
    return [
        compare.NameComparison(name).configure(term_frequency_adjustments=True) for name in ("given_name", "surname")
    ]


def _with_frequency(comparison: Any) -> Any:
    return comparison.configure(term_frequency_adjustments=True)


def _historical(records: pl.DataFrame) -> tuple[Recipe, pl.DataFrame]:
    born = compare.DateOfBirthComparison(
        "birthdate", input_is_string=True, datetime_thresholds=[1, 1, 10], datetime_metrics=["month", "year", "year"]
    )
    year = "substr(birthdate,1,4)"
    model = Recipe(
        comparisons=[
            born, compare.PostcodeComparison("postal"), _with_frequency(compare.ExactMatch("city")), *_names()
        ],
        blocking=[
            ("given_name", "surname"), ("surname", "birthdate"), ("given_name", "birthdate"), ("postal", "given_name"),
            ("postal", "surname"), ("birthdate", "postal"), ("substr(given_name,1,2)", "surname", year),
            ("city", "surname", year),
        ],
        training=[("given_name", "surname"), ("birthdate",)],
        certain=[
            ("given_name", "surname", "birthdate"), ("surname", "birthdate", "postal"),
            ("given_name", "birthdate", "postal"),
        ],
        columns=("given_name", "surname", "birthdate", "postal", "city"),
    )  # fmt: skip
    return model, records


def _customers(records: pl.DataFrame) -> tuple[Recipe, pl.DataFrame]:
    address = compare.CustomComparison(
        output_column_name="address",
        comparison_levels=[
            levels.NullLevel("place"),
            levels.ExactMatchLevel("place", term_frequency_adjustments=True),
            levels.CustomLevel("levenshtein(place_l,place_r)<=3 and house_l=house_r", label_for_charts="a slip"),
            levels.CustomLevel("postal_l=postal_r", label_for_charts="one postal code"),
            levels.CustomLevel("city_l=city_r", label_for_charts="one town"),
            levels.ElseLevel(),
        ],
    )
    local, initial = "split_part(email,'@',1)", "substr(given_name,1,1)"
    alike = [("given_name", "surname")] if records.height < LARGE else []
    model = Recipe(
        comparisons=[
            _with_frequency(compare.EmailComparison("email")),
            _with_frequency(compare.LevenshteinAtThresholds("phone", 1)),
            address,
            compare.DateOfBirthComparison("birthdate", input_is_string=True),
            compare.ExactMatch("gender"),
            *_names(),
        ],
        blocking=[
            ("email",), ("phone",), ("given_name", "surname", "postal"), ("given_name", "surname", "birthdate"),
            ("surname", "birthdate"), ("address", "postal", initial), ("address", "city", "surname"),
            ("given_name", "surname", "city"), (local, "surname"), ("address", "postal"), ("address", initial),
            ("address", "substr(surname,1,3)"), ("substr(given_name,1,3)", "substr(surname,1,3)", "postal"),
            ("birthdate", "postal"), ("birthdate", "substr(surname,1,3)"), ("birthdate", initial),
            (local, "substr(given_name,1,2)"), *alike,
        ],
        training=[("email",), ("given_name", "surname", "postal"), ("phone",)],
        certain=[
            ("email", "given_name"), ("phone", "given_name"), ("given_name", "surname", "address"),
            ("given_name", "surname", "birthdate"),
        ],
        columns=(
            "given_name", "surname", "email", "phone", "address", "place", "house", "city", "postal", "birthdate",
            "gender",
        ),
    )  # fmt: skip
    place = pl.concat_str("address", "city", separator="|")
    return model, records.with_columns(place=place, house=pl.col("address").str.extract(r"^(\d+)"))


def _fake(records: pl.DataFrame) -> tuple[Recipe, pl.DataFrame]:
    model = Recipe(
        comparisons=[
            *_names(),
            compare.DateOfBirthComparison("birthdate", input_is_string=True),
            _with_frequency(compare.ExactMatch("city")),
            compare.EmailComparison("email"),
        ],
        blocking=[("given_name",), ("surname",), ("birthdate",), ("email",)],
        training=[("given_name", "surname"), ("birthdate",)],
        certain=[("given_name", "surname", "birthdate"), ("email",)],
        columns=("given_name", "surname", "birthdate", "city", "email"),
    )
    return model, records


def _febrl(records: pl.DataFrame) -> tuple[Recipe, pl.DataFrame]:
    model = Recipe(
        comparisons=[
            compare.DateOfBirthComparison("birthdate", input_is_string=True, datetime_thresholds=[1, 1, 10]),
            _with_frequency(compare.DamerauLevenshteinAtThresholds("postal", [1])),
            _with_frequency(compare.LevenshteinAtThresholds("address", [1, 3])),
            _with_frequency(compare.LevenshteinAtThresholds("address2", [1, 3])),
            _with_frequency(compare.JaroWinklerAtThresholds("city", [0.9])),
            *_names(),
        ],
        blocking=[
            ("given_name", "surname"), ("given_name", "birthdate"), ("surname", "birthdate"), ("given_name", "postal"),
            ("surname", "postal"), ("address", "postal"), ("birthdate", "postal"), ("given_name", "city"),
            ("surname", "city"), ("address",), ("birthdate",), ("address2",),
        ],
        training=[("given_name", "surname"), ("birthdate",), ("postal", "city")],
        certain=[
            ("given_name", "surname", "birthdate"), ("surname", "birthdate", "postal"), ("given_name", "address"),
            ("surname", "address"),
        ],
        columns=("given_name", "surname", "birthdate", "postal", "address", "address2", "city"),
        link_only=records["source"].n_unique() > 1,
    )  # fmt: skip
    return model, records


def _registers(records: pl.DataFrame) -> tuple[Recipe, pl.DataFrame]:
    initial = "substr(middle_name_l,1,1)=substr(middle_name_r,1,1)"
    middle = compare.CustomComparison(
        output_column_name="middle_name",
        comparison_levels=[
            levels.NullLevel("middle_name"),
            levels.CustomLevel("middle_name_l=middle_name_r and length(middle_name_l)>1", label_for_charts="equal"),
            levels.CustomLevel(
                f"{initial} and least(length(middle_name_l),length(middle_name_r))=1", label_for_charts="an initial"
            ),
            levels.ElseLevel(),
        ],
    )
    model = Recipe(
        comparisons=[
            compare.DateOfBirthComparison("birthdate", input_is_string=True, datetime_thresholds=[1, 1, 10]),
            _with_frequency(compare.LevenshteinAtThresholds("address", [1, 3])),
            compare.ExactMatch("gender"),
            middle,
            *_names(),
        ],
        blocking=[
            ("given_name", "surname"), ("given_name", "birthdate"), ("surname", "birthdate"),
            ("middle_name", "birthdate"), ("given_name", "address"), ("surname", "address"),
            ("substr(middle_name,1,1)", "address"), ("birthdate", "gender"),
        ],
        training=[("given_name", "surname"), ("birthdate",), ("address", "surname")],
        certain=[
            ("given_name", "surname", "birthdate"), ("given_name", "middle_name", "surname", "address"),
        ],
        columns=("given_name", "middle_name", "surname", "birthdate", "address", "gender"),
    )  # fmt: skip
    return model, records


RECIPES: Mapping[str, Any] = {
    "historical": _historical, "cdp": _customers, "fake": _fake, "febrl": _febrl, "registers": _registers,
}  # fmt: skip
