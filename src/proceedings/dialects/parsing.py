"""What pandoc says of a text while it parses it → findings at the author's lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from proceedings.diagnostics import Diagnostic, Location, finding

_PLACE = re.compile(r" at (?P<field>\S+_chunk )?line (?P<line>\d+) column \d+")
_UNCLOSED = re.compile(r"^Div at (?P<field>\S+_chunk )?line (?P<line>\d+) column \d+ unclosed")
# Told where they are mended or checked: X211 (notes), X210 (notes without marks), X003 (labels).
_TOLD = re.compile(r"^(?:Duplicate note reference|Note with key|Duplicate identifier)")


def findings(warnings: Iterable[str], markdown: str, fields: Mapping[str, str], path: str) -> Iterator[Diagnostic]:
    """A finding for each of pandoc's warnings. `markdown` and `fields` are the texts that it has read: lines are looked
    up there and searched for in the author's file, since texts are rewritten before they are parsed."""
    for warning in dict.fromkeys(warnings):
        if _TOLD.match(warning):
            continue
        if found := _UNCLOSED.match(warning):
            lines = _lines(found, markdown, fields)
            written, place = _place(found, lines, path)
            message = f"the division that {written} opens is never closed: all that follows belongs to it"
            yield finding("X023", message, place, "Write ::: on a line of its own where it ends.")
            continue
        found = _PLACE.search(warning)
        written, place = _place(found, _lines(found, markdown, fields), path) if found else ("", Location(path, 1, 1))
        what = warning[: found.start()] if found else warning
        if what.startswith("Macro ") and any(written in text for text in fields.values()):
            continue  # one of the metadata, which every field and the body begin with
        if name := re.match(r"Duplicate link reference '\[(.*)\]'", what):
            message = f"the address of [{name[1]}] is given twice; the first is used"
            yield finding("X217", message, place, "Delete one of the two, or give it another name.")
        else:
            yield finding("X024", f"the parser says: {what}", place, "Correct the Markdown there.")


def _lines(found: re.Match[str], markdown: str, fields: Mapping[str, str]) -> list[str]:
    """The lines of the text that a warning is about: the body, or the first field that has such a line."""
    if not found["field"]:
        return markdown.split("\n")
    texts = (text.split("\n") for text in fields.values())
    return next((lines for lines in texts if re.match(r"\s*(?::::|\[)", _line(lines, found))), [])


def _line(lines: list[str], found: re.Match[str]) -> str:
    number = int(found["line"])
    return lines[number - 1].strip() if number <= len(lines) else ""


def _place(found: re.Match[str], lines: list[str], path: str) -> tuple[str, Location]:
    """The line that a warning names, and where the author has written it."""
    written = _line(lines, found)
    before = [line.strip() for line in lines[: int(found["line"])]]
    return written, Location(path, token=written, nth=max(1, before.count(written)))
