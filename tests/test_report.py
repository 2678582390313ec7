"""Findings as people and machines read them."""

from __future__ import annotations

import json

from proceedings import report
from proceedings.diagnostics import Diagnostic, Location, finding


def unknown(path: str, line: int, column: int = 1, key: str = "loom") -> Diagnostic:
    return finding("C001", f"no library has the reference '{key}'", Location(path, line, column), "Correct the key.")


def nothing(path: str, number: int) -> str:
    return ""


def test_what_is_wrong_at_many_places_is_told_once_to_people() -> None:
    findings = [unknown("a.md", line) for line in (3, 9, 9, 12)]
    findings += [unknown("a.md", 5, key="shuttle"), unknown("b.md", 3), unknown("b.md", 3, 8)]
    assert report.concise(findings, nothing).splitlines() == [
        "a.md:3:1: error[C001] no library has the reference 'loom' (also at lines 9 and 12)",
        "a.md:5:1: error[C001] no library has the reference 'shuttle'",
        "b.md:3:1: error[C001] no library has the reference 'loom' (2 times)",
    ]
    text = report.text(findings, nothing)
    assert text.count("hint: Correct the key.") == 3
    assert "more: also at lines 9 and 12" in text
    assert text.endswith("7 errors in 2 files. `proceedings rule CODE` explains a code.\n")


def test_a_long_list_of_places_is_cut() -> None:
    findings = [unknown("a.md", line) for line in range(1, 30)]
    assert report.concise(findings, nothing).endswith("(also at lines 2, 3, 4, 5, 6, 7, 8, 9 and 20 more)\n")


def test_machines_get_every_place() -> None:
    findings = [unknown("a.md", line) for line in (3, 9)]
    assert [row["line"] for row in json.loads(report.as_json(findings, nothing))] == [3, 9]
    assert report.github(findings, nothing).count("::error ") == 2
