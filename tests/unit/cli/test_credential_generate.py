"""`cdp credential generate` as somebody uses it: what is printed may be seen, what may not is in files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cdp_assets.cli import credential_generate
from cdp_assets.cli.main import cdp
from cdp_assets.exchange.codecs.pgp import generate as pgp_generate
from cdp_assets.exchange.key_pair import KeyPair
from cdp_assets.secrets import Secret


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passphrases that PGP keys were made with; the keys are words, for long ones take seconds."""
    passphrases: list[str] = []

    def pair(name: str, email: str, passphrase: Secret) -> KeyPair:
        passphrases.append(passphrase.reveal())
        return KeyPair(f"private {len(passphrases)}\n", f"public of {email}\n", "F1")

    monkeypatch.setattr(pgp_generate, "pgp_key_pair", pair)
    return passphrases


def run(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cdp, ["credential", "generate", *arguments], env={"CDP_HOME": str(folder)})


def test_a_pgp_key_and_its_passphrase_are_kept_and_its_public_part_is_printed(tmp_path: Path, made: list[str]) -> None:
    done = run(tmp_path, "pgp", "acme", "--json")
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert (said["fingerprint"], said["public_key"]) == ("F1", "public of acme@data.example\n")
    private, passphrase = (Path(f"/{said['secrets'][field][14:]}") for field in ("private_keys", "passphrase"))
    assert (private.read_text(), passphrase.read_text()) == ("private 1\n", made[0])
    assert [path.stat().st_mode & 0o777 for path in (private, passphrase)] == [0o600, 0o600]
    assert len(made[0]) > credential_generate.PASSPHRASE_BYTES
    assert "private 1" not in done.output
    assert made[0] not in done.output


def test_a_second_key_is_added_only_when_asked_for(tmp_path: Path, made: list[str]) -> None:
    assert run(tmp_path, "pgp", "acme", "--add").exit_code == 2
    run(tmp_path, "pgp", "acme")
    again = run(tmp_path, "pgp", "acme")
    assert again.exit_code == 2
    assert "there already, and kept" in again.output
    assert run(tmp_path, "pgp", "acme", "--add").exit_code == 0
    assert (tmp_path / "secrets" / "acme.private.asc").read_text() == "private 1\nprivate 2\n"
    assert made[0] == made[1]


@pytest.mark.parametrize("name", ["../acme", "a/b", ".hidden", "", "with space"])
def test_a_name_stays_in_its_folder(name: str, tmp_path: Path) -> None:
    assert run(tmp_path, "ssh", name, "--type", "ed25519").exit_code == 2
    assert not list(tmp_path.rglob("*.ssh"))


def test_an_ssh_key_comes_with_the_line_for_the_server(tmp_path: Path) -> None:
    done = run(tmp_path, "ssh", "acme_sftp", "--type", "ed25519", "--folder", str(tmp_path / "keys"))
    assert done.exit_code == 0, done.output
    assert "\nssh-ed25519 " in done.output
    assert f"private_key: secret://file{tmp_path}/keys/acme_sftp.ssh" in done.output
    assert "OPENSSH PRIVATE KEY" not in done.output
    assert "OPENSSH PRIVATE KEY" in (tmp_path / "keys" / "acme_sftp.ssh").read_text()
    assert run(tmp_path, "ssh", "acme_sftp", "--folder", str(tmp_path / "keys")).exit_code == 2
