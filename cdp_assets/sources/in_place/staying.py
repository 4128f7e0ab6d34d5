"""Which of a courier's new files stay where they are, to be read there by Spark, rather than being copied first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Protocol, TypeVar

from cdp_assets.config.courier import IN_PLACE_ABOVE_GB, Courier
from cdp_assets.exchange.codecs import promised

GIGABYTE = 10**9


class Found(Protocol):
    """A file that a look has found."""

    @property
    def tag(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def size_bytes(self) -> int: ...


File = TypeVar("File", bound=Found)


def staying(courier: Courier, found: Sequence[File]) -> list[File]:
    """Give the files that stay: of each kind that may, all that are not packed, where together they are large enough.

    A file whose name says that it is packed or encrypted is copied, whatever the others' size.
    """
    may = {kind.tag: kind for kind in courier.files if courier.why_landed(kind) is None}
    plain = [file for file in found if file.tag in may and not promised(file.name)]
    sizes: Counter[str] = Counter()
    for file in plain:
        sizes[file.tag] += file.size_bytes
    return [file for file in plain if sizes[file.tag] > GIGABYTE * _above_gb(may[file.tag].in_place_above_gb)]


def _above_gb(said: float | None) -> float:
    return IN_PLACE_ABOVE_GB if said is None else said
