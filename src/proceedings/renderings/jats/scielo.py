"""SciELO's Publishing Schema 1.10: what it wants otherwise than JATS4R and PMC, done to a finished article.

Sources: scielo-style-1.10.sch of packtools. Printed references (`mixed-citation`), which it wants too, are written
with the list.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.renderings.jats.grammar import HREF, LANG, Element, new, set_all, sub, text_of, unwrap

VERSION = "sps-1.10"

# publication-type of the default profile → of SciELO, which has no other values than these and its own below.
_PUBLICATION_TYPES = {"working-paper": "report"}
_KNOWN_TYPES = frozenset(
    "journal book webpage thesis confproc patent report software legal-doc newspaper other database data".split()
)
_REFERENCES = frozenset(
    "aff app author-notes bibr contrib corresp disp-formula fig fn sec supplementary-material table table-fn"
    " boxed-text".split()
)
_RELATIONS = frozenset("corrected-article commentary-article letter partial-retraction retracted-article".split())
_INSTITUTIONS = {None: "orgname", "dept": "orgdiv1"}


def suited(root: Element) -> Element:
    """The article as SciELO wants it."""
    root.set("specific-use", VERSION)
    for step in _STEPS:
        step(root)
    return root


def lacking(root: Element, path: str) -> Iterator[Diagnostic]:
    """Why SciELO would refuse an article whose volume gives all that it must (V037). `path`: the author's file."""
    meta = root.find("front/article-meta")
    if meta is None:
        return
    missing = []
    is_research = root.get("article-type") in ("research-article", "review-article")
    if is_research and meta.find("abstract") is None and meta.find("trans-abstract") is None:
        missing.append("an abstract")
    licence = meta.find("permissions/license")
    if licence is None or not _CREATIVE_COMMONS.match(licence.get(HREF, "")):
        missing.append("a Creative Commons licence")
    if missing:
        message = f"SciELO refuses it without {' and '.join(missing)}"
        yield finding("O105", message, Location(path, 1, 1), "Add it to the metadata, or take the profile away.")


_CREATIVE_COMMONS = re.compile(r"https?://creativecommons\.org/licenses/")


def _issn(root: Element) -> None:
    kinds = {"electronic": "epub", "print": "ppub"}
    for element in root.iterfind("front/journal-meta/issn"):
        element.set("pub-type", kinds[element.get("publication-format", "electronic")])
        del element.attrib["publication-format"]


def _affiliations(root: Element) -> None:
    """Each with its whole text as the author wrote it, and its parts by what they are."""
    for affiliation in root.iter("aff"):
        label = affiliation.find("label")
        whole = text_of(affiliation)
        whole = whole.removeprefix(text_of(label)).strip() if label is not None else whole
        for part in affiliation.iter("institution"):
            part.set("content-type", _INSTITUTIONS[part.get("content-type")])
        original = new("institution", whole, content_type="original")
        affiliation.insert(0 if label is None else 1, original)
        for country in affiliation.findall("country"):
            if country.get("country") is None:  # its code is wanted, and nobody knows it: the whole text has the name
                unwrap(country)


def _languages(root: Element) -> None:
    for element in root.iterfind("front/article-meta/*"):
        if element.tag == "kwd-group" and element.get(LANG) is None:
            element.set(LANG, root.get(LANG, ""))
    for licence in root.iter("license"):
        licence.set(LANG, root.get(LANG, ""))


def _notes(root: Element) -> None:
    for note in root.iter("fn"):
        if note.get("fn-type") == "coi-statement":
            note.set("fn-type", "conflict")
        elif note.get("fn-type") is None:
            note.set("fn-type", "other")


def _acknowledgements(root: Element) -> None:
    """Thanks have no sections: their titles are lines in bold type."""
    for section in list(root.iterfind("back/ack//sec")):
        for title in section.findall("title"):
            line = new("p")
            title.addprevious(line)
            title.tag = "bold"
            line.append(title)
        unwrap(section)


def _citations(root: Element) -> None:
    for citation in root.iter("element-citation", "mixed-citation"):
        kind = citation.get("publication-type", "other")
        kind = _PUBLICATION_TYPES.get(kind, kind)
        citation.set("publication-type", kind if kind in _KNOWN_TYPES else "other")
        for group in citation.findall("person-group[@custom-type]"):
            _outside(group)


