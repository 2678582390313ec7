"""One contribution as a whole JATS 1.3 article: Journal Publishing where there is an ISSN, else Archiving."""

from __future__ import annotations

from proceedings.build import code_digest
from proceedings.diagnostics import Diagnostic
from proceedings.edition import Store
from proceedings.model import JatsProfile
from proceedings.renderings.article import terms
from proceedings.renderings.jats import Rendering, scielo
from proceedings.renderings.jats.backmatter import interests
from proceedings.renderings.jats.facts import Facts, rendering_of
from proceedings.renderings.jats.front import ARTICLE_TYPES, article_meta, counts, disclaimer, journal_meta, statements
from proceedings.renderings.jats.grammar import Element, fill, new, serialise, sub
from proceedings.renderings.jats.inlines import prefix

VERSION = "1.3"
_DOCTYPE = (
    '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) {} DTD with MathML3 v1.3 20210610//EN"'
    ' "https://jats.nlm.nih.gov/{}">'
)
PUBLISHING = _DOCTYPE.format("Journal Publishing", "publishing/1.3/JATS-journalpublishing1-3-mathml3.dtd")
ARCHIVING = _DOCTYPE.format("Journal Archiving and Interchange", "archiving/1.3/JATS-archivearticle1-3-mathml3.dtd")


def document(facts: Facts, store: Store) -> tuple[bytes, tuple[Diagnostic, ...]]:
    """The file, and what it cannot carry."""
    rendering = rendering_of(facts, store)
    if facts.volume.jats_profile is JatsProfile.SCIELO:
        root = scielo.suited(article(facts, rendering, printed=True))
        for item in scielo.lacking(root, facts.path):
            rendering.told(item)
    else:
        root = article(facts, rendering)
    return serialise(root, PUBLISHING if facts.issn else ARCHIVING), tuple(rendering.findings)


def remembered(facts: Facts, store: Store) -> Element:
    """The whole document, made anew only where something in it has changed: a book has many of them."""
    from lxml import etree

    def make() -> bytes:
        return bytes(etree.tostring(article(facts, rendering_of(facts, store))))

    found: Element = etree.fromstring(store.memo(f"jats {code_digest()}", facts.model_dump_json().encode(), make))
    return found


def article(facts: Facts, rendering: Rendering, *, printed: bool = False) -> Element:
    """The whole document; `printed`: with its references as they are printed too.

    Its parts are made in the order of reading, so that notes are numbered in it.
    """
    item = facts.prepared.contribution
    root = new("article", article_type=ARTICLE_TYPES[item.kind], dtd_version=VERSION, lang=item.lang)
    front = sub(root, "front")
    journal = journal_meta(facts.volume)
    if journal is not None:
        front.append(journal)
    meta = article_meta(facts, rendering)
    front.append(meta)
    notes = disclaimer(facts, rendering)
    if notes is not None:
        front.append(notes)
    body, parted = rendering.body_and_back()
    _insert_interests(meta, interests(parted), f"{prefix(item.slug)}interests")
    if body is not None:
        root.append(body)
    back = new("back")
    back.extend([*statements(facts, rendering), *parted])
    for part in (rendering.references(terms(item.lang)["references"], printed=printed), rendering.notes()):
        if part is not None:
            back.append(part)
    if len(back):
        root.append(back)
    rendering.settle(root)
    _insert_counts(meta, counts(facts, root))
    return root


def _insert_interests(meta: Element, content: list[Element], name: str) -> None:
    """What the text says of the authors' interests, among the author notes."""
    if not content:
        return
    notes = meta.find("author-notes")
    if notes is None:
        notes = new("author-notes")
        [*meta.iterchildren("title-group", "contrib-group", "aff")][-1].addnext(notes)
    fill(sub(notes, "fn", id=name, fn_type="coi-statement"), content)


def _insert_counts(meta: Element, element: Element) -> None:
    """The last but the custom metadata."""
    custom = meta.find("custom-meta-group")
    if custom is None:
        meta.append(element)
    else:
        custom.addprevious(element)
