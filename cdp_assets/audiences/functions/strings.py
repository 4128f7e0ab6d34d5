"""Functions of text."""

from __future__ import annotations

from sqlglot import exp

from cdp_assets.audiences.context import Context
from cdp_assets.audiences.signatures import Call, Functions
from cdp_assets.audiences.types import VARCHAR, is_text, is_whole
from cdp_assets.audiences.values import Refused, Value, filled, text

_PRIVATE_AREA = 0xE000
_PLANE = 0x10000
"""The characters of Unicode's first plane, which holds all whose capital is several characters."""
_LONGER = [letter for letter in map(chr, range(_PLANE)) if len(letter.upper()) > 1]
"""Characters whose capital is several characters, such as ß; Presto leaves them or takes the single one."""
_HIDDEN = "".join(chr(_PRIVATE_AREA + place) for place in range(len(_LONGER)))
_SHOWN = "".join(letter.title() if len(letter.title()) == 1 else letter for letter in _LONGER)
LOWER = f"lower(translate({{0}}, {text('İΣ')}, {text('iσ')}))"
"""Each character alone: no dot is added to İ's i, and every Σ becomes σ."""
UPPER = (
    f"translate(upper(translate({{0}}, {text(''.join(_LONGER))}, {text(_HIDDEN)})), {text(_HIDDEN)}, {text(_SHOWN)})"
)
"""Each character alone: ß stays."""
BLANKS = text(
    "\t\n\v\f\r\x1c\x1d\x1e\x1f"
    " \u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2008\u2009\u200a\u2028\u2029\u205f\u3000"
)
"""What TRIM takes for blank: Unicode's white space that breaks lines."""
SUBSTR = (
    "CASE WHEN {1} = 0 OR abs({1}) > length({0}) THEN CASE WHEN {0} IS NOT NULL THEN '' END"
    " ELSE substring({0}, CAST({1} AS INT)) END"
)
SUBSTR_LENGTH = (
    "CASE WHEN {1} = 0 OR abs({1}) > length({0}) OR {2} <= 0 THEN"
    " CASE WHEN {0} IS NOT NULL AND {1} IS NOT NULL AND {2} IS NOT NULL THEN '' END"
    " ELSE substring({0}, CAST({1} AS INT), CAST(least({2}, 2147483647) AS INT)) END"
)
"""A start of 0, or before the text, gives nothing; Spark would begin at the first character."""
SPLIT = "split({0}, concat('\\\\Q', replace({1}, '\\\\E', '\\\\E\\\\\\\\E\\\\Q'), '\\\\E'), {2})"
NOT_EMPTY = "CASE WHEN {1} = '' THEN FAIL(The delimiter may not be the empty string) ELSE %s END"
SPLIT_PART = (
    "CASE WHEN {2} <= 0 THEN FAIL(Index must be greater than zero) WHEN {1} = '' THEN"
    " CASE WHEN {2} <= length({0}) THEN substring({0}, CAST({2} AS INT), 1) WHEN {0} = '' AND {2} = 1 THEN '' END"
    f" ELSE get({SPLIT.replace('{2}', '-1')}, CAST({{2}} - 1 AS INT)) END"
)
FOUND = "filter(sequence(1, length({0})), i -> substring({0}, i, length({1})) = {1})"
STRPOS_NTH = (
    "CASE WHEN {2} = 0 THEN FAIL(instance must not be 0) WHEN {1} = '' THEN 1L WHEN {0} = '' THEN 0L"
    f" WHEN {{2}} > 0 THEN CAST(coalesce(get({FOUND}, CAST({{2}} - 1 AS INT)), 0) AS BIGINT)"
    f" WHEN {{0}} IS NOT NULL AND {{1}} IS NOT NULL THEN"
    f" CAST(coalesce(get(reverse({FOUND}), CAST(-{{2}} - 1 AS INT)), 0) AS BIGINT) END"
)
PADDED = (
    "CASE WHEN {1} < 0 OR {2} = '' THEN FAIL(Target length or padding is wrong) ELSE %s({0}, CAST({1} AS INT), {2}) END"
)
MAP_SPLIT = (
    "map_from_entries(transform(filter(%s, p -> p <> ''), p -> CASE WHEN instr(p, {2}) = 0 THEN"
    " FAIL(Key-value delimiter must appear exactly once in each entry) ELSE"
    " struct(substring(p, 1, instr(p, {2}) - 1), substring(p, instr(p, {2}) + length({2}))) END))"
).replace("%s", SPLIT.replace("{2}", "-1"))
HAMMING = (
    "CASE WHEN length({0}) <> length({1}) THEN FAIL(The input strings must have the same length)"
    " ELSE CAST(size(filter(arrays_zip(split({0}, ''), split({1}, '')), p -> p.`0` <> p.`1`)) AS BIGINT) END"
)
LUHN = (
    "CASE WHEN {0} IS NULL THEN NULL WHEN {0} = '' THEN false WHEN NOT {0} RLIKE '^[0-9]+$' THEN"
    " FAIL(Input includes non digit characters) ELSE luhn_check({0}) END"
)


