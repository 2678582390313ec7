"""Findings: what is wrong in the author's sources, as values; and failures: what stops a run, as exceptions.

A finding names a rule of the catalogue (catalogue.py), a place and a message. It is collected, never thrown.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import IntEnum


class Severity(IntEnum):
    """How much a finding matters. From ERROR on the exit status is 1; FATAL leaves the contribution out."""

    NOTE = 0
    WARNING = 1
    ERROR = 2
    FATAL = 3

    @property
    def label(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Location:
    """A place in a source file: path relative to the volume's root, line and column counted from 1.

    A finding made late (in a writer, a validator) does not know the line. It gives the `token` that the author
    wrote (a TeX formula, an image's path, `@key`) and which occurrence of it is meant; `source.resolve` finds it.
    """

    path: str
    line: int | None = None
    column: int | None = None
    token: str = ""
    nth: int = 1
    near: bool = False  # the place is the best known, not the exact one

    def __str__(self) -> str:
        place = self.path
        if self.line is not None:
            place += f":{self.line}"
            if self.column is not None:
                place += f":{self.column}"
        return place


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the catalogue. `summary` completes "this rule reports …"; `why` and `fix` are for `rule CODE`."""

    code: str
    name: str
    severity: Severity
    summary: str
    why: str
    fix: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding. `severity` is the rule's own unless volume.yaml re-grades it; `lacks` names what is absent: a
    field, a relation or a section of the contribution."""

    code: str
    message: str
    location: Location
    hint: str = ""
    severity: Severity = field(default=Severity.ERROR)
    lacks: str = ""

    def at(self, location: Location) -> Diagnostic:
        return replace(self, location=location)

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        place = self.location
        return (place.path, place.line or 0, place.column or 0, self.code, self.message)


def finding(code: str, message: str, location: Location, hint: str = "", lacks: str = "") -> Diagnostic:
    """Make a finding of the catalogue's rule `code`, with that rule's severity. KeyError on an unknown code."""
    from proceedings.catalogue import RULES

    return Diagnostic(code, message, location, hint, RULES[code].severity, lacks)


MANY = 500


def fewer(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Findings without those that say of one file what `MANY` others have said: how many these are is told instead.

    One alone is not left out for a line that says so; so what is made of what was made before is the same.
    """
    told: list[Diagnostic] = []
    left: dict[tuple[str, str], list[Diagnostic]] = {}
    said: Counter[tuple[str, str]] = Counter()
    for item in findings:
        kind = (item.code, item.location.path)
        said[kind] += 1
        if said[kind] <= MANY:
            told.append(item)
        else:
            left.setdefault(kind, []).append(item)
    return [*told, *(items[0] if len(items) == 1 else _counted(items) for items in left.values())]


def _counted(items: Sequence[Diagnostic]) -> Diagnostic:
    return replace(items[0], message=f"from here on the same is found {len(items):,} times more")


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding that does not know its place yet: what converts one image or formula cannot tell where it is used."""

    code: str
    message: str
    hint: str = ""

    def at(self, location: Location) -> Diagnostic:
        return finding(self.code, self.message, location, self.hint)


class Failure(Exception):
    """Something about the run, not about a source: told once by the CLI, with what to do and an exit status."""

    status = 2

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice


class UsageFailure(Failure):
    """The command or the configuration cannot be used as it is."""

    status = 2


class MissingProgram(Failure):
    """A program, library or data file that this run needs is not installed."""

    status = 3


def said(error: Exception) -> str:
    """What an exception says, without the places in memory that libraries name, which differ from run to run."""
    return re.sub(r"(?:stream )?<[\w.]+ object at 0x[0-9a-f]+>:? ?", "", str(error))


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A hint for a misspelt name; '' where nothing known is near."""
    import difflib

    near = difflib.get_close_matches(name, sorted(known), 1)
    return f"Did you mean {near[0]!r}?" if near else ""
