"""What is written for some outputs only (Quarto), and what for none: there is one text for all outputs.

What may be hidden is hidden everywhere, what may be visible is visible everywhere; where a condition is given, a
finding says so.
"""

from __future__ import annotations

import re
from collections import Counter

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.dialects.text import pieces
from proceedings.document import Document, Node, attr, attributes, classes, sequences

HIDDEN, VISIBLE = "content-hidden", "content-visible"
_CONDITION = re.compile(r"^(?:data-)?(?:when|unless)-(?:format|profile|meta)$")


def without_comments(text: str) -> str:
    """The text without LaTeX's comment environment."""
    if r"\begin{comment}" not in text:
        return text
    return "".join(piece for piece, _ in pieces(text) if not piece.startswith(r"\begin{comment}"))


def rewrite(document: Document, path: str) -> list[Diagnostic]:
    """Leave out what is hidden, in place."""
    findings: list[Diagnostic] = []
    seen: Counter[str] = Counter()
    for found in sequences([document["blocks"], document.get("meta", {})]):
        if any(_kind(node) for node in found):
            found[:] = [made for node in found for made in _shown(node, path, seen, findings)]
    return findings


def _kind(node: Node) -> str:
    names = classes(node) if node["t"] in ("Div", "Span") else []
    return next((name for name in (HIDDEN, VISIBLE, "hidden") if name in names), "")


def _shown(node: Node, path: str, seen: Counter[str], findings: list[Diagnostic]) -> list[Node]:
    kind = _kind(node)
    if not kind:
        return [node]
    seen[kind] += 1
    condition = " ".join(f'{key}="{value}"' for key, value in attributes(node).items() if _CONDITION.match(key))
    if condition:
        shown = "not printed in any output" if kind == HIDDEN else "printed in every output"
        message = f"what is `.{kind} {condition}` is {shown}: there is one text for all of them"
        place = Location(path, token=f".{kind}", nth=seen[kind])
        findings.append(finding("X025", message, place, "Write one text that holds for every output."))
    if kind != VISIBLE:
        return []
    attr(node)[1].remove(VISIBLE)
    return [node]
