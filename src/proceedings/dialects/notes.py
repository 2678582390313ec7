"""Footnotes whose label two notes have, as in papers that are put together from parts: pandoc would drop the first."""

from __future__ import annotations

import re

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.dialects.text import blanked
from proceedings.source import NOTE_MARK, NOTE_TEXT


def parted(text: str, path: str) -> tuple[str, list[Diagnostic]]:
    """The text with a label of its own for every note, and a mark for each: where there are as many marks as notes,
    they belong together in their order; else the first mark gets the marks of all."""
    if len(NOTE_TEXT.findall(text)) < 2:
        return text, []
    prose = blanked(text)
    marks, notes = _by_label(NOTE_MARK, prose), _by_label(NOTE_TEXT, prose)
    findings: list[Diagnostic] = []
    edits: list[tuple[int, int, str]] = []  # from, to, what to write there
    for label, found in notes.items():
        if len(found) == 1:
            continue
        names = [label, *(f"{label}--{number}" for number in range(2, len(found) + 1))]
        own = marks.get(label, [])
        edits += [_renamed(match, name) for match, name in zip(found, names, strict=True)]
        if len(own) == len(found):
            edits += [_renamed(match, name) for match, name in zip(own, names, strict=True)]
        elif own:
            edits.append((own[0].end(), own[0].end(), "".join(f"[^{name}]" for name in names[1:])))
        where = (
            "each is printed at a mark of its own" if len(own) == len(found) else "all are printed at the first mark"
        )
        for number in range(2, len(found) + 1):
            place = Location(path, token=f"[^{label}]:", nth=number)
            message = f"there is an earlier note with the label [^{label}]; {where}"
            findings.append(finding("X211", message, place, "Give each note a label of its own."))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text, findings


def _by_label(pattern: re.Pattern[str], prose: str) -> dict[str, list[re.Match[str]]]:
    found: dict[str, list[re.Match[str]]] = {}
    for match in pattern.finditer(prose):
        found.setdefault(match[1], []).append(match)
    return found


def _renamed(match: re.Match[str], name: str) -> tuple[int, int, str]:
    return (*match.span(1), name)
