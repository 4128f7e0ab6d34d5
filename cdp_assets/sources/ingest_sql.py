"""An ingest query's text over the views that stand for its files."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from cdp_assets.config.sql import parse, parts, references


def over(text: str, views: Mapping[str, str], where: str) -> str:
    """Spell Spark SQL with each reference to a file's tag as the view that holds it, under the tag as its alias.

    >>> over("SELECT a.x FROM Orders AS a, stores", {"orders": "v1", "stores": "v2"}, "here")
    'SELECT a.x FROM v1 AS a CROSS JOIN v2 AS stores'
    """
    tree = parse(text, "spark", where)
    for reference in references(tree):
        (name,) = parts(reference)
        if not reference.alias:
            reference.set("alias", exp.TableAlias(this=exp.to_identifier(reference.name)))
        reference.set("this", exp.to_identifier(views[name]))
    return str(tree.sql(dialect="spark"))
