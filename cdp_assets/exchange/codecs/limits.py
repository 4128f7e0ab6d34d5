"""How much a packed file may grow when it is unpacked."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Bounds that end a decompression bomb early and leave every honest file alone."""

    size_bytes: int = 10 * 10**9
    """Of one unpacked file: the documented limit of a file to load."""
    ratio: int = 200
    """All that is unpacked, over the file that arrived. Customers' text reaches 30, a column of repeats 100, bombs
    1000; a bomb inside a bomb counts against the file that arrived as well."""
    ratio_from_bytes: int = 64 * 2**20
    """Below this the ratio is not looked at: a small file of blanks harms nobody."""
    members: int = 500_000
    """Files in one archive: the documented limit of files in a job."""
    header_bytes: int = 1 << 16
    """Of the extended name and attributes of one tar member, which are held in memory."""
    directory_bytes: int = 1 << 26
    """Of a zip's table of contents, which is held in memory."""
    layers: int = 4
    """Of packing and encryption around one file."""


LIMITS = Limits()
