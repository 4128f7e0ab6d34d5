"""Makes Java trust the certificate authorities that this machine trusts.

A JRE from a wheel knows only its own list; behind a company's proxy a download then fails with
`PKIX path building failed`.
"""

from __future__ import annotations

import hashlib
import ssl
import struct
from collections.abc import Sequence
from pathlib import Path

DEBIAN_STORE = Path("/etc/ssl/certs/java/cacerts")
PASSWORD = "changeit"  # noqa: S105 - Java's customary one; a list of public certificates is no secret
_JKS, _JKS_VERSION, _TRUSTED = 0xFEEDFEED, 2, 2


def trust_options(scratch: Path) -> list[str]:
    """Give Java's options: the system's own store, else one made in `scratch` from what Python's `ssl` trusts."""
    store = DEBIAN_STORE
    if not store.is_file():
        certificates = ssl.create_default_context().get_ca_certs(binary_form=True)
        if not certificates:
            return []
        store = scratch / "trust.jks"
        store.write_bytes(key_store(certificates))
    return [f"-Djavax.net.ssl.trustStore={store}", f"-Djavax.net.ssl.trustStorePassword={PASSWORD}"]


def key_store(certificates: Sequence[bytes]) -> bytes:
    """Give a JKS file of trusted certificates (DER); Java's `keytool` would take half a second for each."""
    body = struct.pack(">III", _JKS, _JKS_VERSION, len(certificates))
    for number, certificate in enumerate(certificates):
        alias = f"authority-{number}".encode()
        body += struct.pack(">IH", _TRUSTED, len(alias)) + alias + struct.pack(">Q", 0)
        body += struct.pack(">H", 5) + b"X.509" + struct.pack(">I", len(certificate)) + certificate
    salt = PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite"
    return body + hashlib.sha1(salt + body, usedforsecurity=False).digest()
