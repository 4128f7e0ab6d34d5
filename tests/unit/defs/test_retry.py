"""Our errors as Dagster's: what may be retried is, and no foreign text gets through."""

from __future__ import annotations

import dagster as dg
import pytest

from cdp_assets.defs.retry import errors_as_dagster
from cdp_assets.errors import EngineUnreachableError, SourceError


def test_a_transient_error_is_tried_again() -> None:
    """Long enough for a killed Spark server to be back."""
    with pytest.raises(dg.RetryRequested) as asked, errors_as_dagster("unified.x"):
        raise EngineUnreachableError("Spark does not answer")
    assert (asked.value.max_retries or 0) * float(asked.value.seconds_to_wait or 0) >= 20


def test_an_error_of_ours_is_shown_as_it_is() -> None:
    """It names file and row, never a value."""
    with pytest.raises(dg.Failure) as failed, errors_as_dagster("domain.x"):
        raise SourceError("a.csv", "is empty", "a header")
    assert failed.value.description == "domain.x: a.csv: is empty. Expected a header."
    assert failed.value.allow_retries is False


def test_a_foreign_error_keeps_its_type_and_place_and_loses_its_text() -> None:
    """The text of another library may quote a row."""
    with pytest.raises(dg.Failure) as failed, errors_as_dagster("domain.x"):
        int("Ann Lee")
    text = failed.value.description or ""
    assert "ValueError" in text
    assert "test_retry" in text
    assert "literal" not in text
