"""Numbers for figures, tables, equations, listings and theorems, in reading order: attributes `number` and `label`."""

from __future__ import annotations

import re
from collections import Counter

from proceedings import languages
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.document import Document, Node, attr, attributes, classes, identifier, nodes, text, walk

UNNUMBERED = frozenset(("proof", "solution"))
THEOREMS = frozenset(languages.KINDS) - {"figure", "table", "equation", "section", "appendix", "listing"}
_BY_HAND = re.compile(r"^\s*(\S+?)[\s\u00a0]*(\d+)[.:–—-]?\s*$")


def kind_of(node: Node) -> str:
    """What is numbered about a node: 'figure', 'table', 'equation', 'listing', 'theorem' …; '' for everything else."""
    kind = node["t"]
    if kind == "Figure":
        return "figure"
    if kind == "Table":
        return "table"
    if kind == "Span" and "equation" in classes(node):
        return "equation"
    if kind == "Div":
        if "listing" in classes(node):
            return "listing"
        return next((name for name in classes(node) if name in THEOREMS), "")
    return ""


def number(document: Document, lang: str, path: str) -> list[Diagnostic]:
    """Number what is numbered, in place."""
    findings: list[Diagnostic] = []
    counts: Counter[str] = Counter()
    inner: set[int] = set()
    for node in walk(document["blocks"]):
        kind = kind_of(node)
        if not kind or id(node) in inner or "unnumbered" in classes(node) or not _is_numbered(node, kind):
            continue
        if kind == "figure":
            inner.update(id(panel) for panel in nodes(node["c"][2], "Figure"))
        counts[kind] += 1
        own = attributes(node).get("tag", "") if kind == "equation" else ""
        if own:
            counts[kind] -= 1
        value = own or str(counts[kind])
        _mark(node, value, f"({value})" if kind == "equation" else languages.label(kind, value, lang))
        if kind == "figure":
            _number_panels(node, value)
        if kind in ("figure", "table"):
            findings += _by_hand(node, kind, value, lang, path)
    if counts and not languages.has_labels(lang):
        message = f"there are no words for Figure, Table … in the language {lang!r}; the English ones are used"
        findings.append(finding("X015", message, Location(path, token="lang:"), "Tell the project the words."))
    return findings


def _is_numbered(node: Node, kind: str) -> bool:
    if kind in UNNUMBERED:
        return False
    return kind != "table" or bool(identifier(node) or text(node["c"][1][1]).strip())


def _mark(node: Node, value: str, label: str) -> None:
    pairs = [[key, old] for key, old in attr(node)[2] if key not in ("number", "label", "tag")]
    attr(node)[2] = [*pairs, ["number", value], ["label", label]]


def _number_panels(figure: Node, value: str) -> None:
    for place, panel in enumerate(nodes(figure["c"][2], "Figure")):
        letter = chr(ord("a") + place) if place < 26 else f"-{place + 1}"
        _mark(panel, f"{value}{letter}", f"({letter})")


def _by_hand(node: Node, kind: str, value: str, lang: str, path: str) -> list[Diagnostic]:
    """A caption that begins with its own number: taken away where it agrees with ours."""
    blocks = node["c"][1][1]
    if not blocks or blocks[0]["t"] not in ("Plain", "Para") or not blocks[0]["c"]:
        return []
    content = blocks[0]["c"]
    words, length = _head(content)
    found = _BY_HAND.match(words)
    if not found or not languages.names_kind(found[1], lang):
        return []
    place = Location(path, token=words.strip())
    if found[2] != value:
        message = f"the caption says {words.strip()!r}, but it is {kind} {value}"
        return [finding("X021", message, place, "Delete the number from the caption.")]
    del content[:length]
    while content and content[0]["t"] in ("Space", "SoftBreak"):
        content.pop(0)
    message = f"{words.strip()!r} is left out of the caption, which is numbered already"
    return [finding("X021", message, place, "Delete the number from the caption.")]


def _head(content: list[Node]) -> tuple[str, int]:
    """The words of a caption that may be its number, and how many nodes they are."""
    if content[0]["t"] in ("Strong", "Emph"):
        return text(content[0]), 1
    words = ""
    for count, node in enumerate(content[:3], 1):
        words += text(node)
        if node["t"] == "Str" and re.search(r"\d[.:]?$", words):
            return words, count
    return "", 0
