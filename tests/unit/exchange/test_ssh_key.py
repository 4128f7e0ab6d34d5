"""The stock `ssh-keygen` reads the keys that we make."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from cdp_assets.exchange.ssh_key import RSA_BITS, SshKeyType, ssh_key_pair


@pytest.mark.parametrize(("kind", "bits", "said"), [("rsa", 2048, "2048"), ("ed25519", 0, "256")])
def test_ssh_keygen_reads_both_parts(kind: SshKeyType, bits: int, said: str, tmp_path: Path) -> None:
    pair = ssh_key_pair(kind, "acme", bits)
    private, public = tmp_path / "key", tmp_path / "key.pub"
    for path, text in ((private, pair.private), (public, pair.public)):
        path.write_text(text)
        path.chmod(0o600)
    program = shutil.which("ssh-keygen")
    assert program is not None
    shown = subprocess.run([program, "-l", "-f", public], capture_output=True, text=True, check=True).stdout.split()
    assert shown[:3] == [said, pair.fingerprint, "acme"]
    derived = subprocess.run([program, "-y", "-f", private], capture_output=True, text=True, check=True).stdout
    assert derived.split()[:2] == pair.public.split()[:2]


def test_rsa_keys_are_long_unless_said_otherwise() -> None:
    assert RSA_BITS == 4096
