"""What the tests share: the small sound volume, built once, and a way to run the pipeline in this process."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import Executor, Future
from pathlib import Path

import pytest

from proceedings import pipeline, validators

ROOT = Path(__file__).parent.parent
VOLUME = Path(__file__).parent / "volume"


def pytest_addoption(parser: pytest.Parser) -> None:
    text = "write what is made now as what is expected, for a person to read"
    parser.addoption("--accept", action="store_true", help=text)


class Inline(Executor):
    """Runs each job at once in this process: no start of workers, and coverage and breakpoints work."""

    def submit(self, function, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        future: Future = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


@pytest.fixture(scope="session")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sound volume, built whole. Not to be changed: see `volume`."""
    root = tmp_path_factory.mktemp("sound") / "volume"
    shutil.copytree(VOLUME, root)
    report = pipeline.build(request_for(root), executor=Inline())
    assert report.findings == []
    return root


@pytest.fixture
def volume(sound: Path, tmp_path: Path) -> Path:
    """A copy of the sound volume with all that was made of it, to change as a test needs."""
    root = tmp_path / "volume"
    shutil.copytree(sound, root)
    return root


@pytest.fixture
def unaided(monkeypatch: pytest.MonkeyPatch) -> None:
    """No official validator helps: only what the files say."""
    monkeypatch.setattr(validators, "VALIDATORS", ())


def request_for(root: Path, **options: object) -> pipeline.Request:
    return pipeline.Request(root=root, out=root / "build", **options)  # type: ignore[arg-type]


def run(root: Path, **options: object) -> pipeline.Report:
    """One run of the pipeline over a volume, in this process."""
    return pipeline.build(request_for(root, **options), executor=Inline())


def shared() -> Path | None:
    """The folder with real papers and measured results that stands beside the developers' checkout, if it is there."""
    folder = Path(os.environ.get("PROCEEDINGS_SHARED", ROOT.parent / "shared"))
    return folder if (folder / "corpus").is_dir() else None
