"""A credential is tried where it is used, and a plan that would reach a place in vain is refused with the reason."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner, Result

from cdp_assets.cli.main import cdp
from cdp_assets.home import REPOSITORY, Home
from cdp_assets.state import sandboxes
from cdp_assets.state.database import State
from tests.behaviour.places import line_to, new_sftp_folder
from tests.sftp_server import SftpServer

WRONG, CHANGES, DONE = 1, 2, 0
SECRETS = {"username": "secret://env/ACME_USER", "private_key": "secret://env/ACME_KEY"}
OTHER_KEY = f"SHA256:{'A' * 43}"


class Engineer:
    """Somebody who has a partner's SFTP server to send files to."""

    def __init__(self, root: Path, server: SftpServer) -> None:
        self.config, self.home = root / "tenant_config", Home(root / "home")
        shutil.copytree(REPOSITORY / "tenant_config", self.config)
        self.folder, self.server = new_sftp_folder(server), server
        key = (server.folder / "key").read_text()
        self.environment = {"ACME_USER": server.user, "ACME_KEY": key, "CDP_USER": "ann"}
        self.write("credentials/acme", {"type": "sftp", "secrets": SECRETS})
        self.send_to()

    def write(self, name: str, values: dict[str, object]) -> None:
        """Write a file of the configuration."""
        path = self.config / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(yaml.safe_dump(values))

    def send_to(self, **changed: object) -> None:
        """Write the destination, with some of its place changed."""
        place: dict[str, object] = {"kind": "sftp", "host": "127.0.0.1", "port": self.server.port}
        place |= {"path": str(self.folder), "host_key": self.server.host_key(), **changed}
        self.write("destinations/acme", {"location": place, "credential": "acme"})

    def run(self, *arguments: str) -> Result:
        """Run a command."""
        environment = {"CDP_HOME": str(self.home.root), "CDP_TENANT_CONFIG": str(self.config), **self.environment}
        return CliRunner().invoke(cdp, arguments, env=environment)

    def tried(self) -> tuple[int, list[dict[str, object]]]:
        """Try the credential; give the exit code and what is said."""
        done = self.run("credential", "test", "acme", "--json")
        return done.exit_code, json.loads(done.stdout)


@pytest.fixture
def engineer(tmp_path: Path, sftp_server: SftpServer) -> Iterator[Engineer]:
    """An engineer before the first apply."""
    return Engineer(tmp_path, sftp_server)


def test_credentials_are_listed_without_their_values(engineer: Engineer) -> None:
    done = engineer.run("credential", "list")
    assert done.stdout.splitlines()[1].split() == ["acme", "sftp", "private_key,", "username", "destination.acme"]
    (one,) = json.loads(engineer.run("credential", "list", "--json").stdout)
    assert one == {"name": "acme", "type": "sftp", "secrets": sorted(SECRETS), "used_by": ["destination.acme"]}


def test_a_credential_that_works_says_what_it_saw(engineer: Engineer) -> None:
    assert engineer.tried()[1][0]["said"] == "logged in and listed; no file is there"
    (engineer.folder / "a.csv").write_text("x")
    code, (one,) = engineer.tried()
    assert (code, one["works"], one["address"]) == (DONE, True, "destination.acme")
    assert one["place"] == f"sftp://127.0.0.1:{engineer.server.port}/{engineer.folder}"
    assert one["said"] == "logged in and listed; the first file is a.csv"
    assert engineer.run("credential", "test", "acme").stdout.startswith("ok     destination.acme: logged in")


def test_what_is_wrong_is_told_each_by_its_own_words(engineer: Engineer) -> None:
    wrong = {
        "the server's host key is another one": {"host_key": OTHER_KEY},
        "there is no folder absent": {"path": "absent"},
        "no answer, or a part of one (ConnectionRefusedError)": {"port": 1},
    }
    for words, change in wrong.items():
        engineer.send_to(**change)
        code, (one,) = engineer.tried()
        assert (code, one["works"]) == (WRONG, False)
        assert words in str(one["said"])
    engineer.send_to()
    engineer.environment["ACME_USER"] = "somebody"
    assert "the log-in was refused" in str(engineer.tried()[1])
    engineer.environment["ACME_KEY"] = ""
    code, (one,) = engineer.tried()
    assert (code, one["address"]) == (WRONG, "credential.acme")
    assert "secret://env/ACME_KEY: env holds no value for it" in str(one["said"])


