"""What only SFTP has: host keys, log-ins, links, rights, a disk that is full, a server that cannot replace a file."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from cdp_assets.config.location import SftpLocation
from cdp_assets.errors import CdpError, DeliveryError, SourceError, Transient
from cdp_assets.exchange.locations.sftp import SftpFolder
from cdp_assets.secrets import Secret
from tests.behaviour.places import AT_ONCE, line_to, new_sftp_folder, sftp_folder
from tests.sftp_server import SMALL_BYTES, SftpServer, new_key
from tests.stingy_sftp import NAME, stingy_server

CONTENT = b"0123456789abcdef" * 100_000
PASSPHRASE = "correct horse"
ABSENT = "nothing.csv"
"""A name that nobody has: whoever is let in learns that."""
KEYS = {"rsa": ("-t", "rsa", "-b", "4096"), "ecdsa": ("-t", "ecdsa"), "ed25519": ("-t", "ed25519")}
FORMS = [(kind, form) for kind in KEYS for form in ("RFC4716", "PEM") if (kind, form) != ("ed25519", "PEM")]
"""Kind of key, and form as `ssh-keygen -m` knows it (RFC4716 is OpenSSH's own); an Ed25519 key has that one alone."""


@pytest.fixture
def folder(sftp_server: SftpServer) -> Path:
    """An empty folder of the server's user."""
    return new_sftp_folder(sftp_server)


@pytest.fixture
def location(sftp_server: SftpServer, folder: Path) -> SftpFolder:
    """The same folder, as a location."""
    return sftp_folder(sftp_server, folder)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file to send."""
    (tmp_path / "to-send").write_bytes(CONTENT)
    return tmp_path / "to-send"


def given(server: SftpServer, folder: Path, name: str, content: bytes = b"x", mode: int = 0o644) -> Path:
    """Put a file of the user's there, past the platform."""
    path = folder / name
    path.write_bytes(content)
    path.chmod(mode)
    os.chown(path, server.owner, -1)
    return path


def names(location: SftpFolder) -> list[str]:
    return [found.name for found in location.list()]


def entered(server: SftpServer, *, host_key: str | None = None, **secrets: str) -> SftpFolder:
    """Give the user's home, which is entered with these secrets when it is asked for something."""
    config = SftpLocation(host="127.0.0.1", port=server.port, host_key=host_key or server.host_key())
    held = {field: Secret(value) for field, value in ({"username": server.user} | secrets).items()}
    return SftpFolder(config, held, patience=AT_ONCE)


def refusal(act: Callable[[], object]) -> str:
    """Give the text of the error that something is refused with at once: trying again would not help."""
    with pytest.raises(CdpError) as error:
        act()
    assert not isinstance(error.value, Transient)
    return str(error.value)


@pytest.fixture(scope="session")
def key_pairs(sftp_server: SftpServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a key of each kind that the server lets in."""
    made = tmp_path_factory.mktemp("keys")
    for kind, options in KEYS.items():
        new_key(made / kind, *options)
        sftp_server.let_in((made / f"{kind}.pub").read_text())
    return made


@pytest.mark.parametrize("passphrase", ["", PASSPHRASE])
@pytest.mark.parametrize(("kind", "form"), FORMS)
def test_each_kind_of_key_lets_in(
    sftp_server: SftpServer, key_pairs: Path, tmp_path: Path, kind: str, form: str, passphrase: str
) -> None:
    shutil.copy(key_pairs / kind, tmp_path / "key")
    change = ["ssh-keygen", "-q", "-p", "-m", form, "-P", "", "-N", passphrase, "-f", str(tmp_path / "key")]
    subprocess.run(change, check=True, stdout=subprocess.DEVNULL)
    text = (tmp_path / "key").read_text()
    assert ("OPENSSH" in text) == (form == "RFC4716")
    secrets = {"private_key": text} | ({"private_key_passphrase": passphrase} if passphrase else {})
    assert entered(sftp_server, **secrets).look(ABSENT) is None
    if passphrase:
        said = refusal(lambda: entered(sftp_server, private_key=text).look(ABSENT))
        assert "`private_key` is locked. Expected `private_key_passphrase` beside it" in said
        said = refusal(lambda: entered(sftp_server, private_key=text, private_key_passphrase="wrong one").look(ABSENT))
        assert "`private_key` cannot be read" in said
        assert "wrong one" not in said


def test_a_password_lets_in_and_a_wrong_one_does_not(sftp_server: SftpServer) -> None:
    if sftp_server.password is None:
        pytest.skip("sshd checks passwords only where it is started by root with a mount namespace of its own")
    assert entered(sftp_server, password=sftp_server.password).look(ABSENT) is None
    said = refusal(lambda: entered(sftp_server, password="hunter2").look(ABSENT))
    assert said.endswith("the log-in was refused. Expected the username and password that the server knows.")
    assert "hunter2" not in said


def test_a_key_that_the_server_does_not_know_is_refused(sftp_server: SftpServer, tmp_path: Path) -> None:
    key = new_key(tmp_path / "stranger", "-t", "ed25519").read_text()
    assert "the log-in was refused" in refusal(lambda: entered(sftp_server, private_key=key).look(ABSENT))
    assert "`private_key` cannot be read" in refusal(lambda: entered(sftp_server, private_key="no key").look(ABSENT))


@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_a_server_is_known_by_any_of_its_keys_or_their_fingerprints(sftp_server: SftpServer, kind: str) -> None:
    public = sftp_server.host_key(kind)
    command = ["ssh-keygen", "-l", "-f", "-"]
    listed = subprocess.run(command, input=public, text=True, capture_output=True, check=True)
    key = (sftp_server.folder / "key").read_text()
    for host_key in (public, listed.stdout.split()[1]):
        assert entered(sftp_server, host_key=host_key, private_key=key).look(ABSENT) is None


@pytest.mark.parametrize("as_fingerprint", [False, True])
def test_a_server_with_another_key_is_not_logged_in_to(
    sftp_server: SftpServer, tmp_path: Path, as_fingerprint: bool
) -> None:
    new_key(tmp_path / "other", "-t", "ed25519")
    other = "SHA256:" + "A" * 43 if as_fingerprint else (tmp_path / "other.pub").read_text()
    log = sftp_server.folder / "log"
    before = log.read_text()
    said = refusal(lambda: entered(sftp_server, host_key=other, password="hunter2").look(ABSENT))
    assert "the server's host key is another one (SHA256:" in said
    assert "ask who runs the server before you change it" in said
    assert "password" not in log.read_text().removeprefix(before)


def test_a_folder_that_is_not_there_is_told(sftp_server: SftpServer, folder: Path, file: Path) -> None:
    absent = sftp_folder(sftp_server, folder / "absent")
    assert f"there is no folder {folder}/absent" in refusal(lambda: names(absent))
    assert f"there is no folder {folder}/absent" in refusal(lambda: absent.put("a.csv", file))
    assert not (folder / "absent").exists()


def test_what_the_user_may_not_do_is_told(
    sftp_server: SftpServer, folder: Path, location: SftpFolder, file: Path
) -> None:
    given(sftp_server, folder, "closed.csv", mode=0)
    assert "closed.csv: access is denied" in refusal(lambda: location.fetch("closed.csv"))
    folder.chmod(0o555)
    assert "a.csv: access is denied" in refusal(lambda: location.put("a.csv", file))
    assert "b/a.csv: access is denied" in refusal(lambda: location.put("b/a.csv", file))
    folder.chmod(0o755)
    assert names(location) == ["closed.csv"]


def test_links_are_neither_listed_nor_followed_out(folder: Path, location: SftpFolder, file: Path) -> None:
    (folder / "link.csv").symlink_to("../secret.txt")
    (folder / "up").symlink_to("..")
    (folder / "inner").symlink_to(folder)
    assert names(location) == []
    assert [location.look(name) for name in ("link.csv", "up/secret.txt", "up", "inner/a.csv")] == [None] * 4
    for name in ("link.csv", "up/secret.txt"):
        with pytest.raises(SourceError, match="leads out"):
            location.fetch(name)
    for name in ("up/new.csv", "up/deep/new.csv"):
        with pytest.raises(DeliveryError, match="leads out"):
            location.put(name, file)
    assert sorted(path.name for path in folder.parent.iterdir()) == ["secret.txt", "shop"]
    (folder / "inner").unlink()
    location.put("link.csv", file)
    assert (folder.parent / "secret.txt").read_text() == "secret"
    assert (folder / "link.csv").read_bytes() == CONTENT


def test_a_pipe_is_not_waited_for(folder: Path, location: SftpFolder) -> None:
    os.mkfifo(folder / "pipe.csv")
    assert names(location) == []
    with pytest.raises(SourceError, match="not a regular file"):
        location.fetch("pipe.csv")


def test_what_a_killed_put_left_is_not_listed(sftp_server: SftpServer, folder: Path, location: SftpFolder) -> None:
    given(sftp_server, folder, ".cdp-put-k1ll3d")
    assert names(location) == []


def test_a_name_that_is_not_utf8_is_told(folder: Path, location: SftpFolder) -> None:
    Path(os.fsdecode(os.fsencode(folder) + b"/caf\xe9.csv")).write_bytes(b"x")
    with pytest.raises(SourceError, match="a name there is not UTF-8"):
        names(location)


def test_a_full_disk_keeps_what_was_there(sftp_server: SftpServer, tmp_path: Path, file: Path) -> None:
    if sftp_server.small is None:
        pytest.skip("sshd has a small disk only where it is started by root with a mount namespace of its own")
    location = sftp_folder(sftp_server, "small")
    location.put("a.csv", file)
    larger = tmp_path / "larger"
    larger.write_bytes(b"x" * SMALL_BYTES)
    for name in ("a.csv", "b.csv"):
        said = refusal(lambda name=name: location.put(name, larger))
        assert f"{name}: the server refuses (Failure). Expected a folder with room" in said
    assert [path.name for path in sftp_server.small.iterdir()] == ["a.csv"]
    assert (sftp_server.small / "a.csv").read_bytes() == CONTENT


def test_a_server_that_cannot_replace_a_file_is_helped(sftp_server: SftpServer, folder: Path, file: Path) -> None:
    location = sftp_folder(sftp_server, folder, port=sftp_server.old_port)
    given(sftp_server, folder, "a.csv", b"older")
    for name in ("a.csv", "b.csv"):
        location.put(name, file)
        assert (folder / name).read_bytes() == CONTENT
    assert sorted(path.name for path in folder.iterdir()) == ["a.csv", "b.csv"]


def grown(path: Path) -> None:
    with path.open("ab") as more:
        more.write(b"x")


def cut_short(path: Path) -> None:
    os.truncate(path, len(CONTENT) * 2)


@pytest.mark.parametrize("change", [grown, cut_short])
def test_a_file_that_changes_while_it_is_read_is_not_taken(
    sftp_server: SftpServer, folder: Path, location: SftpFolder, change: Callable[[Path], None]
) -> None:
    path = given(sftp_server, folder, "a.csv", CONTENT * 4)
    with location.fetch("a.csv") as stream:
        assert stream.read(10) == CONTENT[:10]
        change(path)
        with pytest.raises(SourceError, match=r"a\.csv: was changed while it was read"):
            stream.read()
    assert names(location) == ["a.csv"]


def test_a_file_that_is_replaced_while_the_line_is_cut_is_not_mixed(
    request: pytest.FixtureRequest, sftp_server: SftpServer, folder: Path
) -> None:
    path = given(sftp_server, folder, "a.csv", CONTENT * 4)
    line = line_to(request, sftp_server.port)
    line.cut(len(CONTENT), "to_client")
    with sftp_folder(sftp_server, folder, port=line.port).fetch("a.csv") as stream:
        assert stream.read(10) == CONTENT[:10]
        given(sftp_server, folder, "new", CONTENT).rename(path)
        with pytest.raises(SourceError, match="was changed while it was read"):
            stream.read()


def test_a_server_whose_answers_are_short_is_read_whole() -> None:
    with stingy_server(CONTENT) as (port, host_key):
        config = SftpLocation(host="127.0.0.1", port=port, host_key=host_key)
        location = SftpFolder(config, {"username": Secret("a"), "password": Secret("b")}, patience=AT_ONCE)
        with location.fetch(NAME) as stream:
            assert stream.read() == CONTENT


def test_there_are_never_more_connections_than_may_be(
    request: pytest.FixtureRequest, sftp_server: SftpServer, folder: Path
) -> None:
    given(sftp_server, folder, "a.csv", CONTENT)
    line = line_to(request, sftp_server.port)
    location = sftp_folder(sftp_server, folder, port=line.port, connections=2)

    def read(_: int) -> bool:
        with location.fetch("a.csv") as stream:
            return stream.read() == CONTENT

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(read, range(12)))
    assert line.connections <= 2


def test_a_connection_that_is_lost_or_given_up_makes_room_for_another(
    request: pytest.FixtureRequest, sftp_server: SftpServer, folder: Path, file: Path
) -> None:
    line = line_to(request, sftp_server.port)
    location = sftp_folder(sftp_server, folder, port=line.port, connections=1)
    line.cut(500_000, "to_server")
    location.put("a.csv", file)
    line.down()
    with pytest.raises(SourceError, match="no answer"):
        names(location)
    line.up()
    line.cut(500_000, "to_client")
    with location.fetch("a.csv") as stream:
        assert stream.read() == CONTENT
    with location.fetch("a.csv") as stream:
        assert stream.read(10) == CONTENT[:10]
    with pytest.raises(SourceError, match="is absent"):
        location.fetch("absent.csv")
    assert names(location) == ["a.csv"]


def test_connections_are_used_again_and_end_with_the_location(
    request: pytest.FixtureRequest, sftp_server: SftpServer, folder: Path, file: Path
) -> None:
    line = line_to(request, sftp_server.port)
    location = sftp_folder(sftp_server, folder, port=line.port)
    location.put("a.csv", file)
    with location.fetch("a.csv") as stream:
        assert stream.read() == CONTENT
        assert names(location) == ["a.csv"]
    assert names(location) == ["a.csv"]
    assert (line.connections, line.living) == (2, 2)
    del location, stream
    gc.collect()
    until = time.monotonic() + 30
    while line.living and time.monotonic() < until:
        time.sleep(0.01)
    assert line.living == 0
