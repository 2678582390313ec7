"""The printed volume, and one offprint for each contribution: the same pages with the same folios."""

from __future__ import annotations

import tempfile

from proceedings.diagnostics import Location, finding
from proceedings.edition import Digest, Edition, Store
from proceedings.model import Record, Volume
from proceedings.renderings.pages import StampView, metadata
from proceedings.writers.interface import Artifact, Need, Output, Scope, Writer


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
    titles = {slug: prepared.title for slug, prepared in edition.prepared.items()}
    bookmarks = []
    for name in edition.places:
        if name.startswith("#front"):
            bookmarks.append(
                Bookmark(title=edition.volume.short_title or edition.volume.title, target=name.lstrip("#"))
            )
        elif name in edition.front and name in edition.segments:
            bookmarks.append(Bookmark(title=titles[name], target=name))
    for section, slugs in edition.parts():
        below = [(titles[slug], slug) for slug in slugs if slug in edition.segments]
        if section is None:
            bookmarks += [Bookmark(title=title, target=target) for title, target in below]
        elif below:
            bookmarks.append(Bookmark(title=section.title, below=tuple(below)))
    if "#back" in edition.segments:
        from proceedings.renderings.article import terms

        name = edition.volume.back_matter[0]
        bookmarks.append(Bookmark(title=terms(edition.volume.lang).get(name, name), target="back"))
    return VolumeView(
        volume=edition.imprint(),
        segments=tuple(edition.segments[name] for name in edition.places if name in edition.segments),
        bookmarks=tuple(bookmarks),
        editors=tuple(person.name for person in edition.volume.editors),
    )


def _write_volume(view: VolumeView, store: Store) -> Output:
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
        volume=volume,
    )
    segments = (store.get(digest) for digest in view.segments)
    with tempfile.TemporaryFile() as output:  # the volume is as large as all its parts: it is never in memory
        linked = typesetting.link(segments, output, outline=outline, metadata=metadata(facts))
        digest = store.put_file(output)
    broken = (
        finding("X206", f"a link in {segment} leads to {target!r}, which is not in the volume", Location("volume.yaml"))
        for segment, target in linked.broken
    )
    return Output((Artifact("pdf/volume.pdf", digest=digest),), tuple(broken))


OFFPRINT = Writer(
    "offprint",
    "one PDF for each contribution",
    Scope.CONTRIBUTION,
    _offprint_view,
    _write_offprint,
    frozenset({Need.STAMPED}),
)
VOLUME = Writer("pdf", "the volume as one PDF", Scope.VOLUME, _volume_view, _write_volume, frozenset({Need.STAMPED}))
