"""A cache may miss an answer and never gives a wrong one: other versions, damage, two writers, no room to write."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cdp_assets.cache import LEFT_S, MOST_REMEMBERED, Cache, kept_in, remembered, version_of
from cdp_assets.home import REPOSITORY

MANY = 60
WRITER = f"""
import sys
from pathlib import Path
from cdp_assets.cache import Cache, kept_in
folder, name = Path(sys.argv[1]), sys.argv[2]
with kept_in(folder):
    for number in range({MANY}):
        cache = Cache("c", lambda: "1" * 64, 10_000)
        assert cache.get("shared") in (None, "right"), "torn"
        cache.put("shared", "right")
        cache.put(f"{{name}}{{number}}", number)
        cache.save()
"""


def made(version: str = "1" * 64, most: int = 100) -> Cache:
    """Give a cache as a new process has it."""
    return Cache("c", lambda: version, most)


def file_of(folder: Path) -> Path:
    (found,) = folder.glob("c-*.json")
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder in which a process has kept one answer."""
    with kept_in(tmp_path / "cache"):
        cache = made()
        cache.put("key", ["answer"])
        cache.save()
    return tmp_path / "cache"


def test_a_later_process_knows_the_answer(folder: Path) -> None:
    with kept_in(folder):
        assert made().get("key") == ["answer"]
        assert made().get("other") is None


def test_without_a_folder_answers_end_with_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    cache = made()
    cache.put("key", 1)
    cache.save()
    assert cache.get("key") == 1
    assert made().get("key") is None
    assert list(tmp_path.iterdir()) == []


def test_what_another_version_found_is_not_known(folder: Path) -> None:
    with kept_in(folder):
        assert made("2" * 64).get("key") is None


def test_a_version_is_of_sources_and_libraries(tmp_path: Path) -> None:
    one, two = tmp_path / "one.py", tmp_path / "two.py"
    one.write_text("a = 1\n")
    two.write_text("b = 1\n")
    before = version_of([one, two], ["pydantic"])
    assert version_of([two, one], ["pydantic"]) == before
    assert version_of([one, two], ["pydantic", "click"]) != before
    two.write_text("b = 2\n")
    assert version_of([one, two], ["pydantic"]) != before


@pytest.mark.parametrize("damage", ["cut", "changed", "emptied", "not ours", "a folder"])
def test_a_damaged_file_counts_as_empty_and_is_replaced(folder: Path, damage: str) -> None:
    file = file_of(folder)
    content = file.read_bytes()
    file.unlink()
    if damage == "a folder":
        file.mkdir()
    else:
        ways = {"cut": content[:-3], "changed": content.replace(b"answer", b"wrong!"), "emptied": b""}
        file.write_bytes(ways.get(damage, b'{"key": ["wrong"]}'))
    with kept_in(folder):
        cache = made()
        assert cache.get("key") is None
        cache.put("key", "again")
        cache.save()
        assert cache.get("key") == "again"
        assert made().get("key") == (None if damage == "a folder" else "again")


def test_a_file_that_cannot_be_written_hinders_nobody(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with kept_in(tmp_path / "file" / "cache"):
        cache = made()
        cache.put("key", 1)
        cache.save()
        assert cache.get("key") == 1


def test_the_file_is_bounded_and_what_is_asked_for_outlives_the_rest(tmp_path: Path) -> None:
    with kept_in(tmp_path):
        for number in range(9):
            cache = made(most=3)
            cache.get("0")
            cache.put(str(number), number)
            cache.save()
        cache = made(most=3)
        assert [key for key in map(str, range(9)) if cache.get(key) is not None] == ["0", "7", "8"]


def test_files_of_older_code_go_after_a_while(folder: Path) -> None:
    long_ago = time.time() - 2 * LEFT_S
    older, unfinished, strange = folder / "c-0.json", folder / "c-1.99-1.new", folder / "d-0.json"
    for path in (older, unfinished, strange):
        path.write_text("")
        os.utime(path, (long_ago, long_ago))
    with kept_in(folder):
        cache = made()
        cache.put("new", 1)
        cache.save()
    assert not older.exists()
    assert not unfinished.exists()
    assert strange.exists()


def test_two_processes_write_at_once_and_the_file_stays_whole(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, name], env=environment) for name in ("a", "b")]
    assert [writer.wait() for writer in writers] == [0, 0]
    told, _, body = file_of(tmp_path).read_bytes().partition(b"\n")
    assert hashlib.sha256(body).hexdigest().encode() == told
    answers = json.loads(body)
    assert answers.pop("shared") == "right"
    assert answers
    assert all(value == int(key[1:]) for key, value in answers.items())
    assert list(tmp_path.glob("*.new")) == []


def test_a_function_is_carried_out_once_for_each_of_the_last_objects() -> None:
    asked: list[list[int]] = []

    @remembered
    def total(of: list[int]) -> int:
        asked.append(of)
        return sum(of)

    one, equal = [1, 2], [1, 2]
    assert (total(one), total(one), total(equal), total(one)) == (3, 3, 3, 3)
    assert [id(of) for of in asked] == [id(one), id(equal)]
    others = [[number] for number in range(MOST_REMEMBERED)]
    assert [total(other) for other in others] == list(range(MOST_REMEMBERED))
    assert total(one) == 3
    assert len(asked) == 2 + MOST_REMEMBERED + 1