def _outside(group: Element) -> None:
    """People in a part for which SciELO has no group stand by themselves, each with that part."""
    for person in list(group):
        if person.tag == "etal":
            group.remove(person)
        elif person.tag == "collab":
            group.replace(person, new("string-name", text_of(person), content_type=group.get("custom-type")))
        else:
            person.tag = "string-name"
            set_all(person, content_type=group.get("custom-type"))
    unwrap(group)


def _references(root: Element) -> None:
    """A link to what SciELO has no kind of link for says no kind."""
    for reference in root.iter("xref"):
        if reference.get("ref-type") not in _REFERENCES:
            del reference.attrib["ref-type"]


def _several(root: Element) -> None:
    """A link leads to one thing: further ones of the same mark stand behind it, without text."""
    for reference in list(root.iter("xref")):
        names = (reference.get("rid") or "").split()
        set_all(reference, rid=" ".join(names[:1]))
        for name in reversed(names[1:]):
            more = new("xref", rid=name, ref_type=reference.get("ref-type"))
            more.tail, reference.tail = reference.tail, None
            reference.addnext(more)


def _tables(root: Element) -> None:
    """Cells of the head are heads, those of the body none; `scope` still says which of these head a row."""
    for part, tag in (("thead", "th"), ("tbody", "td")):
        for rows in root.iter(part):
            for cell in rows.iter("th", "td"):
                cell.tag = tag


def _files(root: Element) -> None:
    """A link to a file beside the document is no web address."""
    for link in root.iter("ext-link"):
        if link.get("ext-link-type") == "uri" and not re.match(r"[a-zA-Z][\w+.-]*:", link.get(HREF) or ""):
            link.tag = "inline-supplementary-material"
            del link.attrib["ext-link-type"]


def _deposits(root: Element) -> None:
    """A supplement without a file, which is deposited elsewhere: a section with a link to it."""
    for item in list(root.iter("supplementary-material")):
        if item.get("mimetype"):
            continue
        for reference in root.iterfind(f".//xref[@rid='{item.get('id')}']"):
            reference.set("ref-type", "sec")
        item.tag, address = "sec", str(item.attrib.pop(HREF, ""))
        for identifier in item.findall("object-id"):
            item.remove(identifier)
        for caption in item.findall("caption"):
            unwrap(caption)
        if address:
            sub(sub(item, "p"), "ext-link", address, ext_link_type="uri", href=address)


def _products(root: Element) -> None:
    """Only reviews of books have products, and each of a kind."""
    for product in list(root.iterfind("front/article-meta/product")):
        if root.get("article-type") == "book-review":
            product.set("product-type", product.get("product-type") or "other")
            continue
        whole = root.find("front/article-meta/related-object")
        product.tag = "related-object"
        product.attrib.pop("product-type", "")
        set_all(product, link_type="reviewed-work")
        if whole is not None:
            whole.addprevious(product)


def _targets(root: Element) -> None:
    """A paragraph has no id; what points to it points to its beginning."""
    for paragraph in list(root.iter("p")):
        if paragraph.get("id"):
            target = new("target", id=paragraph.get("id"))
            del paragraph.attrib["id"]
            target.tail, paragraph.text = paragraph.text, None
            paragraph.insert(0, target)


def _relations(root: Element) -> None:
    """Relations that SciELO does not know become objects, which may stand in any."""
    for element in list(root.iterfind("front/article-meta/related-article")):
        kind = element.get("related-article-type")
        if kind in _RELATIONS and element.get("ext-link-type") == "doi":
            continue
        if kind in _RELATIONS and root.get("article-type") in ("correction", "retraction"):
            continue  # that is required; a corrected article without a DOI is its editors' matter
        element.tag = "related-object"
        del element.attrib["related-article-type"]
        element.set("link-type", str(kind))


_STEPS: tuple[Callable[[Element], None], ...] = (
    _issn, _affiliations, _languages, _notes, _acknowledgements, _citations, _references, _several, _tables, _files,
    _deposits, _products, _targets, _relations,
)  # fmt: skip

__all__ = ["VERSION", "lacking", "suited"]
