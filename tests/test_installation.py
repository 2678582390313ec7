"""The pinned data: fetched by the registries' own clients, verified, unpacked whole or not at all."""

import hashlib
import io
import os
import re
import stat
import subprocess
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from proceedings import installation
from proceedings.diagnostics import Failure, MissingProgram
from proceedings.installation import Package

ROOT = Path(__file__).parent.parent
GOOD = {"package/a.dtd": b"one", "package/deep/b.ent": b"two", "package/other.txt": b"not wanted"}


def tgz(members: dict[str, bytes], links: dict[str, str] | None = None) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as bundle:
        for name, data in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            bundle.addfile(entry, io.BytesIO(data))
        for name, target in (links or {}).items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            bundle.addfile(entry)
    return content.getvalue()


def pinned(archive: bytes, *take: str, registry: str = "npm", version: str = "1.0") -> Package:
    digest = hashlib.sha256(archive).hexdigest()
    return Package("@scope/thing", registry, version, digest, take or ("package/*.dtd", "package/deep/*"), "tests")


@pytest.fixture
def registry(tmp_path, monkeypatch):
    """A data folder of its own, and an `npm` that hands out one archive; returns the way to stock it."""
    monkeypatch.setenv("PROCEEDINGS_DATA", str(tmp_path / "data"))
    shelf = tmp_path / "bin"
    shelf.mkdir()
    npm = shelf / "npm"
    npm.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n'
        'for option in "$@"; do case $option in --pack-destination=*) into=${option#*=} ;; esac; done\n'
        f'[ -f {tmp_path}/archive ] || {{ echo "404 not found" >&2; exit 1; }}\n'
        f'cp {tmp_path}/archive "$into/thing.tgz"\n'
    )
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{shelf}{os.pathsep}{os.environ['PATH']}")

    def stock(archive: bytes | None, row: Package) -> Path:
        if archive is not None:
            (tmp_path / "archive").write_bytes(archive)
        monkeypatch.setattr(installation, "PACKAGES", (row,))
        return tmp_path

    return stock


def left_in(place: Path) -> list[str]:
    return sorted(path.name for path in (place / "data").iterdir())


def test_only_what_is_wanted_is_unpacked(registry):
    archive = tgz(GOOD, links={"package/deep/link": "/etc/passwd"})
    place = registry(archive, pinned(archive))
    with pytest.raises(MissingProgram, match="not installed"):
        installation.directory("@scope/thing")

    installation.install()

    folder = installation.directory("@scope/thing")
    files = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}
    assert files == {"a.dtd", "deep/b.ent", installation.RECEIPT}
    assert (folder / "deep" / "b.ent").read_bytes() == b"two"
    assert left_in(place) == ["scope-thing-1.0"]
    assert "--ignore-scripts" in (place / "calls").read_text()


def test_what_is_here_is_not_fetched_again_and_what_is_damaged_is(registry):
    archive = tgz(GOOD)
    place = registry(archive, pinned(archive))
    said: list[str] = []
    assert [row.name for row in installation.install(said.append)] == ["@scope/thing"]
    assert installation.install(said.append) == ()
    assert len(said) == len((place / "calls").read_text().splitlines()) == 1

    (installation.directory("@scope/thing") / installation.RECEIPT).write_text("of another choice of files")
    assert installation.find("@scope/thing") is None
    installation.install()
    assert installation.find("@scope/thing")


