"""JATS of a contribution, and a chapter of the BITS book, read back."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from proceedings.agreement.marks import Formula, Marks, formula_of, words_before, words_of
from proceedings.agreement.reading import Reading, Unreadable

_XLINK = "{http://www.w3.org/1999/xlink}href"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_MATHML = "{http://www.w3.org/1998/Math/MathML}"
_WHOLE_TEX = re.compile(r"(?s)^.*\\begin\{document\}\s*\$+(.*?)\$+\s*\\end\{document\}.*$")  # see jats/formulas
_ALI = "{http://www.niso.org/schemas/ali/1.0/}license_ref"
# Elements without words of the author: formulas, descriptions, marks of notes, data about the document.
_SILENT = {
    "inline-formula", "disp-formula", "alt-text", "long-desc", "article-id", "book-part-id", "contrib-id", "counts",
    "institution-id", "journal-meta", "self-uri", "pub-date", "related-object",
}  # fmt: skip


# The furniture's words → the titles that they are.
_TITLES = {
    "references": ".//ref-list/title",
    "plain-summary": ".//abstract[@abstract-type='plain-language-summary']/title",
}


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
    reading = _reading(root, meta, root.get(_LANG), "article-title", "article-id[@pub-id-type='doi']")
    if meta is not None:
        _of_volume(root, meta, reading)
    return reading


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
    typed = ((part.get("publication-type") for part in item.iter()) for item in root.iter("ref"))
    reading.kinds = [{kind for kind in kinds if kind} for kinds in typed]
    for word, path in _TITLES.items():
        for found in root.xpath(path):
            reading.say(f"word for {word}", found.getparent().tag, _words(found))
    reading.marks = _marks(root)
    reading.faults += _contradictions(root, meta)
    if meta.tag == "book-part-meta":
        reading.say("section", "subject", *(_words(item) for item in meta.xpath(_SECTION)))
    _texts(root, reading)
    reading.say("printed title", title, *(_words(item) for item in meta.xpath(f"title-group/{title}")))
    return reading


def _keywords(meta: Any, language: str | None) -> Any:
    """Those in the language of the text, which SciELO wants said."""
    return meta.xpath("kwd-group[not(@xml:lang) or @xml:lang = $language]/kwd", language=language or "")


def _dates_and_place(meta: Any, reading: Reading) -> None:
    date = meta.find("pub-date")
    reading.say("published", "pub-date", _date(date) if date is not None else "")
    if date is not None:
        reading.say("published", "pub-date/@iso-8601-date", date.get("iso-8601-date"))
    reading.say("first page", "fpage", meta.findtext("fpage"))
    reading.say("last page", "lpage", meta.findtext("lpage"))
    for kind in ("received", "accepted"):
        found = meta.xpath(f".//date[@date-type='{kind}']")
        reading.say(kind, "history/date/@iso-8601-date", *(one.get("iso-8601-date") for one in found))
        reading.say(kind, "history", *map(_date, found))


def _date(date: Any) -> str:
    return "-".join(date.findtext(name) or "" for name in ("year", "month", "day"))


def name_of(person: Any) -> str:
    """The name of a `contrib`, as a byline has it."""
    name = person.find("name")
    name = person.find("name-alternatives/name") if name is None else name
    group = person.find("collab")
    group = person.find("collab-alternatives/collab") if group is None else group
    if name is None:
        return (group.text or "") if group is not None else ""
    given, family, suffix = (name.findtext(part) or "" for part in ("given-names", "surname", "suffix"))
    if _EASTERN.search(family):
        return family + given
    return " ".join(part for part in (given, family, suffix) if part)


_EASTERN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")  # letters of names with the family's first


def _people(meta: Any, reading: Reading) -> None:
    """The authors in their order, and what belongs to each."""
    by_id = {item.get("id"): item for item in meta.iter("aff", "corresp")}
    facts: dict[str, list[str]] = {name: [] for name in ("authors", "orcids", "people", "marks of authors", "roles")}
    letters: set[str] = set()
    for person in meta.xpath("contrib-group[@content-type='authors']/contrib[@contrib-type='author']"):
        name = name_of(person)
        own = [item.text or "" for item in person.iter("contrib-id") if item.get("contrib-id-type") == "orcid"]
        linked = [by_id[link.get("rid")] for link in person.iter("xref") if link.get("rid") in by_id]
        places = {item.text or "" for place in linked if place.tag == "aff" for item in place.xpath(_ORGANISATION)}
        letters |= {item.text or "" for one in (person, *linked) for item in one.iterchildren("email")}
        facts["authors"].append(name)
        facts["orcids"] += own
        facts["people"].append("; ".join(part for part in (name, *own, *sorted(places)) if part))
        facts["marks of authors"] += [f"{name}: {mark}" for mark, tag in _MARKS.items() if person.get(tag) == "yes"]
        facts["roles"] += [f"{name}: {role.text}" for role in person.iterfind("role[@vocab='credit']")]
    for fact, values in facts.items():
        reading.say(fact, "contrib-group", *values)
    own_places = [item for item in meta.iterfind("aff") if "--volume-" not in (item.get("id") or "")]
    reading.say("affiliations", "aff", *map(_place, own_places))
    reading.say("addresses for letters", "email", *sorted(letters))


def _place(affiliation: Any) -> str:
    """An affiliation's parts; a country by its code, if it has one."""
    institutions = affiliation.xpath(".//institution[not(@content-type = 'original')]")
    parts = [*institutions, *affiliation.iterfind("city"), *affiliation.iterfind("state")]
    country = affiliation.find("country")
    last = country.get("country") if country is not None else ""
    return "; ".join(part for part in (*(_words(item) for item in parts), last) if part)


