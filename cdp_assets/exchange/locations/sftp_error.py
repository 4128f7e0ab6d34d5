"""What goes wrong over SFTP, in our words: what the server will answer again, and what may pass."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator

import paramiko

from cdp_assets.exchange.locations.far_side import FarSideError

LOST = "Socket is closed"
"""What paramiko says, in an error without a number, of a connection that ended while it was used."""
SAID_BYTES = 100


class SftpError(FarSideError):
    """What an SFTP server answered instead of what was asked."""


def changed() -> SftpError:
    """Give what a file that is another one now, or is being written, is refused with."""
    return SftpError("was changed while it was read", "a file that nobody writes to")


@contextlib.contextmanager
def in_our_words() -> Iterator[None]:
    """Turn whatever the library raises in the block into an SftpError; a refusal stays one, a lost line may pass."""
    try:
        yield
    except FileNotFoundError:
        raise SftpError("is absent", "the name of a file that is there") from None
    except PermissionError:
        raise SftpError("access is denied", "a user who may do this on the server") from None
    except UnicodeError:
        raise SftpError("a name there is not UTF-8", "names in UTF-8") from None
    except socket.gaierror as error:
        known = error.errno != socket.EAI_NONAME
        raise SftpError("no such host", "the name of a host that is there", may_pass=known) from None
    except OSError as error:
        if is_refusal(error):
            said = str(error)[:SAID_BYTES] or "no reason"
            raise SftpError(f"the server refuses ({said})", "a folder with room, and a name that it takes") from None
        raise _lost(error) from None
    except (EOFError, paramiko.SSHException, paramiko.SFTPError) as error:
        raise _lost(error) from None


def is_refusal(error: OSError) -> bool:
    """Say whether an error is a server's answer; the library raises the same class for a connection that is lost."""
    return type(error) is OSError and error.errno is None and str(error) != LOST


def _lost(error: Exception) -> SftpError:
    problem = f"no answer, or a part of one ({type(error).__name__})"
    return SftpError(problem, "a server that can be reached; try again later", may_pass=True)
