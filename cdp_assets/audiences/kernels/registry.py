"""Every kernel: a pure function of Python that Spark calls where nothing of its own means the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cdp_assets.audiences.kernels import binaries, clocks, jsons

KERNELS: Mapping[str, tuple[Callable[..., object], str]] = {**jsons.KERNELS, **clocks.KERNELS, **binaries.KERNELS}
"""Name -> the function, and the Spark type of what it gives."""
