"""A file that is written for people is there whole, or the one of before is; where none can be, that is said."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from cdp_assets.errors import CdpError
from cdp_assets.output import check_writable, whole, write_whole


def test_what_breaks_off_leaves_the_file_of_before(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    write_whole(path, "before")
    with suppress(KeyError), whole(path) as new:
        new.write_text("half")
        raise KeyError
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("page.html", "before")]


@pytest.mark.parametrize(("name", "why"), [("absent/page.html", "no such file"), ("x" * 255, "file name too long")])
def test_a_place_that_takes_no_file_is_named_with_the_reason(tmp_path: Path, name: str, why: str) -> None:
    for write in (check_writable, lambda path: write_whole(path, "text")):
        with pytest.raises(CdpError, match=rf"{name}: not written \({why}"):
            write(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_looking_whether_a_place_takes_files_leaves_none(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("before")
    check_writable(tmp_path / "page.html")
    assert [(one.name, one.read_text()) for one in tmp_path.iterdir()] == [("page.html", "before")]
