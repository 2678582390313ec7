"""Document → Document, the same for every dialect and output: heading levels, numbers, ids and cross-references."""

from __future__ import annotations

from proceedings.diagnostics import Diagnostic
from proceedings.document import Document
from proceedings.transforms import headings, identifiers, links, numbering


def apply(document: Document, slug: str, lang: str, path: str) -> tuple[Document, list[Diagnostic]]:
    """The canonical tree, numbered and linked. The document given is changed and returned.

    - Headings begin at level 1 and leave no level out.
    - Figures, captioned or labelled tables, equations, listings and theorems carry attributes `number` ("1",
      a subfigure's "1a") and `label` ("Figure 1", "(1)", a subfigure's "(a)") in the language `lang`.
    - Every id is an NCName that is unique in the volume: `slug--fig-map`; the author's own is the attribute `key`.
    - A cross-reference is a Link.ref with its text and the attribute `kind`; one to an undefined label is a
      Span.undefined-reference. No link inside the text leads nowhere.
    """
    findings: list[Diagnostic] = []
    findings += headings.level(document, lang, path)
    findings += numbering.number(document, lang, path)
    anchors, found = identifiers.unique(document, slug, path)
    findings += found
    findings += links.resolve(document, anchors, lang, path)
    return document, findings
