"""JATS 1.3 of one contribution, with its figures: Journal Publishing where there is an ISSN, else Archiving."""

from __future__ import annotations

import json

from proceedings.edition import Edition, Store
from proceedings.renderings.article import terms
from proceedings.renderings.jats import Rendering
from proceedings.renderings.jats.front import (
    ARTICLE_TYPES,
    Facts,
    Neighbour,
    article_meta,
    counts,
    journal_meta,
    statements,
)
from proceedings.renderings.jats.grammar import Element, new, serialise, sub
from proceedings.writers.interface import Artifact, Need, Output, Scope, Writer

VERSION = "1.3"
_DOCTYPE = (
    '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) {} DTD with MathML3 v1.3 20210610//EN"'
    ' "https://jats.nlm.nih.gov/{}">'
)
PUBLISHING = _DOCTYPE.format("Journal Publishing", "publishing/1.3/JATS-journalpublishing1-3-mathml3.dtd")
ARCHIVING = _DOCTYPE.format("Journal Archiving and Interchange", "archiving/1.3/JATS-archivearticle1-3-mathml3.dtd")


class JatsView(Facts):
    """What a contribution's JATS depends on."""


def view(edition: Edition, slug: str) -> JatsView:
    prepared = edition.prepared[slug]
    section = edition.sections.get(slug)
    lang = prepared.contribution.lang
    return JatsView(
        volume=edition.imprint(),
        prepared=prepared,
        pages=edition.pages(slug),
        section=section.translations.get(lang, section.title) if section else "",
        neighbours={
            work.slug: Neighbour(
                title=edition.prepared[work.slug].title, doi=edition.prepared[work.slug].contribution.doi
            )
            for work in prepared.contribution.related
            if work.slug in edition.prepared
        },
    )


def write(view: JatsView, store: Store) -> Output:
    """jats/SLUG.xml, and its figures in jats/SLUG/."""
    prepared = view.prepared
    slug = prepared.contribution.slug
    rendering = Rendering(
        json.loads(store.get(prepared.tree)),
        json.loads(store.get(prepared.references)),
        slug=slug,
        lang=prepared.contribution.lang,
        path=view.path,
        images=prepared.images,
    )
    data = serialise(article(view, rendering), PUBLISHING if view.issn else ARCHIVING)
    images = {image.name: image.digest for image in prepared.images}
    figures = [Artifact(f"jats/{slug}/{name}", store.get(digest)) for name, digest in images.items()]
    return Output((Artifact(f"jats/{slug}.xml", data), *figures), rendering.findings)


def article(view: Facts, rendering: Rendering) -> Element:
    """The whole document. Its parts are made in the order of reading, so that notes are numbered in it."""
    item = view.prepared.contribution
    root = new("article", article_type=ARTICLE_TYPES[item.kind], dtd_version=VERSION, lang=item.lang)
    front = sub(root, "front")
    journal = journal_meta(view.volume)
    if journal is not None:
        front.append(journal)
    meta = article_meta(view, rendering)
    front.append(meta)
    body, parted = rendering.body_and_back()
    if body is not None:
        root.append(body)
    back = new("back")
    back.extend([*statements(view, rendering), *parted])
    for part in (rendering.references(terms(item.lang)["references"]), rendering.notes()):
        if part is not None:
            back.append(part)
    if len(back):
        root.append(back)
    rendering.settle(root)
    _insert_counts(meta, counts(view, root))
    return root


def _insert_counts(meta: Element, element: Element) -> None:
    """The last but the custom metadata."""
    custom = meta.find("custom-meta-group")
    if custom is None:
        meta.append(element)
    else:
        custom.addprevious(element)


ARTICLE = Writer(
    name="jats",
    summary="JATS XML of each contribution, with its figures",
    scope=Scope.CONTRIBUTION,
    view=view,
    write=write,
    needs=frozenset({Need.PAGES}),
)
