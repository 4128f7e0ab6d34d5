"""Who is acting: the one answer that audit and `may()` use."""

from __future__ import annotations

import getpass
import os


def acting_user() -> str:
    """Give the acting user: CDP_USER where a service sets it, else the operating system's user."""
    return os.environ.get("CDP_USER") or getpass.getuser()
