"""Which of a courier's new files stay where they are, to be read there by Spark, rather than being copied first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from cdp_assets.config.courier import IN_PLACE_ABOVE_GB, Courier
from cdp_assets.exchange.codecs import promised
from cdp_assets.sources.new_file import NewFile

GIGABYTE = 10**9


def staying(courier: Courier, found: Sequence[NewFile]) -> list[NewFile]:
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
