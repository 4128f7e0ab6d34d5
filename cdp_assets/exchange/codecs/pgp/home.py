"""One GnuPG home per operation: no key and no passphrase of one is there for the next."""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cdp_assets.errors import EngineError
from cdp_assets.exchange.streams import CHUNK_BYTES
from cdp_assets.secrets import Secret

if TYPE_CHECKING:
    import gnupg

PREFIX = "cdp_gpg_"
MOST_FOLDER_CHARACTERS = 60
"""Of the folder that homes are made in: the path of an agent's socket may have 107."""
ENDS_WITHIN_S = 30.0
LEFT_AFTER_S = 24 * 3600
"""A home so old is what a killed process left, its agent and all."""
QUICK = "s2k-count 65536\n"
"""How often the agent hashes a passphrase for the copy of a key in such a home. Left alone, it finds out how often
fits in a tenth of a second: 1.4 s instead of 0.07 s for each file on two busy cores. The key itself stays as it is."""
_OPTIONS = ["--no-options", "--disable-dirmngr", "--no-auto-check-trustdb"]


@contextmanager
def gnupg_home(agent: str = QUICK) -> Iterator[gnupg.GPG]:
    """Give a gpg whose home is new, empty and closed to others; at the end its agent is stopped and the home removed.

    `agent` is what its `gpg-agent.conf` says.
    An agent remembers a right passphrase, and would open the next tenant's file with it after a wrong one.
    Raises EngineError where GnuPG is not installed.
    """
    import gnupg  # 25 ms, for files with PGP only

    if shutil.which("gpg") is None:
        raise EngineError("gpg is not installed. Expected GnuPG 2.2 or later on the PATH.")
    logging.getLogger("gnupg").setLevel(logging.CRITICAL)  # at lower ones it logs the first bytes of keys
    _remove_left_homes(_folder())
    home = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_folder()))  # mode 700
    try:
        (home / "gpg-agent.conf").write_text(agent)
        gpg = gnupg.GPG(gnupghome=str(home), options=_OPTIONS, env=os.environ | {"LC_ALL": "C"})
        gpg.buffer_size = CHUNK_BYTES
        yield gpg
    finally:
        _remove(home)


def spelled(passphrase: Secret) -> str:
    """Give a passphrase as python-gnupg must be told it, so that gpg gets its UTF-8 bytes.

    The library writes Latin-1, and it reads what gpg says about keys as that too, where nothing is undecodable.
    """
    return passphrase.reveal().encode().decode("latin-1")


def statuses(answer: object) -> list[list[str]]:
    """Give the words of each status line of an answer of gpg, in order.

    >>> class Answer: stderr = "gpg: well\\n[GNUPG:] ENC_TO 325D5CE7E20DF2DD 1 0\\n"
    >>> statuses(Answer())
    [['ENC_TO', '325D5CE7E20DF2DD', '1', '0']]
    """
    mark = "[GNUPG:] "
    lines = str(getattr(answer, "stderr", "")).splitlines()
    return [line.removeprefix(mark).split() for line in lines if line.startswith(mark)]


def _folder() -> Path:
    usual = tempfile.gettempdir()
    return Path(usual if len(usual) <= MOST_FOLDER_CHARACTERS else "/tmp")  # noqa: S108 - a home is closed to others


def _remove_left_homes(folder: Path) -> None:
    for home in folder.glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # somebody else's, or gone meanwhile
            found = home.lstat()
            if found.st_uid == os.geteuid() and found.st_mtime < time.time() - LEFT_AFTER_S:
                _remove(home)


def _remove(home: Path) -> None:
    program = shutil.which("gpgconf")
    if program is not None:
        command = [program, "--homedir", str(home), "--kill", "all"]
        subprocess.run(command, check=False, capture_output=True, timeout=ENDS_WITHIN_S)
    shutil.rmtree(home, ignore_errors=True)
