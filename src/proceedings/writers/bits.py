"""The volume as one BITS 2.1 book: a part for each section, a chapter for each contribution, figures beside it."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable

from lxml import etree

from proceedings.edition import Edition, Missing, Store
from proceedings.model import Record, Volume
from proceedings.renderings.article import terms
from proceedings.renderings.jats.article import remembered
from proceedings.renderings.jats.facts import Facts, facts
from proceedings.renderings.jats.front import conference, date_element
from proceedings.renderings.jats.grammar import LANG, Element, new, serialise, serialise_part, sub
from proceedings.renderings.jats.people import People
from proceedings.renderings.jats.rights import permissions
from proceedings.writers.interface import Artifact, Need, Output, Scope, Writer, beside

VERSION = "2.1"
DOCTYPE = (
    '<!DOCTYPE book PUBLIC "-//NLM//DTD BITS Book Interchange DTD v2.1 20220202//EN"'
    ' "https://jats.nlm.nih.gov/extensions/bits/2.1/BITS-book2-1.dtd">'
)


class Part(Record):
    """A run of chapters, under the title of their section where they have one."""

    title: str = ""
    slugs: tuple[str, ...] = ()


class BitsView(Record):
    """What the book depends on: the chapters' facts without the volume, which is the same for all."""

    volume: Volume
    front: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    chapters: dict[str, Facts]
    missing: tuple[Missing, ...] = ()


_NO_VOLUME = Volume(title="-")


def view(edition: Edition, _: str) -> BitsView:
    return BitsView(
        volume=edition.imprint(),
        front=edition.front,
        parts=tuple(
            Part(title=section.title if section else "", slugs=tuple(slugs)) for section, slugs in edition.parts()
        ),
        chapters={slug: facts(edition, slug).model_copy(update={"volume": _NO_VOLUME}) for slug in edition.prepared},
        missing=edition.missing,
    )


def write(view: BitsView, store: Store) -> Output:
    """bits/volume.xml, and the figures of every contribution in bits/SLUG/. What a chapter cannot carry is told by
    its own JATS. One chapter is in memory at a time."""
    whole = serialise(_frame(view), DOCTYPE, parted=True)
    with tempfile.TemporaryFile() as output:
        for index, piece in enumerate(_HOLE.split(whole)):
            if index % 2:
                tag, slug = piece.decode().split()
                output.write(serialise_part(_chapter(view, slug, store, tag)))
            else:
                output.write(piece)
        book = store.put_file(output)
    files = (file for slug, chapter in view.chapters.items() for file in beside(chapter.prepared, f"bits/{slug}"))
    return Output((Artifact("bits/volume.xml", digest=book), *files))


# Where a chapter goes: a processing instruction with the name of its element and its slug.
_HOLE = re.compile(rb"<\?chapter (\S+ \S+)\?>")


def _hole(tag: str, slug: str) -> Element:
    hole: Element = etree.ProcessingInstruction("chapter", f"{tag} {slug}")
    return hole


def _frame(view: BitsView) -> Element:
    """The book with holes for its chapters."""
    root = new("book", book_type="proceedings", dtd_version=VERSION, lang=view.volume.lang)
    collection = collection_meta(view.volume)
    if collection is not None:
        root.append(collection)
    root.append(book_meta(view))
    front = new("front-matter")
    front.extend([_hole("front-matter-part", slug) for slug in view.front if slug in view.chapters])
    if len(front):
        root.append(front)
    body = new("book-body")
    for number, part in enumerate(view.parts, 1):
        _section(body, part, number).extend([_hole("book-part", slug) for slug in part.slugs])
    if len(body):
        root.append(body)
    return root


def _section(body: Element, part: Part, number: int) -> Element:
    """Where the chapters of a part go."""
    if not part.title:
        return body
    element = sub(body, "book-part", book_part_type="part", id=f"volume--part-{number}")
    sub(sub(sub(element, "book-part-meta"), "title-group"), "title", part.title)
    return sub(element, "body")


# --- a contribution as a chapter ------------------------------------------------------------------------------

# What a chapter's metadata has, in the order of the DTD; the article's own parts of that name, or as `_RENAMED`.
_CHAPTER_META = (
    "book-part-id subj-group title-group contrib-group aff author-notes pub-date fpage lpage pub-history permissions"
    " self-uri related-article related-object abstract trans-abstract kwd-group funding-group counts custom-meta-group"
).split()
_RENAMED = {"article-id": "book-part-id", "product": "related-object"}


def _chapter(view: BitsView, slug: str, store: Store, tag: str) -> Element:
    """A contribution's article, turned into a part of the book."""
    chapter = view.chapters[slug].model_copy(update={"volume": view.volume})
    source, _ = remembered(chapter, store)
    kind = chapter.prepared.contribution.kind.value
    element = new(
        tag, book_part_type="chapter" if tag == "book-part" else kind, id=slug_id(slug), lang=source.get(LANG)
    )
    meta = source.find("front/article-meta")
    assert meta is not None
    element.append(_chapter_meta(meta, slug))
    element[-1].extend(source.findall("front/notes"))
    for child in source:
        if child.tag == "body" and tag != "book-part":
            child.tag = "named-book-part-body"
        if child.tag != "front":
            element.append(child)
    return element


