"""What S3, Azure Blob Storage and Google Cloud Storage are beside being locations: parts, versions, sums, refusals."""

from __future__ import annotations

import contextlib
import functools
import gzip
import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from azure.storage.blob import ContentSettings

from cdp_assets.errors import (
    DeliveryError,
    DeliveryUnreachableError,
    SourceDamagedError,
    SourceError,
    SourceUnreachableError,
)
from cdp_assets.exchange.locations.objects import ObjectLocation
from cdp_assets.exchange.patience import Patience
from tests.behaviour.places import OBJECT_STORES
from tests.faulty_http import FaultyHttp, faulty_http
from tests.object_stores import AzureServer, S3Server, Server, free_port

PART_BYTES = 256 << 10
SEVERAL_PARTS = random.Random(7).randbytes(5 * PART_BYTES + 17)
SHORT = Patience(tries=3, first_wait_s=0.001, longest_wait_s=0.01)


@pytest.fixture(params=OBJECT_STORES)
def server(request: pytest.FixtureRequest) -> Server:
    """A running store."""
    found: Server = request.getfixturevalue(f"{request.param}_server")
    return found


@pytest.fixture
def bucket(server: Server) -> str:
    """An empty bucket."""
    return server.new_bucket()


@pytest.fixture(scope="module")
def doors() -> Iterator[Callable[[int], FaultyHttp]]:
    """One door per store, by the store's port: each takes a client of its own, which takes a while to make."""
    with contextlib.ExitStack() as kept:
        yield functools.cache(lambda port: kept.enter_context(faulty_http(port)))


@pytest.fixture
def door(doors: Callable[[int], FaultyHttp], server: Server) -> FaultyHttp:
    """What stands before the store and does as a test asks."""
    found = doors(server.port)
    found.forget()
    return found


@pytest.fixture
def location(server: Server, bucket: str, door: FaultyHttp) -> ObjectLocation:
    """A folder of the bucket, reached through the door, in small parts and with little patience."""
    return ObjectLocation(server.store(bucket, port=door.port, part_bytes=PART_BYTES, patience=SHORT), "shop")


@pytest.fixture
def put(location: ObjectLocation, tmp_path: Path) -> Callable[[str, bytes], None]:
    """Put bytes under a name."""

    def put_bytes(name: str, content: bytes) -> None:
        source = tmp_path / "to-send"
        source.write_bytes(content)
        location.put(name, source)

    return put_bytes


Put = Callable[[str, bytes], None]


def content(location: ObjectLocation, name: str) -> bytes:
    with location.fetch(name) as stream:
        return stream.read()


def names(location: ObjectLocation) -> list[str]:
    return [file.name for file in location.list()]


@pytest.mark.parametrize("size", [PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, len(SEVERAL_PARTS)])
def test_what_comes_in_parts_and_goes_in_parts_is_the_same(location: ObjectLocation, put: Put, size: int) -> None:
    put("a.bin", SEVERAL_PARTS[:size])
    assert [(file.name, file.size_bytes) for file in location.list()] == [("a.bin", size)]
    assert content(location, "a.bin") == SEVERAL_PARTS[:size]


def test_a_file_is_read_in_pieces_of_any_size(location: ObjectLocation, put: Put) -> None:
    put("a.bin", SEVERAL_PARTS)
    with location.fetch("a.bin") as stream:
        pieces = [stream.read(size) for size in (1, 0, 100_000, PART_BYTES, 700_000)]
        assert b"".join([*pieces, stream.read()]) == SEVERAL_PARTS
        assert stream.read() == b""


def test_a_replaced_object_is_noticed_and_never_mixed(location: ObjectLocation, put: Put) -> None:
    put("a.bin", SEVERAL_PARTS)
    with location.fetch("a.bin") as stream:
        assert stream.read(10) == SEVERAL_PARTS[:10]
        put("a.bin", SEVERAL_PARTS[::-1])
        with pytest.raises(SourceError, match=r"a\.bin: was replaced while it was read"):
            stream.read()
    assert content(location, "a.bin") == SEVERAL_PARTS[::-1]


def test_a_listed_version_is_read_from_anywhere_until_another_one_takes_its_place(
    location: ObjectLocation, put: Put
) -> None:
    """Without a request for what the listing has said; an object that is gone is refused as well."""
    put("a.bin", SEVERAL_PARTS)
    (listed,) = location.list()
    assert listed == location.look("a.bin")
    pinned = location.pinned("a.bin", listed.version or "", listed.size_bytes)
    with pinned.stream(PART_BYTES - 3, PART_BYTES) as stream:
        assert stream.read() == SEVERAL_PARTS[PART_BYTES - 3 :]
    put("a.bin", SEVERAL_PARTS[::-1])
    with pytest.raises(SourceError, match=r"a\.bin: was replaced while it was read"):
        pinned.part(5, 10)
    assert [file.version == listed.version for file in location.list()] == [False]
    location.remove("a.bin")
    with pytest.raises(SourceError, match=r"a\.bin: (was replaced|no such)"):
        pinned.part(5, 10)


