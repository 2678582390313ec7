"""What is wrong with one image, before anyone knows where it is used."""

from __future__ import annotations

from dataclasses import dataclass

from proceedings.diagnostics import Diagnostic, Location, finding


@dataclass(frozen=True, slots=True)
class Problem:
    """A finding without its place: a rule of the catalogue, a message and a hint."""

    code: str
    message: str
    hint: str = ""

    def at(self, location: Location) -> Diagnostic:
        return finding(self.code, self.message, location, self.hint)


class Refused(Exception):
    """The image cannot be used at all; why is the problem it carries."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(code, message, hint)
