"""Files that Spark reads in their store give the table, the ledger and the rejects that they give when they land."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp_assets.errors import SourceError
from cdp_assets.lakehouse.lake import Lake
from cdp_assets.lakehouse.sealed import sealed
from cdp_assets.lakehouse.session import SparkSessions
from cdp_assets.lakehouse.stages import stages_of
from cdp_assets.names import PRODUCTION
from cdp_assets.state import deletions, loads
from tests.integration.sources.cloud_shop import CloudShop, cloud_shop
from tests.object_stores import S3Server, s3_server

__all__ = ["s3_server"]

HEADER = "id,amount,ordered_on,note\n"
PATTERN = "'{}_'yyyy'_'MM'_'dd'.*'"
KINDS = ("csv", "ndjson", "parquet")
FILES = [{"tag": kind, "pattern": PATTERN.format(kind), "format": {"kind": kind}} for kind in KINDS]
LOADS = [{"feed": "shop_orders", "file": kind} for kind in KINDS]


def both(root: Path, server: S3Server, sessions: SparkSessions, **settings: Any) -> tuple[CloudShop, CloudShop]:
    """Give two shops over one bucket: the first one's files stay there, the second one's land."""
    settings.setdefault("files", FILES)
    stay = settings | {"files": [one | {"in_place_above_gb": 0} for one in settings["files"]]}
    first = cloud_shop(root / "stay", server, sessions, **{"load": LOADS} | stay)
    return first, cloud_shop(root / "land", server, sessions, bucket=first.bucket, **{"load": LOADS} | settings)


def told(shop: CloudShop) -> tuple[Any, ...]:
    """Give all that loading leaves behind: rows, counts, rejects; versions and hashes are each way's own."""
    ledger = [(one["state"], one["rows_read"], one["rows_loaded"], one["rows_rejected"]) for one in shop.ledger()]
    rejects = sorted((one.file, one.row, one.column or "", one.reason) for one in shop.rejects())
    return shop.rows().rows(), ledger, rejects


def csv(day: int) -> str:
    """Give records of which some span lines, some are bad, most keys come again, and dates could be read two ways."""
    lines = [f'k{n % 23},{n}.5,0{n % 9 + 1}/0{day % 9 + 1}/2026,"of\nday {day}, ""{n}"""\r\n' for n in range(40)]
    lines[11] = "k1,much,,\n"
    lines[29] = "k2,1\n"
    return HEADER + "".join(lines)


def ndjson(day: int) -> str:
    """Give records of which one is none, and one has no key."""
    records = [json.dumps({"id": f"k{n}", "amount": n, "note": f"{day}\n{n}"}) for n in range(20, 40)]
    return "\n".join([*records, "no record", '{"amount": 1}', ""])


def parquet(day: int) -> bytes:
    """Give records in several row groups."""
    made = io.BytesIO()
    ids = [f"k{n}" for n in range(35, 65)]
    pq.write_table(pa.table({"id": ids, "amount": [f"{day}.25"] * 30, "other": ids}), made, row_group_size=7)
    return made.getvalue()


def test_files_that_stay_give_what_files_that_land_give(
    tmp_path: Path, s3_server: S3Server, sessions: SparkSessions
) -> None:
    """Into an empty table and into one with their keys, with rows that are refused and some that are deleted."""
    stay, land = both(tmp_path, s3_server, sessions, feed={"error_threshold_percent": 20})
    for shop in (stay, land):
        with shop.state.write() as conn:
            deletions.add(
                conn, environment=PRODUCTION, datasource="shop:orders", pk="k3", why="asked", requested_by="us"
            )
    for day in (21, 20):
        stay.drop(f"csv_2026_11_{day}.csv", csv(day))
        stay.drop(f"ndjson_2026_11_{day}.json", ndjson(day))
        stay.drop(f"parquet_2026_11_{day}.parquet", parquet(day))
        for shop in (stay, land):
            shop.run()
        assert told(stay) == told(land)
    assert stay.rejects()
    assert not (stay.lake / "landing").exists()
    assert list((stay.lake / ".stages").iterdir()) == []
    assert stay.run() == []


def test_a_file_that_is_replaced_or_spoiled_holds_up_those_after_it(
    tmp_path: Path, s3_server: S3Server, sessions: SparkSessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes before is committed, once, whatever is killed; with `truncate` a day's files are the whole table."""
    load = [{"feed": "shop_orders", "file": "csv"}, {"feed": "shop_orders", "type": "truncate"}]
    stay, _ = both(tmp_path, s3_server, sessions, files=FILES[:1], load=load)
    for day, text in enumerate(("a,1,,\n", "b,1,,\n", "c,much,,\n", "d,1,,\n"), 20):
        stay.drop(f"csv_2026_11_{day}.csv", HEADER + text)
    stay.land()
    stay.drop("csv_2026_11_21.csv", HEADER + "b,2,,new\n")
    with monkeypatch.context() as patch:
        patch.setattr(loads, "commit", _killed)
        with pytest.raises(InterruptedError):
            stay.load()
    version = stay.version()
    with pytest.raises(SourceError, match=r"csv_2026_11_21\.csv: was replaced while it was read"):
        stay.load()
    assert stay.version() == version
    with pytest.raises(SourceError, match=r"csv_2026_11_22\.csv, row 1: 1 of 1 rows are bad"):
        stay.run()
    assert stay.rows()["id"].to_list() == ["b"]
    states = [one["state"] for one in stay.ledger()]
    assert sorted(states) == ["committed", "committed", "failed", "failed", "started"]


def _killed(*_: object, **__: object) -> None:
    raise InterruptedError


def test_secrets_reach_a_worker_and_are_in_nothing_else(lake: Lake) -> None:
    """Not in what is sent to the server as a plan, and not as they are in the file beside it."""
    secret, sent = b"a secret of nobody else's", []
    with stages_of(lake) as stages:

        def frame() -> Any:
            read = sealed(stages.session(), secret)

            def told(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
                for _ in batches:
                    yield pa.RecordBatch.from_pydict({"is_it": [hashlib.sha256(read()).hexdigest()]})

            made = stages.session().range(1).mapInArrow(told, "is_it string")
            sent.append(made._plan.to_proto(stages.session().client).SerializeToString())
            return made

        assert stages.answer(frame)["is_it"].to_pylist() == [hashlib.sha256(secret).hexdigest()]
    assert sent
    assert not any(secret in plan for plan in sent)
