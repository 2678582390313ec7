"""Formulas: all of a document at once, as MathML with the prefix that JATS wants."""

from __future__ import annotations

from lxml import etree

from proceedings import maths
from proceedings.document import Document, nodes
from proceedings.maths import Formula, Rendered
from proceedings.maths.embedding import formula
from proceedings.renderings.jats.grammar import NAMESPACES, Element, clean

# Attributes that say how a browser should look, not what is meant.
_LOOKS = frozenset({"style", "class"})
# A formula that has no MathML is kept as what PMC takes for TeX: a whole document.
_WHOLE = (
    "\\documentclass{{article}}\n\\usepackage{{amsmath,amssymb}}\n\\begin{{document}}\n{0}{1}{0}\n\\end{{document}}"
)


def convert(document: Document, lang: str) -> dict[Formula, Rendered]:
    """Every formula of a document, metadata included."""
    found = [formula(math) for math in nodes([document["meta"], document["blocks"]], "Math")]
    return {item.formula: item for item in maths.render(found, lang)} if found else {}


def place(parent: Element, one: Rendered, name: str) -> None:
    """Put a formula into `parent` with the id `name`; one without MathML stays TeX."""
    if not one.mathml:
        kept = etree.SubElement(parent, "tex-math", id=name)
        kept.text = clean(_WHOLE.format(_around(one.formula), one.formula.tex))
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
    _copy(etree.fromstring(one.mathml, parser), parent).set("id", name)


def _around(formula: Formula) -> str:
    """What TeX wants on both sides of a formula."""
    if formula.tex.lstrip().startswith("\\begin{multline"):
        return ""  # it is displayed by itself
    return "$$" if formula.display else "$"


def _copy(source: Element, parent: Element) -> Element:
    """A copy of MathML, in `parent`, whose elements have the prefix that the DTD wants."""
    copies: dict[Element | None, Element] = {source.getparent(): parent}
    for element in source.iter(etree.Element):
        copy = etree.SubElement(copies[element.getparent()], str(element.tag), nsmap=NAMESPACES)
        for name, value in element.items():
            if name not in _LOOKS:
                copy.set(name, value)
        copy.text = element.text
        copy.tail = None if element is source else element.tail
        copies[element] = copy
    return copies[source]
