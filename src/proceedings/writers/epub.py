"""The volume as one EPUB 3: a chapter for each contribution, with its own language, notes and references.

Accessibility is described as it is: `alternativeText` is claimed only where every image has a description.
"""

from __future__ import annotations

import json
import mimetypes
import tempfile
import zipfile
from typing import Any
from urllib.parse import quote

from proceedings import images, stylesheets
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.edition import COVER, Amendment, Digest, Edition, FileAsset, Look, Prepared, Store
from proceedings.languages import direction
from proceedings.model import Record, Volume
from proceedings.renderings.article import DATA, article, templates, terms
from proceedings.writers.interface import Artifact, Need, Output, Scope, Writer

COVER_IMAGE = "images/cover.png"
COVER_SIDE = 1600  # pixels
UNKNOWN = "application/octet-stream"  # a media type
LARGEST_RECORDING = 20_000_000  # bytes; an EPUB is read on telephones
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a ZIP can hold: no clock in the output


class Chapter(Record):
    prepared: Prepared
    parts: Digest
    section: str  # in the chapter's language
    part: str = ""  # the section in the volume's language
    front: bool = False
    amendments: tuple[Amendment, ...] = ()


class EpubView(Record):
    """What the EPUB depends on: no page numbers, so that a text which only moves leaves it as it is."""

    volume: Volume
    chapters: tuple[Chapter, ...]
    missing: tuple[tuple[str, str], ...]
    cover: Digest = ""  # as it is laid out for print
    cover_alt: str = ""
    programs: tuple[tuple[str, str], ...] = ()  # that draw it
    look: Look = Look()


def _view(edition: Edition, _slug: str) -> EpubView:
    return EpubView(
        volume=edition.imprint(),
        chapters=tuple(
            Chapter(
                prepared=prepared,
                parts=edition.fragments[slug],
                section=edition.section_title(slug),
                part=edition.section_title(slug, edition.volume.lang),
                front=slug in edition.front,
                amendments=edition.amendments(slug),
            )
            for slug, prepared in edition.prepared.items()
            if slug in edition.fragments
        ),
        missing=tuple((item.slug, item.reason) for item in edition.missing),
        cover=edition.bodies.get(COVER, ""),
        cover_alt=edition.volume.cover.alt or f"{terms(edition.volume.lang)['cover']}: {edition.volume.title}",
        programs=images.versions(),
        look=edition.looks.epub,
    )


def _write(view: EpubView, store: Store) -> Output:
    """epub/volume.epub, one chapter in memory at a time."""
    described = True
    items: list[dict[str, Any]] = []
    with tempfile.TemporaryFile() as output:
        with zipfile.ZipFile(output, "w") as archive:
            _add(archive, "mimetype", b"application/epub+zip", zipfile.ZIP_STORED)
            _add(archive, "META-INF/container.xml", _CONTAINER.encode())
            for chapter in view.chapters:
                slug = chapter.prepared.contribution.slug
                text = _chapter(chapter, view.volume, json.loads(store.get(chapter.parts)))
                described = described and "undescribed" not in text
                items.append({"id": slug, "href": f"{slug}.xhtml", "maths": "<math" in text})
                _add(archive, f"EPUB/{slug}.xhtml", text.encode())
                for image in chapter.prepared.images:
                    _add(archive, f"EPUB/images/{slug}/{image.name}", store.get(image.digest))
                for asset in filter(_plays, chapter.prepared.files):
                    _add(archive, f"EPUB/images/{slug}/{asset.name}", store.get(asset.digest))
            cover, findings = _cover(view, store)
            if cover:
                _add(archive, f"EPUB/{COVER_IMAGE}", cover)
            facts = _facts(view, items, described=described) | {"cover": COVER_IMAGE if cover else ""}
            for name in ("package.opf", "nav.xhtml", "title.xhtml", *(["cover.page.xhtml"] if cover else [])):
                _add(archive, f"EPUB/{name}", templates().get_template(f"epub/{name}").render(**facts).encode())
            style = (DATA / "templates" / "epub" / "style.css").read_bytes()
            _add(archive, "EPUB/style.css", stylesheets.appended(style, view.look, store))
            for name, digest in view.look.files:
                _add(archive, f"EPUB/styles/{name}", store.get(digest))
        return Output((Artifact("epub/volume.epub", digest=store.put_file(output)),), tuple(findings))


