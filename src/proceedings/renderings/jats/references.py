"""The list of references: a CSL item → an `element-citation` that says what each part is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from proceedings.citations.repairs import FORMULA
from proceedings.document import Node, attr, classes, identifier, nodes, text
from proceedings.maths import Formula
from proceedings.renderings.jats.grammar import Element, add_text, is_empty, new, sub
from proceedings.renderings.jats.inlines import Writing, address, describe_link, place_formula, write

Item = Mapping[str, Any]

# CSL type → publication-type. The values are those of the JATS Tag Library's list and of JATS4R's recommendation on
# citations; `legal-doc` and `webpage` are SciELO's, for which those two have no value.
PUBLICATION_TYPES = {
    "article": "preprint", "article-journal": "journal", "article-magazine": "magazine",
    "article-newspaper": "newspaper", "bill": "legal-doc", "book": "book", "chapter": "book", "classic": "book",
    "dataset": "data",
    "entry-dictionary": "book", "entry-encyclopedia": "book", "event": "confproc", "hearing": "legal-doc",
    "interview": "commun", "legal_case": "legal-doc", "legislation": "legal-doc", "manuscript": "working-paper",
    "pamphlet": "book", "paper-conference": "confproc", "patent": "patent", "periodical": "journal",
    "personal_communication": "commun", "post": "webpage", "post-weblog": "webpage", "regulation": "legal-doc",
    "report": "report", "review": "journal", "review-book": "journal", "software": "software", "speech": "confproc",
    "standard": "standard", "thesis": "thesis", "treaty": "legal-doc", "webpage": "webpage",
}  # fmt: skip

# Which element the title of a work is, where the work stands in a larger one (`source`). Others: `article-title`.
_PART_TITLES = {"book": "chapter-title", "data": "data-title", "software": "data-title"}
# Types whose title is an article's even where no larger work is named.
_ARTICLES = frozenset({"journal", "magazine", "newspaper", "preprint", "confproc"})
_ROLES = {
    "author": "author", "editor": "editor", "translator": "translator", "illustrator": "illustrator",
    "director": "director", "compiler": "compiler", "curator": "curator", "container-author": "allauthors",
}  # fmt: skip
_OTHER_ROLES = (
    "collection-editor",
    "editorial-director",
    "composer",
    "interviewer",
    "recipient",
    "reviewed-author",
)
_IDS = {"DOI": "doi", "PMID": "pmid", "PMCID": "pmcid"}


def list_of(
    state: Writing, items: Sequence[Item], entries: Mapping[str, Node], title: str, printed: bool
) -> Element | None:
    """The `ref-list`; `entries` are the printed references by key. `printed`: with their text as mixed-citation."""
    if not items:
        return None
    element = new("ref-list", id=f"{state.prefix}references")
    if title:
        sub(element, "title", title)
    for item in items:
        key = str(item.get("id", ""))
        if key in state.references:
            element.append(_reference(state, item, entries.get(key), state.references[key], printed))
    return element


def entries_of(content: Sequence[Node]) -> dict[str, Node]:
    """The printed references of a tree, key → div.csl-entry."""
    found = {}
    for node in nodes(content, "Div"):
        if "csl-entry" in classes(node):
            key = (
                next((value for name, value in attr(node)[2] if name == "key"), "")
                or identifier(node).rpartition("ref-")[2]
            )
            found[key] = node
    return found


def _reference(state: Writing, item: Item, entry: Node | None, name: str, printed: bool) -> Element:
    element = new("ref", id=name)
    label = "".join(text(node) for node in nodes(entry or {}, "Span") if "csl-left-margin" in classes(node)).strip()
    if label:
        sub(element, "label", label)
    citation = element_citation(item)
    _formulas(state, citation)
    if entry is not None and (printed or not len(citation)):
        _printed(state, entry, sub(element, "mixed-citation", publication_type=citation.get("publication-type")))
    if len(citation):
        element.append(citation)
    if element.find("element-citation") is None and element.find("mixed-citation") is None:
        sub(element, "mixed-citation", str(item.get("id", "")), publication_type="other")
    return element


def _formulas(state: Writing, citation: Element) -> None:
    """Formulas in titles, which CSL has as TeX between dollar signs; those that the printed list shows as such."""
    for element in citation.iter("article-title", "chapter-title", "data-title", "source"):
        pieces = FORMULA.split(element.text or "")
        known = [Formula(tex) in state.formulas for tex in pieces[1::2]]
        if not known or not all(known):
            continue
        element.text = pieces[0]
        for number, (tex, after) in enumerate(zip(pieces[1::2], pieces[2::2], strict=True)):
            holder = new("inline-formula")
            element.insert(number, holder)
            place_formula(state, holder, Formula(tex))
            holder.tail = after


def _printed(state: Writing, entry: Node, parent: Element) -> None:
    for block in nodes(entry["c"][1], "Para", "Plain"):
        content = [node for node in block["c"] if not (node["t"] == "Span" and "csl-left-margin" in classes(node))]
        write(state, content, parent)


def element_citation(item: Item) -> Element:
    """One reference, each part in the element that names it. Nothing is there that the item does not say."""
    kind = publication_type(item)
    element = new("element-citation", publication_type=kind)
    _people(item, element)
    _dates(item, element)
    _titles(item, kind, element)
    _details(item, kind, element)
    _pages(item, element)
    _identifiers(item, element)
    return element


def publication_type(item: Item) -> str:
    """A work of no type that is known by its web address alone is a web page."""
    found = PUBLICATION_TYPES.get(str(item.get("type", "")), "other")
    return "webpage" if found == "other" and item.get("URL") and not item.get("DOI") else found


# --- parts ----------------------------------------------------------------------------------------------------


def _people(item: Item, element: Element) -> None:
    for role, kind in [*_ROLES.items(), *((name, "") for name in _OTHER_ROLES)]:
        people = [person for person in item.get(role) or () if isinstance(person, Mapping)]
        if not people:
            continue
        group = new("person-group", person_group_type=kind or "custom", custom_type=None if kind else role)
        for person in people:
            _person(person, group)
        if len(group):
            element.append(group)


def _person(person: Mapping[str, Any], group: Element) -> None:
    family, given, literal = (str(person.get(name) or "").strip() for name in ("family", "given", "literal"))
    if _OTHERS.fullmatch(f"{literal}{given}{family}"):
        sub(group, "etal")
    elif family or given:
        name = sub(group, "name", name_style=None if family else "given-only")
        surname = " ".join(part for part in (str(person.get("non-dropping-particle") or ""), family) if part)
        if family:
            sub(name, "surname", surname)
        given = " ".join(part for part in (given, str(person.get("dropping-particle") or "")) if part)
        if given:
            sub(name, "given-names", given)
        if person.get("suffix"):
            sub(name, "suffix", str(person["suffix"]))
    elif literal:
        _rich(sub(group, "collab"), literal)


_OTHERS = re.compile(r"others|(et\W*)?al\.?", re.IGNORECASE)


def _dates(item: Item, element: Element) -> None:
    issued = item.get("issued")
    parts, end = _date_parts(issued), _date_parts(issued, 1)
    season = _season(issued)
    if parts:
        if len(parts) > 2 and not end:
            sub(element, "day", f"{parts[2]:02d}")
        if len(parts) > 1 and not end:
            sub(element, "month", f"{parts[1]:02d}")
        elif season:
            sub(element, "season", season)
        last = f"–{end[0]}" if end and end[0] != parts[0] else ""
        sub(element, "year", f"{parts[0]}{last}", iso_8601_date=_iso(parts) + (f"/{_iso(end)}" if end else ""))
    elif isinstance(issued, Mapping) and (issued.get("literal") or issued.get("raw")):
        sub(element, "string-date", str(issued.get("literal") or issued.get("raw")))
    accessed = _date_parts(item.get("accessed"))
    if accessed:
        sub(
            element,
            "date-in-citation",
            _iso(accessed),
            content_type="access-date",
            iso_8601_date=_iso(accessed),
        )


def _date_parts(date: Any, number: int = 0) -> list[int]:
    """[year, month, day] of a date, or of the end of a range of dates (`number` 1), as far as they are known."""
    found = _numbers(date, number)
    sound = found[:1] + [part for part, last in zip(found[1:3], (12, 31), strict=False) if 1 <= part <= last]
    return sound if len(sound) == len(found[:3]) else found[:1]


def _numbers(date: Any, number: int = 0) -> list[int]:
    try:
        return [int(part) for part in date["date-parts"][number] if str(part).strip()]
    except (TypeError, KeyError, IndexError, ValueError):
        return []


_SEASONS = ("Spring", "Summer", "Autumn", "Winter")


def _season(date: Any) -> str:
    """A season, which CSL writes as a month from 13 or from 21."""
    month = [*_numbers(date), 0, 0][1]
    return _SEASONS[(month - 13) % 8] if month in (*range(13, 17), *range(21, 25)) else ""


def _iso(parts: Sequence[int]) -> str:
    return "-".join([f"{parts[0]:04d}", *(f"{part:02d}" for part in parts[1:])])


def _titles(item: Item, kind: str, element: Element) -> None:
    title = _value(item, "title")
    source = _value(item, "container-title")
    if kind in ("data", "preprint") and not source:
        source = _value(item, "archive") or _value(item, "publisher")
    if title and (source or kind in _ARTICLES or kind == "data"):
        tag = _PART_TITLES.get(kind, "article-title")
        _rich(sub(element, tag), title)
    elif title:
        _rich(sub(element, "source"), title)
    if source:
        _rich(sub(element, "source"), source)


def _details(item: Item, kind: str, element: Element) -> None:
    for name, tag in (
        ("volume", "volume"),
        ("issue", "issue"),
        ("edition", "edition"),
        ("version", "version"),
    ):
        value = _plain(_value(item, name))
        if value:
            sub(element, tag, value, designator=value if tag == "version" else None)
    _number(item, kind, element)
    for name, tag in (
        ("collection-title", "series"), ("collection-number", "volume-series"), ("event-title", "conf-name"),
        ("event", "conf-name"), ("event-place", "conf-loc"), ("publisher", "publisher-name"),
        ("publisher-place", "publisher-loc"),
    ):  # fmt: skip
        value = _plain(_value(item, name))
        used = name == "event" and item.get("event-title")
        used = used or (name == "publisher" and any(child.tag == "source" and child.text == value for child in element))
        if value and not used:
            sub(element, tag, value)
    for name in ("genre", "medium", "status", "note"):
        value = _plain(_value(item, name))
        if value:
            sub(element, "comment", value)


def _number(item: Item, kind: str, element: Element) -> None:
    value = _plain(_value(item, "number"))
    if not value:
        return
    if kind == "patent":
        sub(element, "patent", value)
    elif kind == "standard":
        sub(element, "pub-id", value, pub_id_type="std-designation")
    elif kind == "journal":
        sub(element, "issue" if element.find("issue") is None else "elocation-id", value)
    else:
        sub(element, "pub-id", value, pub_id_type="publisher-id")


def _pages(item: Item, element: Element) -> None:
    if item.get("number-of-pages"):
        sub(element, "size", _plain(_value(item, "number-of-pages")), units="pages")
    pages = _plain(_value(item, "page")).strip()
    found = re.fullmatch(r"([\w.:]+)\s*(?:-{1,3}|[–—])\s*([\w.:]+)", pages)
    first, last = (found[1], _whole_number(found[1], found[2])) if found else ("", "")
    if first and _digits(first) <= _digits(last):
        sub(element, "fpage", first)
        sub(element, "lpage", last)
    elif re.fullmatch(r"[a-zA-Z]\w*\d\w*", pages):
        sub(element, "elocation-id", pages)
    elif re.fullmatch(r"[\w.:]+", pages):
        sub(element, "fpage", pages)
    elif pages:
        sub(element, "page-range", pages)


def _whole_number(first: str, last: str) -> str:
    """The last page in full: 1145–52 ends on page 1152."""
    missing = len(first) - len(last)
    return first[:missing] + last if missing > 0 and first.isdigit() and last.isdigit() else last


def _digits(page: str) -> int:
    return int("0" + "".join(digit for digit in page if digit in "0123456789"))


def _identifiers(item: Item, element: Element) -> None:
    for name, tag in (("ISBN", "isbn"), ("ISSN", "issn")):
        for value in re.split(r"[,;\s]+", _plain(_value(item, name))):
            if value:
                sub(element, tag, value)
    for name, kind in _IDS.items():
        value = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", _plain(_value(item, name)), flags=re.IGNORECASE)
        if value:
            sub(element, "pub-id", value, pub_id_type=kind)
    url = _plain(_value(item, "URL")).strip()
    if url and not re.match(r"[a-zA-Z][\w+.-]*:", url):
        sub(element, "comment", url)  # no address that leads anywhere
    elif url and not (item.get("DOI") and re.match(r"https?://(dx\.)?doi\.org/", url)):
        link = sub(element, "ext-link", url, ext_link_type="uri", href=address(url))
        describe_link(link, _plain(_value(item, "title")))


# --- values ---------------------------------------------------------------------------------------------------


def _value(item: Item, name: str) -> str:
    value = item.get(name)
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


_TAG = re.compile(r"<(/?)(i|b|em|strong|sup|sub|sc|span)(\s[^<>]*)?>", re.IGNORECASE)
_ELEMENTS = {
    "i": "italic",
    "em": "italic",
    "b": "bold",
    "strong": "bold",
    "sup": "sup",
    "sub": "sub",
    "sc": "sc",
}


def _plain(value: str) -> str:
    """A value without CSL's markup."""
    return _TAG.sub("", value)


def _rich(element: Element, value: str) -> None:
    """CSL's markup (<i>, <b>, <sup>, <sub>, <span style="font-variant: small-caps">) as elements; what is not opened
    or not closed is passed over."""
    open_: list[tuple[str, Element]] = [("", element)]
    for piece in _pieces(value):
        if isinstance(piece, str):
            add_text(open_[-1][1], piece)
            continue
        closing, tag, attribute = piece
        if not closing:
            name = _ELEMENTS.get(tag, "sc" if "small-caps" in attribute else "")
            open_.append((tag, sub(open_[-1][1], name) if name else open_[-1][1]))
        elif tag in [name for name, _ in open_]:
            while open_.pop()[0] != tag:
                pass
    for child in list(element):
        if is_empty(child) and not child.tail:
            element.remove(child)


def _pieces(value: str) -> Iterator[str | tuple[bool, str, str]]:
    end = 0
    for found in _TAG.finditer(value):
        if found.start() > end:
            yield value[end : found.start()]
        yield bool(found[1]), found[2].lower(), found[3] or ""
        end = found.end()
    if end < len(value):
        yield value[end:]


__all__ = ["PUBLICATION_TYPES", "element_citation", "entries_of", "list_of", "publication_type"]
