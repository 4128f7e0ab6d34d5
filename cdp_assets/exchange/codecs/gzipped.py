"""Unpacks gzip."""

from __future__ import annotations

import gzip
from typing import BinaryIO

from cdp_assets.exchange.codecs.guard import Growth, guarded


def gunzipped(stream: BinaryIO, file: str, growth: Growth) -> BinaryIO:
    """Give the unpacked bytes of a gzip file.

    Reading raises SourceError where the file is damaged, cut short or grows beyond the limits.
    """
    return guarded(gzip.GzipFile(fileobj=stream, mode="rb").read, growth, file, "gzip")
