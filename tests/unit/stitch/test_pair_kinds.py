"""How the pairs of one person were found, against a plain set of the candidates."""

from __future__ import annotations

import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import resolve
from cdp_assets.stitch.outputs.scores import unified_scores
from cdp_assets.stitch.regrouped import PAIR
from tests.unit.stitch.people import people


@pytest.mark.parametrize(
    ("strategies", "kinds"),
    [(["email", "phone"], {"scored", "scored_transitive"}), (["email"], {"scored"}), ([], set())],
)
def test_a_pair_without_a_common_key_is_transitive(strategies: list[str], kinds: set[str]) -> None:
    """Also where there is no candidate at all; duplicates are of their own kind."""
    records = people(200).drop("person")
    again = records.head(5).with_columns(pk="again-" + pl.col("pk"))
    settings = Stitch.model_validate({"blocking_strategies": strategies, "wider_blocking": False})
    run = resolve(pl.concat([records, again]), settings, Given(key=b"k" * 32))
    rows = run.collapsed.records.select("datasource", "pk").rows()
    candidates = {(*rows[one], *rows[other]) for one, other in zip(run.pairs.left, run.pairs.right, strict=True)}
    found = unified_scores(run).filter(pl.col("match_type") != "trivial_duplicate")
    assert all(
        (kind == "scored") == (tuple(pair) in candidates) for *pair, kind in found.select(*PAIR, "match_type").rows()
    )
    assert found.height == run.within.left.size
    assert set(found["match_type"]) == kinds