def _contradictions(root: Any, meta: Any) -> Iterator[str]:
    """Where a document says two things of itself: numbers of notes, counts, years."""
    by_id = {item.get("id"): item for item in root.iter("fn", "aff", "corresp")}
    for link in root.iter("xref"):
        target, mark = by_id.get(link.get("rid")), link.findtext("sup")
        label = target.findtext("label") if target is not None else None
        if mark and label and mark != label:
            yield f"a mark “{mark}” leads to what is marked “{label}”"
    for tag in ("fig", "table", "ref"):
        count = meta.find(f"counts/{tag}-count")
        there = sum(1 for _ in root.iter({"table": "table-wrap"}.get(tag, tag)))
        if count is not None and count.get("count") != str(there):
            yield f"it counts {count.get('count')} {tag}, and has {there}"
    for year in root.iter("year"):
        day = year.get("iso-8601-date") or year.getparent().get("iso-8601-date")
        if day and not day.startswith((year.text or "")[:4]):
            yield f"it has the year {year.text} for the date {day}"


_SECTION = "subj-group[@subj-group-type='section']/subject"
_ORGANISATION = ".//institution[not(@content-type) or @content-type = 'orgname']"
_MARKS = {"corresponding": "corresp", "equal_contribution": "equal-contrib", "deceased": "deceased"}


