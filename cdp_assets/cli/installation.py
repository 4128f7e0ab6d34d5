"""The doctor's look at a home: folders, jars, state, the active revision, Spark's server, secret files, locks."""

from __future__ import annotations

import stat
import tempfile
from pathlib import Path

import sqlalchemy as sa
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from cdp_assets.cli.finding import Finding, ok, warning, wrong
from cdp_assets.defs.running import running
from cdp_assets.errors import ConfigErrors
from cdp_assets.home import Home
from cdp_assets.names import PRODUCTION
from cdp_assets.state.database import MIGRATIONS, State, now, utc
from cdp_assets.state.tables import lease

SECRET_FILES = ("spark/token", "spark/server.conf")


def home_folder(home: Home) -> Finding:
    """Look whether the home can be written to."""
    folder = next(path for path in (home.root, *home.root.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        advice = "Make it writable for this user, or let CDP_HOME name another folder."
        return wrong("home", f"{folder}: {error.strerror}", advice)
    return ok("home", f"{home.root}" if folder == home.root else f"{home.root} (made at the first use)")


def jars(home: Home) -> Finding:
    """Look whether the Delta Lake jars are there and unharmed."""
    from cdp_assets.lakehouse.jars import JARS, missing

    folder = home.root / "jars"
    absent = missing(folder)
    harmed = [jar.file for jar in absent if (folder / jar.file).exists()]
    if harmed:
        return wrong(
            "jars", f"not the pinned content: {', '.join(harmed)}", f"Delete them from {folder}; ./cdp fetches them."
        )
    if absent:
        return warning(
            "jars", f"not fetched yet: {', '.join(jar.file for jar in absent)}", "./cdp up or demo fetches them."
        )
    return ok("jars", f"{len(JARS)} in {folder}, each with the pinned SHA-256")


def state(home: Home) -> Finding:
    """Look whether the state can be read and its schema is this version's."""
    if not _exists(home):
        return ok("state", "none yet; the first use makes it")
    try:
        found = _schema(home)
    except sa.exc.SQLAlchemyError as error:
        text = f"cannot be read ({type(error).__name__})"
        return wrong("state", text, "Bring back a copy of state.db, or see whether CDP_STATE_URL is right.")
    expected = _newest_schema()
    if found == expected:
        return ok("state", f"schema {found}")
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is None or found in known:
        return warning(
            "state", f"schema {found}, this version's is {expected}", "The next command brings it up to date."
        )
    return wrong(
        "state", f"schema {found} is of a newer version", "Use that version of the platform, or a copy made before."
    )


def active_revision(home: Home) -> Finding:
    """Compare the tenant's files with what production runs."""
    from cdp_assets.config.loader import load_tenant
    from cdp_assets.environments.diff import tenant_diff
    from cdp_assets.environments.revision import active_tenant

    name, folder = "configuration", home.tenant_config
    if not folder.is_dir():
        return wrong(name, f"{folder} is not a folder", "Let CDP_TENANT_CONFIG name the tenant's folder.")
    try:
        tenant = load_tenant(folder)
    except ConfigErrors as error:
        return wrong(name, f"{len(error.errors)} mistakes in {folder}", "./cdp plan lists them.")
    if not _exists(home) or _schema(home) != _newest_schema():
        return ok(name, f"{folder} has no mistake; not compared, as there is no state of this version")
    active = active_tenant(State(_engine(home)), PRODUCTION)
    if active is None:
        return warning(name, f"nothing is applied to {PRODUCTION}", "./cdp up applies the files at its first start.")
    changes = len(list(tenant_diff(active[1], tenant)))
    if changes:
        return warning(name, f"{changes} resources in {folder} differ from {PRODUCTION}", "./cdp plan shows them.")
    return ok(name, f"{PRODUCTION} runs what is in {folder} (revision {active[0][:12]})")


def spark(home: Home) -> Finding:
    """Look whether Spark's server answers, where one should."""
    from cdp_assets.lakehouse.address import server_address
    from cdp_assets.lakehouse.health import answers

    address, up = server_address(home.root), running(home)
    if address is not None and answers(address):
        return ok("spark", f"answers on port {address.port} (process {address.pid})")
    if up is not None:
        return wrong("spark", f"does not answer, though `cdp up` runs ({up.url})", f"See {home.logs / 'spark.log'}.")
    return ok("spark", "not running; `cdp up` starts it")


def secret_files(home: Home) -> Finding:
    """Look whether other users could read what admits to Spark."""
    present = [path for name in SECRET_FILES if (path := home.root / name).exists()]
    open_ones = [path for path in present if stat.S_IMODE(path.stat().st_mode) & 0o077]
    if open_ones:
        names = " ".join(map(str, open_ones))
        return wrong("secret files", f"others may read {names}", f"chmod 600 {names}; then restart `cdp up`.")
    return ok("secret files", f"{len(present)} for this user only" if present else "none yet")


def locks(home: Home) -> Finding:
    """Look for locks whose holder is gone."""
    if (home.root / "up.json").exists() and running(home) is None:
        return warning("locks", "a `cdp up` was killed, or is just ending", "The next `cdp up` puts things in order.")
    if not _exists(home) or _schema(home) != _newest_schema():
        return ok("locks", "none")
    with State(_engine(home)).read() as conn:
        held = [row for row in conn.execute(sa.select(lease)).mappings() if utc(row["expires_at"]) > now()]
    if not held:
        return ok("locks", "none")
    return ok(
        "locks", "; ".join(f"{row['name']} by {row['holder']} since {utc(row['taken_at']):%H:%M} UTC" for row in held)
    )


def _exists(home: Home) -> bool:
    return "://" in home.state or Path(home.state).exists()


def _engine(home: Home) -> sa.Engine:
    """Connect without bringing the schema up to date: the doctor changes nothing."""
    return sa.create_engine(home.state if "://" in home.state else f"sqlite:///{home.state}", poolclass=sa.NullPool)


def _schema(home: Home) -> str | None:
    with _engine(home).connect() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def _scripts() -> ScriptDirectory:
    settings = Config()
    settings.set_main_option("script_location", str(MIGRATIONS))
    return ScriptDirectory.from_config(settings)


def _newest_schema() -> str | None:
    return _scripts().get_current_head()
