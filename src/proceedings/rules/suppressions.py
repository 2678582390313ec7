"""Findings that need not be told: suppressed in place by a comment that says why, or said by another one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from proceedings.diagnostics import Diagnostic, finding
from proceedings.source import Source

_IGNORE = re.compile(r"(?:<!--|#)[ \t]*proceedings:[ \t]*ignore[ \t]+([A-Z]\d{3})[ \t]*(.*?)[ \t]*(?:-->|$)", re.M)


def suppressions(text: Source) -> Iterator[Diagnostic]:
    """`<!-- proceedings: ignore T202 a quotation -->` as findings of S020; the report drops those that have a purpose,
    together with what they suppress: findings of the same rule on the comment's line or the next."""
    for match in _IGNORE.finditer(text.text):
        place = text.place(match.start())
        if match[2]:
            yield finding(
                "S020",
                f"{match[1]} is suppressed here, but there is nothing to suppress",
                place,
                "Delete the comment.",
            )
        else:
            yield finding(
                "S021",
                f"{match[1]} is to be suppressed without a reason",
                place,
                "Write the reason after the code.",
            )


def without_suppressed(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Findings less those that are suppressed, and less the suppressions that had something to suppress."""
    everything = list(findings)
    wishes = {
        (item.location.path, item.location.line, item.message[:4]): item for item in everything if item.code == "S020"
    }
    dropped: set[int] = set()
    for item in everything:
        line = item.location.line or 0
        for key in ((item.location.path, line, item.code), (item.location.path, line - 1, item.code)):
            if key in wishes:
                dropped.update((id(item), id(wishes[key])))
    return [item for item in everything if id(item) not in dropped]


def without_consequences(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Findings less those about pages on which a text stands where it should not (O200) because, as is told of its
    source, a line or table is wider than the page (T302)."""
    everything = list(findings)
    wide = {item.location.path for item in everything if item.code == "T302"}
    return [
        item
        for item in everything
        if item.code != "O200" or item.location.path not in wide or " text stands " not in item.message
    ]