def slug_id(slug: str) -> str:
    return f"_{slug}" if slug[:1].isdigit() else slug


def _chapter_meta(source: Element, slug: str) -> Element:
    parts = list(_parts(source))
    element = new("book-part-meta")
    for part in sorted(parts, key=_place):
        element.append(part)
    return element


def _place(part: Element) -> int:
    """Contributors and affiliations stay in the order they have; so do related works."""
    same = {"aff": "contrib-group", "related-article": "related-object"}
    return _CHAPTER_META.index(same.get(str(part.tag), str(part.tag)))


def _parts(source: Element) -> Iterable[Element]:
    """The parts of an article's metadata as BITS has them, less what is the volume's."""
    for part in list(source):
        if part.tag == "article-categories":
            yield from list(part)
        elif part.tag == "history":
            yield _history(part)
        elif part.get("link-type") != "part-of":
            part.tag = _RENAMED.get(str(part.tag), part.tag)
            if part.tag in _CHAPTER_META:
                yield _suited(part)


def _suited(part: Element) -> Element:
    """A part with the names that BITS has for what is in it."""
    if part.tag == "book-part-id":
        part.set("book-part-id-type", part.attrib.pop("pub-id-type"))
    if part.tag == "related-object" and part.get("link-type") is None:
        part.attrib.pop("product-type", "")
        part.set("link-type", "reviews")
    if part.tag == "counts":
        for count in part:
            count.tag = f"book-{count.tag}"
    title = part.find("article-title") if part.tag == "title-group" else None
    if title is not None:
        title.tag = "title"
    return part


def _history(source: Element) -> Element:
    element = new("pub-history")
    for date in list(source):
        event = sub(element, "event", event_type=date.get("date-type"))
        event.append(date)
    return element


# --- the volume -----------------------------------------------------------------------------------------------


def collection_meta(volume: Volume) -> Element | None:
    """The series; None where the volume belongs to none."""
    series = volume.series
    if series is None:
        return None
    element = new("collection-meta", collection_type="book-series")
    if series.id:
        sub(element, "collection-id", series.id, collection_id_type="publisher")
    titles = sub(element, "title-group")
    sub(titles, "title", series.title)
    if series.abbreviation:
        sub(titles, "alt-title", series.abbreviation, alt_title_type="abbreviated")
    if series.number:
        sub(sub(element, "volume-in-collection"), "volume-number", series.number)
    for value, form in ((series.issn, "electronic"), (series.issn_print, "print")):
        if value:
            sub(element, "issn", value, publication_format=form)
    return element


def book_meta(view: BitsView) -> Element:
    """The imprint, and what is missing."""
    volume = view.volume
    element = new("book-meta")
    if volume.doi:
        sub(element, "book-id", volume.doi, book_id_type="doi")
    titles = sub(element, "book-title-group")
    sub(titles, "book-title", volume.title)
    if volume.subtitle:
        sub(titles, "subtitle", volume.subtitle)
    for part in (*_contributors(volume), *_publication(volume), *_missing(view)):
        element.append(part)
    return element


def _contributors(volume: Volume) -> Iterable[Element]:
    lang = volume.lang
    people = People(volume.editors, volume.affiliations, "volume--", terms(lang), lang=lang, of_volume=True)
    yield from people.groups()
    for committee in volume.committees:
        group = new("contrib-group", content_type="committee")
        for name in committee.members:
            member = sub(group, "contrib", contrib_type="committee-member")
            sub(member, "string-name", name)
            sub(member, "role", committee.name)
        if len(group):
            yield group
    if volume.editors:
        yield from people.affiliations()
    notes = people.notes()
    if notes:
        holder = new("author-notes")
        holder.extend(notes)
        yield holder


def _publication(volume: Volume) -> Iterable[Element]:
    if volume.published:
        yield date_element("pub-date", volume.published, date_type="pub", publication_format="electronic")
    if volume.number:
        yield new("book-volume-number", volume.number)
    for form in ("print", "pdf", "epub", "html"):
        value = getattr(volume.isbn, form)
        if value:
            yield new("isbn", value, publication_format=form)
    if volume.publisher:
        publisher = new("publisher")
        sub(publisher, "publisher-name", volume.publisher.name)
        if volume.publisher.place:
            sub(publisher, "publisher-loc", volume.publisher.place)
        yield publisher
    rights = permissions(volume.copyright_holder, volume.published, volume.licence)
    if rights is not None:
        yield rights
    if volume.url:
        yield new("self-uri", volume.url, href=volume.url)
    if volume.event:
        yield conference(volume.event, volume.lang)


def _missing(view: BitsView) -> Iterable[Element]:
    """A note on each contribution that is not in the book."""
    for gap in view.missing:
        element = new("notes", notes_type="missing")
        sub(element, "p", f"{terms(view.volume.lang)['missing']}: {gap.slug}")
        yield element


VOLUME = Writer(
    name="bits",
    summary="the volume as one BITS XML book, with its figures",
    scope=Scope.VOLUME,
    view=view,
    write=write,
    needs=frozenset({Need.PAGES}),
    is_xml=True,
)
