"""What a query's text says, worked out once: which tables it reads, and its one spelling."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cdp_assets.cache import Cache, version_of
from cdp_assets.hashing import sha256_of

MOST = 20_000


def _version() -> str:
    return version_of([Path(__file__), Path(__file__).with_name("sql.py")], ["sqlglot"])


_KNOWN = Cache("sql", _version, MOST)


@dataclass(frozen=True)
class SqlFacts:
    """A query's references, each by its name's parts in lower case, and its canonical spelling."""

    reads: tuple[tuple[str, ...], ...]
    canonical: str


def sql_facts(text: str, dialect: str, where: str) -> SqlFacts:
    """Give what the one SELECT (or set operation) in `text` says; parsed only where nobody has asked before.

    Raises ConfigError with line and column for anything else.
    """
    key = sha256_of([dialect, text])
    found = _KNOWN.get(key)
    if found is None:
        facts = _parsed(text, dialect, where)
        _KNOWN.put(key, [facts.reads, facts.canonical])
        return facts
    reads, canonical = found
    return SqlFacts(tuple(tuple(parts) for parts in reads), canonical)


def save_sql_facts() -> None:
    """Let later processes know what this one has found."""
    _KNOWN.save()


def _parsed(text: str, dialect: str, where: str) -> SqlFacts:
    from cdp_assets.config import sql  # importing sqlglot takes 0.1 s: a plan whose SQL is known does without

    tree = sql.parse(text, dialect, where)
    reads = dict.fromkeys(sql.parts(reference) for reference in sql.references(tree))
    return SqlFacts(tuple(reads), sql.spelled(tree, dialect))
