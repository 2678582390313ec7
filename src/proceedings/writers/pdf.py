"""The printed volume, and one offprint for each contribution: the same pages with the same folios."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from proceedings.diagnostics import Location, finding
from proceedings.edition import Digest, Edition, Store
from proceedings.model import Print, Record, Volume
from proceedings.renderings.pages import StampView, metadata
from proceedings.writers.interface import Artifact, Need, Output, Scope, Writer

if TYPE_CHECKING:
    from proceedings import typesetting


class OffprintView(Record):
    slug: str
    offprint: Digest


def _offprint_view(edition: Edition, slug: str) -> OffprintView:
    return OffprintView(slug=slug, offprint=edition.offprints[slug])


def _write_offprint(view: OffprintView, store: Store) -> Output:
    return Output((Artifact(f"pdf/{view.slug}.pdf", digest=view.offprint),))


class Bookmark(Record):
    """A segment, or a section with the segments below it."""

    title: str
    target: str = ""
    below: tuple[tuple[str, str], ...] = ()  # (title, target)


class VolumeView(Record):
    volume: Volume
    segments: tuple[Digest, ...]
    bookmarks: tuple[Bookmark, ...]
    editors: tuple[str, ...]


def _volume_view(edition: Edition, _slug: str) -> VolumeView:
    return VolumeView(
        volume=edition.imprint(),
        segments=tuple(edition.segments[name] for name in edition.places if name in edition.segments),
        bookmarks=tuple(_bookmarks(edition)),
        editors=tuple(person.name for person in edition.volume.editors),
    )


def _bookmarks(edition: Edition) -> Iterator[Bookmark]:
    """Every part that has pages, in order; contributions below their section, whose opener it leads to."""
    from proceedings import book

    titles = {slug: prepared.title for slug, prepared in edition.prepared.items()}
    for name in book.front(edition):
        if name in edition.segments:
            title = titles.get(name) or book.part_title(name, edition.volume)
            yield Bookmark(title=title, target=book.segment_name(name))
    for section, slugs in edition.parts():
        below = tuple((titles[slug], slug) for slug in slugs if slug in edition.segments)
        if section is None:
            yield from (Bookmark(title=title, target=target) for title, target in below)
        elif below:
            opener = f"{book.OPENER}{edition.volume.sections.index(section) + 1}"
            target = book.segment_name(opener) if opener in edition.segments else ""
            yield Bookmark(title=section.title, target=target, below=below)
    for name in dict.fromkeys(f"#{part}" for part in edition.volume.back_matter):
        if name in edition.segments and name not in book.front(edition):
            yield Bookmark(title=book.part_title(name, edition.volume), target=book.segment_name(name))


def _link(view: VolumeView, store: Store, output: BinaryIO) -> typesetting.Linked:
    from proceedings import typesetting

    volume = view.volume
    outline = [
        typesetting.Entry(
            mark.title, mark.target, tuple(typesetting.Entry(title, target) for title, target in mark.below)
        )
        for mark in view.bookmarks
    ]
    facts = StampView(
        name="volume",
        body="",
        folios=(),
        title=volume.title,
        lang=volume.lang,
        authors=view.editors,
        subject=volume.subtitle,
        doi=volume.doi or "",
        licence=volume.licence or "",
        holder=volume.copyright_holder,
        year=str(volume.published.year) if volume.published else "",
        volume=volume,
    )
    segments = (store.get(digest) for digest in view.segments)
    return typesetting.link(segments, output, outline=outline, metadata=metadata(facts))


def _write_volume(view: VolumeView, store: Store) -> Output:
    with tempfile.TemporaryFile() as output:  # the volume is as large as all its parts: it is never in memory
        linked = _link(view, store, output)
        digest = store.put_file(output)
    broken = (
        finding("X206", f"a link in {segment} leads to {target!r}, which is not in the volume", Location("volume.yaml"))
        for segment, target in linked.broken
    )
    return Output((Artifact("pdf/volume.pdf", digest=digest),), tuple(broken))


class PressView(Record):
    """The pages inside, and the cover as a file of its own."""

    inside: VolumeView
    cover: Digest
    press: Print


def _press_view(edition: Edition, slug: str) -> PressView:
    whole = _volume_view(edition, slug)
    cover = edition.segments.get("#cover", "")
    return PressView(
        inside=whole.model_copy(
            update={
                "segments": tuple(digest for digest in whole.segments if digest != cover),
                "bookmarks": tuple(mark for mark in whole.bookmarks if mark.target != "part.cover"),
            }
        ),
        cover=edition.offprints.get("#cover", ""),
        press=edition.volume.print,
    )


def _write_press(view: PressView, store: Store) -> Output:
    from proceedings import typesetting

    with tempfile.TemporaryFile() as output:
        _link(view.inside, store, output)
        output.seek(0)
        inside = typesetting.in_black(output) if view.press.black_only else output.read()
    artifacts = [Artifact("print/inside.pdf", inside)]
    if view.cover:
        cover = typesetting.with_bleed(store.get(view.cover), view.press.bleed, view.press.marks)
        artifacts.append(Artifact("print/cover.pdf", cover))
    return Output(tuple(artifacts))


OFFPRINT = Writer(
    "offprint",
    "one PDF for each contribution",
    Scope.CONTRIBUTION,
    _offprint_view,
    _write_offprint,
    frozenset({Need.STAMPED}),
)
VOLUME = Writer(
    "pdf",
    "the volume as one PDF",
    Scope.VOLUME,
    _volume_view,
    _write_volume,
    frozenset({Need.STAMPED}),
    main="pdf/volume.pdf",
)
PRESS = Writer(
    "print",
    "what a printing house gets: the cover with bleed and crop marks, and the pages inside",
    Scope.VOLUME,
    _press_view,
    _write_press,
    frozenset({Need.STAMPED}),
    on_request=True,
)
