"""Signatures that come in files of their own: which are beside a courier's files, and whether one of them is good."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from cdp_assets.config.courier import Courier
from cdp_assets.errors import SourceError
from cdp_assets.exchange import codecs
from cdp_assets.exchange.codecs import SIGNATURE_ENDINGS, Keyring
from cdp_assets.exchange.locations import RemoteFile
from cdp_assets.state import landed_files
from cdp_assets.state.database import State
from cdp_assets.state.landed_files import LandedFile

TAG = "(signature)"
"""What signatures land as; load operations cannot name it, for it is no table's name."""


def with_signatures(
    courier: Courier, listed: Iterable[RemoteFile]
) -> Iterator[tuple[RemoteFile, tuple[RemoteFile, ...]]]:
    """Give each listed file with the signatures beside it.

    Where a courier's files must have one, those that have none yet are left out: they, or it, are still on their way.
    Elsewhere signatures are files as any others.
    """
    if courier.signatures == "inside":
        yield from ((remote, ()) for remote in listed)
        return
    found = {remote.name: remote for remote in listed}
    for name, remote in found.items():
        beside = tuple(found[name + ending] for ending in SIGNATURE_ENDINGS if name + ending in found)
        if beside and not name.endswith(SIGNATURE_ENDINGS):
            yield remote, beside


def refuse_unsigned(landed: LandedFile, keyring: Keyring | None, state: State, lake_root: Path) -> None:
    """Raise SourceError for a landed file that must have a signature beside it and has no good one.

    Any that has ever landed for a file of this name will do: it is good for one content only.
    """
    if keyring is None or not keyring.beside:
        return
    names = [landed.name + ending for ending in SIGNATURE_ENDINGS]
    with state.read() as conn:
        found = landed_files.of_names(conn, landed.environment, landed.courier, TAG, names)
    newest_first = [lake_root / one.path for one in reversed(found)]
    try:
        codecs.refuse_unsigned(lake_root / landed.path, newest_first, landed.name, keyring)
    except OSError as error:
        problem = f"its signature cannot be read ({error.strerror or type(error).__name__})"
        raise SourceError(landed.name, problem, "the lake's landing folder untouched and readable") from error
