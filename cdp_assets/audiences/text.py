"""Letter case as Presto changes it: one character at a time, where Spark follows words and languages."""

from __future__ import annotations

import sys

from sqlglot import exp

_PRIVATE_AREA = 0xE000
_LONGER = [chr(code) for code in range(sys.maxunicode + 1) if len(chr(code).upper()) > 1]
"""Characters whose capital is several characters, such as ß; Presto leaves them or takes the single one."""
_HIDDEN = "".join(chr(_PRIVATE_AREA + place) for place in range(len(_LONGER)))
_SHOWN = "".join(letter.title() if len(letter.title()) == 1 else letter for letter in _LONGER)


def lower(node: exp.Expr) -> exp.Expr:
    """Lower-case each character alone: no dot is added to İ's i, and every Σ becomes σ."""
    return exp.Lower(this=_translated(node.this, "İΣ", "iσ"))


def upper(node: exp.Expr) -> exp.Expr:
    """Upper-case each character alone: ß stays."""
    hidden = _translated(node.this, "".join(_LONGER), _HIDDEN)
    return _translated(exp.Upper(this=hidden), _HIDDEN, _SHOWN)


def _translated(text: exp.Expr, source: str, target: str) -> exp.Expr:
    return exp.Anonymous(this="TRANSLATE", expressions=[text, exp.Literal.string(source), exp.Literal.string(target)])