def test_what_was_stored_as_gzip_arrives_as_it_was_stored(
    server: Server, bucket: str, location: ObjectLocation
) -> None:
    packed = gzip.compress(SEVERAL_PARTS)
    server.put_gzip(bucket, "shop/a.csv.gz", packed)
    assert content(location, "a.csv.gz") == packed
    assert [file.size_bytes for file in location.list()] == [len(packed)]


def test_names_that_are_no_files_below_a_folder_are_not_listed(
    server: Server, bucket: str, location: ObjectLocation
) -> None:
    store = server.store(bucket)
    for key in ["shop/a.csv", "shop/folder/", "shop//etc/hosts", "shopping/b.csv"]:
        store.put(key, b".")
    assert names(location) == ["a.csv"]


def test_a_listing_of_several_pages_is_whole_and_in_order(
    location: ObjectLocation, server: Server, bucket: str
) -> None:
    for number in range(23):
        server.store(bucket).put(f"shop/{number:02}.csv", b"")
    paged = ObjectLocation(server.store(bucket, page_size=10), "shop")
    assert names(paged) == names(location) == [f"{number:02}.csv" for number in range(23)]


class TestFaults:
    """What the network and the store do to us; nothing is lost and nothing doubled."""

    @pytest.mark.parametrize("after_bytes", [0, 1, PART_BYTES - 1])
    def test_a_cut_answer_is_asked_for_again(
        self, location: ObjectLocation, put: Put, door: FaultyHttp, after_bytes: int
    ) -> None:
        put("a.bin", SEVERAL_PARTS)
        stream = location.fetch("a.bin")
        door.cut_answer(after_bytes, times=2, path=r"a\.bin")
        with stream:
            assert stream.read() == SEVERAL_PARTS
        assert len([one for one in door.requests if one[2] == 0]) == 2

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_a_store_that_is_busy_is_asked_again(
        self, location: ObjectLocation, put: Put, door: FaultyHttp, status: int
    ) -> None:
        for name, sent in [("small.bin", b"x"), ("large.bin", SEVERAL_PARTS)]:
            door.answer(status, times=2)
            put(name, sent)
            door.answer(status, times=2)
            assert content(location, name) == sent
        door.answer(status, times=2)
        assert names(location) == ["large.bin", "small.bin"]
        assert [one[2] for one in door.requests].count(status) == 10

    def test_one_that_stays_so_is_an_error_that_a_later_run_may_not_meet(
        self, location: ObjectLocation, put: Put, door: FaultyHttp
    ) -> None:
        put("a.bin", SEVERAL_PARTS)
        door.answer(503, times=99)
        with pytest.raises(SourceUnreachableError, match=r"shop/a\.bin: the store does not serve now \(HTTP 503"):
            location.fetch("a.bin")
        assert [one[2] for one in door.requests].count(503) == SHORT.tries
        with pytest.raises(SourceUnreachableError):
            names(location)
        for sent in (b"x", SEVERAL_PARTS):
            with pytest.raises(DeliveryUnreachableError, match=r"shop/b\.bin: .* \(HTTP 503"):
                put("b.bin", sent)

    def test_a_store_that_is_not_there_is_one_as_well(self, server: Server, bucket: str, tmp_path: Path) -> None:
        (tmp_path / "b").write_text("x")
        location = ObjectLocation(server.store(bucket, port=free_port(), patience=SHORT))
        with pytest.raises(SourceUnreachableError, match="no answer"):
            names(location)
        with pytest.raises(DeliveryUnreachableError, match=r"b\.bin: no answer"):
            location.put("b.bin", tmp_path / "b")
        assert names(ObjectLocation(server.store(bucket))) == []

    @pytest.mark.parametrize("sent", [b"x", SEVERAL_PARTS])
    def test_an_answer_that_is_lost_doubles_nothing(
        self, location: ObjectLocation, put: Put, door: FaultyHttp, sent: bytes
    ) -> None:
        door.lose_answer(times=2)
        put("a.bin", sent)
        assert content(location, "a.bin") == sent
        assert names(location) == ["a.bin"]

    def test_a_part_that_is_cut_is_sent_again(self, location: ObjectLocation, put: Put, door: FaultyHttp) -> None:
        door.cut_request(times=2, method="PUT")
        put("a.bin", SEVERAL_PARTS)
        assert content(location, "a.bin") == SEVERAL_PARTS

    def test_what_cannot_be_sent_leaves_what_was_there(
        self, location: ObjectLocation, put: Put, door: FaultyHttp
    ) -> None:
        put("a.bin", b"before")
        door.cut_request(times=99, method="PUT")
        with pytest.raises(DeliveryUnreachableError):
            put("a.bin", SEVERAL_PARTS)
        assert content(location, "a.bin") == b"before"

    def test_a_slow_store_is_waited_for(self, location: ObjectLocation, put: Put, door: FaultyHttp) -> None:
        door.slow(0.1, times=4)
        put("a.bin", SEVERAL_PARTS)
        assert content(location, "a.bin") == SEVERAL_PARTS

    @pytest.mark.parametrize("status", [401, 403])
    def test_access_denied_is_told_at_once_and_without_a_secret(
        self, server: Server, location: ObjectLocation, put: Put, door: FaultyHttp, status: int
    ) -> None:
        door.answer(status, times=99)
        told = []
        for attempt in (lambda: names(location), lambda: location.fetch("a.bin"), lambda: put("a.bin", b"x")):
            with pytest.raises((SourceError, DeliveryError), match=f"access is denied .HTTP {status}") as refusal:
                attempt()
            told.append(str(refusal.value))
        most = 3 if status == 401 else 1  # Google's client asks for a new login first, twice
        assert max(Counter(door.requests).values()) <= most
        assert "/shop/a.bin" in told[1]
        assert not any(secret.reveal() in line for secret in server.secrets.values() for line in told)

    def test_an_absent_bucket_is_told_at_once(self, server: Server, door: FaultyHttp, tmp_path: Path) -> None:
        absent = ObjectLocation(server.store("absent-bucket", port=door.port, patience=SHORT))
        (tmp_path / "a").write_text("x")
        with pytest.raises(SourceError, match=r"absent-bucket/: no such (bucket|container)"):
            list(absent.list())
        with pytest.raises(DeliveryError, match="absent-bucket/a: no such"):
            absent.put("a", tmp_path / "a")
        assert len(door.requests) == len(set(door.requests))

    def test_of_an_object_that_came_in_parts_every_byte_is_checked(
        self, location: ObjectLocation, door: FaultyHttp, tmp_path: Path
    ) -> None:
        """Whole again, it is read without a word."""
        (tmp_path / "large").write_bytes(SEVERAL_PARTS)
        location.put("a.bin", tmp_path / "large")
        for _ in range(2):
            with location.fetch("a.bin") as stream:
                assert stream.read(1) == SEVERAL_PARTS[:1]
                door.alter_answer(PART_BYTES - 1, path=r"a\.bin")
                with pytest.raises(SourceDamagedError, match=r"a\.bin: its bytes are not those"):
                    stream.read()
            door.forget()
            assert content(location, "a.bin") == SEVERAL_PARTS

    def test_bytes_that_are_not_the_stored_ones_are_refused(
        self, server: Server, bucket: str, location: ObjectLocation, door: FaultyHttp
    ) -> None:
        server.store(bucket).put("shop/a.bin", SEVERAL_PARTS[:PART_BYTES] + b"good")
        span = f"bytes {PART_BYTES}-{PART_BYTES + 3}/{PART_BYTES + 4}"
        with location.fetch("a.bin") as stream:
            door.answer(206, method="GET", path=r"a\.bin", body=b"evil", headers={"Content-Range": span, "ETag": '"1"'})
            with pytest.raises(SourceError, match=r"a\.bin: its bytes are not those"):
                stream.read()


