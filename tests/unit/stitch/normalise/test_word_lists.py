"""The lists of words."""

from __future__ import annotations

import pytest

from cdp_assets.stitch.normalise.word_lists import FOLDER, kinds, spellings, words

LISTS = sorted(path.stem for path in FOLDER.glob("*.txt"))


@pytest.mark.parametrize("name", LISTS)
def test_every_list_names_its_source(name: str) -> None:
    """In its first lines."""
    head = [line for line in (FOLDER / f"{name}.txt").read_text().splitlines() if line.startswith("#")]
    assert any("Source: " in line for line in head)


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_in_the_spelling_of_what_is_looked_up(name: str) -> None:
    """Upper-case ASCII, else no value would ever be found in it."""
    body = [line for line in (FOLDER / f"{name}.txt").read_text().splitlines() if not line.startswith("#")]
    entries = [line.partition(":")[2] or line for line in body]
    assert entries == [entry.upper() for entry in entries]
    assert all(entry.isascii() for entry in entries)


def test_a_spelling_stands_for_one_form() -> None:
    """That of the first line that has it; a form stands for itself."""
    regions = spellings("regions", ",")
    assert (regions["WASHINGTON"], regions["WESTERN AUSTRALIA"], regions["WA"]) == ("WA", "WA", "WA")
    assert spellings("street_words")["CRES"] == "CRESCENT"


def test_kinds_of_words() -> None:
    """Lines of one kind add up; a plus is no word."""
    always = kinds("email_junk")["always"]
    assert {"NOREPLY", "DO-NOT-REPLY"} <= always
    assert "N A" in kinds("no_value", ",")["all"]
    assert words("spanish_surnames")[0] == "GARCIA"
