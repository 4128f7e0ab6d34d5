"""What Spark says of a failing query may quote a row; none of it is printed or logged."""

from __future__ import annotations

import logging

import pytest

from cdp_assets.errors import LakeError
from cdp_assets.lakehouse.session import SparkSessions


def test_a_failing_query_shows_no_value_anywhere(
    sessions: SparkSessions, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in our error, nor on the terminal, nor in a log."""
    query = "SELECT CAST(name AS INT) FROM VALUES ('Ann-Lee-4711') AS t(name)"
    with caplog.at_level(logging.DEBUG), pytest.raises(LakeError) as error:
        sessions.run(lambda: sessions.session().sql(query).toArrow())
    printed = capfd.readouterr()
    assert "4711" not in f"{error.value} {printed.out} {printed.err} {caplog.text}"
