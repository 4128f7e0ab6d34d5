"""The demo retailer's three days, run once one by one and once in one go, for every test here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest

from cdp_assets.lakehouse.server import SparkServer
from cdp_assets.state.publications import Publication
from tests.journey.installation import DAYS, Installation
from tests.journey.reader import Reader


@dataclass(frozen=True)
class ThreeDays:
    """An installation after three daily runs, with what each published and what a reader saw meanwhile."""

    installation: Installation
    publications: tuple[Publication, ...]
    ids: tuple[pl.DataFrame, ...]
    reader: Reader
    after_day_one: Path
    """A copy of the home as it was after the first run."""


@pytest.fixture(scope="session")
def one_by_one(tmp_path_factory: pytest.TempPathFactory, spark_server: SparkServer) -> ThreeDays:
    """Three days, a run a day; a reader looks all the time from the first publication on."""
    installation = Installation(tmp_path_factory.mktemp("one_by_one"), spark_server)
    installation.apply()
    installation.drop(DAYS[0])
    publications = [installation.run(DAYS[0])]
    after_day_one = installation.copy_to(tmp_path_factory.mktemp("copies") / "after_day_one")
    with Reader(installation) as reader:
        for day in DAYS[1:]:
            installation.drop(day)
            publications.append(installation.run(day))
    ids = tuple(installation.ids(publication) for publication in publications)
    return ThreeDays(installation, tuple(publications), ids, reader, after_day_one)


@pytest.fixture(scope="session")
def in_one_go(tmp_path_factory: pytest.TempPathFactory, spark_server: SparkServer) -> Installation:
    """The same three days' files in a single run."""
    installation = Installation(tmp_path_factory.mktemp("in_one_go"), spark_server)
    installation.apply()
    for day in DAYS:
        installation.drop(day)
    installation.run(DAYS[-1])
    return installation
