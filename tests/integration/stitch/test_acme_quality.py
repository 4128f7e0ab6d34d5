"""The demo retailer's records, against who they really are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from cdp_assets.config.loader import load_tenant
from cdp_assets.errors import CdpError
from cdp_assets.home import REPOSITORY
from cdp_assets.lakehouse.keep import Stored, Target, held
from cdp_assets.stitch import child
from cdp_assets.stitch.child import StitchError, Tables, stitch_in_child
from cdp_assets.stitch.explain import scores_again
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.model_table import model_of
from tests.integration.stitch.acme import acme_records

TRUTH = Path(__file__).parents[2] / "data" / "acme" / "truth.parquet"
LEAST_F1 = 0.85


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, pl.DataFrame]:
    """The tables that Stitch over all three days writes, in its own process."""
    settings = load_tenant(REPOSITORY / "tenant_config").stitch
    lake, names = tmp_path_factory.mktemp("lake"), ("stitch_ids", "stitch_explanations", "stitch_model")
    after = {name: Target(lake / name, None, "first") for name in names}
    stitch_in_child(acme_records, settings, Given(key=b"k" * 32), Tables({}, after))
    return {name: held(Stored(lake / name, 0)) for name in names}


def pairs(frame: pl.DataFrame, *columns: str) -> int:
    """Count the pairs of records that agree on some columns."""
    sizes = frame.group_by(columns).len()["len"].cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def test_pairwise_f1_is_at_least_the_promised_one(found: Mapping[str, pl.DataFrame]) -> None:
    """Precision and recall over all pairs of the 20,000 records."""
    ids = found["stitch_ids"].join(pl.read_parquet(TRUTH), left_on="pk", right_on="record_id")
    assert ids.height == 20_000
    right = pairs(ids, "amperity_id", "entity_id")
    precision, recall = right / pairs(ids, "amperity_id"), right / pairs(ids, "entity_id")
    f1 = 2 * precision * recall / (precision + recall)
    print(f"precision {precision:.3f}, recall {recall:.3f}, F1 {f1:.3f}")
    assert f1 >= LEAST_F1


def test_every_score_follows_from_its_explanation(found: Mapping[str, pl.DataFrame]) -> None:
    """For every pair of one person."""
    explanations, model = found["stitch_explanations"], model_of(found["stitch_model"])
    assert explanations.height > 10_000
    assert scores_again(model, explanations).equals(explanations["score"])


def test_a_child_that_dies_is_a_clear_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The run fails with our error, not with a missing file."""
    monkeypatch.setattr(child, "SETTINGS", "elsewhere.json")
    records = pl.DataFrame({"datasource": ["a"], "pk": ["1"]})
    settings = load_tenant(REPOSITORY / "tenant_config").stitch
    with pytest.raises(StitchError, match="its process ended with code 1") as error:
        stitch_in_child(lambda: records, settings, Given(key=b"k" * 32), Tables({}, {}))
    assert isinstance(error.value, CdpError)