def _chr(call: Call) -> Value:
    """Give the character of a code; Spark's own knows 256 of them."""
    template = (
        "CASE WHEN {0} < 0 OR {0} > 1114111 OR {0} BETWEEN 55296 AND 57343 THEN FAIL(Not a valid Unicode code point)"
        " ELSE decode(unhex(lpad(hex({0}), 8, '0')), 'UTF-32') END"
    )
    return call.filled(template)


def _concat(call: Call) -> Value:
    return Value(f"concat({', '.join(one.sql for one in call.arguments)})", call.result)


def _joined(call: Call) -> Value:
    """CONCAT_WS: what is NULL is left out."""
    return Value(f"concat_ws({', '.join(one.sql for one in call.arguments)})", VARCHAR)


def _trimmed(side: str) -> str:
    return f"trim({side} {BLANKS} FROM {{0}})"


def _soundex(call: Call) -> Value:
    return call.filled("CASE WHEN {0} = '' THEN '' ELSE soundex({0}) END")


STRINGS: Functions = {
    "length(varchar) -> bigint": "CAST(length({0}) AS BIGINT)",
    "length(char) -> bigint": "CAST(length({0}) AS BIGINT)",
    "length(varbinary) -> bigint": "CAST(length({0}) AS BIGINT)",
    "lower(varchar) -> varchar": LOWER,
    "upper(varchar) -> varchar": UPPER,
    "trim(varchar) -> varchar": _trimmed("BOTH"),
    "ltrim(varchar) -> varchar": _trimmed("LEADING"),
    "rtrim(varchar) -> varchar": _trimmed("TRAILING"),
    "trim(varchar, varchar) -> varchar": "trim(BOTH {1} FROM {0})",
    "ltrim(varchar, varchar) -> varchar": "trim(LEADING {1} FROM {0})",
    "rtrim(varchar, varchar) -> varchar": "trim(TRAILING {1} FROM {0})",
    "substr(varchar, bigint) -> varchar": SUBSTR,
    "substr(varchar, bigint, bigint) -> varchar": SUBSTR_LENGTH,
    "substring(varchar, bigint) -> varchar": SUBSTR,
    "substring(varchar, bigint, bigint) -> varchar": SUBSTR_LENGTH,
    "strpos(varchar, varchar) -> bigint": "CAST(instr({0}, {1}) AS BIGINT)",
    "strpos(varchar, varchar, bigint) -> bigint": STRPOS_NTH,
    "position(varchar, varchar) -> bigint": "CAST(instr({1}, {0}) AS BIGINT)",
    "starts_with(varchar, varchar) -> boolean": "startswith({0}, {1})",
    "split(varchar, varchar) -> array(varchar)": NOT_EMPTY % SPLIT.replace("{2}", "-1"),
    "split(varchar, varchar, bigint) -> array(varchar)":
        "CASE WHEN {2} <= 0 THEN FAIL(Limit must be positive) ELSE "
        + NOT_EMPTY % SPLIT.replace("{2}", "CAST({2} AS INT)") + " END",
    "split_part(varchar, varchar, bigint) -> varchar": SPLIT_PART,
    "split_to_map(varchar, varchar, varchar) -> map(varchar, varchar)": MAP_SPLIT,
    "replace(varchar, varchar) -> varchar": "CASE WHEN {1} = '' THEN {0} ELSE replace({0}, {1}, '') END",
    "replace(varchar, varchar, varchar) -> varchar":
        "CASE WHEN {1} = '' THEN concat({2}, array_join(transform(split({0}, ''), c -> CASE WHEN c = '' THEN '' ELSE"
        " concat(c, {2}) END), '')) ELSE replace({0}, {1}, {2}) END",
    "reverse(varchar) -> varchar": "reverse({0})",
    "lpad(varchar, bigint, varchar) -> varchar": PADDED % "lpad",
    "rpad(varchar, bigint, varchar) -> varchar": PADDED % "rpad",
    "concat(varchar, varchar...) -> varchar": _concat,
    "concat(varbinary, varbinary...) -> varbinary": _concat,
    "concat_ws(varchar, array(varchar)) -> varchar": _joined,
    "concat_ws(varchar, varchar...) -> varchar": _joined,
    "chr(bigint) -> varchar": _chr,
    "codepoint(varchar) -> integer":
        "CASE WHEN length({0}) <> 1 THEN FAIL(codepoint needs one character) ELSE"
        " CAST(conv(hex(encode({0}, 'UTF-32')), 16, 10) AS INT) END",
    "levenshtein_distance(varchar, varchar) -> bigint": "CAST(levenshtein({0}, {1}) AS BIGINT)",
    "hamming_distance(varchar, varchar) -> bigint": HAMMING,
    "soundex(varchar) -> varchar": _soundex,
    "luhn_check(varchar) -> boolean": LUHN,
    "translate(varchar, varchar, varchar) -> varchar": "translate({0}, {1}, {2})",
    "normalize(varchar) -> varchar": "@normalize({0}, 'NFC')",
    "normalize(varchar, varchar) -> varchar": "@normalize({0}, {1})",
    "to_utf8(varchar) -> varbinary": "encode({0}, 'UTF-8')",
    "from_utf8(varbinary) -> varchar": "@from_utf8({0})",
}  # fmt: skip