def test_a_blob_that_is_appended_to_is_not_held_to_the_sum_of_its_beginning(azure_server: AzureServer) -> None:
    bucket = azure_server.new_bucket()
    blob = azure_server.client.get_blob_client(bucket, "a.log")
    blob.create_append_blob(
        content_settings=ContentSettings(content_md5=bytearray(hashlib.md5(b"", usedforsecurity=False).digest()))
    )
    for line in (b"one\n", b"two\n"):
        blob.append_block(line)
    assert content(ObjectLocation(azure_server.store(bucket)), "a.log") == b"one\ntwo\n"


def test_an_upload_that_fails_is_given_up_whole(s3_server: S3Server, tmp_path: Path) -> None:
    bucket, source = s3_server.new_bucket(), tmp_path / "large"
    source.write_bytes(SEVERAL_PARTS)
    with faulty_http(s3_server.port) as door:
        location = ObjectLocation(s3_server.store(bucket, port=door.port, part_bytes=PART_BYTES, patience=SHORT))
        door.answer(403, method="PUT", path="partNumber=4")
        with pytest.raises(DeliveryError, match="access is denied"):
            location.put("a.bin", source)
    assert names(location) == []
    assert "Uploads" not in s3_server.client.list_multipart_uploads(Bucket=bucket)


@pytest.mark.parametrize("sizes", [(5, 5, 5, 2), (5, 6, 5, 1), (5, 5), (5,), (6, 5)])
def test_parts_of_any_sizes_are_read(s3_server: S3Server, sizes: tuple[int, ...]) -> None:
    """Where they are not alike the sum of their sums is not ours to make: nothing is refused for it."""
    bucket, client = s3_server.new_bucket(), s3_server.client
    parts = [random.Random(number).randbytes(size << 20) for number, size in enumerate(sizes)]
    upload = client.create_multipart_upload(Bucket=bucket, Key="a.bin")["UploadId"]
    of = {"Bucket": bucket, "Key": "a.bin", "UploadId": upload}
    tags = [client.upload_part(**of, PartNumber=at, Body=part)["ETag"] for at, part in enumerate(parts, 1)]
    named = [{"PartNumber": at, "ETag": tag} for at, tag in enumerate(tags, 1)]
    client.complete_multipart_upload(**of, MultipartUpload={"Parts": named})
    assert content(ObjectLocation(s3_server.store(bucket)), "a.bin") == b"".join(parts)
