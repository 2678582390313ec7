"""Heading levels: the top level in use becomes 1, gaps are closed."""

from __future__ import annotations

from proceedings import languages
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.document import Document, Node, classes, nodes, text


def level(document: Document, lang: str, path: str) -> list[Diagnostic]:
    """Set the headings' levels and mark the appendices, in place. A skipped level is a finding."""
    findings: list[Diagnostic] = []
    open_levels: list[int] = []
    for header in nodes(document["blocks"], "Header"):
        written = header["c"][0]
        above = open_levels[-1] if open_levels else 0
        if above and written > above + 1:
            message = f"a heading of level {written} below one of level {above}: level {above + 1} is skipped"
            findings.append(
                finding("X005", message, Location(path, token=token(header)), f"Write {'#' * (above + 1)}.")
            )
        while open_levels and open_levels[-1] >= written:
            open_levels.pop()
        open_levels.append(written)
        header["c"][0] = len(open_levels)
        if len(open_levels) == 1 and _is_appendix(header, lang) and "appendix" not in classes(header):
            header["c"][1][1].append("appendix")
    return findings


def _is_appendix(header: Node, lang: str) -> bool:
    words = text(header["c"][2]).casefold().split()
    return bool(words) and words[0].strip(".:") in {"appendix", languages.word("appendix", lang).casefold()}


def token(header: Node) -> str:
    """What the author wrote, as far as it is plain text: '### Results'."""
    words = ""
    for node in header["c"][2]:
        if node["t"] not in ("Str", "Space"):
            break
        words += node["c"] if node["t"] == "Str" else " "
    return f"{'#' * header['c'][0]} {words}".strip()
