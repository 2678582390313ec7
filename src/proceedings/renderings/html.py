"""Tree → HTML fragments, which the site, the EPUB and the PDF share: one pandoc call for the body and all rich fields.

A fragment is well-formed XML in the XHTML namespace's element names, formulas as MathML, notes at the end of the body.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from proceedings import maths, pandoc
from proceedings.build import Result, Workshop
from proceedings.diagnostics import Diagnostic
from proceedings.document import Document, div
from proceedings.edition import Digest
from proceedings.languages import direction
from proceedings.model import Record, full_title
from proceedings.renderings import listings, lists, missing, notes

MATHML = "http://www.w3.org/1998/Math/MathML"


class FragmentView(Record):
    tree: Digest
    lang: str
    path: str  # the author's file, for findings


_NOTE_MARK = re.compile(r'<a\b[^>]*class="footnote-ref"[^>]*>.*?</a>', re.S)
_NOT_LISTED = re.compile(r'</?a\b[^>]*>|<img\b[^>]*>|(?<=[\w"]) id="[^"]*"(?=[^<>]*>)')


def as_entry(markup: str) -> str:
    """A title for a list of titles, which is a link itself: a note of it would lead nowhere, a link or an id in it
    would stand twice, and a picture stands in the text."""
    return _NOT_LISTED.sub("", _NOTE_MARK.sub("", markup)).strip()


class Heading(Record):
    level: int
    id: str
    html: str


class Fragment(Record):
    """`parts` is the digest of JSON: {"body": XHTML, "fields": {path: XHTML}, "headings": […]}."""

    parts: Digest
    title: str  # with the subtitle, as XHTML for lists of titles; '' where there is none
    formulas: bool  # whether it has some


def fragment(view: FragmentView, shop: Workshop) -> Result:
    """One contribution's tree as HTML parts."""
    document = json.loads(shop.store.get(view.tree))
    fields, body, findings = render(document, view.path, view.lang)
    parts = {"fields": fields, "body": body, "headings": _headings(body)}
    data = json.dumps(parts, ensure_ascii=False, sort_keys=True).encode()
    title = full_title(as_entry(fields.get("title", "")), as_entry(fields.get("subtitle", "")))
    made = Fragment(parts=shop.store.put(data), title=title, formulas=b"<math" in data)
    return Result(made, findings=tuple(findings))


def render(
    document: Document, path: str, lang: str, *, headed: bool = False
) -> tuple[dict[str, str], str, list[Diagnostic]]:
    """A document → ({field: XHTML}, body as XHTML, findings). A reference list of a document that is `headed` needs no
    heading of its own."""
    from lxml import html as lxml_html

    rich: dict[str, Any] = document["meta"].get("rich", {}).get("c", {})
    marked = [div(_blocks(value), id=f"proceedings-field--{name}") for name, value in sorted(rich.items())]
    marked.append(div(document["blocks"], id="proceedings-body"))
    marked = missing.told(marked, lang)
    whole = {**document, "meta": {}, "blocks": notes.lifted(lists.marked(marked))}
    whole, findings = maths.embed(whole, lang, path)
    output, _ = pandoc.render(whole, "html5", "--section-divs", "--no-highlight")
    root = lxml_html.fragment_fromstring(output, create_parent="div")
    notes.settled(root)
    _clean(root, lang, headed)
    lists.labelled(root)
    fields: dict[str, str] = {}
    for name in rich:
        holder = root.get_element_by_id(f"proceedings-field--{name}")
        fields[name] = _inner(holder)
        holder.getparent().remove(holder)
    body = root.get_element_by_id("proceedings-body")
    for element in [element for element in root if element is not body]:  # pandoc puts the notes after everything
        body.append(element)
    return fields, _inner(body), findings


def _blocks(value: dict[str, Any]) -> list[dict[str, Any]]:
    if value["t"] == "MetaInlines":
        return [{"t": "Plain", "c": value["c"]}]
    if value["t"] == "MetaBlocks":
        return list(value["c"])
    return [{"t": "Plain", "c": [{"t": "Str", "c": str(value.get("c", ""))}]}]


