"""Stitch's settings, with the documented names and defaults."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, WithJsonSchema, field_validator, model_validator

from cdp_assets.config.base import ConfigModel, Resource, affects

BlockingStrategy = Literal[
    "dnf1", "dnf2", "dnf3", "dnf4", "dnf5", "dnf6", "dnf7", "dnf8", "dnf9", "dnf10",
    "email", "fk", "phone", "address", "company", "login-partial", "login-trimmed", "name",
]  # fmt: skip
DEFAULT_BLOCKING: tuple[BlockingStrategy, ...] = (
    "dnf1", "dnf3", "dnf4", "dnf5", "dnf6", "dnf7", "dnf8", "email", "fk", "phone",
)  # fmt: skip

PreProcessingProfile = Literal[
    "normalize-gender", "prioritize-src-gender", "prioritize-derived-gender", "skip-derive-gender",
    "allow-business-email", "clean-fk", "australian-customer",
]  # fmt: skip
DEFAULT_PROFILES: tuple[PreProcessingProfile, ...] = ("normalize-gender", "prioritize-src-gender")
GENDER_FIRST: tuple[PreProcessingProfile, ...] = ("prioritize-src-gender", "prioritize-derived-gender")
"""Which of two genders comes first; no record can have both do."""
MOST_DAYS = 365
"""As documented, no history is kept for longer."""
BadSemantic = Literal[
    "address", "birthdate", "city", "company", "email", "gender", "generational-suffix", "given-name", "phone",
    "po-box", "postal", "state", "surname",
]  # fmt: skip
Condition = Literal[
    "present-and-equal", "present-and-not-equal", "fuzzy-similar", "fuzzy-different", "fuzzy/different-birthdates",
    "fuzzy/different-companies", "fuzzy/different-generations", "fuzzy/incompatible-names",
]  # fmt: skip
IMPLIED: Mapping[str, str] = {
    "fuzzy/different-birthdates": "birthdate",
    "fuzzy/different-companies": "company",
    "fuzzy/different-generations": "generational-suffix",
    "fuzzy/incompatible-names": "given-name",
}
"""Conditions that are about one semantic, which a rule need not name."""
COMPARED_BY_RULES = frozenset((
    "address", "birthdate", "ck", "city", "company", "email", "fk", "gender", "generational-suffix", "given-name",
    "middle-name", "phone", "po-box", "postal", "sk", "state", "surname", "unit",
))  # fmt: skip
_NAME = r"[a-z0-9]+(-[a-z0-9]+)*"
_OWN_KEY, _FOREIGN_KEY = re.compile(rf"(fk|sk)-{_NAME}"), re.compile(rf"fk-{_NAME}")

StapleSemantic = Literal["fk", "email", "phone", "address"]


def _judged(semantic: str) -> str:
    if semantic not in get_args(BadSemantic) and not _FOREIGN_KEY.fullmatch(semantic):
        raise ValueError(f"fk-<name> or one of {', '.join(get_args(BadSemantic))}")
    return semantic


Judged = Annotated[
    str,
    AfterValidator(_judged),
    WithJsonSchema({"anyOf": [{"enum": list(get_args(BadSemantic))}, {"type": "string", "pattern": f"^fk-{_NAME}$"}]}),
]
"""What a rule of bad values may judge, and by what: a semantic of people, or a foreign key."""


class BadValueRule(ConfigModel):
    """A value is bad when it comes with more than `threshold` different values of another semantic, its proxy."""

    semantic: Judged = affects("data")
    """What is judged; a foreign key is `fk-<name>`."""
    proxy: Judged = affects("data")
    threshold: int = affects("data", gt=0)


DEFAULT_BAD_VALUES = (
    BadValueRule(semantic="email", proxy="given-name", threshold=20),
    BadValueRule(semantic="email", proxy="surname", threshold=20),
    BadValueRule(semantic="phone", proxy="given-name", threshold=20),
    BadValueRule(semantic="address", proxy="given-name", threshold=40),
)


class BadValue(ConfigModel):
    """One value that says nothing about who somebody is, in any spelling that is normalised to the same."""

    semantic: Literal["email", "phone", "given-name", "surname"] = affects("data")
    value: str = affects("data", min_length=1)
    datasource: str = affects("data", "*")
    """`<source>:<feed>`, or `*` for every one."""


class Rule(ConfigModel):
    """Decides on two records by itself when its condition holds; rules are tried in order and the first one wins."""

    action: Literal["cluster", "separate"] = affects("data")
    condition: Condition = affects("data")
    semantics: tuple[str, ...] = affects("data", ())
    """Semantics for all of which the condition must hold. `fk` and `sk` mean any one of the keys of that kind."""

    @model_validator(mode="after")
    def _about_something(self) -> Self:
        if self.condition in IMPLIED and self.semantics:
            raise ValueError(f"no semantics for {self.condition}, which is about {IMPLIED[self.condition]}")
        if self.condition not in IMPLIED and not self.semantics:
            raise ValueError(f"semantics for {self.condition}, at least one, such as [email]")
        for semantic in self.semantics:
            if semantic not in COMPARED_BY_RULES and not _OWN_KEY.fullmatch(semantic):
                raise ValueError(f"fk-<name>, sk-<name> or one of {', '.join(sorted(COMPARED_BY_RULES))}")
        return self

    @property
    def compared(self) -> tuple[str, ...]:
        """The semantics that are looked at, implied ones too."""
        return self.semantics or (IMPLIED[self.condition],)


FK_RULE = Rule(action="cluster", condition="present-and-equal", semantics=("fk",))
SK_RULE = Rule(action="separate", condition="fuzzy-different", semantics=("sk",))
CLASSIFIERS: Mapping[str, tuple[Rule, ...]] = {"fk-priority": (FK_RULE, SK_RULE), "sk-priority": (SK_RULE, FK_RULE)}
"""What each classifier means, spelled as rules."""


class Stitch(Resource):
    """How identities are resolved."""

    spark_above_records: int = affects("runtime", 5_000_000, gt=0)
    """Of more records, Spark makes the people rather than one process, of a tenant as of a bare file: the same people.
    Staples and one-to-one Stitch stay in one process whatever the number."""
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
    """Which wins where a foreign key is equal and a separation key differs; read only while there are no `rules`."""
    rules: tuple[Rule, ...] = affects("data", ())
    """Rules in order, in the place of the classifier's two."""
    remainder: Literal["model", "unclustered"] = affects("data", "model")
    """Who decides on pairs that no rule decides on: the model, or nobody (rules only)."""
    case_sensitive_fks: tuple[str, ...] = affects("data", ())
    """Foreign keys, such as `fk-member-id`, whose letter case counts."""
    badvalues_config: tuple[BadValueRule, ...] = affects("data", DEFAULT_BAD_VALUES)
    """Rules that find bad values by themselves; `[]` switches them off."""
    bad_values: tuple[BadValue, ...] = affects("data", ())
    """Values that are bad whatever the rules say, beside those of tables tagged `blv/…`."""
    soft_trivial_dupe_size_threshold: int = affects("data", 10, gt=0)
    """Records that differ in excluded semantics alone are taken as one when these have more values than this."""
    soft_trivial_dupe_semantic_exclusions: tuple[BadSemantic, ...] = affects("data", ())
    """Semantics that do not tell records apart where one person has very many values of them."""
    supersized_cluster_min_size: int = affects("data", 500, gt=1)
    supersized_partition_max_depth: int = affects("data", 4, ge=0)
    """How often a component that is too large to compare whole is cut at its weaker links."""
    enable_staple: bool = affects("data", False)
    """Whether a value that nobody else holds joins sparse records at a lower threshold."""
    staple_semantics: tuple[StapleSemantic, ...] = affects("data", ("fk", "phone"))
    pre_processing_profiles: tuple[PreProcessingProfile, ...] = affects("data", DEFAULT_PROFILES)
    """How records are spelled before they are compared: docs/concepts/stitch-normalisation.md."""
    memory_limit_mb: int | None = affects("runtime", None, gt=0)
    """The most memory that a run's process may reserve, used or not; without it three times what `cdp stitch estimate`
    says of so many records with many pairs, and 4 GB at least. Beyond it the run fails, and the machine goes on."""
    stable_id_partition_count: int = affects("runtime", 1, ge=1, le=10)
    """In how many parts ids are held against those of the run before: more where memory is short."""
    recorded_history_days: int = affects("data", MOST_DAYS, gt=0, le=MOST_DAYS)
    """For how many days it is kept what runs changed; what has gone does not come back when this is raised."""
    allow_empty_tables: tuple[str, ...] = affects("runtime", ())
    """Stitched feeds that may have no record; any other that has none stops the run."""
    force_run: bool = affects("runtime", False)
    """Whether Stitch resolves again although nothing has changed; such a run is never one-to-one."""
    incremental_above_records: int = affects("runtime", 100_000, ge=0)
    """From so many records on, a run resolves only whom new, changed and gone records reach."""
    relearn_when_changed_percent: float = affects("runtime", 10.0, ge=0)
    """When so many of a hundred records have changed since the model was learnt, it is learnt anew from all."""
    relearn_after_days: int = affects("runtime", 30, ge=0, le=MOST_DAYS)
    """When the model is older, it is learnt anew from all records."""
    relearn_when_weights_move_bits: float = affects("runtime", 1.0, ge=0)
    """When a sample of the records teaches a weight that is further from what it taught then, all is learnt anew."""
    ignore_jitter: bool = affects("runtime", False)
    jitter_alert_percent: float = affects("runtime", 2.0, gt=0)
    one_to_one: bool = affects("data", False)
    """Whether each existing customer id (`ck`) is a person, and nothing is compared."""
    skip_unified_changes: bool = affects("data", False)
    skip_unified_scores: bool = affects("data", False)
    disable_stable_ids: bool = affects("data", False)

    @field_validator("stitched_tables", "blocking_strategies")
    @classmethod
    def _each_once(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"each name once, not {', '.join(twice)} twice")
        return names

    @field_validator("pre_processing_profiles")
    @classmethod
    def _one_gender_first(cls, profiles: tuple[str, ...]) -> tuple[str, ...]:
        if set(GENDER_FIRST) <= set(profiles):
            raise ValueError(f"one of {' and '.join(GENDER_FIRST)}")
        return profiles

    @property
    def is_one_to_one(self) -> bool:
        """Whether nothing is compared; a forced run always compares."""
        return self.one_to_one and not self.force_run
