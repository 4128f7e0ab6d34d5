"""Turns Spark's errors into ours: what a retry cures, and what may be said without quoting a row."""

from __future__ import annotations

from typing import Any

import grpc

from cdp_assets.errors import EngineUnreachableError, LakeError

LOST = (
    "INVALID_HANDLE",
    "INVALID_CURSOR",
    "NO_ACTIVE_SESSION",
    "RETRIES_EXCEEDED",
    "SESSION_CLOSED",
    "SESSION_NOT_FOUND",
    "SESSION_CHANGED",
)
"""Conditions that say: the server has forgotten the session or the operation, or has gone."""
NAMES_ONLY = frozenset(
    {
        "AMBIGUOUS_COLUMN_OR_FIELD", "AMBIGUOUS_COLUMN_REFERENCE", "AMBIGUOUS_REFERENCE", "COLUMN_ALREADY_EXISTS",
        "DATATYPE_MISMATCH", "DELTA_DUPLICATE_COLUMNS_FOUND", "DELTA_FAILED_TO_MERGE_FIELDS",
        "DELTA_INVALID_CHARACTERS_IN_COLUMN_NAMES", "DELTA_PATH_DOES_NOT_EXIST", "DELTA_TABLE_NOT_FOUND",
        "DELTA_UNSUPPORTED_TIME_TRAVEL", "DELTA_VERSION_NOT_CONTIGUOUS", "DELTA_VERSIONS_NOT_CONTIGUOUS",
        "GROUP_BY_AGGREGATE", "INCOMPATIBLE_COLUMN_TYPE", "MISSING_AGGREGATION", "MISSING_GROUP_BY",
        "NUM_COLUMNS_MISMATCH", "PARSE_SYNTAX_ERROR", "PATH_NOT_FOUND", "TABLE_OR_VIEW_NOT_FOUND",
        "UNRESOLVED_COLUMN", "UNRESOLVED_FIELD", "UNRESOLVED_ROUTINE", "UNRESOLVED_USING_COLUMN_FOR_JOIN",
        "UNSUPPORTED_SUBQUERY_EXPRESSION_CATEGORY", "WRONG_NUM_ARGS",
    }
)  # fmt: skip
"""Conditions whose message is made of names, types and the statement's own text, never of a row."""
MAX_FRAGMENT = 120


def is_lost(error: Exception) -> bool:
    """Say whether an error means that the session or the server is gone, not that the work is wrong."""
    if isinstance(error, EngineUnreachableError):
        return True
    if condition_of(error).startswith(LOST):
        return True
    code = error.code() if isinstance(error, grpc.RpcError) and isinstance(error, grpc.Call) else None
    return (code or getattr(error, "_grpc_status_code", None)) in (
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.CANCELLED,
    )


def condition_of(error: Exception) -> str:
    """Give Spark's name of an error, such as CAST_INVALID_INPUT, else the type's name."""
    getter = getattr(error, "getCondition", None)
    return str((getter() if callable(getter) else None) or type(error).__name__)


def lake_error(error: Exception) -> LakeError:
    """Give an error of ours: the condition, the piece of SQL, and Spark's text where it cannot quote a row."""
    condition = condition_of(error)
    if condition.split(".")[0] in NAMES_ONLY:
        return LakeError(f"Spark: {str(error).splitlines()[0]}")
    fragment = _fragment(error)
    at = f" at `{fragment}`" if fragment else ""
    return LakeError(f"Spark: {condition}{at}. Spark's own text is withheld because it may quote a row.")


def _fragment(error: Exception) -> str:
    """Give the piece of the statement that failed: the author's text, so no value of a row."""
    contexts: list[Any] = getattr(error, "getQueryContext", list)() or []
    for context in contexts:
        if context.contextType().name == "SQL":
            return " ".join(context.fragment().split())[:MAX_FRAGMENT]
    return ""
