"""Verdicts by content, in the build's own cache; and the step that lets validators look at outputs in a worker."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

from proceedings.build import FileStore, Result, Workshop, digest_of, write_atomically
from proceedings.edition import Digest
from proceedings.model import Record
from proceedings.validators import validate


class Verdicts:
    """What validators have said (judging.Cache). `used` are the names of the files that were asked for."""

    def __init__(self, store: FileStore) -> None:
        self.folder = store.folder / "verdicts"
        self.used: set[str] = set()

    def get(self, key: str, /) -> Any | None:
        try:
            return json.loads(self._file(key).read_text())
        except FileNotFoundError:
            return None

    def put(self, key: str, value: Any, /) -> None:
        write_atomically(self._file(key), json.dumps(value).encode())

    def _file(self, key: str) -> Path:
        name = digest_of(key)
        self.used.add(name)
        return self.folder / name


class ShowView(Record):
    """Outputs (path below the build folder, content), and which validators are here (see validators.located)."""

    files: tuple[tuple[str, Digest], ...]
    tools: tuple[tuple[str, str], ...]


class Shown(Record):
    """That outputs were shown."""

    files: int


def show(view: ShowView, shop: Workshop) -> Result:
    """Show outputs to the validators that need no Java. They say nothing here: `verification` asks for their verdicts,
    and finds them given."""
    with tempfile.TemporaryDirectory(prefix="proceedings-outputs-") as folder:
        paths = [Path(folder) / name for name, _ in view.files]
        for path, (_, digest) in zip(paths, view.files, strict=True):
            shop.store.copy(digest, path)
        validate(paths, full=False, cache=Verdicts(shop.store))
    return Result(Shown(files=len(paths)))
