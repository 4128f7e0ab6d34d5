"""Numbers what pairs are compared by, so that they are compared by number and seldom by text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property, partial

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from cdp_assets.stitch.column import Column, column_of
from cdp_assets.stitch.normalise.nicknames import COMMON, Nicknames
from cdp_assets.stitch.threads import WORKERS

AS_NAMES, OF_NAMES = ("given_as_name", "surname_as_name"), ("formal_name", "initial", "full_name")
MAILBOX = r"^([^@]+)@"
"""The name before the server of an e-mail."""
LEAST_WORDED = 0.3
"""From this share of records on whose second line holds words rather than a unit, both lines are read as one."""


class Encoded:
    """All that a set of records is compared by: whoever asks for a part waits until it is made."""

    def __init__(self, records: pl.DataFrame, worded: bool, nicknames: Nicknames) -> None:
        self.size = records.height
        self._columns: dict[str, Future[Mapping[str, Column]]] = {}
        self._nicknames: dict[str, Future[npt.NDArray[np.int64]]] = {}
        self._make(records, worded, nicknames)

    def __getitem__(self, name: str) -> Column:
        return self._columns[name].result()[name]

    @property
    def nicknames(self) -> npt.NDArray[np.int64]:
        """Pairs of given names that one person may go by, spelled by `Column.spelled`."""
        return self._nicknames["given_name"].result()

    @property
    def name_nicknames(self) -> npt.NDArray[np.int64]:
        """The same of names that may stand in either column."""
        return self._nicknames["given_as_name"].result()

    @cached_property
    def name_initials(self) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]:
        """The first letters of each record's given name and surname, 0 where one is not known."""
        given, surname = (self[name] for name in AS_NAMES)
        letters = np.append(given.initials, 0).astype(np.uint8)
        return letters[given.codes], letters[surname.codes]

    def _make(self, records: pl.DataFrame, worded: bool, nicknames: Nicknames) -> None:
        """Begin to make everything, in the order in which it is compared; whatever follows from another comes later."""
        pool = ThreadPoolExecutor(WORKERS)

        def make(names: Sequence[str], columns: Callable[[], Mapping[str, Column]]) -> None:
            self._columns |= dict.fromkeys(names, pool.submit(columns))

        def direct(*names: str) -> None:
            for name in names:
                make([name], partial(_as_it_stands, records, name))

        def nicknames_of(name: str) -> None:
            self._nicknames[name] = pool.submit(lambda: _nicknames(self[name], nicknames))

        direct("given_name", "surname")
        nicknames_of("given_name")
        make(AS_NAMES, lambda: _names_together(self["given_name"], self["surname"]))
        nicknames_of("given_as_name")
        direct("email")
        make(["email_local"], lambda: {"email_local": _mailboxes(self["email"])})
        direct("phone", "address", "unit", "city", "postal")
        make(["postal_area"], lambda: {"postal_area": _areas(self["postal"])})
        make(["address_words"], lambda: {"address_words": column_of(_address_words(records, worded))})
        direct("birthdate", "gender", "middle_name", "company", "suffix", "datasource")
        make(OF_NAMES, lambda: _of_names(self["given_name"], self["surname"], nicknames))
        pool.shutdown(wait=False)


def encode(records: pl.DataFrame, *, worded: bool | None = None, nicknames: Nicknames = COMMON) -> Encoded:
    """Number the values of normalised records, and of what follows from them: formal names, mailboxes, areas.

    What is compared first is made first, and compared while the rest is made.

    worded: Whether second lines hold words, where that is known of more records than these.
    nicknames: The names that one person may go by.
    """
    if worded is None:
        worded = is_worded(records["address2"].count(), records.height)
    return Encoded(records, worded, nicknames)


def _as_it_stands(records: pl.DataFrame, name: str) -> dict[str, Column]:
    return {name: column_of(records[name])}


def _of_names(given: Column, surname: Column, nicknames: Nicknames) -> dict[str, Column]:
    """Number formal names, their initials, and full names."""
    texts = pl.Series([nicknames.formal.get(name, name) for name in given.values], dtype=pl.String)
    formal, initial = given.derived(texts), given.derived(texts.str.head(1))
    return {"formal_name": formal, "initial": initial, "full_name": _full_names(formal, surname)}


def _mailboxes(email: Column) -> Column:
    return email.derived(email.series().str.extract(MAILBOX))


def _areas(postal: Column) -> Column:
    return postal.derived(postal.series().str.head(3))


def _full_names(formal: Column, surname: Column) -> Column:
    """Number formal given name and surname together, where both are known."""
    both = (formal.codes >= 0) & (surname.codes >= 0)
    spelled = np.where(both, formal.codes.astype(np.int64) * len(surname) + surname.codes, -1)
    distinct, codes = np.unique(spelled, return_inverse=True)
    if len(distinct) and distinct[0] < 0:
        distinct, codes = distinct[1:], codes - 1
    given, family = np.divmod(distinct, max(len(surname), 1))
    parts = pl.DataFrame({"given": formal.series().gather(given), "surname": surname.series().gather(family)})
    names = parts.select(name=pl.concat_str("given", "surname", separator="|"))["name"]
    return Column(codes.astype(np.int32), names.to_arrow(compat_level=pl.CompatLevel.oldest()).cast(pa.string()))


def _names_together(given: Column, surname: Column) -> dict[str, Column]:
    """Number given names and surnames as one kind, so that swapped ones are found."""
    both = column_of(pl.concat([given.series(), surname.series()]))
    of_given, of_surname = np.split(both.codes, [len(given)])
    return {
        "given_as_name": Column(np.append(of_given, np.int32(-1))[given.codes], both.texts),
        "surname_as_name": Column(np.append(of_surname, np.int32(-1))[surname.codes], both.texts),
    }


def _nicknames(given: Column, nicknames: Nicknames) -> npt.NDArray[np.int64]:
    codes = {name: code for code, name in enumerate(given.values)}
    known = [(codes[one], codes[other]) for one, other in nicknames.pairs if one in codes and other in codes]
    one, other = (np.array([pair[side] for pair in known], dtype=np.int32) for side in (0, 1))
    return np.unique(given.spelled(one, other))


def is_worded(second_lines: int, records: int) -> bool:
    """Say whether so many second lines hold words rather than units."""
    return records > 0 and second_lines >= LEAST_WORDED * records


def _address_words(records: pl.DataFrame, worded: bool) -> pl.Series:
    """Give the words of both address lines in order of the alphabet; null throughout where second lines hold units."""
    if not worded:
        return pl.Series([None] * records.height, dtype=pl.String)
    lines = pl.concat_str("address", "address2", separator=" ", ignore_nulls=True)
    in_order = lines.str.split(" ").list.sort().list.join(" ").str.strip_chars()
    return records.select(words=pl.when(in_order != "").then(in_order))["words"]
