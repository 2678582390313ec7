"""pandoc's title block (`% title`, `% authors`, `% date` at the top of a text), and heads that are no metadata."""

from __future__ import annotations

import re

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.frontmatter.fields import vocabulary
from proceedings.source import Map, Scalar, Seq, Source

_HEAD = re.compile(
    r"\s*(?P<field>title|authors?|date|keywords|abstract):[ \t]+\S[^\n]*\n(?:[ \t]+\S[^\n]*\n)*(?:\n|[\w -]+:)", re.I
)


def take(data: Map, text: Source) -> None:
    """Add what the title block says and `data` does not."""
    known = {vocabulary().find(key) for key in data}
    for field in ("title", "authors", "date"):
        lines = _lines(text, field)
        if not lines or field in known:
            continue
        if field == "authors":
            names = [part for line in lines for part in _split(line, text)]
            data[Scalar.of(field, lines[0].location)] = Seq.of(names, lines[0].location)
        else:
            data[Scalar.of(field, lines[0].location)] = Scalar.of(" ".join(lines), lines[0].location)


def _lines(text: Source, field: str) -> list[Scalar]:
    """The lines of one part of the block that say something, each where its words begin."""
    begin, end = text.title_block.get(field, (0, 0))
    found = re.finditer(r"^[%\s]*(\S[^\n]*?)[ \t]*$", text.text[begin:end], re.M)
    return [Scalar.of(match[1], text.place(begin + match.start(1))) for match in found]


def _split(line: Scalar, text: Source) -> list[Scalar]:
    """'Jane Doe; John Roe' → each name where it stands."""
    place = line.location
    return [Scalar.of(found[0].strip(), Location(place.path, place.line, (place.column or 1) + found.start()))
            for found in re.finditer(r"(?<![^;\s])\S[^;]*", line)]  # fmt: skip


def outside(text: Source) -> list[Diagnostic]:
    """The finding for fields at the top of a text that no `---` marks as metadata (MultiMarkdown's)."""
    found = _HEAD.match(text.text) if not text.body_start else None
    if not found:
        return []
    message = (
        f"the fields that begin here (`{found['field']}: …`) stand in no metadata block, so they are printed as text"
    )
    return [finding("S012", message, text.place(found.start("field")), "Write --- on a line above and below them.")]
