"""Ids that are NCNames and unique in the volume: `slug--fig-map`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.document import Attr, Document, Node, attr, attributes, has_attr, nodes, text, walk
from proceedings.transforms.numbering import kind_of

_SHORT = {"figure": "fig", "table": "tbl", "equation": "eq", "listing": "lst", "section": "sec"}


@dataclass(frozen=True)
class Anchor:
    """A place that can be linked to: its id in the volume, its node, and the heading it stands under."""

    id: str
    node: Node
    header: Node | None


def unique(document: Document, slug: str, path: str) -> tuple[dict[str, Anchor], list[Diagnostic]]:
    """Give every id its final form, in place. Returns the anchors by what the author calls them."""
    prefix = f"_{slug}--" if slug[:1].isdigit() else f"{slug}--"
    anchors: dict[str, Anchor] = {}
    findings: list[Diagnostic] = []
    taken: set[str] = set()
    header: Node | None = None
    for node, place in _places(document):
        header = node if node["t"] == "Header" else header
        old = place[0]
        if not old and node["t"] == "Header":
            old = _slugged(text(node["c"][2]))
        if node["t"] == "Header" and _has_note_number(node, old):
            old = _slugged(text(node["c"][2]))
        if not old and not attributes(node).get("number"):
            continue
        new = _fresh(prefix, old, node, taken)
        place[0] = new
        if not old:
            continue
        if _is_keyed(node, old):
            place[2] = [*place[2], ["key", old.removeprefix("ref-")]]
        known = anchors.get(old)
        if known is None or (_is_automatic(known.node, old) and not _is_automatic(node, old)):
            anchors[old] = Anchor(new, node, header)
        elif not _is_automatic(node, old) and known.node is not node:
            message = f"the label {old!r} is given to two elements; the second is called {new.removeprefix(prefix)!r}"
            findings.append(finding("X003", message, Location(path, token=old, nth=2), "Give each a label of its own."))
    for node in nodes(document["blocks"], "Div"):
        _follow(node, anchors)
    for anchor in list(anchors.values()):
        if anchor.node["t"] == "Header":
            anchors.setdefault(_github(text(anchor.node["c"][2])), anchor)
    return anchors, findings


def _follow(node: Node, anchors: dict[str, Anchor]) -> None:
    """A reference's list of the marks that cite it names them by id."""
    for pair in attr(node)[2]:
        if pair[0] == "cited-by":
            pair[1] = " ".join(anchors[name].id for name in pair[1].split() if name in anchors)


def _places(document: Document) -> Iterator[tuple[Node, Attr]]:
    """Every attribute list that can hold an id, with the node it belongs to; the body before the metadata."""
    for node in walk([document["blocks"], document.get("meta", {})]):
        if has_attr(node):
            yield node, attr(node)
        if node["t"] == "Table":
            head, bodies, foot = node["c"][3], node["c"][4], node["c"][5]
            rows = [*head[1], *(row for body in bodies for part in (body[2], body[3]) for row in part), *foot[1]]
            for part in (head, foot, *bodies, *rows, *(cell for row in rows for cell in row[1])):
                if part[0][0]:
                    yield {"t": "Cell"}, part[0]


def _fresh(prefix: str, old: str, node: Node, taken: set[str]) -> str:
    """A new NCName for what the author calls `old`; where that says nothing in Latin letters, kind and number."""
    number = attributes(node).get("number", "1") if has_attr(node) else "1"
    name = _ncname(old) or f"{_kind(node)}-{number}"
    made, count = prefix + name, 1
    while made in taken:
        count += 1
        made = f"{prefix}{_counted(name, count)}"
    taken.add(made)
    return made


def _counted(name: str, count: int) -> str:
    """`map` → `map-2`, `sec-1` → `sec-2`."""
    return f"sec-{count}" if name == "sec-1" else f"{name}-{count}"


def _ncname(name: str) -> str:
    """A name's Latin letters and digits, joined by hyphens; '' where it has too few to be told by."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    if sum(letter.isalpha() and not letter.isascii() for letter in plain) * 2 > sum(
        letter.isalpha() for letter in plain
    ):
        return ""
    return re.sub(r"[^A-Za-z0-9_.]+", "-", plain).strip("-.")


def _kind(node: Node) -> str:
    if node["t"] == "Header":
        return "sec"
    kind = kind_of(node)
    return _SHORT.get(kind, kind) or "id"


def _is_keyed(node: Node, old: str) -> bool:
    """Whether the author's own name is worth keeping as data."""
    return bool(kind_of(node)) or old.startswith("ref-")


def _is_automatic(node: Node, name: str) -> bool:
    """Whether a heading's id was made from its text."""
    return node["t"] == "Header" and re.sub(r"-\d+$", "", name) in (_slugged(text(node["c"][2])), "section")


def _has_note_number(header: Node, name: str) -> bool:
    """Whether a heading's automatic id holds the numbers of its notes, which pandoc puts there."""
    parts = [text(part) for part in _around_notes(header["c"][2])]
    pattern = r"[^-]*?\d+".join(re.escape(_slugged(f"x{part}")[1:]) for part in parts)
    return len(parts) > 1 and name != _slugged("".join(parts)) and bool(re.fullmatch(rf"{pattern}(?:-\d+)?", name))


def _around_notes(content: list[Node]) -> list[list[Node]]:
    """Inlines between notes."""
    parts: list[list[Node]] = [[]]
    for node in content:
        if node["t"] == "Note":
            parts.append([])
        else:
            parts[-1].append(node)
    return parts


def _slugged(words: str) -> str:
    """A heading's id as pandoc makes it."""
    words = re.sub(r"[^\w\s.-]", "", words.lower())
    return re.sub(r"^[^a-z\u00aa-\uffff]+", "", re.sub(r"\s+", "-", words.strip()))


def _github(words: str) -> str:
    """A heading's id as GitHub makes it, which authors link to."""
    return re.sub(r"\s", "-", re.sub(r"[^\w\s-]", "", words.strip().lower()))
