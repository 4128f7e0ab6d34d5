"""Who is who at the two ends of SFTP: the server by its host key, we by a password or a private key."""

from __future__ import annotations

import io
from collections.abc import Mapping

import paramiko

from cdp_assets.exchange.locations.sftp_error import SftpError
from cdp_assets.secrets import Secret

ALGORITHMS: Mapping[str, tuple[str, ...]] = {
    "ssh-ed25519": ("ssh-ed25519",),
    "ecdsa-sha2-nistp256": ("ecdsa-sha2-nistp256",),
    "ecdsa-sha2-nistp384": ("ecdsa-sha2-nistp384",),
    "ecdsa-sha2-nistp521": ("ecdsa-sha2-nistp521",),
    "ssh-rsa": ("rsa-sha2-512", "rsa-sha2-256"),
}
"""Type of a public key -> the signatures by which a server proves that it has the private one; none with SHA-1."""
KEY_CLASSES = (paramiko.RSAKey, paramiko.ECDSAKey, paramiko.Ed25519Key)
TAKEN = "an RSA, ECDSA or Ed25519 key as `ssh-keygen` writes it (PEM or OpenSSH)"


def key_types(host_key: str) -> tuple[str, ...]:
    """Give the types of key that a server may show: that of a public key; of a fingerprint, which tells none, all.

    >>> key_types("ssh-ed25519 AAAA"), key_types("SHA256:x") == tuple(ALGORITHMS)
    (('ssh-ed25519',), True)
    """
    kind = host_key.split()[0]
    return (kind,) if kind in ALGORITHMS else tuple(ALGORITHMS)


def is_host_key(shown: paramiko.PKey, host_key: str) -> bool:
    """Say whether the key that a server has proved to have is the configured one."""
    if host_key.startswith("SHA256:"):
        return shown.fingerprint == host_key.rstrip("=")
    return [shown.get_name(), shown.get_base64().rstrip("=")] == [part.rstrip("=") for part in host_key.split()[:2]]


def log_in(transport: paramiko.Transport, secrets: Mapping[str, Secret]) -> None:
    """Log in with a credential's secrets; raises SftpError where the server wants others."""
    username = secrets["username"].reveal()
    try:
        if "private_key" in secrets:
            left = transport.auth_publickey(username, private_key(secrets))
        else:
            left = transport.auth_password(username, secrets["password"].reveal())
    except paramiko.BadAuthenticationType as error:
        asked = ", ".join(error.allowed_types)
        raise SftpError("the server does not take this kind of secret", f"a credential for one of {asked}") from None
    except paramiko.AuthenticationException as error:
        if "timeout" in str(error).lower():
            raise SftpError("no answer to the log-in", "a server that can be reached", may_pass=True) from None
        given = "private_key" if "private_key" in secrets else "password"
        raise SftpError("the log-in was refused", f"the username and {given} that the server knows") from None
    if left:
        raise SftpError("the server wants more than one secret", "a user that one secret lets in")


def private_key(secrets: Mapping[str, Secret]) -> paramiko.PKey:
    """Read the credential's private key; raises SftpError for a wrong passphrase, or what is no such key."""
    text = secrets["private_key"].reveal().replace("\r\n", "\n").strip() + "\n"
    passphrase = secrets["private_key_passphrase"].reveal() if "private_key_passphrase" in secrets else None
    locked = False
    for kind in KEY_CLASSES:
        try:
            return kind.from_private_key(io.StringIO(text), passphrase)
        except paramiko.PasswordRequiredException:
            locked = True
        except (paramiko.SSHException, ValueError, IndexError, TypeError):
            continue  # of another class, or opened by another passphrase: the library does not tell which
    if locked:
        raise SftpError("`private_key` is locked", "`private_key_passphrase` beside it in the credential")
    fits = "" if passphrase is None else ", and its passphrase"
    raise SftpError("`private_key` cannot be read", f"{TAKEN}{fits}")
