"""JATS of a contribution, and a chapter of the BITS book, read back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from proceedings.agreement.reading import Reading, Unreadable

_XLINK = "{http://www.w3.org/1999/xlink}href"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ALI = "{http://www.niso.org/schemas/ali/1.0/}license_ref"
# Elements without words of the author: formulas, descriptions, marks of notes, data about the document.
_SILENT = {
    "inline-formula", "disp-formula", "alt-text", "long-desc", "article-id", "book-part-id", "contrib-id", "counts",
    "institution-id", "journal-meta", "self-uri", "pub-date", "related-object",
}  # fmt: skip


def parse(data: bytes) -> Any:
    """An XML document without its DTD. Raises Unreadable."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True, remove_comments=True
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"it is not well-formed: {error.msg}") from None


def parts(path: Path, tags: Sequence[str]) -> Iterator[Any]:
    """The elements of those names in an XML document, each as soon as it ends. Raises Unreadable."""
    from lxml import etree

    events = etree.iterparse(
        str(path), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True,
        remove_comments=True,
    )  # fmt: skip
    try:
        for _, element in events:
            yield element
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"it is not well-formed: {error.msg}") from None


def article(data: bytes) -> Reading:
    """jats/SLUG.xml."""
    root = parse(data)
    meta = root.find("front/article-meta")
    return _reading(root, meta, root.get(_LANG), "article-title", "article-id[@pub-id-type='doi']")


def chapter(element: Any) -> Reading:
    """A book-part or front-matter-part of the BITS book."""
    meta = element.find("book-part-meta")
    return _reading(element, meta, element.get(_LANG), "title", "book-part-id[@book-part-id-type='doi']")


def _reading(root: Any, meta: Any, language: str | None, title: str, doi: str) -> Reading:
    reading = Reading()
    if meta is None:
        reading.faults.append("it has no metadata")
        return reading
    reading.say("language", "xml:lang", language)
    reading.say("doi", doi.partition("[")[0], *(item.text for item in meta.xpath(doi)))
    _dates_and_place(meta, reading)
    reading.say("keywords", "kwd-group", *(_words(item) for item in _keywords(meta, language)))
    _people(meta, reading)
    _licence(meta, reading)
    reading.descriptions = [_words(item) for item in root.iter("alt-text")]
    _links(root, reading)
    reading.references = [(item.get("id") or "", " ".join(item.itertext())) for item in root.iter("ref")]
    _texts(root, reading)
    reading.say("printed title", title, *(_words(item) for item in meta.xpath(f"title-group/{title}")))
    return reading


def _keywords(meta: Any, language: str | None) -> Any:
    """Those in the language of the text, which SciELO wants said."""
    return meta.xpath("kwd-group[not(@xml:lang) or @xml:lang = $language]/kwd", language=language or "")


def _dates_and_place(meta: Any, reading: Reading) -> None:
    date = meta.find("pub-date")
    parts = [date.findtext(name) or "" for name in ("year", "month", "day")] if date is not None else []
    reading.say("published", "pub-date", "-".join(parts))
    if date is not None:
        reading.say("published", "pub-date/@iso-8601-date", date.get("iso-8601-date"))
    reading.say("first page", "fpage", meta.findtext("fpage"))
    reading.say("last page", "lpage", meta.findtext("lpage"))
    for fact, kind in (("received", "received"), ("accepted", "accepted")):
        found = meta.xpath(f".//date[@date-type='{kind}']/@iso-8601-date")
        reading.say(fact, "history", *found)


def _people(meta: Any, reading: Reading) -> None:
    names, identifiers = [], []
    groups = meta.xpath("contrib-group[@content-type='authors']/contrib[@contrib-type='author']")
    for person in groups:
        name = person.find("name")
        name = person.find("name-alternatives/name") if name is None else name
        group = person.find("collab")
        group = person.find("collab-alternatives/collab") if group is None else group
        if name is not None:
            parts = [name.findtext(part) or "" for part in ("given-names", "surname", "suffix")]
            names.append(" ".join(part for part in parts if part))
        elif group is not None:
            names.append(group.text or "")
        identifiers += [item.text for item in person.iter("contrib-id") if item.get("contrib-id-type") == "orcid"]
    reading.say("authors", "contrib-group", *names)
    reading.say("orcids", "contrib-id", *identifiers)


def _licence(meta: Any, reading: Reading) -> None:
    for licence in meta.xpath("permissions/license"):
        reading.say("licence", "license/@xlink:href", licence.get(_XLINK))
        for address in licence.iter(_ALI):
            reading.say("licence", "ali:license_ref", address.text)
    if meta.find("permissions/license") is None:
        reading.say("licence", "license")


def _links(root: Any, reading: Reading) -> None:
    from lxml import etree

    names = {element.get("id") for element in root.iter(etree.Element) if element.get("id")}
    for element in root.iter("xref"):
        reading.dead += [name for name in (element.get("rid") or "").split() if name not in names]
    for element in root.iter("ext-link", "email"):
        reading.link(unquote(element.get(_XLINK) or f"mailto:{element.text}"))


def _texts(root: Any, reading: Reading) -> None:
    """The words of the text and of the notes."""
    notes: list[str] = []
    text: list[str] = []
    interests: list[str] = []  # among the author notes, wherever the text has them

    def visit(element: Any, into: list[str]) -> None:
        if not isinstance(element.tag, str):
            return
        tag = element.tag
        if tag == "ref-list":
            into.append(element.findtext("title") or "")
            return
        if tag == "institution" and element.get("content-type") == "original":
            return  # an affiliation as a whole, beside its parts
        if tag in _SILENT or "}" in tag or (tag == "xref" and element.get("ref-type") in ("fn", "table-fn")):
            return
        parent = element.getparent()
        if tag == "fn" and element.get("fn-type") in ("coi-statement", "conflict"):
            into = interests
        elif tag == "fn" and parent is not None and parent.tag in ("fn-group", "table-wrap-foot"):
            into = notes
        elif tag == "label" and parent is not None and parent.tag in ("fn", "list-item"):
            return
        into.append(element.text or "")
        for child in element:
            visit(child, into)
            into.append(child.tail or "")

    visit(root, text)
    reading.text, reading.notes = "".join([*text, *interests]), "".join(notes)


def _words(element: Any) -> str:
    """The words of an element without its formulas and the marks of its notes."""
    parts: list[str] = []

    def visit(here: Any) -> None:
        parts.append(here.text or "")
        for child in here:
            silent = child.tag in _SILENT or (child.tag == "xref" and child.get("ref-type") == "fn")
            if not silent and isinstance(child.tag, str):
                visit(child)
            parts.append(child.tail or "")

    visit(element)
    return " ".join("".join(parts).split())
