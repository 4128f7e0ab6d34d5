"""An export is sent once per publication, whatever happens meanwhile."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from cdp_assets.config.destination import Destination
from cdp_assets.destinations import deliver as module
from cdp_assets.destinations.deliver import refuse_personal
from cdp_assets.errors import DeliveryError, DeliveryUnreachableError, LockedError, Transient
from cdp_assets.exchange.codecs import Recipient
from cdp_assets.hashing import sha256_of_file
from cdp_assets.secrets import Secret
from cdp_assets.state import deliveries
from cdp_assets.state.leases import lease
from tests.pgp import PASSPHRASE, GpgTool, Key
from tests.unit.destinations.sender import NOW, ROWS, Sender

MANY = pa.table({"n": list(range(120_000))})
SPLIT: dict[str, Any] = {"split_rows": 50_000, "filename": "n.csv", "split_filename": "n_{{file_number}}.csv"}
PARTS = [f"n_{number:07d}.csv" for number in (1, 2, 3)]


@pytest.fixture
def sender(tmp_path: Path) -> Sender:
    """An empty destination."""
    return Sender(tmp_path)


class Fails:
    """A location that takes so many files, then fails each time until it is mended."""

    def __init__(self, sender: Sender, after: int, error: Exception) -> None:
        self.inner, self.left, self.error, self.put_names = sender.location, after, error, list[str]()

    def put(self, name: str, source: Path) -> None:
        if self.left == 0:
            raise self.error
        self.left -= 1
        self.put_names.append(name)
        self.inner.put(name, source)

    def remove(self, name: str) -> None:
        raise self.error


def test_the_ledger_holds_what_was_sent_where_when_and_by_whom(sender: Sender) -> None:
    """With rows, bytes and hash of each file; and the file is there, with a header."""
    (file,) = sender.send().files
    path = sender.folder / "x_2026_11_20.csv"
    assert path.read_text().splitlines() == ["id,revenue", "a,1", "b,2", "c,3"]
    assert (file.filename, file.rows, file.size_bytes) == (path.name, 3, path.stat().st_size)
    assert file.sha256 == file.content_sha256 == sha256_of_file(path)
    (delivery,) = sender.ledger()
    order = delivery.order
    assert (order.destination, order.template, order.publication_id, order.sent_by) == ("folder", "daily", 1, "ann")
    assert (delivery.state, delivery.rows, delivery.problem) == ("delivered", 3, None)
    assert delivery.ended_at is not None
    assert delivery.began_at <= (file.delivered_at or NOW) <= delivery.ended_at


@pytest.mark.parametrize(
    "change",
    [{}, {"filename": "other.csv"}, {"source": "v2"}, {"place": "elsewhere"}, {"now": NOW + dt.timedelta(days=1)}],
    ids=["nothing", "template", "rows", "destination", "day"],
)
def test_a_publication_is_sent_once_whatever_changes_afterwards(sender: Sender, change: dict[str, Any]) -> None:
    """Not even when somebody took the file away; another publication is sent."""
    assert sender.send().sent
    (sender.folder / "x_2026_11_20.csv").unlink()
    again = sender.send(1, **change)
    assert not again.sent
    assert [file.filename for file in again.files] == ["x_2026_11_20.csv"]
    assert sender.names() == []
    assert sender.send(2, **change).sent


def test_what_has_arrived_is_not_sent_again_after_an_error(sender: Sender) -> None:
    """The error says what has arrived; the next try sends the rest, which makes the whole."""
    failing = Fails(sender, 2, DeliveryError("no room."))
    sender.location, inner = failing, sender.location  # type: ignore[assignment] # what is not put is not listed
    with pytest.raises(DeliveryError, match=f"no room. Arrived: {PARTS[0]}, {PARTS[1]}; the rest") as error:
        sender.send(1, MANY, **SPLIT)
    assert not isinstance(error.value, Transient)
    (delivery,) = sender.ledger()
    assert (delivery.state, delivery.problem, delivery.rows) == ("failed", "no room.", 100_000)
    failing.left = 9
    assert sender.send(1, MANY, **SPLIT).sent
    assert failing.put_names == PARTS
    sender.location = inner
    read = [line for name in sender.names() for line in (sender.folder / name).read_text().splitlines()[1:]]
    assert read == [str(number) for number in range(120_000)]
    (delivery,) = sender.ledger()
    assert (delivery.state, delivery.problem, delivery.rows) == ("delivered", None, 120_000)


def test_rows_are_numbered_through_all_files_also_after_an_error(sender: Sender) -> None:
    """The files that had arrived are not made again, and their rows are counted."""
    numbered: dict[str, Any] = SPLIT | {"format": {"kind": "csv", "row_number": "row_number"}}
    sender.location, inner = Fails(sender, 1, DeliveryError("no room.")), sender.location  # type: ignore[assignment]
    with pytest.raises(DeliveryError, match=r"no room\."):
        sender.send(1, MANY, **numbered)
    sender.location = inner
    sender.send(1, MANY, **numbered)
    read = [line for name in PARTS for line in (sender.folder / name).read_text().splitlines()[1:]]
    assert read == [f"{number},{number + 1}" for number in range(120_000)]


def test_an_error_that_may_pass_is_one_that_dagster_tries_again(sender: Sender) -> None:
    sender.location = Fails(sender, 0, DeliveryUnreachableError("no answer."))  # type: ignore[assignment]
    with pytest.raises(DeliveryUnreachableError, match="Nothing has arrived"):
        sender.send()


def test_a_delivery_that_broke_off_keeps_the_names_of_its_first_day(sender: Sender) -> None:
    """Else a night's failure would leave files of two days."""
    tries: dict[str, Any] = SPLIT | {"split_filename": "{{now|format:'dd'}}_{{file_number}}.csv"}
    sender.location, inner = Fails(sender, 1, DeliveryError("no room.")), sender.location  # type: ignore[assignment]
    with pytest.raises(DeliveryError):
        sender.send(1, MANY, **tries)
    sender.location = inner
    sender.send(1, MANY, now=NOW + dt.timedelta(days=1), **tries)
    assert sender.names() == [f"20_{number:07d}.csv" for number in (1, 2, 3)]


