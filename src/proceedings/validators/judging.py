"""Files shown to validators: verdicts, what is remembered of them, and the gaps in the checking."""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from proceedings.diagnostics import Diagnostic, Location, Severity, finding
from proceedings.installation import INSTALL_COMMAND
from proceedings.validators.interface import Missing, NoVerdict, Problem, Tool, Validator, Verdict


class Cache(Protocol):
    """Verdicts of earlier runs. Values are plain JSON; a key names validator, version and content."""

    def get(self, key: str, /) -> Any | None: ...

    def put(self, key: str, value: Any, /) -> None: ...


class Forgetful:
    """The cache of those who want none."""

    def get(self, key: str, /) -> None:
        return None

    def put(self, key: str, value: Any, /) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Unchecked:
    """A file that a validator did not see (`validator` is empty where none knows its format)."""

    path: Path
    validator: str
    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked by which validator, what they said, and what was not checked. Paths are as given."""

    problems: Mapping[Path, tuple[tuple[str, Problem], ...]]  # with the name of the validator
    checked: Mapping[str, tuple[Path, ...]]  # by validator and version
    unchecked: tuple[Unchecked, ...]

    @property
    def valid(self) -> bool:
        """No validator found an error. It says nothing about the files in `unchecked`."""
        found = (problem for problems in self.problems.values() for _, problem in problems)
        return all(problem.severity < Severity.ERROR for problem in found)


def judge(validators: Iterable[Validator], paths: Iterable[Path], *, full: bool, cache: Cache) -> Report:
    """Show each file to the validators that know its format. Without `full`, those that do not run in this
    process only tell again what is remembered of them."""
    files = tuple(dict.fromkeys(paths))
    draft = _Draft()
    for validator in validators:
        mine = [path for path in files if path.is_file() and validator.applies(path)]
        if mine:
            _show(validator, mine, full, cache, draft)
    for path in files:
        if path not in draft.seen:
            reason = "no official validator knows the format" if path.is_file() else "it is not there"
            draft.unchecked.append(Unchecked(path, "", reason, ""))
    return draft.report()


@dataclass(slots=True)
class _Draft:
    """A report in the making."""

    seen: set[Path] = field(default_factory=set)
    problems: dict[Path, list[tuple[str, Problem]]] = field(default_factory=dict)
    checked: dict[str, list[Path]] = field(default_factory=dict)
    unchecked: list[Unchecked] = field(default_factory=list)

    def add(self, validator: Validator, tool: Tool, path: Path, verdict: Verdict) -> None:
        self.checked.setdefault(f"{validator.name} ({tool.version})", []).append(path)
        if verdict:
            self.problems.setdefault(path, []).extend((validator.name, problem) for problem in verdict)

    def skip(self, validator: Validator, paths: Iterable[Path], reason: str, advice: str) -> None:
        self.unchecked.extend(Unchecked(path, validator.name, reason, advice) for path in paths)

    def report(self) -> Report:
        return Report(
            {path: tuple(self.problems[path]) for path in sorted(self.problems)},
            {name: tuple(sorted(paths)) for name, paths in self.checked.items()},
            tuple(sorted(self.unchecked, key=lambda row: (row.path, row.validator))),
        )


def _show(validator: Validator, paths: list[Path], full: bool, cache: Cache, draft: _Draft) -> None:
    draft.seen.update(paths)
    tool = validator.locate()
    if isinstance(tool, Missing):
        draft.skip(validator, paths, tool.reason, tool.advice)
        return

    keys = {path: _key(validator, tool.version, path.read_bytes()) for path in paths}
    rest = []
    for path in paths:
        known = _recall(cache, keys[path])
        if known is None:
            rest.append(path)
        else:
            draft.add(validator, tool, path, known)

    for path, verdict in _fresh(validator, tool, rest, full, cache).items():
        if isinstance(verdict, NoVerdict):
            draft.skip(validator, [path], verdict.reason, verdict.advice)
        else:
            _remember(cache, keys[path], verdict)
            draft.add(validator, tool, path, verdict)


def _fresh(
    validator: Validator, tool: Tool, paths: Sequence[Path], full: bool, cache: Cache
) -> Mapping[Path, Verdict | NoVerdict]:
    """Run a validator on files of which nothing is remembered, if it may run and can be believed."""
    if not paths:
        return {}
    if not (full or validator.in_process):
        return dict.fromkeys(paths, NoVerdict("it takes long to start", "run `proceedings verify`"))
    if doubt := self_test(validator, tool, cache):
        return dict.fromkeys(paths, NoVerdict(doubt, f"install it anew (`{INSTALL_COMMAND}`) or report it"))
    verdicts = validator.run(tool, paths)
    return {path: verdicts.get(path, NoVerdict("it said nothing of this file")) for path in paths}


def self_test(validator: Validator, tool: Tool, cache: Cache) -> str:
    """Why the validator must not be believed, or "": it must tell the sound sample from the unsound."""
    samples = validator.samples()
    contents = (samples.sound, *samples.unsound)
    key = _key(validator, f"{tool.version} on {tool.runtime}", b"\0".join(contents))
    known = cache.get(key)
    if isinstance(known, str):
        return known

    with tempfile.TemporaryDirectory(prefix="proceedings-samples-") as folder:
        paths = [Path(folder) / f"{number}{samples.suffix}" for number in range(len(contents))]
        for path, content in zip(paths, contents, strict=True):
            path.write_bytes(content)
        verdicts = validator.run(tool, paths)
    outcome = [verdicts.get(path, NoVerdict("it said nothing")) for path in paths]
    stopped = next((verdict for verdict in outcome if isinstance(verdict, NoVerdict)), None)
    if stopped is not None:
        return f"it failed its self-test: {stopped.reason}"
    doubt = _doubt([verdict for verdict in outcome if not isinstance(verdict, NoVerdict)])
    cache.put(key, doubt)
    return doubt


def _doubt(verdicts: Sequence[Verdict]) -> str:
    sound, *unsound = verdicts
    if sound:
        return f"it failed its self-test: it rejects a sound file ({sound[0].message})"
    accepted = sum(not any(problem.severity >= Severity.ERROR for problem in verdict) for verdict in unsound)
    if accepted:
        return f"it failed its self-test: it accepts {accepted} of {len(unsound)} files that are wrong"
    return ""


def _key(validator: Validator, version: str, content: bytes) -> str:
    return f"{validator.name}|{version}|{hashlib.sha256(content).hexdigest()}"


def _recall(cache: Cache, key: str) -> Verdict | None:
    rows = cache.get(key)
    if rows is None:
        return None
    return tuple(Problem(row[0], row[1], Severity(row[2]), *row[3:]) for row in rows)


def _remember(cache: Cache, key: str, verdict: Verdict) -> None:
    cache.put(key, [list(astuple(problem)) for problem in verdict])


def findings(report: Report, root: Path) -> Iterator[Diagnostic]:
    """A report as findings: each error at its output file (relative to `root`), a warning that is said several times of
    a file once, at its first place; each kind of gap once."""
    for path, problems in report.problems.items():
        warned = Counter(_kind(validator, problem) for validator, problem in problems)
        for validator, problem in problems:
            times = 1 if problem.severity >= Severity.ERROR else warned.pop(_kind(validator, problem), 0)
            if not times:
                continue
            code = "O001" if problem.severity >= Severity.ERROR else "O002"
            rule = f" [{problem.rule}]" if problem.rule else ""
            name = _relative(path, root)
            within = Location(problem.part or name, problem.line, problem.column)
            message = f"{within}: {problem.message}" if problem.part else problem.message
            place = Location(name) if problem.part else within
            often = f" ({times} times)" if times > 1 else ""
            yield finding(code, f"{validator} says: {message}{rule}{often}", place)

    for (reason, advice), gaps in sorted(_gaps(report).items()):
        message = f"{', '.join(what for what, _ in gaps)}: {reason}"
        yield finding("O003", message, Location(_relative(gaps[0][1], root)), advice)


def _kind(validator: str, problem: Problem) -> tuple[str, str, str, str]:
    """What two warnings have in common that say the same of one file."""
    return validator, problem.part, problem.rule, problem.message


def _gaps(report: Report) -> dict[tuple[str, str], list[tuple[str, Path]]]:
    """Why something was not checked, and how that is mended → which files by which validators, and the first file."""
    files: dict[tuple[str, str, str], list[Path]] = {}
    for row in report.unchecked:
        files.setdefault((row.reason, row.advice, row.validator), []).append(row.path)
    names: dict[tuple[str, str, tuple[Path, ...]], list[str]] = {}
    for (reason, advice, validator), paths in sorted(files.items()):
        names.setdefault((reason, advice, tuple(paths)), []).append(validator)
    gaps: dict[tuple[str, str], list[tuple[str, Path]]] = {}
    for (reason, advice, seen), by in names.items():
        who = f" by {_listed(by)}" if any(by) else ""
        gaps.setdefault((reason, advice), []).append((f"{_counted(seen)} not checked{who}", seen[0]))
    return gaps


def _listed(names: Sequence[str]) -> str:
    """'a, b and c'."""
    *first, last = sorted(names)
    return f"{', '.join(first)} and {last}" if first else last


def _counted(paths: Sequence[Path]) -> str:
    """One file by its name, several by their formats: "12 .html and 1 .css files"."""
    if len(paths) == 1:
        return paths[0].name
    formats = Counter(path.suffix or path.name for path in paths)
    return " and ".join(f"{formats[suffix]} {suffix}" for suffix in sorted(formats)) + " files"


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()
