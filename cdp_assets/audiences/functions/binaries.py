"""Hashes, encodings and URLs."""

from __future__ import annotations

from cdp_assets.audiences.signatures import Call, Functions
from cdp_assets.audiences.types import VARCHAR
from cdp_assets.audiences.values import Value, text

FROM_HEX = (
    "CASE WHEN {0} IS NOT NULL AND NOT {0} RLIKE '^([0-9A-Fa-f][0-9A-Fa-f])*$' THEN FAIL(Not"
    " hexadecimal) ELSE unhex({0}) END"
)
DECODED = "coalesce(@%s({0}), CASE WHEN {0} IS NOT NULL THEN FAIL(Cannot be decoded) END)"
URL_PARTS = ("protocol", "host", "path", "query", "fragment")

BINARIES: Functions = {
    "md5(varbinary) -> varbinary": "unhex(md5({0}))",
    "sha1(varbinary) -> varbinary": "unhex(sha1({0}))",
    "sha256(varbinary) -> varbinary": "unhex(sha2({0}, 256))",
    "sha512(varbinary) -> varbinary": "unhex(sha2({0}, 512))",
    "xxhash64(varbinary) -> varbinary": "@xxhash64({0})",
    "murmur3(varbinary) -> varbinary": "@murmur3({0})",
    "crc32(varbinary) -> bigint": "crc32({0})",
    **{f"hmac_{name}(varbinary, varbinary) -> varbinary": f"@hmac_{name}({{0}}, {{1}})"
       for name in ("md5", "sha1", "sha256", "sha512")},
    "to_hex(varbinary) -> varchar": "hex({0})",
    "from_hex(varchar) -> varbinary": FROM_HEX,
    **{f"to_{name}(varbinary) -> varchar": f"@to_{name}({{0}})" for name in ("base64", "base64url", "base32")},
    **{f"from_{name}(varchar) -> varbinary": DECODED % f"from_{name}" for name in ("base64", "base64url", "base32")},
    "to_big_endian_64(bigint) -> varbinary": "unhex(lpad(hex({0}), 16, '0'))",
    "to_big_endian_32(integer) -> varbinary": "unhex(right(lpad(hex(CAST({0} AS BIGINT)), 16, '0'), 8))",
    "from_big_endian_64(varbinary) -> bigint":
        "CASE WHEN length({0}) <> 8 THEN FAIL(expected 8-byte input) ELSE CAST(conv(hex({0}), 16, -10) AS BIGINT) END",
    "from_big_endian_32(varbinary) -> integer":
        "CASE WHEN length({0}) <> 4 THEN FAIL(expected 4-byte input) ELSE CAST(CAST(conv(hex({0}), 16, 10) AS BIGINT)"
        " - CASE WHEN hex({0}) >= '8' THEN 4294967296L ELSE 0L END AS INT) END",
    "reverse(varbinary) -> varbinary": "unhex(array_join(reverse(regexp_extract_all(hex({0}), '..', 0)), ''))",
    "substr(varbinary, bigint) -> varbinary":
        "CASE WHEN {1} = 0 OR abs({1}) > length({0}) THEN X'' ELSE substring({0}, CAST({1} AS INT)) END",
    **{f"url_extract_{part}(varchar) -> varchar": f"@url_part({{0}}, '{part}')" for part in URL_PARTS},
    "url_extract_port(varchar) -> bigint": "CAST(@url_part({0}, 'port') AS BIGINT)",
    "url_extract_parameter(varchar, varchar) -> varchar": "@url_parameter({0}, {1})",
    "url_encode(varchar) -> varchar": "@url_encode({0})",
    "url_decode(varchar) -> varchar": "@url_decode({0})",
    "typeof(t) -> varchar": lambda call: _typeof(call),
}  # fmt: skip


def _typeof(call: Call) -> Value:
    return Value(text(str(call.arguments[0].type)), VARCHAR)
