"""Makes the key pairs that SFTP servers know their clients by."""

from __future__ import annotations

import base64
import hashlib
from typing import Literal

from cdp_assets.exchange.key_pair import KeyPair

SshKeyType = Literal["rsa", "ed25519"]
RSA_BITS = 4096


def ssh_key_pair(kind: SshKeyType, comment: str, bits: int = RSA_BITS) -> KeyPair:
    """Make a pair in OpenSSH's form: the private part without a passphrase, the public one as `authorized_keys` has it.

    Args:
        kind: RSA, which every server knows, or Ed25519.
        comment: What the public part is called.
        bits: Of an RSA key.
    """
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

    key = ed25519.Ed25519PrivateKey.generate() if kind == "ed25519" else rsa.generate_private_key(65537, bits)
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
    )
    line = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH).decode()
    digest = base64.b64encode(hashlib.sha256(base64.b64decode(line.split()[1])).digest()).decode().rstrip("=")
    return KeyPair(private.decode(), f"{line} {comment}\n", f"SHA256:{digest}")
