"""Heading levels: the top level in use becomes 1, gaps are closed."""

from __future__ import annotations

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.document import Document, Node, nodes


def level(document: Document, path: str) -> list[Diagnostic]:
    """Set the headings' levels, in place. A skipped level is a finding."""
    findings: list[Diagnostic] = []
    open_levels: list[int] = []
    for header in nodes(document["blocks"], "Header"):
        written = header["c"][0]
        above = open_levels[-1] if open_levels else 0
        if above and written > above + 1:
            message = f"a heading of level {written} below one of level {above}: level {above + 1} is skipped"
            findings.append(finding("X005", message, Location(path, token=token(header)), f"Write {'#' * (above + 1)}."))
        while open_levels and open_levels[-1] >= written:
            open_levels.pop()
        open_levels.append(written)
        header["c"][0] = len(open_levels)
    return findings


def token(header: Node) -> str:
    """What the author wrote, as far as it is plain text: '### Results'."""
    words = ""
    for node in header["c"][2]:
        if node["t"] not in ("Str", "Space"):
            break
        words += node["c"] if node["t"] == "Str" else " "
    return f"{'#' * header['c'][0]} {words}".strip()
