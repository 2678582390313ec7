"""Formulas: TeX → MathML in JATS's prefix, all formulas of a document at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from lxml import etree

from proceedings import pandoc
from proceedings.document import Document, Node, div, nodes
from proceedings.renderings.jats.grammar import MATHML, NAMESPACES, Element, clean

Formula: TypeAlias = tuple[str, bool]  # TeX, and whether it is displayed

# Attributes that say how a browser should look, not what is meant.
_LOOKS = frozenset({"style", "class"})
# A formula that has no MathML is kept as what PMC takes for TeX: a whole document.
_WHOLE = (
    "\\documentclass{{article}}\n\\usepackage{{amsmath,amssymb}}\n\\begin{{document}}\n{0}{1}{0}\n\\end{{document}}"
)


def formula(math: Node) -> Formula:
    """What a Math node of the tree says."""
    return math["c"][1], math["c"][0]["t"] == "DisplayMath"


def convert(document: Document) -> dict[Formula, Element | None]:
    """The MathML of every formula of a document, metadata included; None where pandoc cannot convert it."""
    wanted = sorted({formula(node) for node in _math(document)})
    if not wanted:
        return {}
    blocks = [div([{"t": "Plain", "c": [_node(one)]}], id=f"f{number}") for number, one in enumerate(wanted)]
    html, _ = pandoc.render({**document, "meta": {}, "blocks": blocks}, "html5", "--mathml")
    holders: Any = etree.fromstring(f"<div>{html}</div>")
    return {one: holder.find(f".//{{{MATHML}}}math") for one, holder in zip(wanted, holders, strict=True)}


def _math(document: Document) -> Iterable[Node]:
    yield from nodes(document["meta"], "Math")
    yield from nodes(document["blocks"], "Math")


def _node(one: Formula) -> Node:
    tex, display = one
    return {"t": "Math", "c": [{"t": "DisplayMath" if display else "InlineMath"}, tex]}


def place(parent: Element, one: Formula, converted: Mapping[Formula, Element | None], name: str) -> bool:
    """Put a formula into `parent` with the id `name`; False where it had to stay TeX."""
    tex, display = one
    math = converted.get(one)
    if math is None:
        kept = etree.SubElement(parent, "tex-math", id=name)
        kept.text = clean(_WHOLE.format("$$" if display else "$", tex))
        return False
    root = _prefixed(parent, math)
    root.set("id", name)
    return True


def _prefixed(parent: Element, source: Element) -> Element:
    """A copy of MathML whose elements have the prefix that the DTD wants."""
    copy = etree.SubElement(parent, str(source.tag), nsmap=NAMESPACES)
    for name, value in source.items():
        if name not in _LOOKS:
            copy.set(name, value)
    copy.text = source.text
    for child in source:
        _prefixed(copy, child).tail = child.tail
    return copy
