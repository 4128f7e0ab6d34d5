"""A file that is still being uploaded is not taken for a whole one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from cdp_assets.config.courier import Courier
from cdp_assets.exchange.locations import RemoteFile
from cdp_assets.sources.settled import settle_s, settled

NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
ORDERS, PEOPLE = RemoteFile("in/orders.csv", 100, NOON), RemoteFile("people.csv", 7, NOON)
KEY = "SHA256:" + 43 * "A"


@pytest.fixture
def waited() -> list[float]:
    return []


@pytest.mark.parametrize(
    "later",
    [
        [replace(ORDERS, size_bytes=101)],
        [replace(ORDERS, modified_at=NOON + dt.timedelta(seconds=1))],
        [replace(ORDERS, name="other.csv")],
        [],
    ],
)
def test_what_grows_changes_or_goes_between_two_looks_is_left(later: list[RemoteFile], waited: list[float]) -> None:
    assert settled([ORDERS, PEOPLE], lambda: [*later, PEOPLE], 5, waited.append) == [PEOPLE]
    assert waited == [5]


def test_what_stays_as_it_is_is_taken_in_its_order(waited: list[float]) -> None:
    assert settled([PEOPLE, ORDERS], lambda: [ORDERS, PEOPLE], 5, waited.append) == [PEOPLE, ORDERS]


def test_nothing_is_waited_for_without_news_or_where_files_only_show_whole(waited: list[float]) -> None:
    assert settled([], lambda: [ORDERS], 5, waited.append) == []
    assert settled([ORDERS], list, 0, waited.append) == [ORDERS]
    assert waited == []


@pytest.mark.parametrize(
    ("location", "seconds"),
    [
        ({"kind": "local", "path": "x"}, 0),
        ({"kind": "sftp", "host": "h", "host_key": KEY}, 10),
        ({"kind": "sftp", "host": "h", "host_key": KEY, "settle_s": 90}, 90),
        ({"kind": "s3", "bucket": "acme"}, 0),
    ],
)
def test_only_servers_that_show_half_files_are_looked_at_twice(location: dict[str, object], seconds: float) -> None:
    courier = Courier.model_validate({"name": "acme", "location": location, "files": []})
    assert settle_s(courier) == seconds
