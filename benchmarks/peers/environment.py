"""The virtual environment of what Stitch is compared with; made on first use, apart from the product's own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

from cdp_assets.home import REPOSITORY, Home

FOLDER = Home.locate().root / "benchmarks"
LOCK = REPOSITORY / "requirements-benchmarks.lock"


def python() -> Path:
    """Give its interpreter, with every package that the lock pins."""
    folder = FOLDER / "venv"
    stamp, wanted = folder / "lock", hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"making the peer's environment in {folder} (once; some minutes)", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        install = [folder / "bin" / "python", "-m", "pip", "install", "--quiet", "--require-hashes", "-r", LOCK]
        subprocess.run(install, check=True)
        stamp.write_text(wanted)
    return folder / "bin" / "python"


def run(module: str, *words: str) -> None:
    """Run one of our modules there."""
    command = [str(python()), "-m", module, *words]
    subprocess.run(command, check=True, env=os.environ | {"PYTHONPATH": str(REPOSITORY)})