OUT_OF_THE_FOLDER = tgz({"package/../../../evil.dtd": b"x", "package/a.dtd": b"x"})
ABSOLUTE = tgz({"/package/a.dtd": b"x"})
FAULTS = {
    "another archive": (tgz(GOOD), pinned(b"what was pinned"), "not the pinned archive"),
    "leads out of the folder": (OUT_OF_THE_FOLDER, pinned(OUT_OF_THE_FOLDER, "*.dtd"), "unsafe path"),
    "absolute path": (ABSOLUTE, pinned(ABSOLUTE, "*.dtd"), "unsafe path"),
    "lacks a wanted file": (tgz(GOOD), pinned(tgz(GOOD), "package/*.xsd"), "does not hold package/\\*.xsd"),
    "the registry refuses": (None, pinned(b""), "could not be fetched: 404 not found"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_faulty_package_leaves_nothing_behind(registry, fault):
    archive, row, message = FAULTS[fault]
    place = registry(archive, row)
    with pytest.raises(Failure, match=message) as failure:
        installation.install()
    assert failure.value.status == 3
    assert failure.value.advice
    assert left_in(place) == []
    assert not list(place.parent.rglob("evil*"))


def test_a_folder_that_cannot_be_written_is_a_failure_with_advice(registry, tmp_path, monkeypatch):
    registry(tgz(GOOD), pinned(tgz(GOOD)))
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PROCEEDINGS_DATA", str(tmp_path / "file"))
    with pytest.raises(Failure) as failure:
        installation.install()
    assert "PROCEEDINGS_DATA" in failure.value.advice


def test_pip_itself_fetches_a_wheel(tmp_path, monkeypatch):
    wheel = tmp_path / "shelf" / "thing-1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    with zipfile.ZipFile(wheel, "w") as bundle:
        bundle.writestr("thing/schema.xsd", "<schema/>")
        bundle.writestr("thing/__init__.py", "")
        bundle.writestr("thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
        bundle.writestr("thing-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        bundle.writestr("thing-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    row = Package("thing", "pypi", "1.0", digest, ("thing/*.xsd",), "tests")
    monkeypatch.setattr(installation, "PACKAGES", (row,))
    settings = {
        "PROCEEDINGS_DATA": str(tmp_path / "data"),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheel.parent),
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, value)

    installation.install()

    assert (installation.directory("thing") / "schema.xsd").read_text() == "<schema/>"


def test_status_tells_what_is_missing_and_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setenv("PROCEEDINGS_DATA", str(tmp_path))
    monkeypatch.setattr(installation, "_search_path", lambda: str(tmp_path))
    rows = {need.name: need for need in installation.status()}
    for row in installation.PACKAGES:
        assert (rows[row.name].version, rows[row.name].advice) == (
            None,
            f"run `{installation.INSTALL_COMMAND}`",
        )
    assert (rows["java"].version, rows["java"].advice) == (None, "apt-get install default-jre-headless")
    assert len(rows) == len(list(installation.status()))


def test_the_setup_command_installs_what_doctor_advises():
    script = (ROOT / "install.sh").read_text(encoding="utf-8")
    advised = [need.advice.split() for need in installation.status() if need.advice.startswith("apt-get")]
    assert len(advised) > 5
    for *_, package in advised:
        assert f"\n{package}: " in script


def test_every_pin_is_complete():
    for row in installation.PACKAGES:
        assert row.registry in installation.CLIENTS
        assert re.fullmatch("[0-9a-f]{64}", row.sha256)
        assert row.purpose


# --- the lock files -----------------------------------------------------------------------------------------


def locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {canonicalize_name(row[1]): row[2] for row in re.finditer(r"^([\w.-]+)==([^\s;]+)", text, re.M)}


def required(*extras: str) -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    optional = project["project"]["optional-dependencies"]
    texts = project["build-system"]["requires"] + project["project"]["dependencies"]
    return [Requirement(text) for text in texts + [text for extra in extras for text in optional[extra]]]


@pytest.mark.parametrize(
    ("name", "extras"),
    [("requirements.lock", ("validate",)), ("requirements-dev.lock", ("validate", "dev"))],
)
def test_the_lock_holds_what_the_project_needs(name, extras):
    versions = locked(name)
    for requirement in required(*extras):
        version = versions.get(canonicalize_name(requirement.name))
        assert version, f"{requirement.name} is not in {name}: run `bash .ci/lock`"
        assert requirement.specifier.contains(version), f"{name} has {requirement.name} {version}: run `bash .ci/lock`"


def test_the_locks_agree_and_name_no_host():
    assert locked("requirements.lock").items() <= locked("requirements-dev.lock").items()
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert text.count("==") <= text.count("--hash=sha256:")


@pytest.mark.parametrize("arguments, status, output", [(["--help"], 0, "--dev"), (["--nonsense"], 2, "Usage")])
def test_the_setup_command_explains_itself(arguments, status, output):
    done = subprocess.run(["bash", ROOT / "install.sh", *arguments], capture_output=True, text=True, timeout=30)
    assert (done.returncode, output in done.stdout + done.stderr) == (status, True)
