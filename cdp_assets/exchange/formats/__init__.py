"""Reads and writes files: one module per format, all behind `read` and `write`."""

from __future__ import annotations

from cdp_assets.exchange.formats.as_ndjson import AsNdjson, write_as_ndjson
from cdp_assets.exchange.formats.batch import Batch, Malformed
from cdp_assets.exchange.formats.read import READERS, read
from cdp_assets.exchange.formats.text import write_utf8
from cdp_assets.exchange.formats.write import WRITERS, write

__all__ = ["READERS", "WRITERS", "AsNdjson", "Batch", "Malformed", "read", "write", "write_as_ndjson", "write_utf8"]
