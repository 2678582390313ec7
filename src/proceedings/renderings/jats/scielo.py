"""SciELO's Publishing Schema 1.10: what it wants otherwise than JATS4R and PMC, done to a finished article.

Sources: scielo-style-1.10.sch of packtools. Printed references (`mixed-citation`), which it wants too, are written
with the list.
"""

from __future__ import annotations

from collections.abc import Callable

from proceedings.renderings.jats.grammar import LANG, Element, new, text_of

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


def _citations(root: Element) -> None:
    for citation in root.iter("element-citation", "mixed-citation"):
        kind = citation.get("publication-type", "other")
        kind = _PUBLICATION_TYPES.get(kind, kind)
        citation.set("publication-type", kind if kind in _KNOWN_TYPES else "other")


def _references(root: Element) -> None:
    """A link to what SciELO has no kind of link for says no kind."""
    for reference in root.iter("xref"):
        if reference.get("ref-type") not in _REFERENCES:
            del reference.attrib["ref-type"]


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
    _issn, _affiliations, _languages, _notes, _citations, _references, _targets, _relations,
)  # fmt: skip

__all__ = ["VERSION", "suited"]
