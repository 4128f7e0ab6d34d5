"""The one view of many logs, and the files behind it."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest

from cdp_assets.cli.logs import KEPT_LOGS, MAX_LINE_BYTES, LogView, RotatingLog, copy_lines, plain, short


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_each_line_is_named_and_the_names_are_of_one_width() -> None:
    out = io.StringIO()
    view = LogView(["spark", "web"], out)
    view.show("spark", "one")
    view.show("web", "two")
    view.say("three\nfour")
    assert out.getvalue() == "spark │ one\nweb   │ two\ncdp   │ three\ncdp   │ four\n"


def test_colour_is_for_terminals_that_want_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    coloured, plain_pipe = Terminal(), io.StringIO()
    LogView(["web"], coloured).show("web", "x")
    LogView(["web"], plain_pipe).show("web", "x")
    assert "\x1b[" in coloured.getvalue()
    assert "\x1b[" not in plain_pipe.getvalue()
    monkeypatch.setenv("NO_COLOR", "1")
    refused = Terminal()
    LogView(["web"], refused).show("web", "x")
    assert "\x1b[" not in refused.getvalue()


def test_a_quiet_view_shows_only_what_up_says() -> None:
    out = io.StringIO()
    view = LogView(["web"], out, quiet=True)
    view.show("web", "x")
    view.say("y")
    assert out.getvalue() == "cdp │ y\n"


def test_a_reader_that_went_away_is_noticed_and_does_not_break_the_writer() -> None:
    out = io.StringIO()
    view = LogView(["web"], out)
    out.close()
    view.show("web", "x")
    assert view.closed.is_set()


def test_a_log_starts_anew_at_its_limit_and_keeps_the_newest(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "web.log", max_bytes=100)
    for number in range(60):
        log.write(f"line {number:04}\n".encode())
    log.close()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == ["web.log", *(f"web.log.{number}" for number in range(1, KEPT_LOGS + 1))]
    assert all(path.stat().st_size <= 100 for path in tmp_path.iterdir())
    kept = "".join((tmp_path / name).read_text() for name in reversed(files))
    lines = [int(line.split()[1]) for line in kept.splitlines()]
    assert lines == list(range(lines[0], 60)), "nothing between the oldest kept line and the last is lost"
    assert lines[0] <= 30


def test_a_log_goes_on_where_an_earlier_one_ended(tmp_path: Path) -> None:
    for text in (b"one\n", b"two\n"):
        log = RotatingLog(tmp_path / "web.log")
        log.write(text)
        log.close()
    assert (tmp_path / "web.log").read_text() == "one\ntwo\n"


def test_the_file_has_every_line_and_the_view_no_routine(tmp_path: Path) -> None:
    out = io.StringIO()
    log = RotatingLog(tmp_path / "x.log")
    source = io.BytesIO(b"\x1b[32mgood\x1b[0m\n\ntick\nbad \xff byte\nunended")
    copy_lines(source, "x", log, LogView(["x"], out), re.compile("tick"))
    log.close()
    assert out.getvalue() == "x │ good\nx │ bad � byte\nx │ unended\n"
    assert (tmp_path / "x.log").read_bytes() == b"\x1b[32mgood\x1b[0m\n\ntick\nbad \xff byte\nunended\n"
    assert list(log.recent) == ["good", "", "tick", "bad � byte", "unended"]


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    log = RotatingLog(tmp_path / "x.log")
    copy_lines(io.BytesIO(b"a" * (3 * MAX_LINE_BYTES)), "x", log, LogView(["x"], io.StringIO()), re.compile("(?!)"))
    log.close()
    assert max(map(len, log.recent)) == MAX_LINE_BYTES


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (
            "2026-11-20 12:48:53 +0000 - dagster - INFO - group_daily - 26eba38a-966d-4d3e-b585-1573b73396bb - "
            "production__landing__ecom - landing.ecom: 1 new files",
            "run 26eba38a  landing.ecom: 1 new files",
        ),
        ("2026-11-20 12:48:50 +0000 - dagster.daemon - INFO - Launched.", "12:48:50 dagster.daemon - INFO - Launched."),
        ("2026-11-20 12:48:53,468 WARN org.apache.spark: x", "12:48:53 WARN org.apache.spark: x"),
        ("Traceback (most recent call last):", "Traceback (most recent call last):"),
    ],
)
def test_of_dagsters_prefix_the_time_or_the_run_is_shown(line: str, shown: str) -> None:
    assert short(line) == shown


def test_plain_text_has_no_escapes() -> None:
    assert plain(b"\x1b[1;31mred\x1b[0m  \r\n") == "red"
