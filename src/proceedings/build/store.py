"""Files: bytes by their hash, atomic writes, and listings of folders."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Set
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO

_BLOCK = 1 << 20  # bytes that are in memory at once


class FileStore:
    """Bytes by their SHA-256, below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.memos: set[str] = set()  # names of those that were taken or made

    def path(self, digest: str) -> Path:
        return self.folder / digest[:2] / digest

    def get(self, digest: str) -> bytes:
        return self.path(digest).read_bytes()

    def has(self, digest: str) -> bool:
        return self.path(digest).exists()

    def put(self, data: bytes) -> str:
        digest = hashlib.sha256(data).hexdigest()
        path = self.path(digest)
        if not path.exists():
            write_atomically(path, data)
        return digest

    def put_file(self, file: IO[bytes]) -> str:
        """The whole of an open file, however large, without its bytes in memory."""
        file.seek(0)
        total = hashlib.sha256()
        while block := file.read(_BLOCK):
            total.update(block)
        digest = total.hexdigest()
        path = self.path(digest)
        if not path.exists():
            file.seek(0)
            with written_atomically(path) as target:
                shutil.copyfileobj(file, target, _BLOCK)
        return digest

    def memo(self, kind: str, data: bytes, make: Callable[[], bytes]) -> bytes:
        """`make()`, remembered by the hash of `data`: for work that several jobs share. `kind` names the work, and the
        version of what does it."""
        name = digest_of([kind, hashlib.sha256(data).hexdigest()])
        self.memos.add(name)
        path = self.folder / "memo" / name
        if path.exists():
            return path.read_bytes()
        made = make()
        write_atomically(path, made)
        return made

    def copy(self, digest: str, path: Path) -> None:
        """Write what the store holds to a file, atomically."""
        with self.path(digest).open("rb") as file, written_atomically(path) as target:
            shutil.copyfileobj(file, target, _BLOCK)

    def collect_garbage(self, used: Set[str]) -> None:
        """Remove everything but what is `used`: bytes by their digest, and memos by their name."""
        for path in self.folder.glob("*/*"):
            if path.name not in used:
                path.unlink()


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside the target and rename: a reader sees the old file or the new one, whole."""
    with written_atomically(path) as file:
        file.write(data)


@contextmanager
def written_atomically(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which takes its place when all is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as handle:
            yield handle
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(value: Any) -> str:
    """SHA-256 of a canonical JSON form of plain data."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def list_files(folder: Path, depth: int = 4) -> list[str]:
    """The files below a folder as sorted relative paths, hidden ones left out; links are not followed. A folder that
    may not be looked into stands there by its own name, like a file."""
    found: list[str] = []

    def visit(here: Path, prefix: str, left: int) -> None:
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError:
            found.append(prefix.rstrip("/") or ".")
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            name = os.fsencode(entry.name).decode("utf-8", "backslashreplace")
            if entry.is_dir(follow_symlinks=False):
                if left:
                    visit(Path(entry.path), f"{prefix}{name}/", left - 1)
            else:
                found.append(prefix + name)

    visit(folder, "", depth)
    return found
