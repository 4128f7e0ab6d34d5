"""A courier: which files come in from where, and which feed loads each."""

from __future__ import annotations

from typing import Literal

from cdp_assets.config.base import ConfigModel, Resource, affects
from cdp_assets.config.credential import Signatures
from cdp_assets.config.file_format import FileFormat
from cdp_assets.config.file_pattern import FilePattern
from cdp_assets.config.location import Location

IN_PLACE_LOCATIONS = frozenset(("s3", "azure", "gcs"))
SPLIT_FORMATS = frozenset(("csv", "tsv", "psv", "dsv", "ndjson", "parquet"))
IN_PLACE_ABOVE_GB = 500.0
"""The documents call so much a large data set."""


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
    in_place_above_gb: float | None = affects("runtime", None, ge=0)
    """When a look finds more than so many gigabytes (10^9 bytes) of new files, they stay where they are and Spark reads
    them there: 0 for always. Unless set, 500 where a place and a format allow it, and never elsewhere."""

    @property
    def names(self) -> FilePattern:
        """What the files are called: as the pattern says, and of Parquet also the parts in a folder of that name."""
        return FilePattern.parse(self.pattern, in_parts=self.format.kind == "parquet" and self.archive is None)


class QueriedFile(ConfigModel):
    """A file that an ingest query reads, as the table of its tag's name."""

    file: str = affects("data")
    """The tag; how the file is read stands in its `format`."""
    columns: str | None = affects("data", None)
    """Names and Spark types, `id STRING, amount DECIMAL(9, 2)`, or Spark's JSON schema; unless set, what the file says.
    It lets an optional file be absent: its table is empty then."""


class LoadOperation(ConfigModel):
    """What happens to a feed's domain table when the files are there."""

    feed: str = affects("data")
    type: Literal["load", "truncate", "spark-sql"] = affects("data", "load")
    """`load` upserts a file's records; `spark-sql` those that an ingest query makes of a day's files."""
    file: str | None = affects("data", None)
    """The tag of the file to load; `truncate` needs none and always runs first."""
    query: str | None = affects("data", None)
    """The ingest query of `spark-sql`."""
    files: tuple[QueriedFile, ...] = affects("data", ())
    """What it reads."""

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags of all files that it reads."""
        return (*([self.file] if self.file else []), *(one.file for one in self.files))


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
    signatures: Signatures = affects("runtime", "inside")
    """Where these signatures are: `inside` the encryption, or `beside`, in a file whose name has `.sig` or `.asc`
    behind the signed one's. A file without one beside it is left until it comes."""

    def why_landed(self, file: CourierFile) -> str | None:
        """Say why files of a kind must be copied before they are read, whatever their size, or nothing.

        In place are read files in a store of the cloud that can be split, and that nothing is wrapped around.
        """
        if self.location.kind not in IN_PLACE_LOCATIONS:
            return f"lies at a location of kind {self.location.kind}, not in a store of the cloud"
        if file.format.kind not in SPLIT_FORMATS:
            return f"is {file.format.kind}, which cannot be split"
        if file.archive is not None:
            return "is an archive, which cannot be split"
        if self.pgp_credential is not None:
            return "is encrypted or signed, which is found out by reading all of it"
        if any(file.tag in one.tags and one.type != "load" for one in self.load):
            return "is read by an ingest query"
        return None

    def file(self, tag: str) -> CourierFile:
        """Give the file with a tag; raises KeyError where there is none."""
        return {file.tag: file for file in self.files}[tag]

    @property
    def queried_feeds(self) -> frozenset[str]:
        """The feeds that an ingest query fills."""
        return frozenset(one.feed for one in self.load if one.type == "spark-sql")

    @property
    def spark_feeds(self) -> frozenset[str]:
        """The feeds that are filled by Spark: by a query, or with files that are said to stay in their store."""
        stay = {one.tag for one in self.files if one.in_place_above_gb is not None}
        return self.queried_feeds | {one.feed for one in self.load if one.file in stay}
