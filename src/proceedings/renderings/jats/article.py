"""One contribution as a whole JATS 1.3 article: Journal Publishing where there is an ISSN, else Archiving."""

from __future__ import annotations

import json
from dataclasses import asdict

from lxml import etree

from proceedings.build import code_digest, diagnostic_from
from proceedings.diagnostics import Diagnostic
from proceedings.edition import Store
from proceedings.model import JatsProfile
from proceedings.renderings.article import terms
from proceedings.renderings.jats import Rendering, front, scielo
from proceedings.renderings.jats.backmatter import interests
from proceedings.renderings.jats.facts import Facts, rendering_of
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
    is_scielo = facts.volume.jats_profile is JatsProfile.SCIELO
    root, findings = remembered(facts, store, printed=is_scielo)
    if is_scielo:
        root = scielo.suited(root)
        findings = (*findings, *scielo.lacking(root, facts.path))
    return serialise(root, PUBLISHING if facts.issn else ARCHIVING), findings


def remembered(facts: Facts, store: Store, *, printed: bool = False) -> tuple[Element, tuple[Diagnostic, ...]]:
    """The whole document, and what it cannot carry. It is made once for all outputs that hold it, and not again where
    nothing but its pages is changed."""
    unplaced = facts.model_copy(update={"pages": None})

    def make() -> bytes:
        rendering = rendering_of(unplaced, store)
        text = etree.tostring(article(unplaced, rendering, printed=printed), encoding="unicode")
        return json.dumps({"article": text, "findings": [asdict(item) for item in rendering.findings]}).encode()

    key = f"{printed} {unplaced.model_dump_json()}".encode()
    made = json.loads(store.memo(f"jats {code_digest()}", key, make))
    root: Element = etree.fromstring(made["article"], etree.XMLParser(huge_tree=True))
    front.place(root, facts.pages)
    return root, tuple(map(diagnostic_from, made["findings"]))


def article(facts: Facts, rendering: Rendering, *, printed: bool = False) -> Element:
    """The whole document, with room for its pages; `printed`: with its references as they are printed too.

    Its parts are made in the order of reading, so that notes are numbered in it.
    """
    item = facts.prepared.contribution
    root = new("article", article_type=front.ARTICLE_TYPES[item.kind], dtd_version=VERSION, lang=item.lang)
    head = sub(root, "front")
    journal = front.journal_meta(facts.volume)
    if journal is not None:
        head.append(journal)
    meta = front.article_meta(facts, rendering)
    head.append(meta)
    notes = front.disclaimer(facts, rendering)
    if notes is not None:
        head.append(notes)
    body, parted = rendering.body_and_back()
    _insert_interests(meta, interests(parted), f"{prefix(item.slug)}interests")
    if body is not None:
        root.append(body)
    back = new("back")
    back.extend([*front.statements(facts, rendering), *parted])
    for part in (rendering.references(terms(item.lang)["references"], printed=printed), rendering.notes()):
        if part is not None:
            back.append(part)
    if len(back):
        root.append(back)
    rendering.settle(root)
    _insert_counts(meta, front.counts(facts, root))
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
