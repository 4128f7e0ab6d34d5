"""Which one subkey a destination's files are encrypted to, and why a key that a customer has sent is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cdp_assets.errors import DeliveryError

if TYPE_CHECKING:
    import gnupg

INVALID = "Destination failed validation: "
REMEDY = "Please provide a subkey or a keyring with exactly one subkey."
_WHY = {"e": "has expired", "r": "was revoked", "d": "is disabled", "i": "is not valid", "n": "is not valid"}
"""What gpg's validity letters say of a subkey that cannot be used."""


@dataclass(frozen=True)
class _Subkey:
    """A subkey as gpg lists it."""

    fingerprint: str
    capabilities: str
    validity: str


def encryption_subkey(gpg: gnupg.GPG, public_key: str) -> str:
    """Take a destination's public key into a home's ring, and give the fingerprint of its one encryption subkey.

    Left to itself, gpg would take a primary key, or the newest of several subkeys.
    Raises DeliveryError, in the documented words, for anything but a ring with exactly one usable encryption subkey.
    """
    imported = gpg.import_keys(public_key)
    if int(imported.sec_read or 0):
        raise refused("that is a PGP private key", "Please provide the public key alone, and replace this key.")
    return chosen(gpg.list_keys())


def chosen(keys: Iterable[Mapping[str, Any]]) -> str:
    """Give the fingerprint of the one usable encryption subkey among keys as python-gnupg lists them.

    Raises DeliveryError as `encryption_subkey` does.
    """
    listed = list(keys)
    subkeys = [subkey for key in listed for subkey in _subkeys(key)]
    encrypting = [subkey for subkey in subkeys if "e" in subkey.capabilities]
    usable = [subkey for subkey in encrypting if subkey.validity not in _WHY]
    if len(usable) == 1:
        return usable[0].fingerprint
    if usable:
        raise refused(f"PGP public key has {len(usable)} encryption subkeys")
    if encrypting:
        raise refused(f"the encryption subkey of the PGP public key {_WHY[encrypting[0].validity]}")
    if subkeys:
        raise refused("PGP public key has a signing subkey only")
    if listed:
        raise refused("PGP public key is a primary key")
    raise refused("that is no PGP public key", "Please provide one with ASCII armour and exactly one subkey.")


def refused(problem: str, remedy: str = REMEDY) -> DeliveryError:
    """Make the documented error for a public key that cannot be used."""
    return DeliveryError(f"{INVALID}{problem}. {remedy}")


def _subkeys(key: Mapping[str, Any]) -> Iterable[_Subkey]:
    for identity, capabilities, fingerprint, _ in key["subkeys"]:
        yield _Subkey(fingerprint, capabilities, key["subkey_info"][identity]["trust"])
