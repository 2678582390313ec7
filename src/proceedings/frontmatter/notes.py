"""What is collected while a record is rearranged: findings, and fields that have no effect here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.source import Map, location_of


class Notes:
    """Findings about one record."""

    def __init__(self, path: str) -> None:
        self.home = Location(path, 1, 1)
        self.findings: list[Diagnostic] = []
        self._idle: dict[str, dict[str, Location]] = {}  # file → field → place

    def add(self, code: str, message: str, at: Any, hint: str = "") -> None:
        """A finding about a value; `at` is the positioned value itself or a Location."""
        place = at if isinstance(at, Location) else location_of(at, self.home)
        self.findings.append(finding(code, message, place, hint))

    def idle(self, field: str, at: Any) -> None:
        """Say that a field has no effect here; all of a file become one finding."""
        place = at if isinstance(at, Location) else location_of(at, self.home)
        self._idle.setdefault(place.path, {}).setdefault(field, place)

    def close(self) -> list[Diagnostic]:
        """Every finding, those about fields without effect last."""
        for fields in self._idle.values():
            names = ", ".join(f"`{name}`" for name in fields)
            verb = "has" if len(fields) == 1 else "have"
            first = min(fields.values(), key=lambda place: (place.line or 0, place.column or 0))
            self.add(
                "M012",
                f"{names} {verb} no effect here",
                first,
                "Nothing needs to be done, unless a fact is meant.",
            )
        self._idle = {}
        return self.findings


Step = Callable[[Map, Notes], Map]  # one matter of a record: record → record