def _of_volume(root: Any, meta: Any, reading: Reading) -> None:
    """What an article has from its volume, and what it is in it."""
    journal = root.find("front/journal-meta")
    reading.say("article type", "article-type", root.get("article-type"))
    for fact, path in _FACTS_OF_ARTICLE.items():
        reading.say(fact, path.rpartition("/")[2].partition("[")[0], *(_words(item) for item in meta.xpath(path)))
    pictures = {posixpath.dirname(item.get(_XLINK) or "") for item in root.iter("graphic", "inline-graphic")}
    for folder in sorted(folder for folder in pictures if "//" not in folder):
        reading.say("slug", "the folder of a picture", folder)
    for whole in meta.iterfind("related-object[@link-type='part-of']"):
        reading.say("full title of the volume", "source", *map(_words, whole.iterfind("source")))
        if whole.get("document-id-type") == "doi":
            reading.say("DOI of the volume", "related-object", whole.get("document-id"))
            reading.say("DOI of the volume", "related-object/@xlink:href", whole.get(_XLINK))
    if journal is not None:
        reading.say(
            "abbreviation", "abbrev-journal-title", journal.findtext("journal-title-group/abbrev-journal-title")
        )
        reading.say("place of publication", "publisher-loc", journal.findtext("publisher/publisher-loc"))
        reading.say("series", "journal-title", journal.findtext("journal-title-group/journal-title"))
        reading.say("ISSN", "issn", *(item.text for item in journal.iterfind("issn")))
        reading.say("publisher", "publisher-name", journal.findtext("publisher/publisher-name"))
    event = meta.findtext("conference/conf-name")
    if event:  # one without a date cannot be named (O104)
        reading.say("event", "conf-name", event)
        day = meta.find("conference/conf-date")
        reading.say("first day of the event", "conf-date", day.get("iso-8601-date") if day is not None else "")
    rights = meta.find("permissions")
    if rights is not None:
        parts = [rights.findtext(name) for name in ("copyright-holder", "copyright-year")]
        reading.say("copyright", "permissions", *parts)
        statement = rights.findtext("copyright-statement")
        reading.say("statement of rights", "copyright-statement", statement)


_FACTS_OF_ARTICLE = {
    "slug": "article-id[@pub-id-type='publisher-id']",
    "kind": "article-categories/subj-group[@subj-group-type='heading']/subject",
    "section": "article-categories/subj-group[@subj-group-type='section']/subject",
    "number": "volume",
    "ISBN": "isbn",
    "awards": "funding-group/award-group/award-id",
    "funders": "funding-group/award-group/funding-source//institution",
}


def _licence(meta: Any, reading: Reading) -> None:
    for licence in meta.xpath("permissions/license"):
        for link in licence.iterfind("license-p/ext-link"):
            reading.say("licence", "license-p", link.get(_XLINK))
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


def _marks(root: Any) -> Marks:
    """Formulas, pictures, links inside, calls of notes, and languages."""
    marks = Marks(names=frozenset(element.get("id") for element in root.iter() if element.get("id")))
    notes = {note.get("id"): note for note in root.iter("fn")}
    for holder in root.iter("inline-formula", "disp-formula"):
        whole = holder.find("tex-math")
        marks.formulas += [Formula(_WHOLE_TEX.sub(r"\1", whole.text or ""))] if whole is not None else []
        marks.formulas += [formula_of(math) for math in holder.iter(f"{_MATHML}math")]
    for graphic in root.iter("graphic", "inline-graphic"):
        marks.picture(graphic.get(_XLINK) or "", " ".join(map(_words, graphic.iterfind("alt-text"))))
    for link in root.iter("xref"):
        targets = (link.get("rid") or "").split()
        if link.get("ref-type") not in ("fn", "table-fn"):
            marks.link(words_of(link, _is_mute), targets)
        elif targets and targets[0] in notes:
            marks.call(words_before(link, _RUNS, _is_mute), words_of(notes[targets[0]], _is_mute))
    for outside in root.iter("ext-link"):
        marks.address(words_of(outside, _is_mute), outside.get(_XLINK) or "")
    for table in root.iter("table"):
        marks.table(words_of(cell, _is_mute) for row in table.iter("tr") for cell in row.iterchildren("td", "th"))
    marks.languages = {element.get(_LANG, "").lower() for element in root.iter() if element is not root} - {""}
    return marks


_RUNS = frozenset("p title td th article-title subtitle term attrib verse-line".split())  # with one run of text


def _is_mute(element: Any) -> bool:
    """Formulas, descriptions, marks and numbers of notes."""
    is_mark = element.tag == "xref" and element.get("ref-type") in ("fn", "table-fn")
    return element.tag in _SILENT or is_mark or (element.tag == "label" and element.getparent().tag == "fn")


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
