"""The stored explanation of every pair gives its score again, exactly."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.compare import FIELDS
from cdp_assets.stitch.evidence_table import packed, unpacked
from cdp_assets.stitch.explain import UNKNOWN, scores_again, weighed
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import StitchResult, stitch
from cdp_assets.stitch.model_table import model_frame, model_of
from cdp_assets.stitch.regrouped import PAIR
from cdp_assets.stitch.weigh import Evidence, Model
from tests.unit.stitch.people import people

NAMES = ("given_name", "surname", "email", "birthdate")
SIZES = tuple(len(FIELDS[name].levels) for name in NAMES)
CHANCE = st.floats(-20, 0)
MEMBER = pl.when(pl.col("person") < 200).then(pl.col("pk"))
VISIT = pl.when(pl.col("person").is_between(150, 220)).then(pl.col("pk") + pl.col("datasource"))


def resolve(**settings: object) -> StitchResult:
    """Resolve a few hundred people, some of whom have a key of another system, and some records a key of their own."""
    records = people(300).with_columns(fk_member=MEMBER, sk_visit=VISIT)
    return stitch(records.drop("person"), Stitch.model_validate(settings), Given(key=b"k" * 32))


@st.composite
def models(draw: st.DrawFn) -> Model:
    """Give any model of four fields."""
    tables = [[np.array(draw(st.lists(CHANCE, min_size=size, max_size=size))) for size in SIZES] for _ in range(3)]
    expected = {name: draw(st.floats(0, 40)) for name in ("person", "household", "strangers")}
    return Model(NAMES, *tables, expected, {})


@st.composite
def evidences(draw: st.DrawFn, rows: int | None = None) -> Evidence:
    """Give any evidence about four fields; what is not known is not rare."""
    size = draw(st.integers(0, 5)) if rows is None else rows
    columns = [draw(arrays.arrays(np.int8, size, elements=st.integers(-1, levels - 1))) for levels in SIZES]
    levels = np.stack(columns, axis=1) if columns else np.zeros((size, 0), np.int8)
    rarity = draw(arrays.arrays(np.int16, levels.shape, elements=st.integers(-208, 208)))
    return Evidence(levels, np.where(levels == 0, rarity, 0).astype(np.int16))


@given(evidences())
def test_evidence_comes_back_as_it_was(evidence: Evidence) -> None:
    """In two short columns, whatever it is."""
    found = packed(evidence)
    again = unpacked(found, len(NAMES))
    assert np.array_equal(again.levels, evidence.levels)
    assert np.array_equal(again.rarity, evidence.rarity)
    assert [set(found["levels"].str.len_bytes()), set(found["rarity"].bin.size())] in ([set(), set()], [{8}, {8}])


def test_every_level_of_any_field_comes_back_as_plain_text() -> None:
    """Also those of the field with the most, beyond what one letter holds."""
    most = max(len(field.levels) for field in FIELDS.values())
    levels = np.arange(-1, most, dtype=np.int8).reshape(-1, 1)
    found = packed(Evidence(levels, np.zeros_like(levels, dtype=np.int16)))
    assert np.array_equal(unpacked(found, 1).levels, levels)
    assert all(text.isascii() and text.isprintable() for text in found["levels"])


@given(models(), evidences())
def test_the_model_comes_back_and_gives_the_same_odds(model: Model, evidence: Evidence) -> None:
    """To the last bit, through the tables."""
    again = model_of(model_frame(model))
    assert again.fields == list(model.fields)
    assert np.array_equal(again.odds(unpacked(packed(evidence), len(NAMES)))[0], model.odds(evidence)[0])


@pytest.mark.parametrize("settings", [{}, {"classifier": "sk-priority"}, {"remainder": "unclustered"}])
def test_every_score_follows_from_its_explanation(settings: dict[str, object]) -> None:
    """For every pair that is kept, whoever decided on it; unified_scores says the same."""
    found = resolve(**settings).frames
    explanations, model = found["stitch_explanations"], model_of(found["stitch_model"])
    assert explanations.height > 100
    assert scores_again(model, explanations).equals(explanations["score"])
    assert np.array_equal(model.odds(unpacked(explanations, len(model.fields)))[0], explanations["bits"].to_numpy())
    kept = found["unified_scores"].filter(pl.col("match_type") != "trivial_duplicate")
    assert explanations.select("amperity_id", *PAIR, "score").equals(kept.select("amperity_id", *PAIR, "score"))


def test_what_overruled_the_model_is_named() -> None:
    """A rule with its condition; the model itself is not."""
    found = resolve(classifier="fk-priority").frames["stitch_explanations"]
    assert found.filter(pl.col("score") == 5)["decided_by"].unique().to_list() == ["cluster: present-and-equal fk"]
    assert found.filter(pl.col("decided_by").is_null()).height > 0
    alone = resolve(
        remainder="unclustered", rules=[{"action": "cluster", "condition": "present-and-equal", "semantics": ["email"]}]
    )
    assert set(alone.frames["stitch_explanations"]["decided_by"]) <= {
        "cluster: present-and-equal email",
        "no rule holds",
    }


@given(models(), evidences(rows=1))
def test_what_the_fields_add_leads_from_the_prior_to_the_odds(model: Model, evidence: Evidence) -> None:
    """Bar by bar; a field that is not known adds nothing, and every level has its words."""
    found = weighed(model, evidence)
    assert found.bits == model.odds(evidence)[0][0]
    assert found.prior + sum(one.adds for one in found.comparisons) == pytest.approx(found.bits, abs=1e-9)
    assert sorted(one.field for one in found.comparisons) == sorted(NAMES)
    for one in found.comparisons:
        level = evidence.levels[0, NAMES.index(one.field)]
        assert one.label == (UNKNOWN if level < 0 else FIELDS[one.field].levels[level])
        assert one.adds == 0 or level >= 0
