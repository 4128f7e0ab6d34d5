"""Broken input: a clear error that names the file, and the row where there is one; nothing is half-loaded."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path

import pytest

from cdp_assets.errors import SourceError
from tests.integration.sources.shop import Shop

HEADER = "id,amount,ordered_on,note\n"
GOOD = HEADER + "".join(f"k{n},1.00,2026-11-20,text\n" for n in range(3000))


def tar_with(*names: str) -> bytes:
    """Make a tar whose members have these names."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name in names:
            member = tarfile.TarInfo(name)
            member.size = len(GOOD)
            archive.addfile(member, io.BytesIO(GOOD.encode()))
    return buffer.getvalue()


ARCHIVE = {
    "files": [
        {
            "tag": "orders",
            "pattern": "'orders_'yyyy'_'MM'_'dd'*'",
            "format": {"kind": "csv"},
            "archive": {"contents": "*.csv"},
        }
    ]
}
BROKEN: dict[str, tuple[bytes, dict[str, object], str]] = {
    "missing column": (b"amount,ordered_on,note\n1,2026-11-20,x\n", {}, r"orders_2026_11_21.*`?id`?"),
    "wrong types": (
        (HEADER + "a,1,2026-11-20,\nb,one,2026-11-20,\nc,two,2026-11-20,\n").encode(),
        {},
        r"orders_2026_11_21.*, row 2: 2 of 3 rows are bad.*`amount`",
    ),
    "truncated gzip": (gzip.compress(GOOD.encode())[:-20], {}, r"orders_2026_11_21.*gzip"),
    "empty file": (b"", {}, r"orders_2026_11_21.*is empty"),
    "wrong encoding": (
        HEADER.encode() + b"a,1,2026-11-20,fine\nb,1,2026-11-20,caf\xe9\n",
        {},
        r"orders_2026_11_21.*row 2",
    ),
    "tar that climbs": (tar_with("good.csv", "../evil.csv"), ARCHIVE, r"orders_2026_11_21.*"),
    "tar without a member": (tar_with("good.txt"), ARCHIVE, r"orders_2026_11_21.*no member matches"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_refused_clearly_and_changes_nothing(kind: str, tmp_path: Path) -> None:
    """The table keeps its version and rows; the ledger notes a failure; nothing is left beside the lake."""
    content, courier, message = BROKEN[kind]
    shop = Shop(tmp_path, courier=dict(courier))
    good = tar_with("good.csv") if courier else GOOD.encode()
    shop.drop("orders_2026_11_20.csv", good)
    shop.run()
    before = (shop.version(), shop.rows())
    shop.drop("orders_2026_11_21.csv", content)
    with pytest.raises(SourceError, match=message) as error:
        shop.run()
    assert "Expected" in str(error.value)
    assert shop.version() == before[0]
    assert shop.rows().equals(before[1])
    assert sorted(str(load["state"]) for load in shop.ledger()) == ["committed", "failed"]
    assert list((shop.lake / ".spool").iterdir()) == []
    assert not (tmp_path.parent / "evil.csv").exists()
