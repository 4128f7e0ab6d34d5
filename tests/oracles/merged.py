"""What is best known of each person, in plain Python: the rules as the documents tell them, a record at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Record = Mapping[str, Any]
Ranks = Mapping[str, Mapping[str, int]]
"""Group -> datasource -> priority."""
GROUPS = {
    "name": ("given_name", "surname", "full_name", "generational_suffix"),
    "address": ("address", "address2", "city", "state", "postal", "country"),
    "phone": ("phone",),
    "birthdate": ("birthdate",),
    "gender": ("gender",),
}


def without_bad(record: Record) -> dict[str, Any]:
    """Give a record without the values that are on a blocklist."""
    found = dict(record)
    for flag, columns in {
        "blv_given_name": ("given_name", "full_name"),
        "blv_surname": ("surname", "full_name"),
        "blv_address": ("address", "address2"),
        "blv_phone": ("phone",),
        "blv_email": ("email",),
    }.items():
        if record[flag]:
            found |= dict.fromkeys(columns)
    return found


def completion(group: str, record: Record) -> int:
    """Count what is complete: an address by its four parts, anything else is complete or not."""
    if group == "address":
        return sum(record[part] is not None for part in ("address", "city", "state", "postal"))
    if group == "name":
        return int(None not in (record["given_name"], record["surname"]) or record["full_name"] is not None)
    return int(record[group] is not None)


def newest(record: Record) -> float:
    """Give what sorts the newest first."""
    return -record["update_dt"].timestamp() if record["update_dt"] else float("inf")


def merged(
    records: Iterable[Record], ranks: Ranks, key: tuple[str, ...] = ("amperity_id",)
) -> dict[Any, dict[str, Any]]:
    """Give every person's best values, and where each group is from."""
    people: dict[Any, list[dict[str, Any]]] = {}
    for record in records:
        people.setdefault(tuple(record[name] for name in key), []).append(without_bad(record))
    found: dict[Any, dict[str, Any]] = {}
    for person, own in people.items():
        row = found.setdefault(person, {})
        for group, columns in GROUPS.items():

            def standing(record: Record, group: str = group) -> Any:
                rank = ranks.get(group, {}).get(record["datasource"], 999)
                return -completion(group, record), rank, newest(record), record["pk"], record["datasource"]

            best = min(own, key=standing)
            row |= {column: best[column] for column in columns}
            told = any(best[column] is not None for column in columns)
            row |= {f"{group}_{part}": best[part] if told else None for part in ("pk", "datasource")}
    return found


def assigned(records: Iterable[Record], ranks: Mapping[str, int]) -> dict[str, str]:
    """Give person -> e-mail: each ranks the other, mutual bests leave, and the rest ranks anew while anybody leaves."""
    pairs: dict[tuple[str, str], tuple[Any, str]] = {}
    for record in map(without_bad, records):
        if record["email"] and (mailbox := record["email"].strip(" ").lower()):
            rank = ranks.get(record["datasource"], 999), newest(record), record["pk"], record["datasource"]
            pair = (record["amperity_id"], mailbox)
            pairs[pair] = min(pairs.get(pair, (rank, record["email"])), (rank, record["email"]))
    found: dict[str, str] = {}
    while pairs:
        best_of: list[dict[str, tuple[str, str]]] = [{}, {}]
        for pair in sorted(pairs, key=lambda one: pairs[one][0]):
            for side in (0, 1):
                best_of[side].setdefault(pair[side], pair)
        mutual = [pair for pair in pairs if best_of[0][pair[0]] == pair == best_of[1][pair[1]]]
        found |= {person: pairs[person, mailbox][1] for person, mailbox in mutual}
        people, mailboxes = {one for one, _ in mutual}, {one for _, one in mutual}
        pairs = {pair: best for pair, best in pairs.items() if pair[0] not in people and pair[1] not in mailboxes}
    return found
