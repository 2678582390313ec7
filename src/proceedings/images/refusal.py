"""What stops one image."""

from __future__ import annotations

from proceedings.diagnostics import Problem


class Refused(Exception):
    """The image cannot be used at all; why is the problem it carries."""

    def __init__(self, code: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.problem = Problem(code, message, hint)