def test_a_credential_that_nobody_uses_only_has_its_secrets_looked_at(engineer: Engineer) -> None:
    (engineer.config / "destinations" / "acme.yaml").unlink()
    code, (one,) = engineer.tried()
    assert (code, one["works"], one["address"]) == (DONE, True, "credential.acme")


def test_a_credential_that_is_absent_is_a_wrong_word(engineer: Engineer) -> None:
    done = engineer.run("credential", "test", "acne")
    assert done.exit_code != DONE
    assert "There is no credential acne. Expected acme." in done.output


def test_a_sandbox_tries_only_what_it_binds(engineer: Engineer) -> None:
    engineer.run("apply", "--yes")
    assert engineer.run("sandbox", "create", "try").exit_code == DONE
    first = engineer.run("credential", "test", "acme", "--sandbox", "try")
    assert (first.exit_code, "not bound in this environment" in first.stdout) == (WRONG, True)
    bound = {"secrets": {reference: reference for reference in SECRETS.values()}}
    with State.open(engineer.home.state).write() as conn:
        sandboxes.bind(conn, "sandbox__try", bound)
    muted = engineer.run("credential", "test", "acme", "--sandbox", "try")
    assert (muted.exit_code, "muted: sandbox__try binds no endpoint" in muted.stdout) == (DONE, True)


def test_a_plan_tries_the_places_that_would_be_others(engineer: Engineer) -> None:
    engineer.send_to(host_key=OTHER_KEY)
    refused = engineer.run("plan", "-o", str(engineer.home.root / "plan.json"))
    assert refused.exit_code == WRONG
    assert "destination.acme" in refused.output
    assert "the server's host key is another one" in refused.output
    assert "`--no-connect` plans without trying" in refused.output
    applied = engineer.run("apply", "--yes")
    assert (applied.exit_code, "The plan cannot be applied" in applied.output) == (WRONG, True)
    assert engineer.run("plan", "--no-connect").exit_code == CHANGES
    engineer.send_to()
    assert engineer.run("plan").exit_code == CHANGES
    assert engineer.run("apply", "--yes").exit_code == DONE


def test_a_plan_leaves_places_alone_that_stay_as_they_are(request: pytest.FixtureRequest, engineer: Engineer) -> None:
    line = line_to(request, engineer.server.port)
    engineer.send_to(port=line.port)
    assert engineer.run("apply", "--yes", "--no-connect").exit_code == DONE
    assert line.connections == 0
    destination = engineer.config / "destinations" / "acme.yaml"
    destination.write_text(destination.read_text() + "description: Of the partner.\n")
    assert engineer.run("plan").exit_code == CHANGES
    assert line.connections == 0
    engineer.write("credentials/acme", {"type": "sftp", "secrets": SECRETS | {"username": "secret://env/CDP_USER"}})
    refused = engineer.run("plan")
    assert (refused.exit_code, "the log-in was refused" in refused.output) == (WRONG, True)
    assert line.connections == 1


def test_no_secret_is_sent_for_somebody_who_may_not_apply(request: pytest.FixtureRequest, engineer: Engineer) -> None:
    line = line_to(request, engineer.server.port)
    engineer.write("users/bob", {"full_name": "Bob", "policies": ["DataGrid Administrator"]})
    engineer.write("users/ann", {"full_name": "Ann", "policies": ["planner"]})
    statement = {"effect": "allow", "actions": ["environment:plan"], "resources": ["production"]}
    engineer.write("policies/planner", {"statements": [statement]})
    assert engineer.run("apply", "--yes").exit_code == DONE
    engineer.send_to(port=line.port)
    planned = engineer.run("plan")
    assert planned.exit_code == CHANGES
    assert "destination.acme: not tried" in planned.output
    denied = engineer.run("credential", "test", "acme")
    assert (denied.exit_code, line.connections) == (6, 0)
