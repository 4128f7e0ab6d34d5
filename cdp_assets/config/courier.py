"""A courier: which files come in from where, and which feed loads each."""

from __future__ import annotations

from typing import Literal

from cdp_assets.config.base import ConfigModel, Resource, affects
from cdp_assets.config.file_format import FileFormat
from cdp_assets.config.location import Location


class Archive(ConfigModel):
    """The file is a tar, tgz or zip; its members hold the records."""

    contents: str = affects("data", "*")
    """Which members are read: `*` matches any characters but `/`."""
    skip_missing: bool = affects("runtime", False)
    """Whether an archive without such a member counts as empty instead of wrong."""


class CourierFile(ConfigModel):
    """A file that the courier looks for."""

    tag: str = affects("data")
    """The name by which load operations refer to it."""
    pattern: str = affects("runtime")
    """Quoted literals and date parts: `'customers_'yyyy'_'MM'_'dd'.csv'`; `*` inside a literal stops at `/`."""
    format: FileFormat = affects("data")
    archive: Archive | None = affects("data", None)
    optional: bool = affects("runtime", False)


class LoadOperation(ConfigModel):
    """What happens to a feed's domain table when the files are there."""

    feed: str = affects("data")
    type: Literal["load", "truncate"] = affects("data", "load")
    file: str | None = affects("data", None)
    """The tag of the file to load; `truncate` needs none and always runs first."""


class Courier(Resource):
    """Fetches files from a location and lands them."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    location: Location = affects("runtime")
    files: tuple[CourierFile, ...] = affects("data")
    load: tuple[LoadOperation, ...] = affects("data", ())
    credential: str | None = affects("secret", None)
    pgp_credential: str | None = affects("secret", None)
    """A credential of type pgp with the `private_keys` that open encrypted files; with `verification_keys` in it, every
    file must be signed by one of them."""

    def file(self, tag: str) -> CourierFile:
        """Give the file with a tag; raises KeyError where there is none."""
        return {file.tag: file for file in self.files}[tag]