def _clean(root: Any, lang: str, headed: bool) -> None:
    """Mend what pandoc's HTML lacks: labels, a heading above the references, alt on every image, no event handlers."""
    from proceedings.renderings.article import terms

    for image in root.iter("img"):
        if image.get("alt") is None:  # a caption is no description, and none is made up
            image.set("alt", terms(lang)["no-description"])
            image.set("class", f"{image.get('class', '')} undescribed".strip())
    for caption in root.iter("figcaption"):  # pandoc hides one that the description repeats
        caption.attrib.pop("aria-hidden", None)
    for box in root.xpath(".//input[@type='checkbox']"):
        sign = "☒" if box.get("checked") is not None else "☐"
        box.tail = sign + " " + (box.tail or "")
        box.drop_tree()
    for element in list(root.xpath(".//*[@data-label]")):
        label = element.attrib.pop("data-label")
        if element.tag != "section":  # its heading has it too
            _label(element, label)
    for figure in root.iter("figure"):
        _credit(figure)
        _set_panel(figure)
    for box in root.xpath(".//div[@title or @data-title]"):
        _head_box(box)
    for element in root.iter():
        _tidy(element)
    for link in root.iter("a"):
        _mend_address(link)
    for code in root.iter("pre", "code") if direction(lang) == "rtl" else ():
        code.set("dir", "ltr")
    listings.numbered(root)
    for table in list(root.iter("table")):
        _wrap_table(table)
    for references in [] if headed else root.xpath(".//div[contains(concat(' ', @class, ' '), ' csl-bib-body ')]"):
        _head_references(references, lang)
    _describe_notes(root, lang)
    close_empty(root)


def close_empty(root: Any) -> None:
    """Let empty elements of an lxml tree be written <a></a>: HTML takes <a/> for an element that is never closed."""
    for element in root.iter():
        if not len(element) and not element.text and element.tag not in _VOID:
            element.text = ""


_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
_OURS = (
    "data-kind",
    "data-number",
    "data-cited-by",
    "data-credit",
    "data-holder",
    "data-licence",
    "data-alt",
    "data-style",
)


# What pandoc makes of widths and alignments; nothing that could cover the page or fetch anything.
_PLAIN_STYLE = re.compile(
    r"\s*(?:(?:width|height|text-align|padding-left|padding-right|list-style-type):"
    r"\s*(?:[\d.]+(?:%|px|cm|mm|in|em|pt)?|[a-z-]+)\s*;?\s*)*"
)


def _tidy(element: Any) -> None:
    """Take away the attributes that only our own transforms need, event handlers, and what no HTML element has."""
    for name in list(element.attrib):
        styled = name == "style" and not _PLAIN_STYLE.fullmatch(element.attrib[name])
        if styled or name.startswith("on") or name in _OURS or name in ("kind", "number", "label", "cited-by"):
            del element.attrib[name]


def _mend_address(element: Any) -> None:
    """Percent-encode what an address may not hold: old DOIs have <, >, [ and ], and bibliographies have worse."""
    from urllib.parse import quote

    address = element.get("href")
    if address and not address.startswith("#"):
        scheme, colon, rest = address.partition(":")
        rest, hash_, fragment = rest.partition("#")
        rest += hash_ + fragment.replace("#", "%23")  # an address has one fragment
        path, mark, query = rest.partition("?")
        kept = "%/:@!$&'()*+,;=~-._#"
        element.set("href", scheme + colon + quote(path, safe=kept) + mark + quote(query, safe=kept + "?"))


def _credit(figure: Any) -> None:
    """Print whose a figure is, where its rights differ from the text's."""
    from lxml import etree

    for image in figure.iter("img"):
        facts = [image.get(name) for name in ("data-credit", "data-holder", "data-licence")]
        if not any(facts):
            continue
        credit, holder, licence = facts
        parts = [credit, f"© {holder}" if holder and holder not in (credit or "") else None, licence]
        caption = figure.find("figcaption")
        if caption is None:
            caption = etree.SubElement(figure, "figcaption")
        rights = etree.SubElement(caption, "span", {"class": "rights"})
        rights.text = " " + ". ".join(part.rstrip(".") for part in parts if part) + "."


def _label(element: Any, label: str) -> None:
    """Print a label where its kind of thing has it: in the caption, beside the formula, before the statement."""
    from lxml import etree

    kind = str(element.tag)
    if kind == "span":
        number = etree.SubElement(element, "span", {"class": "eqno"})
        number.text = label
        return
    caption = element.find("figcaption") if kind == "figure" else element.find("caption")
    if kind in ("figure", "table"):
        if caption is None:
            caption = etree.Element("figcaption" if kind == "figure" else "caption")
            element.insert(len(element) if kind == "figure" else 0, caption)
        target = caption[0] if len(caption) and caption[0].tag == "p" and not (caption.text or "").strip() else caption
        _put_first(target, label if label.startswith("(") else f"{label}.", "label")
        return
    caption = element.find("div[@class='caption']")
    if caption is not None:
        holder = caption[0] if len(caption) and caption[0].tag == "p" else caption
        _put_first(holder, f"{label}.", "label")
        return
    title = element.attrib.pop("data-title", None) or element.attrib.pop("title", None)
    first = element[0] if len(element) and element[0].tag == "p" else element
    _put_first(first, f"{label} ({title})." if title else f"{label}.", "statement-label")