@pytest.mark.parametrize("change", [{"source": "v2"}, {"place": "elsewhere"}, {"format": {"kind": "tsv"}}])
def test_a_delivery_that_broke_off_and_is_another_now_is_sent_anew(sender: Sender, change: dict[str, Any]) -> None:
    """Half of one and half of the other would be neither; the ledger still knows what went out before."""
    failing = Fails(sender, 1, DeliveryError("no room."))
    sender.location = failing  # type: ignore[assignment]
    with pytest.raises(DeliveryError):
        sender.send(1, MANY, **SPLIT)
    failing.left = 9
    sender.send(1, MANY, **(SPLIT | change))
    assert failing.put_names == [PARTS[0], *PARTS]
    (delivery,) = sender.ledger()
    assert [(part.filename, part.state) for part in delivery.parts] == [
        (PARTS[0], "replaced"),
        *((name, "delivered") for name in PARTS),
    ]


def test_an_encrypted_file_that_was_on_its_way_is_replaced_by_the_next_try(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, our_key: Key
) -> None:
    """Its bytes differ each time; the ledger has the hash of those that are there, and of what both hold."""
    change: dict[str, Any] = {"filename": "x.pgp", "recipient": Recipient(our_key.public)}

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(deliveries, "finish_part", dies)
        with pytest.raises(KeyboardInterrupt):
            sender.send(**change)
    (begun,) = sender.ledger()[0].parts
    assert begun.sha256 == sha256_of_file(sender.folder / "x.pgp")
    (arrived,) = sender.send(**change).files
    assert arrived.sha256 == sha256_of_file(sender.folder / "x.pgp") != begun.sha256
    assert arrived.content_sha256 == begun.content_sha256
    assert sender.names() == ["x.pgp"]


