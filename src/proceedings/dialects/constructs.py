"""The canonical constructs that every dialect is turned into, as makers and tests of nodes."""

from __future__ import annotations

import re

from proceedings.document import Node, attr, attributes, classes, inlines

# The labels' kinds by the prefix that authors give them: `fig:map`, `fig-map`.
KINDS = {
    "fig": "figure", "figure": "figure", "sfig": "figure", "subfig": "figure",
    "tbl": "table", "tab": "table", "table": "table",
    "eq": "equation", "eqn": "equation", "equation": "equation",
    "sec": "section", "section": "section", "ch": "section", "app": "section", "appendix": "section",
    "lst": "listing", "listing": "listing", "code": "listing",
    "alg": "algorithm", "thm": "theorem", "lem": "lemma", "cor": "corollary", "prp": "proposition",
    "prop": "proposition", "cnj": "conjecture",
    "def": "definition", "exm": "example", "exr": "exercise", "sol": "solution", "rem": "remark",
}  # fmt: skip

THEOREMS = frozenset(
    "theorem lemma corollary proposition conjecture definition example exercise solution remark proof axiom property "
    "assumption observation criterion algorithm".split()
)

# What dialects call their boxes → what we call them.
BOXES = {
    "note": "note", "seealso": "note", "info": "note", "abstract": "note", "question": "note",
    "important": "warning", "attention": "warning", "caution": "warning", "danger": "warning", "error": "warning",
    "warning": "warning",
    "tip": "tip", "hint": "tip", "success": "tip",
    "admonition": "box", "topic": "box", "sidebar": "box", "margin": "box", "aside": "box", "dropdown": "box",
    "versionadded": "note", "versionchanged": "note", "deprecated": "warning",
    "card": "box", "details": "box", "box": "box",
}  # fmt: skip


def kind_of(label: str) -> str:
    """The kind that a label's prefix tells; '' where it tells none."""
    prefix = label.replace("-", ":", 1).partition(":")
    return KINDS.get(prefix[0].lower(), "") if prefix[1] else ""


def reference(label: str, style: str, written: str, content: list[Node] | None = None, template: str = "") -> Node:
    """A cross-reference. `written` is what the author wrote, for findings; `content` the author's own text."""
    pairs = [["style", style], ["written", written]]
    if template:
        pairs.append(["template", template])
    return {"t": "Link", "c": [["", ["ref"], pairs], content or [], [f"#{label}", ""]]}


def is_reference(node: Node) -> bool:
    return node["t"] == "Link" and "ref" in classes(node) and "style" in attributes(node)


def citation(keys: list[str], mode: str) -> Node:
    """A Cite node: `mode` is AuthorInText, SuppressAuthor or NormalCitation, and counts for the first key."""
    items = [
        {
            "citationId": key, "citationPrefix": [], "citationSuffix": [], "citationNoteNum": 0, "citationHash": 0,
            "citationMode": {"t": "NormalCitation" if place else mode},
        }
        for place, key in enumerate(keys)
    ]  # fmt: skip
    return {"t": "Cite", "c": [items, inlines("; ".join(f"@{key}" for key in keys))]}


def label(name: str) -> Node:
    """A label's mark, until the element that it names has been found."""
    return {"t": "Span", "c": [["", ["label"], [["label", name]]], []]}


def label_of(node: Node) -> str:
    """The label that an empty span marks; '' for every other node."""
    if node["t"] == "Span" and not node["c"][1]:
        return attributes(node).get("label", "")
    return ""


def attached_label(content: list[Node]) -> tuple[list[Node], str]:
    """Inlines without the `{#fig:x …}` that stands a space away from what it belongs to, and its label."""
    start = next(
        (place for place, node in enumerate(content) if node["t"] == "Str" and node["c"].startswith("{#")), None
    )
    if start is None or not (content[-1]["t"] == "Str" and content[-1]["c"].endswith("}")):
        return content, ""
    found = re.match(r"^\{#([\w:.-]+)", content[start]["c"])
    return (content[:start], found[1]) if found else (content, "")


NUMBERED = "numberLines"


def number_lines(block: Node, start: str = "") -> None:
    """Ask for numbers beside the lines of a CodeBlock, in place; from `start` on, where it is a number."""
    kinds, pairs = attr(block)[1:]
    kinds[:] = [*(kind for kind in kinds if kind != NUMBERED), NUMBERED]
    if start.isdecimal():
        pairs.append(["startFrom", start])


def image_only(block: Node) -> Node | None:
    """The one Image that a paragraph consists of, labels and white space aside."""
    if block["t"] not in ("Para", "Plain"):
        return None
    content, _ = attached_label(block["c"])
    rest = [node for node in content if node["t"] not in ("Space", "SoftBreak", "LineBreak") and not label_of(node)]
    return rest[0] if len(rest) == 1 and rest[0]["t"] == "Image" else None
