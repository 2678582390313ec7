"""What a validator is: the records that judging.py works with and that each format's module fills."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from proceedings.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Problem:
    """What a validator says against a file. `part` is the file inside an EPUB, or the object of a PDF."""

    message: str
    rule: str = ""
    severity: Severity = Severity.ERROR
    part: str = ""
    line: int | None = None
    column: int | None = None


@dataclass(frozen=True, slots=True)
class NoVerdict:
    """A validator ran on a file and came to no end; `reason` completes "it was not checked: …"."""

    reason: str
    advice: str = ""


Verdict = tuple[Problem, ...]  # empty: valid


@dataclass(frozen=True, slots=True)
class Tool:
    """A validator as found here. `runtime` is what it runs on: another one makes it prove itself again."""

    version: str
    path: Path
    runtime: str = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """A validator that is not here, and how to get it."""

    reason: str
    advice: str


@dataclass(frozen=True, slots=True)
class Samples:
    """Small files of our own: one that the validator must accept, and some of which it must reject each."""

    suffix: str
    sound: bytes
    unsound: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Validator:
    """One row of the table. Those that are `in_process` run in every build, the others when asked for."""

    name: str
    applies: Callable[[Path], bool]
    in_process: bool
    locate: Callable[[], Tool | Missing]
    run: Callable[[Tool, Sequence[Path]], Mapping[Path, Verdict | NoVerdict]]
    samples: Callable[[], Samples]