def test_a_signature_beside_goes_before_its_file_and_with_it(sender: Sender, gpg_tool: GpgTool, our_key: Key) -> None:
    """A file whose signature had come after it could not be signed any more by a later try: its bytes are gone."""
    recipient = Recipient(our_key.public, Secret(our_key.private), Secret(PASSPHRASE), beside=True)
    change: dict[str, Any] = SPLIT | {"recipient": recipient, "signatures": "beside"}
    sender.location, inner = Fails(sender, 3, DeliveryError("no room.")), sender.location  # type: ignore[assignment]
    with pytest.raises(DeliveryError):
        sender.send(1, MANY, **change)
    assert sender.names() == [PARTS[0], f"{PARTS[0]}.sig", f"{PARTS[1]}.sig"]
    sender.location = inner
    assert [part.filename for part in sender.send(1, MANY, **change).files] == PARTS
    assert sender.names() == sorted([*PARTS, *(f"{name}.sig" for name in PARTS)])
    for name in PARTS:
        said = gpg_tool.run(
            "--status-fd", "1", "--verify", str(sender.folder / f"{name}.sig"), str(sender.folder / name)
        )
        assert f"VALIDSIG {our_key.fingerprint}" in said.decode()
        assert b"signature packet" not in gpg_tool.run("--list-packets", str(sender.folder / name))
    sender.send(2, MANY.slice(0, 50_000), **change)
    assert sender.names() == [PARTS[0], f"{PARTS[0]}.sig"]


def test_two_senders_of_one_delivery_do_not_meet(sender: Sender) -> None:
    """The second would put a file in the place of one that the receiver may have taken already."""
    with lease(sender.state, "delivery:production:o", holder="run 1"), pytest.raises(LockedError, match="run 1"):
        sender.send()
    assert sender.send().sent


def test_a_killed_sender_holds_others_up_for_less_than_dagster_tries_again() -> None:
    """A run's retries come within 24 s."""
    from cdp_assets.defs.retry import MAX_RETRIES, WAIT_S

    assert module.LEASE_S < MAX_RETRIES * WAIT_S


def test_the_done_file_comes_last_and_is_empty(sender: Sender) -> None:
    """Whoever waits for it finds everything else."""
    failing = Fails(sender, 3, DeliveryError("no room."))
    sender.location, inner = failing, sender.location  # type: ignore[assignment]
    with pytest.raises(DeliveryError):
        sender.send(1, MANY, done_file=True, **SPLIT)
    assert sender.names() == PARTS
    sender.location = inner
    assert sender.send(1, MANY, done_file=True, **SPLIT).sent
    assert sender.names() == ["n.csv.DONE", *PARTS]
    assert (sender.folder / "n.csv.DONE").read_bytes() == b""
    assert sender.ledger()[0].arrived[-1].filename == "n.csv.DONE"


LONGER = {"filename": "n", "split_filename": "{{file_number}}.csv", "split_directory": "n"} | {"split_rows": 50_000}
NUMBERS = [f"n/{number:07d}.csv" for number in (1, 2, 3)]


def test_a_shorter_export_under_the_same_name_leaves_nothing_of_the_longer_one(sender: Sender) -> None:
    """A reader of the folder would read rows of both; what others have put there stays."""
    sender.send(1, MANY, **LONGER)
    (sender.folder / "n" / "theirs.csv").write_text("x")
    (sender.folder / "n" / "0000004.csv").write_text("theirs, and not in our ledger")
    sender.send(2, MANY.slice(0, 60_000), done_file=True, **LONGER)
    assert sender.names() == ["n.DONE", *NUMBERS[:2], "n/0000004.csv", "n/theirs.csv"]
    newest, older = sender.ledger()
    assert [part.state for part in older.parts] == ["delivered", "delivered", "removed"]
    assert [part.filename for part in newest.arrived] == [*NUMBERS[:2], "n.DONE"]


def test_what_cannot_be_removed_is_an_error_before_the_done_file(sender: Sender) -> None:
    """The next try removes it."""
    sender.send(1, MANY, **LONGER)
    sender.location, inner = Fails(sender, 9, DeliveryError("forbidden.")), sender.location  # type: ignore[assignment]
    with pytest.raises(DeliveryError, match="forbidden"):
        sender.send(2, MANY.slice(0, 60_000), done_file=True, **LONGER)
    assert sender.names() == NUMBERS
    sender.location = inner
    assert sender.send(2, MANY.slice(0, 60_000), done_file=True, **LONGER).sent
    assert sender.names() == ["n.DONE", *NUMBERS[:2]]


@pytest.mark.parametrize("change", [{"place": "elsewhere"}, {"split_directory": "m"}])
def test_files_of_another_place_or_name_stay(sender: Sender, change: dict[str, Any]) -> None:
    sender.send(1, MANY, **LONGER)
    sender.send(2, MANY.slice(0, 60_000), **(LONGER | change))
    assert set(NUMBERS) <= set(sender.names())


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