def _cover(view: EpubView, store: Store) -> tuple[bytes, list[Diagnostic]]:
    """The first page of the printed book as a picture, and why there is none."""
    from proceedings import typesetting

    if not view.cover:
        return b"", []
    page, problems = images.draw(typesetting.Body.unpack(store.get(view.cover)).pdf, COVER_SIDE)
    place = Location("volume.yaml", token="cover")
    return page, [finding(problem.code, problem.message, place, problem.hint) for problem in problems]


def _facts(view: EpubView, items: list[dict[str, Any]], *, described: bool) -> dict[str, Any]:
    """What the package, the navigation and the title page say."""
    volume = view.volume
    pictures = [
        {
            "id": f"{chapter.prepared.contribution.slug}-image-{number}",
            "type": image.media_type,
            "href": f"images/{chapter.prepared.contribution.slug}/{image.name}",
        }
        for chapter in view.chapters
        for number, image in enumerate(chapter.prepared.images, 1)
    ]
    recordings = [
        {
            "id": f"{chapter.prepared.contribution.slug}-recording-{number}",
            "type": asset.media_type,
            "medium": asset.medium,
            "href": f"images/{chapter.prepared.contribution.slug}/{asset.name}",
        }
        for chapter in view.chapters
        for number, asset in enumerate(filter(_plays, chapter.prepared.files), 1)
    ]
    types = mimetypes.MimeTypes()  # not the system's tables
    extras = [
        {"id": f"style-{number}", "type": types.guess_type(name)[0] or UNKNOWN, "href": f"styles/{quote(name)}"}
        for number, (name, _) in enumerate(view.look.files, 1)
    ]
    return {
        "view": view,
        "volume": volume,
        "words": terms(volume.lang),
        "items": items,
        "images": pictures,
        "extras": extras,
        "recordings": recordings,
        "sections": _sections(view),
        "identifier": _identifier(view),
        "modified": f"{volume.published or '1980-01-01'}T00:00:00Z",
        "described": described,
        "direction": direction(volume.lang),
    }


def _plays(asset: FileAsset) -> bool:
    """Whether the EPUB carries a file: it may lead to no other than texts, so that it has what is played in them."""
    return asset.shown and asset.size <= LARGEST_RECORDING


def _chapter(chapter: Chapter, volume: Volume, parts: dict[str, Any]) -> str:
    item = chapter.prepared.contribution
    content = article(
        chapter.prepared,
        parts,
        volume,
        chapter.section,
        base=f"images/{item.slug}/",
        amendments=chapter.amendments,
        base_of="{slug}.xhtml",
        reach=lambda asset: f"images/{item.slug}/{asset.name}" if _plays(asset) else "",
    )
    return (
        templates().get_template("epub/chapter.xhtml").render(item=item, title=chapter.prepared.title, content=content)
    )


def _sections(view: EpubView) -> list[tuple[str, list[dict[str, Any]]]]:
    """The navigation: sections with their chapters, front matter first."""
    found: list[tuple[str, list[dict[str, Any]]]] = []
    for chapter in view.chapters:
        title = "" if chapter.front else chapter.part
        if not found or found[-1][0] != title:
            found.append((title, []))
        item = chapter.prepared.contribution
        found[-1][1].append({"href": f"{item.slug}.xhtml", "title": chapter.prepared.full_title, "lang": item.lang})
    return found


def _identifier(view: EpubView) -> str:
    """ISBN or DOI; a name made of the title where the volume has neither."""
    volume = view.volume
    if volume.isbn.epub:
        return f"urn:isbn:{volume.isbn.epub.replace('-', '')}"
    if volume.doi:
        return f"https://doi.org/{volume.doi}"
    import uuid

    name = "|".join((volume.title, volume.number, volume.url or ""))
    return f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, name)}"


_CONTAINER = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
    '<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/>'
    "</rootfiles></container>"
)


def _add(archive: zipfile.ZipFile, name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> None:
    """A file of the container, with a time that is always the same."""
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = method
    entry.external_attr = 0o644 << 16
    archive.writestr(entry, data)


VOLUME = Writer(
    "epub",
    "the volume as one EPUB 3",
    Scope.VOLUME,
    _view,
    _write,
    frozenset({Need.FRAGMENT, Need.COVER}),
    main="epub/volume.epub",
)
