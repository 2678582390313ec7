"""Findings as text (with the source line and a caret), concise lines, JSON, GitHub annotations and SARIF.

For people, what is wrong in the same way at many places of a file is told once, with its other lines; machines get
every finding.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from proceedings.diagnostics import Diagnostic, Severity

Lines = Callable[[str, int], str]  # (path, line number) → the line's text, "" where it cannot be read


def exit_status(findings: Iterable[Diagnostic], *, strict: bool = False) -> int:
    """0 without errors, 4 where an output is invalid or does not agree with its sources (O001, O2xx), else 1. `strict`
    counts warnings as errors."""
    bar = Severity.WARNING if strict else Severity.ERROR
    counted = [item for item in findings if item.severity >= bar]
    if any(item.code == "O001" or item.code.startswith("O2") for item in counted):
        return 4
    return 1 if counted else 0


def source_lines(root: Path) -> Lines:
    """Reads lines of the sources for display, each file once."""
    files: dict[str, list[str]] = {}

    def line(path: str, number: int) -> str:
        if path not in files:
            try:
                data = (root / path).read_bytes() if (root / path).is_file() else b""
                files[path] = [] if b"\0" in data else data.decode("utf-8-sig", "replace").split("\n")
            except OSError:
                files[path] = []
        return files[path][number - 1] if 0 < number <= len(files[path]) else ""

    return line


# --- text ---------------------------------------------------------------------------------------------------------

WIDTH = 110


def text(findings: Sequence[Diagnostic], lines: Lines, *, colour: bool = False) -> str:
    """For people: each finding with its source line, a caret and the hint; a summary at the end."""
    parts = [_paragraph(item, also, lines, colour) for item, also in gathered(findings)]
    parts.append(summary(findings, colour=colour))
    return "\n".join(parts) + "\n"


LINES_TOLD = 8


def gathered(findings: Iterable[Diagnostic]) -> list[tuple[Diagnostic, str]]:
    """Each finding, with the other places in its file of which the same is said: '' or 'also at lines 12 and 15'."""
    alike: dict[tuple[str, str, str, Severity], list[Diagnostic]] = {}
    for item in findings:
        alike.setdefault((item.location.path, item.code, item.message, item.severity), []).append(item)
    return [(first, _elsewhere(first, others)) for first, *others in alike.values()]


def _elsewhere(first: Diagnostic, others: Sequence[Diagnostic]) -> str:
    """'also at line 12', 'also at lines 12, 15, … and 9 more places', '3 times'."""
    told = sorted({item.location.line for item in others if item.location.line} - {first.location.line})
    if not told:
        return f"{len(others) + 1} times" if others else ""
    shown, rest = told[:LINES_TOLD], len(told) - LINES_TOLD
    if rest > 0:
        return f"also at lines {', '.join(map(str, shown))} and {rest} more"
    *most, last = map(str, shown)
    return f"also at lines {', '.join(most)} and {last}" if most else f"also at line {last}"


_COLOURS = {Severity.NOTE: "36", Severity.WARNING: "33", Severity.ERROR: "31", Severity.FATAL: "1;31"}


def _paint(value: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{value}\x1b[0m" if colour else value


def _paragraph(item: Diagnostic, also: str, lines: Lines, colour: bool) -> str:
    place = item.location
    label = _paint(f"{item.severity.label}[{item.code}]", _COLOURS[item.severity], colour)
    shown = [f"{_paint(str(place), '1', colour)}: {label} {item.message}"]
    source = lines(place.path, place.line) if place.line else ""
    if source.strip():
        shown += _excerpt(source, place.line or 0, place.column or 1, colour, caret=not place.near)
    if also:
        shown.append(_paint("  more: ", "2", colour) + also)
    if item.hint:
        shown.append(_paint("  hint: ", "2", colour) + item.hint)
    return "\n".join(shown) + "\n"


def _excerpt(source: str, number: int, column: int, colour: bool, *, caret: bool) -> list[str]:
    """The line, cut to the width around the column, and a caret below it."""
    source = source.replace("\t", " ")
    start = 0
    if len(source) > WIDTH:
        start = max(0, min(column - WIDTH // 2, len(source) - WIDTH))
    cut = ("…" if start else "") + source[start : start + WIDTH] + ("…" if start + WIDTH < len(source) else "")
    gutter = f"{number:>6} | "
    result = [_paint(gutter, "2", colour) + cut]
    if caret:
        result.append(
            " " * (len(gutter) + _columns(cut, column - 1 - start + (1 if start else 0))) + _paint("^", "1;32", colour)
        )
    return result


def _columns(value: str, count: int) -> int:
    """How many terminal columns the first `count` characters take."""
    import unicodedata

    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in value[: max(count, 0)]
    )


def summary(findings: Sequence[Diagnostic], *, colour: bool = False) -> str:
    """'2 errors, 1 warning in 3 files.'"""
    if not findings:
        return _paint("No findings.", "32", colour)
    counts = Counter(item.severity for item in findings)
    parts = [
        f"{counts[severity]} {name if counts[severity] == 1 else plural}"
        for severity, name, plural in (
            (Severity.FATAL, "fatal error", "fatal errors"),
            (Severity.ERROR, "error", "errors"),
            (Severity.WARNING, "warning", "warnings"),
            (Severity.NOTE, "note", "notes"),
        )
        if counts[severity]
    ]
    files = len({item.location.path for item in findings})
    return f"{', '.join(parts)} in {files} file{'s' if files != 1 else ''}. `proceedings rule CODE` explains a code."


# --- for machines ---------------------------------------------------------------------------------------------------


def concise(findings: Sequence[Diagnostic], lines: Lines, *, colour: bool = False) -> str:
    """One line each, as compilers write them."""
    return "".join(
        f"{item.location}: {item.severity.label}[{item.code}] {item.message}{f' ({also})' if also else ''}\n"
        for item, also in gathered(findings)
    )


def as_json(findings: Sequence[Diagnostic], lines: Lines, *, colour: bool = False) -> str:
    rows = [
        {
            "code": item.code,
            "rule": _rule_name(item.code),
            "severity": item.severity.label,
            "path": item.location.path,
            "line": item.location.line,
            "column": item.location.column,
            "near": item.location.near,
            "message": item.message,
            "hint": item.hint,
        }
        for item in findings
    ]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def github(findings: Sequence[Diagnostic], lines: Lines, *, colour: bool = False) -> str:
    """Workflow commands: GitHub shows them beside the lines of a pull request."""
    kinds = {
        Severity.NOTE: "notice",
        Severity.WARNING: "warning",
        Severity.ERROR: "error",
        Severity.FATAL: "error",
    }
    return "".join(
        f"::{kinds[item.severity]} file={_property(item.location.path)},line={item.location.line or 1},"
        f"col={item.location.column or 1},title={_property(item.code + ' ' + _rule_name(item.code))}::"
        f"{_data(item.message + (chr(10) + item.hint if item.hint else ''))}\n"
        for item in findings
    )


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(value).replace(":", "%3A").replace(",", "%2C")


def sarif(findings: Sequence[Diagnostic], lines: Lines, *, colour: bool = False) -> str:
    """SARIF 2.1.0, which code-scanning services take."""
    from proceedings import __version__
    from proceedings.catalogue import RULES

    levels = {
        Severity.NOTE: "note",
        Severity.WARNING: "warning",
        Severity.ERROR: "error",
        Severity.FATAL: "error",
    }
    used = sorted({item.code for item in findings} & set(RULES))
    rules = [
        {
            "id": code,
            "name": RULES[code].name,
            "shortDescription": {"text": RULES[code].summary},
            "fullDescription": {"text": RULES[code].why},
            "help": {"text": RULES[code].fix},
        }
        for code in used
    ]
    results: list[dict[str, Any]] = [
        {
            "ruleId": item.code,
            "level": levels[item.severity],
            "message": {"text": item.message + (f" {item.hint}" if item.hint else "")},
            "locations": [
                {
                    "physicalLocation": {
                        "artifactLocation": {"uri": item.location.path},
                        "region": {
                            "startLine": item.location.line or 1,
                            "startColumn": item.location.column or 1,
                        },
                    }
                }
            ],
        }
        for item in findings
    ]
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": {"name": "proceedings", "version": __version__, "rules": rules}},
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(log, ensure_ascii=False, indent=1) + "\n"


def _rule_name(code: str) -> str:
    from proceedings.catalogue import RULES

    return RULES[code].name if code in RULES else ""


FORMATS: dict[str, Callable[..., str]] = {
    "text": text,
    "concise": concise,
    "json": as_json,
    "github": github,
    "sarif": sarif,
}