def formatted(context: Context, node: exp.Expr) -> Value:
    """Translate FORMAT: both engines read Java's letters."""
    with context.guard("FORMAT"):
        values = [context.value(one) for one in node.expressions]
    wrong = [one for one in values if not (is_text(one.type) or is_whole(one.type) or one.type.name in FORMATTED)]
    if not values or values[0].literal is None or wrong:
        raise Refused(
            "FORMAT of these values", "Write the pattern as text; cast values to VARCHAR, BIGINT or DOUBLE.", node
        )
    return Value(f"format_string({', '.join(one.sql for one in values)})", VARCHAR)


FORMATTED = ("double", "boolean", "unknown")
AMBIGUOUS = frozenset(("substr", "substring", "lpad", "rpad", "reverse", "concat"))
"""Functions of text and of binaries: of which NULL is meant, nobody knows."""


def trim(context: Context, node: exp.Expr) -> Value:
    """Translate TRIM with its words."""
    value = context.value(node.this)
    if not is_text(value.type) and value.type.name != "unknown":
        raise Refused(f"TRIM({value.type})", "Expected text.", node)
    side = str(node.args.get("position") or "BOTH").upper()
    letters = node.args.get("expression")
    which = context.value(letters).sql if letters is not None else BLANKS
    return Value(filled(f"trim({side} {{1}} FROM {{0}})", [value.sql, which]), VARCHAR)


def normalized(context: Context, node: exp.Expr) -> Value:
    """Translate NORMALIZE with the name of its form."""
    form = node.args.get("form")
    name = form.name.upper() if form is not None else "NFC"
    return Value(context.filled(f"@normalize({{0}}, {text(name)})", context.value(node.this).sql), VARCHAR)
