"""A courier of encrypted files as somebody uses it: keys by reference, and what was changed kept and told."""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from cdp_assets.cli import demo
from cdp_assets.cli.main import cdp
from cdp_assets.defs.engine import prepare
from cdp_assets.exchange.key_pair import keep_private, secret_reference
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.names import PRODUCTION
from tests.pgp import PASSPHRASE, GpgTool, Key

NAME = "order_items_2026_11_20.csv"


@pytest.fixture
def home(tmp_path: Path, our_key: Key, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home whose courier `orders` fetches encrypted files, with our private key in a file."""
    config, home = tmp_path / "tenant_config", Home(tmp_path / "home")
    shutil.copytree(REPOSITORY / "tenant_config", config)
    secrets = {"private_keys": tmp_path / "ours.asc", "passphrase": tmp_path / "ours.passphrase"}
    for path, text in zip(secrets.values(), (our_key.private, PASSPHRASE), strict=True):
        keep_private(path, text)
    (config / "credentials").mkdir()
    references = {field: secret_reference(path) for field, path in secrets.items()}
    credential = {"name": "ours", "type": "pgp", "secrets": references}
    (config / "credentials" / "ours.yaml").write_text(yaml.safe_dump(credential))
    courier = config / "couriers" / "orders.yaml"
    text = courier.read_text().replace("dd'.csv'", "dd'.csv.gz.pgp'")
    courier.write_text(f"{text}pgp_credential: ours\n")
    monkeypatch.setenv("CDP_TENANT_CONFIG", str(config))
    monkeypatch.delenv("CDP_STATE_URL", raising=False)
    prepare(home)
    demo.activate(home)
    return home


def run(home: Home, *arguments: str) -> Result:
    return CliRunner().invoke(cdp, ["courier", *arguments], env={"CDP_HOME": str(home.root), "CDP_USER": "ann"})


def arrive(home: Home, message: bytes) -> None:
    place = home.drop(PRODUCTION) / "orders" / f"{NAME}.gz.pgp"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(message)


def test_a_changed_file_is_refused_and_the_same_sent_again_is_loaded(
    home: Home, gpg_tool: GpgTool, our_key: Key
) -> None:
    (plain,) = (REPOSITORY / "sample_data").rglob(NAME)
    message = gpg_tool.encrypt(gzip.compress(plain.read_bytes()), our_key)
    changed = bytearray(message)
    changed[-30] ^= 1
    arrive(home, bytes(changed))
    refused = run(home, "run", "orders", "--day", "2026-11-20", "--ingest-only")
    assert refused.exit_code == 1
    assert "its integrity check fails" in refused.stderr
    assert PASSPHRASE not in refused.output
    told = run(home, "files", "orders", "--refused").stdout
    assert (home.lake / told.partition("kept as ")[2].strip()).read_bytes() == bytes(changed)
    arrive(home, message)
    done = run(home, "run", "orders", "--day", "2026-11-20", "--ingest-only")
    assert done.exit_code == 0, done.output
    outcomes = [file["outcome"] for file in json.loads(run(home, "files", "orders", "--json").stdout)]
    assert sorted(outcomes) == ["loaded", "refused"]
