"""Where results go: destinations, and the data templates that shape what is sent to them."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import field_validator, model_validator

from cdp_assets.config.base import Resource, affects
from cdp_assets.config.credential import Signatures
from cdp_assets.config.file_format import OutputFormat
from cdp_assets.config.location import Location

Compression = Literal["none", "gzip", "zip", "tar", "tgz"]
ARCHIVES: tuple[Compression, ...] = ("zip", "tar", "tgz")
"""What makes one file of several."""
Output = Literal["file", "folder"]


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
    """What the sent file or folder is called, its endings included: text with `{{now|format:'yyyy_MM_dd'}}` and the
    like. No ending is added for compression and encryption."""
    table_filename: str | None = affects("runtime", None)
    """What each table of a data export with several is called inside, without its format's ending. Unless set,
    `{{table_name}}` for a file and `{{table_name}}_{{now|format:'yyyy_MM_dd'}}` for a folder of Parquet parts."""
    remote_folder: str | None = affects("runtime", None)
    """A folder below the destination's location: begins with `/`, a space is written `\\ `."""
    output: Output | None = affects("runtime", None)
    """Whether an export without tar or zip is one file, or a folder with part files. Unless set, as documented: one
    file with gzip, else a folder. Several tables always are a folder."""
    compression: Compression = affects("runtime", "none")
    zip64: bool = affects("runtime", True)
    """Whether a zip may be larger than 4 GB, or hold more than 65,535 files; some old readers cannot take those."""
    parquet_ending: bool = affects("runtime", True)
    """Whether `.parquet` is added to the name of a folder of Parquet parts that does not end so."""
    pgp_credential: str | None = affects("runtime", None)
    """A credential of type pgp with a `public_key`, to which each sent file is encrypted; with a `signing_key` it is
    signed as well."""
    signatures: Signatures = affects("runtime", "inside")
    """Where these signatures are: `inside` the encryption, or `beside`, in a file whose name has `.sig` behind the
    signed one's and which is sent before it."""
    split_rows: int | None = affects("runtime", None, ge=50_000, le=10_000_000)
    """Rows per file."""
    split_size_mb: int | None = affects("runtime", None, ge=1, le=2_000)
    """Millions of bytes per file, before it is compressed and encrypted."""
    split_filename: str | None = affects("runtime", None)
    """What each file of a split export is called; holds `{{file_number}}`. Unless set, as `filename` says."""
    split_directory: str | None = affects("runtime", None)
    """The folder that the files of a split export stand in; unless set, they stand beside one another."""
    done_file: bool = affects("runtime", False)
    """Whether an empty `.DONE` file follows when everything is there."""

    @field_validator("remote_folder")
    @classmethod
    def _is_folder(cls, folder: str | None) -> str | None:
        if folder is not None and (re.search(r"(?<!\\) ", folder) or not _is_safe(folder.replace("\\ ", " "))):
            raise ValueError("`/` and folders' names joined by `/`, none of them `..`, a space written as `\\ `")
        return folder

    @model_validator(mode="after")
    def _splits_once(self) -> Self:
        if self.split_rows is not None and self.split_size_mb is not None:
            raise ValueError("either `split_rows` or `split_size_mb`")
        if not self.is_split and (self.split_filename or self.split_directory):
            raise ValueError("`split_rows` or `split_size_mb` beside the names of a split export's files")
        if self.output is not None and (self.is_split or self.compression in ARCHIVES):
            raise ValueError("`output` only where nothing is split, and without tar and zip")
        return self

    @property
    def is_split(self) -> bool:
        """Whether rows or size end a file and begin the next."""
        return self.split_rows is not None or self.split_size_mb is not None

    @property
    def folder(self) -> str:
        """The remote folder as a path relative to the location; empty where there is none."""
        return (self.remote_folder or "").replace("\\ ", " ").strip("/")


def _is_safe(folder: str) -> bool:
    parts = folder.removeprefix("/").split("/")
    return folder.startswith("/") and not {"", ".", ".."} & set(parts) and not re.search(r"[\x00-\x1f\\]", folder)
