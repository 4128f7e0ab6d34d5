"""The report's page: whole in itself, nobody's text is markup, and each figure is where one looks for it."""

from __future__ import annotations

import datetime as dt

import polars as pl
import pytest

from cdp_assets.config.stitch import Stitch
from cdp_assets.stitch.figures.benchmarks import BENCHMARKS
from cdp_assets.stitch.figures.run import Examples, Figures, figures_of
from cdp_assets.stitch.given import Given
from cdp_assets.stitch.kernel import stitch
from cdp_assets.stitch.report_page import LISTINGS, About, page
from tests.unit.environments.data_diff.test_html import Read
from tests.unit.stitch.people import people

AT = dt.datetime(2026, 11, 20, 6, 30, tzinfo=dt.UTC)
ABOUT = About("production", 12, AT)


@pytest.fixture(scope="module")
def tables() -> dict[str, pl.DataFrame]:
    """What the kernel makes of a few people, some of whom have hostile names, from sources with such names."""
    records = people(60).drop("person")
    hostile = pl.col("given_name").is_first_distinct()
    named = records.with_columns(pl.when(hostile).then(pl.lit("<b>&Ann")).otherwise("given_name").alias("given_name"))
    return stitch(named.with_columns(datasource="<i>" + pl.col("datasource")), Stitch(), Given(key=b"k" * 32)).frames


@pytest.fixture(scope="module")
def figures(tables: dict[str, pl.DataFrame]) -> Figures:
    """Against a run that knew nobody."""
    return figures_of(tables, None, Examples())


def test_the_page_needs_nothing_from_elsewhere(figures: Figures) -> None:
    """No script, no link, no address but that of the pictures inside; the same figures give the same bytes."""
    text = page(ABOUT, figures)
    found = Read(text)
    assert not {"script", "link", "iframe", "object", "a", "base", "i"} & set(found.tags)
    addresses = [value for name, value in found.attributes if name in ("src", "href", "srcset", "action")]
    assert len(addresses) == 6
    assert all(address.startswith("data:image/svg+xml;base64,") for address in addresses)
    assert page(ABOUT, figures) == text


def test_every_figure_is_there(figures: Figures) -> None:
    """Numbers, benchmarks, sources and examples, below their titles."""
    texts = Read(page(ABOUT, figures)).texts
    assert {f"{figures.people:,}", f"{figures.records:,}", *(one.says for one in BENCHMARKS.values())} <= set(texts)
    assert {f"<i>{source}" for source in ("shop:customers", "pos:shoppers", "mail:list")} <= set(texts)
    assert {one.title for one in LISTINGS if not figures.frames[one.frame].is_empty()} | {"Learnt weights"} <= set(
        texts
    )
    assert "Publication 12, 2026-11-20 06:30 UTC. Personal values show their shape." in texts


def test_what_a_tenant_leaves_out_is_left_out(tables: dict[str, pl.DataFrame]) -> None:
    """Without scores and benchmarks there is a page all the same, and one without people too."""
    fewer = {
        name: frame
        for name, frame in tables.items()
        if name not in ("unified_scores", "stitch_explanations", "stitch_benchmarks", "stitch_model")
    }
    assert "Matching strategies" not in page(ABOUT, figures_of(fewer, None, Examples()))
    nobody = figures_of({name: frame.clear() for name, frame in tables.items()}, None, Examples())
    assert "0.0 %" in page(ABOUT, nobody)


def test_masked_figures_hold_no_value(tables: dict[str, pl.DataFrame]) -> None:
    """Neither values nor ids nor keys, in any frame; counts stay."""
    open_, hidden = figures_of(tables, None, Examples(99)), figures_of(tables, None, Examples(99)).masked()
    compared = tables["unified_preprocessed_raw"]
    secret = {
        value for name in ("amperity_id", "pk", "email", "phone", "address", "surname") for value in compared[name]
    }
    assert [name for name, frame in open_.frames.items() if secret & _texts(frame)] == [
        "namesakes",
        "joining",
        "weakest",
    ]
    assert [name for name, frame in hidden.frames.items() if secret & _texts(frame)] == []
    assert hidden.frames["joining"]["pairs"].equals(open_.frames["joining"]["pairs"])


def _texts(frame: pl.DataFrame) -> set[str]:
    return {value for name in frame.columns if frame.schema[name] == pl.String for value in frame[name].drop_nulls()}
