""" "How to cite" strings: printed by citeproc-py, compared with pandoc's for the same item; pandoc's is published.

citeproc-py is stateful, lacks disambiguation, and crashes on some styles. So it gets each item alone, nothing it prints
is published, and what it says otherwise than pandoc is kept for the build's log.
"""

from __future__ import annotations

import html as entities
import json
import re
import warnings
from dataclasses import replace
from typing import Any

from proceedings import pandoc
from proceedings.bibliography import Entry, Item
from proceedings.citations import locales, repairs
from proceedings.citations.marks import cite
from proceedings.citations.styles import Style
from proceedings.diagnostics import Location
from proceedings.document import Document, attr, nodes, rewrite, text


def how_to_cite(item: Item, style: Style, lang: str = "") -> tuple[str, str, str | None]:
    """How to cite one work, as text and as HTML, and citeproc-py's string where it differs (None where it does not).

    Both strings are empty where the style prints nothing for such a work.
    """
    unnumbered = _unnumbered(style)
    blocks = _printed(item, unnumbered, lang)
    plain = _normalised(text(blocks))
    fragment = pandoc.render({**_EMPTY, "blocks": blocks}, "html")[0].strip() if plain else ""
    other = _by_citeproc_py(item, unnumbered, lang)
    return plain, fragment, None if other == plain else other


_EMPTY: Document = {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": []}


def _unnumbered(style: Style) -> Style:
    """`style` without the numbers of its list: a work cited alone has none."""
    from lxml import etree

    root: Any = etree.fromstring(style.text)
    for bibliography in root.iter(f"{{{locales.CSL}}}bibliography"):
        bibliography.attrib.pop("second-field-align", None)
    for element in list(root.iter(f"{{{locales.CSL}}}text", f"{{{locales.CSL}}}number")):
        if element.get("variable") == "citation-number" and not _in(element, "citation"):
            element.getparent().remove(element)
    return replace(style, text=etree.tostring(root, encoding="unicode"))


def _in(element: Any, name: str) -> bool:
    return any(True for _ in element.iterancestors(f"{{{locales.CSL}}}{name}"))


def _printed(item: Item, style: Style, lang: str) -> list[Any]:
    """pandoc's reference for one item; parts that a style displays apart, as running text."""
    entry = Entry("work", {**item, "id": "work"}, Location(""), "")
    done = cite(_EMPTY, [entry], style, lang, nocite=["work"])
    for div in nodes(done.document["blocks"], "Div"):
        if "csl-entry" in attr(div)[1]:
            blocks: list[Any] = rewrite(div["c"][1], _inline)
            return blocks
    return []


def _inline(node: Any) -> list[Any] | None:
    displayed = {"csl-left-margin", "csl-right-inline", "csl-block", "csl-indent"}
    if node["t"] == "Span" and displayed & set(attr(node)[1]):
        content: list[Any] = node["c"][1]
        return content
    return None


def _by_citeproc_py(item: Item, style: Style, lang: str) -> str:
    """citeproc-py's reference for one item as text; what kept it from printing one, in brackets, where it could not."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _normalised(repairs.unmarked(_citeproc_py(item, style, lang)))
    except Exception as error:  # a crash of citeproc-py must not cost a build: nothing it prints is published
        return f"[{type(error).__name__}: {error}]"


def _citeproc_py(item: Item, style: Style, lang: str) -> str:
    from io import BytesIO

    from citeproc import Citation, CitationItem, CitationStylesBibliography, CitationStylesStyle, formatter
    from citeproc.source.json import CiteProcJSON

    target = locales.resolved(lang) or locales.resolved(style.locale) or "en-US"
    sheet = CitationStylesStyle(BytesIO(style.text.encode()), locale=target, validate=False)
    source = CiteProcJSON(json.loads(json.dumps([{**item, "id": "work"}])))
    listing = CitationStylesBibliography(sheet, source, formatter.plain)
    listing.register(Citation([CitationItem("work")]))
    return "".join(str(part) for part in listing.bibliography()[0]) if listing.bibliography() else ""


def _normalised(value: str) -> str:
    return re.sub(r"\s+", " ", entities.unescape(re.sub(r"</?(?:i|b|sup|sub|span)\b[^>]*>", "", value))).strip()
