""" "How to cite" strings: printed by citeproc-py, compared with pandoc's for the same item; pandoc's is published.

citeproc-py is stateful, lacks disambiguation, and crashes on some styles. So it gets each item alone, nothing it prints
is published, and what it says otherwise than pandoc is kept for the build's log.
"""

from __future__ import annotations

import html as entities
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from proceedings.bibliography import Entry, Item
from proceedings.citations import locales, repairs
from proceedings.citations.marks import cite
from proceedings.citations.styles import Style
from proceedings.diagnostics import Location
from proceedings.document import Document, attr, nodes, rewrite, text
from proceedings.edition import FIRST_FOLIO, LAST_FOLIO


@dataclass(frozen=True)
class HowToCite:
    """How to cite one work, and citeproc-py's string where it differs. `one` and `several` are the same with its pages,
    as forms for `with_folios`; empty where the style prints none. All is empty where it prints nothing for such a work.
    """

    text: str
    one: str = ""
    several: str = ""
    otherwise: str | None = None


# Folios that stand for those to come. They have different numbers of digits, so that no style shortens the range.
_FIRST, _LAST = "98761", "198789"
_PAGES = {"one": _FIRST, "several": f"{_FIRST}-{_LAST}"}


def how_to_cite(item: Item, style: Style, lang: str = "") -> HowToCite:
    """How to cite one work, by one call of pandoc; by two where a style does not say what a review reviews."""
    alone = _alone(style, item)
    printed = _with_pages(item, alone, lang)
    reviewed = re.escape(str(item.get("reviewed-title") or ""))
    if reviewed and not re.search(rf"{reviewed}(?!\w)", printed.get("none", ""), re.IGNORECASE):
        item = _named_in_title(item, style, lang)
        printed = _with_pages(item, alone, lang)
    other = _by_citeproc_py(item, alone, lang)
    text = printed.get("none", "")
    one, several = (printed.get(key, "").replace(_LAST, LAST_FOLIO).replace(_FIRST, FIRST_FOLIO) for key in _PAGES)
    told = one.count(FIRST_FOLIO) == several.count(FIRST_FOLIO) == several.count(LAST_FOLIO) == 1
    return HowToCite(text, one if told else "", several if told else "", None if other == text else other)


def _with_pages(item: Item, style: Style, lang: str) -> dict[str, str]:
    """The reference as it is (`none`), and with either kind of pages where the item has none."""
    items = {"none": item, **{key: {**item, "page": page} for key, page in _PAGES.items() if "page" not in item}}
    return _printed(items, style, lang)


def _named_in_title(item: Item, style: Style, lang: str) -> Item:
    """A review that says in its title what it reviews: `Cards on the Table [review of On Cards, Anna Berg]`."""
    from lxml import etree

    root = etree.fromstring(style.text)
    names = (locales.resolved(lang), locales.resolved(style.locale), "en-US")
    term = next(found for name in names if (found := locales.term(root, name, "review-of")))
    authors = ", ".join(str(name.get("literal", "")) for name in item.get("reviewed-author", ()))
    work = ", ".join(part for part in (item["reviewed-title"], authors) if part)
    kept = {name: value for name, value in item.items() if not name.startswith("reviewed-")}
    return {**kept, "title": f"{item['title']} [{term} {work}]"}


_EMPTY: Document = {"pandoc-api-version": [1, 23, 1], "meta": {}, "blocks": []}


# What a style does to tell works apart, or not to repeat itself.
_BESIDE_OTHERS = ("disambiguate-add-year-suffix", "disambiguate-add-names", "disambiguate-add-givenname")
_IN_A_LIST = ("second-field-align", "subsequent-author-substitute")


def _alone(style: Style, item: Item) -> Style:
    """`style` for a work that stands alone: without numbers, and without regard to those beside it. The editors
    have not written what nobody signs."""
    from lxml import etree

    root: Any = etree.fromstring(style.text)
    for name, attributes in (("bibliography", _IN_A_LIST), ("citation", _BESIDE_OTHERS)):
        for element in root.iter(f"{{{locales.CSL}}}{name}"):
            for attribute in attributes:
                element.attrib.pop(attribute, None)
    for element in list(root.iter(f"{{{locales.CSL}}}text", f"{{{locales.CSL}}}number")):
        if element.get("variable") == "citation-number" and not _in(element, "citation"):
            element.getparent().remove(element)
    if "author" not in item and "container-title" in item:
        for stand_in in list(_editors_as_authors(root)):
            stand_in.getparent().remove(stand_in)
    return replace(style, text=etree.tostring(root, encoding="unicode"))


def _editors_as_authors(root: Any) -> Iterator[Any]:
    """Where a style puts editors in the place of authors that are not known."""
    for substitute in root.iter(f"{{{locales.CSL}}}substitute"):
        listed = [substitute.getparent(), *substitute.iter(f"{{{locales.CSL}}}names")]
        if any("author" in (names.get("variable") or "").split() for names in listed):
            for element in substitute.iter(f"{{{locales.CSL}}}names", f"{{{locales.CSL}}}text"):
                if "editor" in (element.get("variable") or element.get("macro") or ""):
                    yield element


def _in(element: Any, name: str) -> bool:
    return any(True for _ in element.iterancestors(f"{{{locales.CSL}}}{name}"))


def _printed(items: Mapping[str, Item], style: Style, lang: str) -> dict[str, str]:
    """pandoc's reference for each item by its key; parts that a style displays apart, as running text."""
    entries = [Entry(key, {**item, "id": key}, Location(""), "") for key, item in items.items()]
    done = cite(_EMPTY, entries, style, lang, nocite=list(items))
    printed = {}
    for div in nodes(done.document["blocks"], "Div"):
        identifier, classes, pairs = attr(div)
        if "csl-entry" in classes:
            key = dict(pairs).get("key") or identifier.removeprefix("ref-")
            printed[key] = _normalised(text(rewrite(div["c"][1], _inline)))
    return printed


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
