"""Secrets: references in the open, values nowhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdp_assets.errors import SecretError
from cdp_assets.secrets import Secret, is_reference, resolve

REFERENCE = "secret://env/SHOP_PASSWORD"


def test_a_bound_reference_gives_its_value_to_who_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only `reveal` shows it."""
    monkeypatch.setenv("SHOP_PASSWORD", "open sesame")
    found = resolve(REFERENCE, {REFERENCE: REFERENCE})
    assert found.reveal() == "open sesame"
    assert "sesame" not in f"{found} {found!r} {[found]} {vars(found) if hasattr(found, '__dict__') else ''}"


def test_an_environment_resolves_only_what_it_binds(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sandbox does not get production's password by using its name."""
    monkeypatch.setenv("SHOP_PASSWORD", "open sesame")
    with pytest.raises(SecretError, match="not bound in this environment") as error:
        resolve(REFERENCE, {})
    assert "sesame" not in str(error.value)


def test_a_sandbox_may_bind_another_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same reference, another value."""
    monkeypatch.setenv("TEST_PASSWORD", "for tests")
    assert resolve(REFERENCE, {REFERENCE: "secret://env/TEST_PASSWORD"}).reveal() == "for tests"


def test_a_file_that_others_can_read_is_refused(tmp_path: Path) -> None:
    """Mode 600 and nothing wider."""
    path = tmp_path / "password"
    path.write_text("from a file")
    reference = f"secret://file{path}"
    path.chmod(0o644)
    with pytest.raises(SecretError):
        resolve(reference, {reference: reference})
    path.chmod(0o600)
    assert resolve(reference, {reference: reference}).reveal().strip() == "from a file"


@pytest.mark.parametrize("text", ["hunter2", "secret://", "secret://vault", "secret:/env/X", "SECRET://env/X"])
def test_what_is_no_reference(text: str) -> None:
    """A value in the open is none."""
    assert not is_reference(text)
    with pytest.raises(SecretError):
        resolve(REFERENCE, {REFERENCE: text})


def test_secrets_are_not_equal_by_their_text() -> None:
    """Nobody compares them by accident."""
    assert Secret("a") != "a"
