"""What an operator sees of a Stitch run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.defs.stitch_report import labels_metadata, report_metadata, report_path
from cdp_assets.home import Home
from cdp_assets.stitch.figures.run import Examples, figures_of
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import stitch
from cdp_assets.stitch.labelled import nobody_labelled
from cdp_assets.stitch.labels import LABEL_SCHEMA
from tests.unit.stitch.people import people

AT = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)


def test_a_run_writes_its_report_and_shows_nobody(tmp_path: Path) -> None:
    """The page where the metadata says, figures beside it, and no value in either."""
    tables = stitch(people(40).drop("person"), Stitch(), Given(key=b"k" * 32)).frames
    found = report_metadata(Home(tmp_path), "production", AT, figures_of(tables, None, Examples()))
    path = report_path(Home(tmp_path), "production")
    assert found["report"] == dg.MetadataValue.path(str(path))
    assert {"changes", "sources", "matching", "benchmarks", "dedup_percent"} < found.keys()
    compared = tables["unified_preprocessed_raw"]
    secrets = {
        value
        for name in ("amperity_id", "email", "phone", "address", "surname")
        for value in compared[name].drop_nulls()
    }
    shown = path.read_text() + str(found)
    assert [value for value in secrets if value in shown] == []


def test_labels_that_force_nothing_are_shown_and_warned_of_without_their_values(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """By id; labels that name somebody, and a tenant without any, are silent."""
    rows = [("ops.labels", "17", "1", "shop:custommers", "email", value) for value in ("ann@example.org", "a@b.org")]
    labels = pl.DataFrame(rows, schema=LABEL_SCHEMA, orient="row")
    assert labels_metadata(labels, nobody_labelled()) == {"idle_labels": dg.MetadataValue.text("17")}
    assert "force nothing: 17." in caplog.text
    assert "example.org" not in caplog.text
    caplog.clear()
    assert labels_metadata(None, nobody_labelled()) == {}
    assert not caplog.text
