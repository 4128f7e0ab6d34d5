"""Every error a person can meet, as one tree.

CdpError
 ├─ ConfigError            one mistake in a tenant's files
 ├─ ConfigErrors           all mistakes of a tenant, together
 ├─ SourceError            a file that arrived cannot be used
 │   ├─ SourceUnreachableError    where it lies does not answer now
 │   └─ MissingFilesError         a required file is absent
 ├─ LakeError              a table cannot be read or written
 ├─ EngineError            Spark, Java or the jars are missing or wrong
 ├─ StateError             the state database refuses
 │   ├─ StalePlanError     the plan was made against an older state
 │   ├─ PlanRefusedError   a check or a missing approval keeps the plan from being applied
 │   │   └─ ConflictsError sandbox and production changed the same place
 │   ├─ LockedError        somebody else holds the lock or lease
 │   ├─ PublicationMovedError  a run published while tables were staged
 │   └─ PublicationConflictError   another run published what this run read
 ├─ SandboxError           a sandbox cannot be made, or its files cannot be used
 ├─ DeniedError            the acting user may not
 ├─ QueryError             a query that cannot be run faithfully
 ├─ QueryCancelledError    somebody has stopped a query
 ├─ DeliveryError          a destination did not take what was sent
 │   └─ DeliveryUnreachableError  the destination does not answer now
 └─ SecretError            a secret reference cannot be resolved

`Transient` marks the ones that a retry may cure; `defs/retry.py` turns it into a Dagster retry.
Messages name files, rows and columns, never a customer's values or a secret.
"""

from __future__ import annotations

from collections.abc import Sequence


class CdpError(Exception):
    """The root of every error that this package raises on purpose."""


class Transient:
    """Mixed into an error that may go away when the same step is tried again."""


class ConfigError(CdpError):
    """A tenant's files are wrong; `where` names the file, the line and the field."""

    def __init__(self, where: str, problem: str, expected: str) -> None:
        self.where, self.problem, self.expected = where, problem, expected
        super().__init__(f"{where}: {problem}. Expected {expected}.")


class ConfigErrors(CdpError):  # noqa: N818 - many of them, as in its message
    """All mistakes of a tenant at once; `errors` holds each of them."""

    def __init__(self, errors: Sequence[ConfigError]) -> None:
        self.errors = tuple(errors)
        count = "1 mistake" if len(self.errors) == 1 else f"{len(self.errors)} mistakes"
        super().__init__(f"{count} in the configuration:\n" + "\n".join(f"  {error}" for error in self.errors))


class SourceError(CdpError):
    """A file that arrived cannot be used; nothing of it was loaded."""

    def __init__(self, file: str, problem: str, expected: str, row: int | None = None) -> None:
        self.file, self.problem, self.expected, self.row = file, problem, expected, row
        where = file if row is None else f"{file}, row {row}"
        super().__init__(f"{where}: {problem}. Expected {expected}.")


class SourceUnreachableError(SourceError, Transient):
    """The place where files lie does not answer, or has stopped answering; nothing was loaded."""


class SourceDamagedError(SourceError, Transient):
    """The bytes that came are not those that the far side keeps a sum of; nothing was loaded."""


class MissingFilesError(SourceError):
    """A file that a courier requires is absent; what else there was has landed. `missing` says each, with its days."""

    def __init__(self, file: str, problem: str, expected: str, missing: Sequence[str]) -> None:
        self.missing = tuple(missing)
        super().__init__(file, problem, expected)


class LakeError(CdpError):
    """A table cannot be read or written."""


class EngineError(CdpError):
    """Spark, Java or the jars are missing or wrong; the message says what to do."""


class EngineUnreachableError(EngineError, Transient):
    """The Spark server does not answer now."""


class StateError(CdpError):
    """The state database refuses what was asked."""


class StalePlanError(StateError):
    """The plan was made against an older state; make a new one."""


class PlanRefusedError(StateError):
    """A check or a missing approval keeps a plan from being applied; nothing was begun."""


class ConflictsError(PlanRefusedError):
    """A sandbox and production changed the same place differently; each must be resolved."""


class PublicationMovedError(StateError):
    """A run has published since tables were staged; they are built up to that, then the swap is tried again."""


class LockedError(StateError, Transient):
    """Somebody else holds the lock; the message says who, since when, and how to clear it."""


class PublicationConflictError(StateError, Transient):
    """Another run published a table that this run had read at an older version."""


class SandboxError(CdpError):
    """A sandbox cannot be made, or what its files say cannot be used."""


class DeniedError(CdpError):
    """The acting user may not do this."""


class QueryError(CdpError):
    """A query cannot be run faithfully; `construct` names what is refused."""

    def __init__(self, where: str, construct: str, hint: str) -> None:
        self.where, self.construct, self.hint = where, construct, hint
        super().__init__(f"{where}: {construct} is refused. {hint}")


class QueryCancelledError(CdpError):
    """Somebody has stopped the query; there is no answer."""


class DeliveryError(CdpError):
    """A destination did not take what was sent; nothing counts as delivered."""


class DeliveryUnreachableError(DeliveryError, Transient):
    """The destination does not answer, or has stopped answering; nothing counts as delivered."""


class SecretError(CdpError):
    """A secret reference cannot be resolved; the message holds the reference, never a value."""
