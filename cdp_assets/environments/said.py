"""What a folder's files say, and whether it is just what an environment runs: then they need not be read."""

from __future__ import annotations

from pathlib import Path

import cdp_assets
from cdp_assets.cache import Cache, version_of
from cdp_assets.config.folder_state import folder_state
from cdp_assets.config.tenant import Tenant
from cdp_assets.environments.revision import body_of
from cdp_assets.errors import ConfigErrors
from cdp_assets.hashing import sha256_of

MOST = 1000
LIBRARIES = ("pydantic", "PyYAML")


def _version() -> str:
    package = Path(cdp_assets.__file__).parent
    return version_of([*package.glob("*.py"), *package.glob("*.csv"), *package.glob("config/*.py")], LIBRARIES)


_SAID = Cache("files", _version, MOST)
"""Digest of a folder -> the revision that it says."""


def tenant_of_files(folder: Path, active: tuple[str, Tenant] | None) -> Tenant:
    """Give the tenant that a folder's files say; the active one itself where they say just that.

    What is active has been checked when it was planned and is not checked again.

    Args:
        folder: The tenant's files.
        active: The environment's active revision and its tenant; None before the first apply.

    Raises ConfigErrors with every mistake in the files.
    """
    before = None if active is None else folder_state(folder)
    if active is not None and before is not None and _SAID.get(before.digest) == active[0]:
        return active[1]
    from cdp_assets.config.loader import load_tenant  # 0.1 s that a plan of files that are known does without

    tenant = load_tenant(folder, known=active[1] if active else None)
    if active is None or tenant != active[1]:
        _refuse_misfits(folder, tenant)
        return tenant
    if before is not None and before == folder_state(folder):
        _SAID.put(before.digest, active[0])
        _SAID.save()
    return active[1]


def _refuse_misfits(folder: Path, tenant: Tenant) -> None:
    """Raise ConfigErrors for attributes that segments and campaigns read and that are absent or of another type."""
    if not tenant.segments and not tenant.campaigns:
        return
    from cdp_assets.config.yaml_file import read_yaml
    from cdp_assets.environments.segment_checks import misfit_attributes

    def where(kind: str, name: str, *path: str | int) -> str:
        file = read_yaml(folder / kind / f"{name}.yaml", f"{kind}/{name}.yaml")
        return f"{file.where(path)}, {'.'.join(map(str, path))}"

    if mistakes := misfit_attributes(tenant, where):
        raise ConfigErrors(mistakes)


def says(folder: Path, tenant: Tenant) -> bool:
    """Say whether a folder's files say a valid tenant; they are known to do so from then on."""
    return tenant_of_files(folder, (sha256_of(body_of(tenant)), tenant)) is tenant
