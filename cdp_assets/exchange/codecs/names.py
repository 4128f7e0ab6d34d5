"""What a sent file is called at each step of unpacking it: after decryption, and inside."""

from __future__ import annotations

ENCRYPTED = (".pgp", ".gpg")
PACKED = (".tar", ".tgz", ".zip", ".gz")


def decrypted_name(name: str) -> str:
    """Give what an encrypted file is called after decryption, as gpg itself calls it.

    >>> decrypted_name("orders_2026_11_20.tgz.pgp")
    'orders_2026_11_20.tgz'
    """
    return _without(name, ENCRYPTED)


def inner_name(name: str, extension: str) -> str:
    """Give what the one file or folder inside a packed file is called.

    >>> inner_name("orders_2026_11_20.tgz.pgp", "csv"), inner_name("orders_2026_11_20.csv.gz", "csv")
    ('orders_2026_11_20.csv', 'orders_2026_11_20.csv')
    """
    inner = decrypted_name(name)
    while (shorter := _without(inner, PACKED)) != inner:
        inner = shorter
    return inner if inner.lower().endswith(f".{extension}") else f"{inner}.{extension}"


def _without(name: str, endings: tuple[str, ...]) -> str:
    ending = next((one for one in endings if name.lower().endswith(one) and len(name) > len(one)), "")
    return name[: len(name) - len(ending)]
