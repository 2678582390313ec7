"""The ledger: what is made, from what, and where; and what the files on disk hold. One SQLite file."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from proceedings.build.store import file_hash
from proceedings.diagnostics import Diagnostic, Location, Severity

_GRAIN = 2_000_000_000  # nanoseconds within which a file may change twice with one time stamp, on the coarsest disks
_LAYOUT = 3  # of the tables and of the records in them: a ledger of another layout is begun anew

Signature = tuple[int, int, int, int]  # size, time of change of the content and of the file, inode


@dataclass(frozen=True)
class Row:
    """What the ledger knows of a job that was made."""

    name: str
    key: str
    view: str
    inputs: dict[str, str | None]
    value: str | None
    artifacts: tuple[tuple[str, str], ...]
    findings: tuple[Diagnostic, ...]
    memos: tuple[str, ...] = ()


class Ledger:
    """Rows by the name of their job, read when they are asked for. Also remembers the hashes of files."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._open(path)
        except sqlite3.DatabaseError:  # a damaged ledger is a build from nothing, not a lie
            self.database.close()
            for suffix in ("", "-wal", "-shm", "-journal"):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
            self._open(path)

    def _open(self, path: Path) -> None:
        self.database = sqlite3.connect(path)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=NORMAL")
        layout = self.database.execute("PRAGMA user_version").fetchone()[0]
        if layout != _LAYOUT:
            self.database.execute("DROP TABLE IF EXISTS jobs")
            self.database.execute("DROP TABLE IF EXISTS files")
            self.database.execute("DROP TABLE IF EXISTS notes")
            self.database.execute(f"PRAGMA user_version={_LAYOUT}")
        self.database.execute(
            "CREATE TABLE IF NOT EXISTS jobs (name TEXT PRIMARY KEY, key TEXT, view TEXT, inputs TEXT, value TEXT,"
            " artifacts TEXT, findings TEXT, memos TEXT)"
        )
        self.database.execute(
            "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, size INTEGER, written INTEGER, changed INTEGER,"
            " inode INTEGER, digest TEXT)"
        )
        self.database.execute("CREATE TABLE IF NOT EXISTS notes (name TEXT PRIMARY KEY, text TEXT)")
        self._files: dict[str, tuple[Signature, str]] = {}
        for name, size, written, changed, inode, digest in self.database.execute("SELECT * FROM files"):
            self._files[name] = ((size, written, changed, inode), digest)
        self._fresh: set[str] = set()

    # -- rows

    def get(self, name: str) -> Row | None:
        found = self.database.execute("SELECT * FROM jobs WHERE name=?", (name,)).fetchone()
        return _row(found) if found else None

    def rows(self, stage: str = "") -> Iterator[Row]:
        """The rows of the jobs whose name begins with `stage/`, or all, one at a time."""
        query = "SELECT * FROM jobs WHERE name >= ? AND name < ? ORDER BY name" if stage else "SELECT * FROM jobs"
        bounds = (f"{stage}/", f"{stage}0") if stage else ()  # "0" is the character after "/"
        for values in self.database.execute(query, bounds):
            yield _row(values)

    def names(self) -> set[str]:
        return {name for (name,) in self.database.execute("SELECT name FROM jobs")}

    def artifacts(self) -> dict[str, str]:
        """Path below the build folder → digest, of all that was made."""
        rows = self.database.execute("SELECT artifacts FROM jobs")
        return {path: digest for (text,) in rows for path, digest in json.loads(text)}

    def put(self, row: Row) -> None:
        findings = json.dumps([asdict(item) for item in row.findings], ensure_ascii=False)
        plain = (json.dumps(row.artifacts), findings, json.dumps(row.memos))
        values = (row.name, row.key, row.view, json.dumps(row.inputs), row.value, *plain)
        with self.database:
            self.database.execute("INSERT OR REPLACE INTO jobs VALUES (?,?,?,?,?,?,?,?)", values)

    def remove(self, name: str) -> None:
        with self.database:
            self.database.execute("DELETE FROM jobs WHERE name=?", (name,))

    # -- notes

    def note(self, name: str) -> str | None:
        """What was noted under a name."""
        found = self.database.execute("SELECT text FROM notes WHERE name=?", (name,)).fetchone()
        return str(found[0]) if found else None

    def put_note(self, name: str, text: str) -> None:
        with self.database:
            self.database.execute("INSERT OR REPLACE INTO notes VALUES (?,?)", (name, text))

    def remove_notes(self) -> None:
        with self.database:
            self.database.execute("DELETE FROM notes")

    # -- files

    def file_digest(self, path: Path | str) -> str | None:
        """The SHA-256 of a file, None where there is none. Its size, times and inode only spare the hashing."""
        name = str(path)
        signature = _signature(name)
        if signature is None:
            return None
        known = self._files.get(name)
        if known and known[0] == signature:
            return known[1]
        digest = file_hash(Path(name))
        if time.time_ns() - signature[2] > _GRAIN:  # else it may change again with the same time stamp
            self._remember(name, signature, digest)
        return digest

    def note_written(self, path: Path, digest: str) -> None:
        """Take down a file that this program has just written whole."""
        signature = _signature(str(path))
        if signature is not None:
            self._remember(str(path), signature, digest)

    def _remember(self, name: str, signature: Signature, digest: str) -> None:
        self._files[name] = (signature, digest)
        self._fresh.add(name)

    def close(self) -> None:
        if self._fresh:
            rows = [(name, *self._files[name][0], self._files[name][1]) for name in sorted(self._fresh)]
            with self.database:
                self.database.executemany("INSERT OR REPLACE INTO files VALUES (?,?,?,?,?,?)", rows)
        self.database.close()


def _signature(name: str) -> Signature | None:
    """None where there is no file: nothing at all, a folder, or a link that leads nowhere or to itself."""
    try:
        status = os.stat(name)  # noqa: PTH116 – thousands of files: a Path takes as long as the look
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino


def _row(values: tuple[str, str, str, str, str | None, str, str, str]) -> Row:
    name, key, view, inputs, value, artifacts, findings, memos = values
    return Row(
        name,
        key,
        view,
        json.loads(inputs),
        value,
        tuple((path, digest) for path, digest in json.loads(artifacts)),
        tuple(diagnostic_from(item) for item in json.loads(findings)),
        tuple(json.loads(memos)),
    )


def diagnostic_from(data: Mapping[str, Any]) -> Diagnostic:
    """The inverse of dataclasses.asdict for a finding."""
    return Diagnostic(
        data["code"],
        data["message"],
        Location(**data["location"]),
        data["hint"],
        Severity(data["severity"]),
        data["lacks"],
    )
