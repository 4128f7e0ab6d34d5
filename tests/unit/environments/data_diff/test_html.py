"""A comparison as a page: whole in itself, and nobody's text is markup."""

from __future__ import annotations

import base64
from html.parser import HTMLParser

import defusedxml.ElementTree

from cdp_assets.environments.data_diff import plots
from cdp_assets.environments.data_diff.html import page
from cdp_assets.environments.data_diff.model import Cell, DataDiff, Example
from tests.unit.environments.data_diff.diffs import data_diff, table

VOID = {"meta", "img"}


class Read(HTMLParser):
    """A page's tags, attributes and texts; refuses one whose tags are not nested."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Close the tag that was opened last."""
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.append(data)


def test_the_page_needs_nothing_from_elsewhere() -> None:
    """No script, no link, no address but that of the pictures inside; the same comparison gives the same bytes."""
    text = page(data_diff(table()))
    found = Read(text)
    assert not {"script", "link", "iframe", "object", "a", "base"} & set(found.tags)
    addresses = [value for name, value in found.attributes if name in ("src", "href", "srcset", "action")]
    assert len(addresses) == 4
    assert all(address.startswith("data:image/svg+xml;base64,") for address in addresses)
    style = next(text for text in found.texts if "max-width" in text)
    assert "url(" not in style
    assert "@import" not in style
    assert ("name", "viewport") in found.attributes
    assert page(data_diff(table())) == text


def test_every_picture_is_an_image_that_loads_nothing_and_is_told_in_words() -> None:
    """Well-formed, without a reference that leaves it; the numbers are in its description."""
    found = Read(page(data_diff(table())))
    for name, value in found.attributes:
        if name == "src":
            tree = defusedxml.ElementTree.fromstring(base64.b64decode(value.partition(",")[2]))
            links = [at for node in tree.iter() for key, at in node.attrib.items() if key.endswith("href")]
            assert all(link.startswith("#") for link in links)
    told = [value for name, value in found.attributes if name == "alt"]
    assert "1: 8 to 7; 2: 2 to 1; 3: 0 to 1" in told[0]
    assert told[1:] == [
        "Rows by table. database__c.people: 6",
        "Changed values by column. database__c.people  city: 3; database__c.people  state: 1",
        "Records by export. send_vips: 3",
    ]


def test_what_the_page_says() -> None:
    """The summary's numbers, the merged person's parts and link, columns and examples."""
    text = " ".join(" ".join(Read(page(data_diff(table(sampled=0.25), notes=("Look twice.",)))).texts).split())
    for words in (
        "10 → 9 people",
        "2 into 1 people merged",
        "1 of 2 tables differ",
        "person-1 : 3 records of 2 parts person-1: ecom X-9999 and 1 more person-2: pos 99",
        "joined by ecom X-9999 = pos 99: score 2.70, scored",
        "estimated from a sample of 25.00%",
        "+ is_vip: Boolean",
        "~ amperity_id=person-1 | city: Xxxx -> Xxxxx",
        "send_others: not compared; only in the sandbox",
        "Look twice.",
    ):
        assert words in text


def test_nobodys_text_is_markup() -> None:
    """Not a value's, a column's, a note's, nor an id's."""
    evil = '<img src=x onerror="alert(1)">&'
    example = Example("changed", ((evil, evil),), (Cell(evil, evil, "b"),))
    text = page(data_diff(table(example=example), notes=(evil,)))
    assert evil not in text
    assert "".join(Read(text).texts).count("<img src=x") == 5


def test_a_page_without_differences_has_no_empty_part() -> None:
    """Only the sentence that says so."""
    found = Read(page(DataDiff("vip", (3, 5), ())))
    assert "img" not in found.tags
    assert found.tags.count("section") == 1


def test_a_plot_shows_the_most_changed_alone() -> None:
    """The others are in the tables."""
    drawn = plots.rows_by_table(data_diff(*(table(f"database__c.t{n:02}") for n in range(40))))
    assert drawn is not None
    assert drawn.says.count("database__c.") == plots.MOST_BARS
    assert plots.rows_by_table(data_diff()) is None
    assert plots.changed_columns(data_diff()) is None
