"""A query: Presto SQL over one database."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from cdp_assets.config.base import ConfigModel, Resource, affects

Label = Annotated[str, StringConstraints(min_length=1, max_length=35)]
FOLDER = r"^([^/]+(/[^/]+){0,2})?$"


class RecordCount(ConfigModel):
    """How many records are too few or too many."""

    below: int | None = affects("runtime", None, ge=0)
    above: int | None = affects("runtime", None, ge=0)

    @model_validator(mode="after")
    def _is_said(self) -> RecordCount:
        if self.below is None and self.above is None:
            raise ValueError("`below`, `above` or both")
        return self

    def met_by(self, rows: int) -> bool:
        """Say whether a count is one of those.

        >>> RecordCount(below=1, above=9).met_by(0), RecordCount(above=9).met_by(9)
        (True, False)
        """
        return (self.below is not None and rows < self.below) or (self.above is not None and rows > self.above)

    def __str__(self) -> str:
        """Give it as people say it."""
        said = (("fewer than", self.below), ("more than", self.above))
        return " or ".join(f"{words} {bound}" for words, bound in said if bound is not None) + " records"


class Query(Resource):
    """One SELECT; only an active query runs and is sent."""

    name: str = affects("metadata")
    description: str = affects("metadata", "")
    database: str = affects("data")
    status: Literal["draft", "active"] = affects("runtime", "active")
    draft_of: str | None = affects("metadata", None)
    """The active query beside which this draft stands; `cdp query activate` puts it in that one's place."""
    folder: str = affects("metadata", "", pattern=FOLDER)
    """Where people find it, up to three levels such as `winback/spring`."""
    labels: Annotated[tuple[Label, ...], Field(max_length=10)] = affects("metadata", ())
    """Up to ten words to find it by."""
    warn_when: RecordCount | None = affects("runtime", None)
    """The counts of its records at which a run warns and goes on."""
    fail_when: RecordCount | None = affects("runtime", None)
    """The counts at which a run stops before anything of it is sent."""
    sql: str = affects("data")