def _set_panel(figure: Any) -> None:
    """A subfigure takes the width that its author gave to the image in it."""
    if figure.getparent() is None or figure.getparent().tag != "figure":
        return
    for image in figure.iter("img"):
        style = image.get("style", "")
        if "width" in style:
            figure.set("style", style)
            image.set("style", "width:100%")
            return


def _head_box(box: Any) -> None:
    """Print the title of a box."""
    from lxml import etree

    title = box.attrib.pop("data-title", None) or box.attrib.pop("title", None)
    paragraph = etree.Element("p", {"class": "box-title"})
    paragraph.text = title
    box.insert(0, paragraph)


def _put_first(element: Any, text: str, kind: str) -> None:
    from lxml import etree

    span = etree.Element("span", {"class": kind})
    span.text, span.tail = text, " " + (element.text or "").lstrip()
    element.text = None
    element.insert(0, span)


def _wrap_table(table: Any) -> None:
    """A wide table can then be scrolled on a screen and kept with its caption in print."""
    from lxml import etree

    holder = etree.Element("div", {"class": " ".join(["table", *_extent(table)])})
    parent, tail = table.getparent(), table.tail
    parent.replace(table, holder)
    table.tail = None
    holder.append(table)
    holder.tail = tail
    for row in table.iter("tr"):
        if any(len(cell.text_content()) > TALL for cell in row):
            row.set("class", f"{row.get('class', '')} tall".strip())
    for cell in table.findall("./thead//th"):
        cell.set("scope", "col")
    if not table.findall("./tbody/tr"):  # nothing but a head: no table is without a body, nor a body without rows
        for group in table.findall("./tbody"):
            table.remove(group)
        for group in table.findall("./thead"):
            group.tag = "tbody"
        return
    for cell in table.findall("./tbody//th"):
        cell.set("scope", "row")


MANY_ROWS, MANY_COLUMNS = 28, 6
TALL = 2000  # letters of a cell that may need more than a page
ROOM = 85  # letters that a line of a table has room for


def _extent(table: Any) -> Iterator[str]:
    """Classes that tell a style how large a table is: long, wide (many columns), dense (its words need more than a
    line has room for)."""
    rows = [row.findall("./*") for row in table.findall(".//tr")]
    columns = max(map(len, rows), default=0)
    if len(rows) > MANY_ROWS:
        yield "long"
    if columns >= MANY_COLUMNS:
        yield "wide"
    longest = [
        max((len(word) for row in rows if place < len(row) for word in row[place].text_content().split()), default=0)
        for place in range(columns)
    ]
    if sum(longest) + 2 * columns > ROOM or max(longest, default=0) > ROOM // 3:
        yield "dense"


def _head_references(references: Any, lang: str) -> None:
    """The words "References" above a list that the author has given no heading of its own."""
    from lxml import etree

    before = references.getprevious()
    if before is not None and before.tag in ("h1", "h2", "h3", "h4"):
        return
    from proceedings.renderings.article import terms

    section = etree.Element("section", {"class": "level1 references", "role": "doc-bibliography"})
    heading = etree.SubElement(section, "h1")
    heading.text = terms(lang)["references"]
    identifier = references.get("id")
    if identifier:
        section.set("id", f"{identifier}-section")
    parent = references.getparent()
    index, tail = parent.index(references), references.tail
    parent.remove(references)
    references.tail = None
    references.attrib.pop("role", None)
    section.append(references)
    section.tail = tail
    while parent.tag == "section":  # out of the section that happens to be the last
        index, parent = parent.getparent().index(parent) + 1, parent.getparent()
    parent.insert(index, section)


def _describe_notes(root: Any, lang: str) -> None:
    """A name for the notes' section: screen readers tell it."""
    from proceedings.renderings.article import terms

    for section in root.xpath(".//*[contains(concat(' ', @class, ' '), ' footnotes ')]"):
        section.set("aria-label", terms(lang)["footnotes"])


def _inner(element: Any) -> str:
    """The XHTML inside an element."""
    from lxml import etree

    parts = [_escape(element.text or "")]
    parts += [etree.tostring(child, encoding="unicode", method="xml") for child in element]
    return "".join(parts).strip()


def _escape(value: str) -> str:
    return value.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _headings(body: str) -> list[dict[str, Any]]:
    """The headings of a body in order, for contents and outlines."""
    from lxml import html as lxml_html

    root = lxml_html.fragment_fromstring(body, create_parent="div")
    found = []
    for element in root.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        holder = element.getparent()
        anchor = element.get("id") or (holder.get("id") if holder is not None and holder.tag == "section" else "")
        found.append(
            {
                "level": int(element.tag[1]),
                "id": anchor or "",
                "html": _inner(element),
                "text": element.text_content(),
            }
        )
    return found
