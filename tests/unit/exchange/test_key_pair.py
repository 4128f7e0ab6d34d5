"""Where private keys are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from cdp_assets.errors import SecretError
from cdp_assets.exchange.key_pair import KeyPair, add_private, keep_private, secret_reference
from cdp_assets.secrets import resolve


def test_a_reference_names_the_file_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "acme.private.asc"
    keep_private(path, "one\n")
    add_private(path, "two\n")
    reference = secret_reference(path)
    assert resolve(reference, {reference: reference}).reveal() == "one\ntwo"
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_a_key_that_is_there_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "acme"
    keep_private(path, "one")
    with pytest.raises(SecretError, match="is there already"):
        keep_private(path, "two")
    assert path.read_text() == "one"


@pytest.mark.parametrize("path", ["relative/path", "/with space/key", "/" + "x" * 300])
def test_a_path_that_no_reference_can_name_is_refused(path: str) -> None:
    with pytest.raises(SecretError, match="no secret:// reference can name"):
        secret_reference(Path(path))


def test_a_pair_does_not_show_its_private_part() -> None:
    assert "hidden" not in repr(KeyPair("hidden", "public", "f"))
