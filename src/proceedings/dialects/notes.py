"""Footnotes that pandoc drops: the first of two with the same label, as in papers that are put together from parts; and
one whose mark stands in another note."""

from __future__ import annotations

import re
from collections import Counter

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


def within_notes(text: str, path: str) -> list[Diagnostic]:
    """What is told of notes whose marks stand in other notes: pandoc prints the mark as it is written, and no note."""
    prose = blanked(text)
    labels = set(NOTE_TEXT.findall(prose))
    lost: dict[str, int] = {}  # label → which of its marks is the first that stands in a note
    seen: Counter[str] = Counter()
    in_note = after_blank = False
    for line in prose.split("\n") if len(labels) > 1 else ():
        in_note = bool(NOTE_TEXT.match(line)) or (in_note and (not after_blank or line[:1] in ("", " ", "\t")))
        after_blank = not line.strip()
        for label in NOTE_MARK.findall(line):
            seen[label] += 1
            if in_note and label in labels:
                lost.setdefault(label, seen[label])
    return [
        finding(
            "X221",
            f"the mark [^{label}] stands in a note and is printed as it is written, without its own note",
            Location(path, token=f"[^{label}]", nth=nth),
            "Write the inner note in place of its mark: ^[text].",
        )
        for label, nth in lost.items()
    ]
