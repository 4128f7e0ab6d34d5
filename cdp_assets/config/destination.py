"""Where results go: destinations, the data templates that shape them, and orchestrations that send."""

from __future__ import annotations

from typing import Literal

from cdp_assets.config.base import Resource, affects
from cdp_assets.config.file_format import OutputFormat
from cdp_assets.config.location import Location

Compression = Literal["none", "gzip", "zip", "tar", "tgz"]


class Destination(Resource):
    """A place that takes files."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    location: Location = affects("runtime")
    credential: str | None = affects("secret", None)
    personal_data: bool = affects("runtime", True)
    """Whether personal columns may be sent here."""


class DataTemplate(Resource):
    """The shape of an export."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    destination: str = affects("runtime")
    format: OutputFormat = affects("runtime")
    filename: str = affects("runtime")
    """Text with `{{now|format:'yyyy_MM_dd'}}` and the like."""
    compression: Compression = affects("runtime", "none")
    split_rows: int | None = affects("runtime", None, ge=50_000, le=10_000_000)
    """Rows per file; then the filename must hold `{{file_number}}`."""
    done_file: bool = affects("runtime", False)
    """Whether an empty `.DONE` file follows when everything is there."""


class Orchestration(Resource):
    """Sends an active query's result through a data template."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    query: str = affects("runtime")
    data_template: str = affects("runtime")
    mode: Literal["manual", "automatic"] = affects("runtime", "automatic")
    """Automatic ones follow a full run."""
