"""Whatever a file holds, a feed is proposed that its author could have written, or an error names the file."""

from __future__ import annotations

import gzip
import random
from pathlib import Path

import pytest

from cdp_assets.config.courier import Courier
from cdp_assets.config.feed import Feed
from cdp_assets.errors import SourceError
from cdp_assets.exchange.formats import READERS
from cdp_assets.sources.infer.files import courier_document, feed_document
from cdp_assets.sources.infer.proposal import propose
from tests.unit.exchange.formats.damage import damaged, damages, sound

ROUNDS, MANY_ROUNDS = 6, 150


def outcome(path: Path) -> str:
    """Propose a feed; give its name, or the file's where that cannot be read."""
    try:
        found = propose(path, source="app")
    except SourceError as error:
        return error.file
    feed = Feed.model_validate(feed_document(found.feed))
    courier = Courier.model_validate({"name": "app", **courier_document(found.courier)})
    assert feed == found.feed
    assert courier.file("odd").format == found.courier.files[0].format
    return feed.key


def outcomes(kind: str, rounds: int, folder: Path) -> set[str]:
    """Give what becomes of so many damaged files of a kind, and of gzip around them, damaged too."""
    path, draw, found = folder / "odd.bin", random.Random(rounds), set()
    for _, content in damages(kind, rounds):
        path.write_bytes(content)
        found.add(outcome(path))
        path.write_bytes(damaged(gzip.compress(content), draw))
        found.add(outcome(path))
    return found


@pytest.mark.parametrize("kind", READERS)
def test_a_damaged_file_gets_a_feed_or_an_error_by_its_name(kind: str, tmp_path: Path) -> None:
    assert outcomes(kind, ROUNDS, tmp_path) <= {"app_odd", "odd.bin"}


@pytest.mark.long
@pytest.mark.parametrize("kind", READERS)
def test_many_damaged_files_get_a_feed_or_an_error(kind: str, tmp_path: Path) -> None:
    assert outcomes(kind, MANY_ROUNDS, tmp_path) == {"app_odd", "odd.bin"}


@pytest.mark.parametrize("kind", READERS)
def test_a_sound_file_gets_a_feed(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "odd.bin"
    path.write_bytes(sound(kind)[1][0])
    assert outcome(path) == "app_odd"
