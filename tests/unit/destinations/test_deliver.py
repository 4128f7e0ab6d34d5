"""An export is sent once per publication."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdp_assets.config.destination import DataTemplate, Destination
from cdp_assets.destinations.deliver import Delivered, deliver, refuse_personal
from cdp_assets.errors import DeliveryError
from cdp_assets.exchange.locations import LocalFolder
from cdp_assets.hashing import sha256_of_file
from cdp_assets.names import PRODUCTION
from cdp_assets.state import deliveries, environments, revisions, tables
from cdp_assets.state.database import State

ROWS = pa.table({"id": ["a", "b", "c"], "revenue": [1, 2, 3]})
NOW = dt.datetime(2026, 11, 20, tzinfo=dt.UTC)
TEMPLATE = {
    "name": "daily",
    "destination": "folder",
    "format": {"kind": "csv"},
    "filename": "x_{{now|format:'yyyy_MM_dd'}}.csv",
}


class Sender:
    """A destination folder and the deliveries to it."""

    def __init__(self, root: Path) -> None:
        self.folder, self.state = root / "out", State.open(str(root / "state.db"))
        self.location = LocalFolder.below(root, "out")
        with self.state.write() as conn:
            environments.get_or_create(conn, PRODUCTION)
            revision_id = revisions.put(conn, {"name": "t"}, created_by="ann", message="")
            for number in (1, 2):
                conn.execute(
                    tables.publication.insert().values(
                        id=number,
                        environment=PRODUCTION,
                        run_id=f"r{number}",
                        revision_id=revision_id,
                        business_date=NOW.date(),
                        created_at=NOW,
                    )
                )

    def send(self, publication: int = 1, rows: pa.Table = ROWS, **template: object) -> Delivered:
        """Deliver once."""
        return deliver(
            rows,
            DataTemplate.model_validate(TEMPLATE | template),
            orchestration="o",
            destination="folder",
            location=self.location,
            state=self.state,
            environment=PRODUCTION,
            publication_id=publication,
            now=NOW,
        )

    def names(self) -> list[str]:
        """Give what is there."""
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture
def sender(tmp_path: Path) -> Sender:
    """An empty destination."""
    return Sender(tmp_path)


def test_the_record_holds_publication_rows_file_and_hash(sender: Sender) -> None:
    """And the file is there, with a header."""
    (file,) = sender.send().files
    path = sender.folder / "x_2026_11_20.csv"
    assert path.read_text().splitlines()[0] == "id,revenue"
    assert (file.filename, file.rows, file.size_bytes) == (path.name, 3, path.stat().st_size)
    assert (file.sha256, file.state, file.publication_id) == (sha256_of_file(path), "delivered", 1)


def test_the_same_publication_is_not_sent_again(sender: Sender) -> None:
    """Not even when somebody took the file away; another publication is sent."""
    assert sender.send().sent
    (sender.folder / "x_2026_11_20.csv").unlink()
    again = sender.send()
    assert not again.sent
    assert again.rows == 3
    assert sender.names() == []
    assert sender.send(publication=2).sent


def test_a_crash_before_the_record_sends_the_same_file_again(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """One right file is there afterwards, and its record."""

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "finish", dies)
        with pytest.raises(KeyboardInterrupt):
            sender.send()
    bytes_before = (sender.folder / "x_2026_11_20.csv").read_bytes()
    assert sender.send().sent
    assert sender.names() == ["x_2026_11_20.csv"]
    assert (sender.folder / "x_2026_11_20.csv").read_bytes() == bytes_before
    assert not sender.send().sent


def test_a_destination_that_fails_counts_as_not_delivered(sender: Sender) -> None:
    """The error is ours, and the next try sends."""
    sender.folder.parent.joinpath("out").write_text("in the way")
    with pytest.raises(DeliveryError):
        sender.send()
    sender.folder.unlink()
    assert sender.send().sent


def test_the_done_file_comes_last_and_is_empty(sender: Sender) -> None:
    """Whoever waits for it finds everything else."""
    files = sender.send(done_file=True).files
    assert sender.names() == ["x_2026_11_20.csv", "x_2026_11_20.csv.DONE"]
    assert {file.filename: file.rows for file in files}["x_2026_11_20.csv.DONE"] == 0


def test_parquet_and_compression(sender: Sender) -> None:
    """Parquet reads back the same; gzip holds the same text."""
    sender.send(1, format={"kind": "parquet"}, filename="x.parquet")
    assert pq.read_table(sender.folder / "x.parquet").to_pylist() == ROWS.to_pylist()
    sender.send(2, compression="gzip", filename="x.csv.gz")
    assert gzip.decompress((sender.folder / "x.csv.gz").read_bytes()).decode().splitlines()[1] == "a,1"


def test_large_exports_are_split_into_numbered_files(sender: Sender) -> None:
    """Every row once, in order."""
    rows = pa.table({"n": list(range(120_000))})
    sender.send(1, rows, split_rows=50_000, filename="n_{{file_number}}.csv")
    assert sender.names() == [f"n_{number:07d}.csv" for number in (1, 2, 3)]
    read = [line for name in sender.names() for line in (sender.folder / name).read_text().splitlines()[1:]]
    assert read == [str(number) for number in range(120_000)]


def test_an_export_without_rows_is_a_header(sender: Sender) -> None:
    """A file is expected every day."""
    sender.send(1, ROWS.slice(0, 0))
    assert (sender.folder / "x_2026_11_20.csv").read_text().strip() == "id,revenue"


def test_a_destination_without_personal_data_gets_no_personal_column() -> None:
    """The refusal names the columns and the destination; nothing personal, nothing refused."""
    location = {"kind": "local", "path": "out"}
    closed = Destination.model_validate({"name": "partner", "location": location, "personal_data": False})
    with pytest.raises(DeliveryError, match=r"export\.o: email, surname are personal, and partner"):
        refuse_personal(closed, {"surname", "email"}, "export.o")
    refuse_personal(closed, frozenset(), "export.o")
    refuse_personal(Destination.model_validate({"name": "own", "location": location}), {"email"}, "export.o")
