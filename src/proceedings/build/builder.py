"""The builder: runs what is not current, keeps the ledger and what lies on disk in step."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proceedings.build import pool
from proceedings.build.agenda import Agenda
from proceedings.build.jobs import Job, Milestone, Record, key
from proceedings.build.ledger import Ledger, Row
from proceedings.build.store import FileStore, digest_of, list_files, write_atomically
from proceedings.diagnostics import Diagnostic, Location, UsageFailure, finding

_CACHE, _STALE = ".cache", "stale"
_JOBS_OF_A_WORKER = 60  # then there is another: C libraries keep some of the memory of every document


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
    told: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    files: dict[str, tuple[tuple[str, str], ...]] = field(default_factory=dict)  # (path, digest)
    inputs: dict[str, str | None] = field(default_factory=dict)  # of all jobs: path → digest, None where absent
    unsure: bool = False  # a job was not made for a reason that may have passed the next time

    def findings(self) -> Iterator[Diagnostic]:
        for findings in self.told.values():
            yield from findings

    def artifacts(self) -> Iterator[tuple[str, str]]:
        for files in self.files.values():
            yield from files

    @property
    def done(self) -> int:
        return len(self.made) + len(self.kept) + len(self.failed) + len(self.skipped)


@dataclass(frozen=True)
class _Begun:
    """A job under way: its view, also as text, and why it has to run."""

    job: Job
    view: Record
    shown: str
    reason: str


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
        self.preload = preload
        self.store = FileStore(out / _CACHE / "store")
        self._executor = executor
        self._renewed = executor is None  # the processes are ours
        self._handed_out = 0  # jobs, to the present processes
        self._under_way = 1000 if executor else 2 * self.workers  # jobs that are handed out at once
        self._real_root = os.path.realpath(root)

    def __enter__(self) -> Builder:
        try:
            (self.out / _CACHE).mkdir(parents=True, exist_ok=True)
            self._lock = (self.out / _CACHE / "lock").open("w")
        except OSError as error:
            raise UsageFailure(
                f"nothing can be written to {self.out}: {error.strerror}", "Choose another --out."
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise UsageFailure(f"another build is at work in {self.out}", "Wait until it ends.") from None
        self.ledger = Ledger(self.out / _CACHE / "ledger.sqlite")
        return self

    def __exit__(self, *exception: object) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=exception[0] is None, cancel_futures=True)
        self.ledger.close()
        self._lock.close()

    def begin(self) -> None:
        """Let worker processes be prepared while the graph is still planned: to be called where some job will run."""
        if self._executor is None:
            pool.begin(self.preload)

    # -- one graph

    def run(self, jobs: Iterable[Job | Milestone]) -> Outcome:
        """Make what is not current. Results reach `Job.receive` in the order of completion."""
        agenda, outcome = Agenda(jobs), Outcome()
        running: dict[Future[Any], _Begun] = {}
        while agenda:
            while len(running) < self._under_way and (job := agenda.next()):
                begun = self._begin(job, outcome, agenda.total)
                if begun is None:
                    agenda.ended(job.name)
                else:
                    running[self._submit(begun)] = begun
            if not running:
                continue
            finished, _ = wait(running, return_when=FIRST_COMPLETED)
            if any(isinstance(future.exception(), BrokenProcessPool) for future in finished):
                finished = self._alone(running)
            for future in finished:
                begun = running.pop(future)
                self._finish(begun, future, outcome, agenda.total)
                agenda.ended(begun.job.name)
        return outcome

    def _begin(self, job: Job | Milestone, outcome: Outcome, total: int) -> _Begun | None:
        """A job that has to run; None where it is current or cannot be made, or is a milestone, which is reached."""
        if isinstance(job, Milestone):
            job.then()
            return None
        if any(name in outcome.failed or name in outcome.skipped for name in job.needs):
            outcome.skipped.append(job.name)
            self._set_aside(job.name)
            self._tell("skipped", job, outcome, total)
            return None
        view = job.view()
        shown = view.model_dump_json()
        row = self.ledger.get(job.name)
        reason = self._why_stale(job, shown, row)
        if not reason and row is not None:
            self._keep(job, row, outcome, total)
            return None
        self._tell("run", job, outcome, total, reason)
        return _Begun(job, view, shown, reason)

    def _submit(self, begun: _Begun) -> Future[Any]:
        if self._renewed and self._executor and self._handed_out >= _JOBS_OF_A_WORKER * self.workers:
            self._executor.shutdown(wait=False)  # they end what they have begun
            self._executor = None
        if self._executor is None:
            self._executor, self._handed_out = pool.processes(self.workers, self.preload), 0
        self._handed_out += 1
        root, store = str(self.root), str(self.store.folder)
        try:
            return self._executor.submit(pool.work, begun.job.step, begun.view, root, store)
        except BrokenProcessPool as error:  # a worker has died since the last look
            broken: Future[Any] = Future()
            broken.set_exception(error)
            return broken

    def _keep(self, job: Job, row: Row, outcome: Outcome, total: int) -> None:
        self._publish(row.artifacts)
        self._take(row, outcome)
        if row.value is None:
            outcome.failed.append(job.name)
        else:
            outcome.kept.append(job.name)
            job.receive(job.result.restored(row.value))
        self._tell("kept", job, outcome, total)

    def _take(self, row: Row, outcome: Outcome) -> None:
        outcome.told[row.name], outcome.files[row.name] = row.findings, row.artifacts
        outcome.inputs.update(row.inputs)

    def _finish(self, begun: _Begun, future: Future[Any], outcome: Outcome, total: int) -> None:
        job = begun.job
        if isinstance(future.exception(), BrokenProcessPool):
            self._fail(job, outcome, total, _exhausted(job))
            return
        result, shop = future.result()
        if isinstance(result, str):
            self._fail(job, outcome, total, self._bug(job, result))
            return
        value = None if result.value is None else result.value.model_dump_json()
        inputs = dict(sorted(shop.opened.items()))
        memos = tuple(sorted(shop.store.memos))
        row = Row(job.name, key(job), begun.shown, inputs, value, result.artifacts, result.findings, memos)
        old = self.ledger.get(job.name)
        if value is None:
            self._set_aside(job.name)
        self._publish(row.artifacts)
        self._drop_stale(row.artifacts)
        self.ledger.put(row)
        if old:
            self._remove(old.artifacts, keep={path for path, _ in row.artifacts})
        self._take(row, outcome)
        if value is None:
            outcome.failed.append(job.name)
        else:
            outcome.made.append(job.name)
            job.receive(result.value)
        self._tell("failed" if value is None else "made", job, outcome, total, begun.reason)

    def _alone(self, running: dict[Future[Any], _Begun]) -> set[Future[Any]]:
        """A worker died. Each job that was under way runs again in a process of its own: the one that kills its worker
        again is the guilty one."""
        suspects = [*running.values()]
        running.clear()
        if self._executor is not None:
            self._executor.shutdown(cancel_futures=True)
        for begun in suspects:
            self._executor = pool.processes(1, self.preload)
            future = self._submit(begun)
            wait([future])
            running[future] = begun
            self._executor.shutdown()
        self._executor = None
        return {*running}

    def _fail(self, job: Job, outcome: Outcome, total: int, told: Diagnostic) -> None:
        """A job that did not end as it should: told, its earlier artifacts set aside, never remembered as made."""
        self._set_aside(job.name)
        outcome.told[job.name] = (told,)
        outcome.unsure = True
        outcome.failed.append(job.name)
        self._tell("failed", job, outcome, total, told.message)

    def _bug(self, job: Job, traceback: str) -> Diagnostic:
        log = self.out / _CACHE / "bugs" / f"{job.name.replace('/', '-')}.txt"
        write_atomically(log, traceback.encode())
        last = traceback.strip().splitlines()[-1]
        return finding(
            "O902",
            f"making {job.name} met a bug of this program: {last[:160]}",
            _place(job),
            f"Please report it with {log}.",
        )

    def _tell(self, state: str, job: Job, outcome: Outcome, total: int, reason: str = "") -> None:
        self.tell(Event(state, job.name, outcome.done, total, reason))

    # -- what is current

    def _why_stale(self, job: Job, shown: str, row: Row | None) -> str:
        """Why a job has to run; '' where it is current."""
        if row is None:
            return "it was never made"
        if row.key != key(job):
            return "the program changed"
        if row.view != shown:
            return "changed: " + ", ".join(_differences(json.loads(row.view), json.loads(shown)))
        if changed := self.changed_input(row.inputs):
            return changed
        if any(not self.store.has(digest) for digest in _digests_in(row.value or "")):
            return "a part of its result is lost"
        for path, digest in row.artifacts:
            if not self.store.has(digest) and self.ledger.file_digest(self.out / path) != digest:
                return f"{path} is not there"
        return ""

    def changed_input(self, inputs: Mapping[str, str | None]) -> str:
        """What has become of the first file that is not as it was; '' where all are."""
        for path, digest in inputs.items():
            if self._input_digest(path) != digest:
                return f"{path} changed" if digest else f"{path} appeared"
        return ""

    def _input_digest(self, path: str) -> str | None:
        if path.endswith("/"):
            return digest_of(list_files(self.root / path))
        target = os.path.realpath(self.root / path)
        return self.ledger.file_digest(target) if target.startswith(self._real_root + os.sep) else None

    # -- artifacts on disk

    def _publish(self, artifacts: Iterable[tuple[str, str]]) -> None:
        for path, digest in artifacts:
            target = self.out / path
            if self.ledger.file_digest(target) != digest:
                if target.is_dir():
                    shutil.rmtree(target)
                self.store.copy(digest, target)
                self.ledger.note_written(target, digest)

    def _remove(self, artifacts: Iterable[tuple[str, str]], keep: set[str]) -> None:
        """Remove files that we wrote and that nobody has changed since."""
        for path, digest in artifacts:
            target = self.out / path
            if path not in keep and self.ledger.file_digest(target) == digest:
                target.unlink()
                _remove_empty(target.parent, self.out)

    def _set_aside(self, name: str) -> None:
        """Move the artifacts of a job that can no longer be made to stale/."""
        row = self.ledger.get(name)
        if row is None:
            return
        for path, _ in row.artifacts:
            source, target = self.out / path, self.out / _STALE / path
            if source.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                source.replace(target)
                _remove_empty(source.parent, self.out)
        self.ledger.remove(name)

    def _drop_stale(self, artifacts: Iterable[tuple[str, str]]) -> None:
        """What an earlier build had to set aside goes when it is made again."""
        for path, _ in artifacts:
            target = self.out / _STALE / path
            if target.exists():
                target.unlink()
                _remove_empty(target.parent, self.out)

    # -- what is left over

    def sweep(self, current: Iterable[str], used: Iterable[str] = ()) -> None:
        """Forget jobs that are not `current`, with their files, and bytes that no job needs; `used` are further names
        in the store. Only after a whole run."""
        names = set(current)
        gone = self.ledger.names() - names
        if gone:
            keep = {path for row in self.ledger.rows() if row.name in names for path, _ in row.artifacts}
            for name in gone:
                row = self.ledger.get(name)
                self._remove(row.artifacts if row else (), keep)
                self.ledger.remove(name)
        needed = set(used)
        for row in self.ledger.rows():
            needed.update(digest for _, digest in row.artifacts)
            needed.update(row.memos, _digests_in(row.value or ""), _digests_in(row.view))
        self.store.collect_garbage(needed)

    def clean(self) -> tuple[int, list[str]]:
        """Remove what the ledger wrote and nobody changed, then the cache: (how many files, those that were kept)."""
        there = {path: digest for path, digest in self.ledger.artifacts().items() if (self.out / path).exists()}
        kept = [path for path, digest in there.items() if self.ledger.file_digest(self.out / path) != digest]
        self.sweep(())
        shutil.rmtree(self.out / _CACHE, ignore_errors=True)
        shutil.rmtree(self.out / _STALE, ignore_errors=True)
        if not any(self.out.iterdir()):
            self.out.rmdir()
        return len(there) - len(kept), sorted(kept)


def _place(job: Job) -> Location:
    return Location(job.source or "volume.yaml", 1, 1, near=True)


def _exhausted(job: Job) -> Diagnostic:
    return finding(
        "O901",
        f"making {job.name} needed more memory or time than one contribution may have "
        f"({pool.MEMORY_BYTES // 1024**3} GB, {pool.CPU_SECONDS} s)",
        _place(job),
        "Look for a very large table, image or formula and make it smaller.",
    )


def _digests_in(text: str) -> set[str]:
    return set(re.findall(r"\b[0-9a-f]{64}\b", text))


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top and folder.is_relative_to(top):
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _differences(old: Any, new: Any, path: str = "") -> list[str]:
    """The paths at which two JSON values differ."""
    if isinstance(old, dict) and isinstance(new, dict):
        found = []
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                found += _differences(old.get(name), new.get(name), f"{path}.{name}".lstrip("."))
        return found[:6]
    return [path or "view"]
