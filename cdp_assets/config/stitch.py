"""Stitch's settings, with the documented names and defaults."""

from __future__ import annotations

from typing import Literal

from cdp_assets.config.base import ConfigModel, Resource, affects

BlockingStrategy = Literal[
    "dnf1", "dnf2", "dnf3", "dnf4", "dnf5", "dnf6", "dnf7", "dnf8", "dnf9", "dnf10",
    "email", "fk", "phone", "address", "company", "login-partial", "login-trimmed", "name",
]  # fmt: skip
DEFAULT_BLOCKING: tuple[BlockingStrategy, ...] = (
    "dnf1", "dnf3", "dnf4", "dnf5", "dnf6", "dnf7", "dnf8", "email", "fk", "phone",
)  # fmt: skip


class BadValueRule(ConfigModel):
    """A value is bad when it comes with more than `threshold` different proxy values."""

    semantic: Literal["email", "phone", "address"] = affects("data")
    proxy: Literal["given-name", "surname"] = affects("data")
    threshold: int = affects("data", gt=0)


DEFAULT_BAD_VALUES = (
    BadValueRule(semantic="email", proxy="given-name", threshold=20),
    BadValueRule(semantic="email", proxy="surname", threshold=20),
    BadValueRule(semantic="phone", proxy="given-name", threshold=20),
    BadValueRule(semantic="address", proxy="given-name", threshold=40),
)


class Stitch(Resource):
    """How identities are resolved."""

    prevent_destroy: bool = affects("metadata", True)
    """People keep their ids only while somebody is stitched: stitching nobody any more takes two applies."""
    stitched_tables: tuple[str, ...] = affects("data", ())
    """Feeds (`<source>_<name>`) whose records are people; each must also be `available_to_stitch`."""
    threshold: float = affects("data", 3.0, ge=0, le=5)
    blocking_strategies: tuple[BlockingStrategy, ...] = affects("data", DEFAULT_BLOCKING)
    wider_blocking: bool = affects("data", True)
    """Also compares records that share less than the documented strategies ask: a surname and a birthdate, a name and
    a town. Finds what slips of the pen, moves and other mailboxes hide."""
    classifier: Literal["fk-priority", "sk-priority"] = affects("data", "fk-priority")
    case_sensitive_fks: tuple[str, ...] = affects("data", ())
    badvalues_config: tuple[BadValueRule, ...] = affects("data", DEFAULT_BAD_VALUES)
    soft_trivial_dupe_size_threshold: int = affects("data", 10, gt=0)
    soft_trivial_dupe_semantic_exclusions: tuple[str, ...] = affects("data", ())
    supersized_cluster_min_size: int = affects("data", 500, gt=1)
    supersized_partition_max_depth: int = affects("data", 4, ge=0)
    enable_staple: bool = affects("data", False)
    staple_semantics: tuple[str, ...] = affects("data", ("fk", "phone"))
    pre_processing_profiles: tuple[str, ...] = affects("data", ("normalize-gender", "prioritize-src-gender"))
    stable_id_partition_count: int = affects("runtime", 1, ge=1, le=10)
    recorded_history_days: int = affects("data", 365, gt=0)
    allow_empty_tables: bool = affects("runtime", False)
    force_run: bool = affects("runtime", False)
    ignore_jitter: bool = affects("runtime", False)
    jitter_alert_percent: float = affects("runtime", 2.0, gt=0)
    one_to_one: bool = affects("data", False)
    skip_unified_changes: bool = affects("data", False)
    skip_unified_scores: bool = affects("data", False)
    disable_stable_ids: bool = affects("data", False)
