"""Who competes for a mailbox with somebody who changed is everybody that pairs lead to, and nobody else."""

from __future__ import annotations

import random

import polars as pl

from cdp_assets.unified.changed_people import competitors

Pair = tuple[str, str]


def frame(pairs: list[Pair]) -> pl.DataFrame:
    """Give pairs of person and mailbox."""
    return pl.DataFrame(pairs, schema={"amperity_id": pl.String, "mailbox": pl.String}, orient="row")


def reached(pairs: list[Pair], changed: list[Pair]) -> set[str]:
    """Grow the people and mailboxes of changed pairs until no pair adds any."""
    people, mailboxes = ({pair[side] for pair in changed if pair[side]} for side in (0, 1))
    while grown := {pair for pair in pairs if (pair[0] in people) != (pair[1] in mailboxes)}:
        people |= {person for person, _ in grown}
        mailboxes |= {mailbox for _, mailbox in grown}
    return people


def test_random_pairs_lead_to_whom_plain_python_finds() -> None:
    chance = random.Random(2)
    for people in (1, 5, 40, 40, 40):
        pairs = [(f"p{chance.randrange(people)}", f"m{chance.randrange(people * 2)}") for _ in range(people * 2)]
        changed = [(f"p{chance.randrange(people)}", f"m{chance.randrange(people * 2)}") for _ in range(people // 5)]
        assert set(competitors(frame(pairs), frame(changed))) == reached(pairs, changed)


def test_a_mailbox_that_somebody_has_left_is_open_to_the_others() -> None:
    """The pair is there no more; who has no mailbox leads to nobody."""
    pairs = [("b", "shared"), ("c", "other"), ("d", "other")]
    assert set(competitors(frame(pairs), frame([("a", "shared"), ("e", None)]))) == {"a", "b", "e"}  # type: ignore[list-item]
    assert competitors(frame(pairs), frame([])).is_empty()
