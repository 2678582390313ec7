"""What is made of all contributions: the EPUB, the BITS book and the printed volume, held against the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from proceedings.agreement import of_epub, of_html, of_jats, of_pdf
from proceedings.agreement.comparing import disagreements
from proceedings.agreement.expected import Known
from proceedings.agreement.reading import Reading, Unreadable
from proceedings.agreement.words import squeezed
from proceedings.build import file_hash
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.edition import PageRange, Prepared, neighbours
from proceedings.model import Record, Volume, full_title

HOME = "volume.yaml"
# Compares one contribution in an output: (slug, the output's name in messages, content as a key, a way to read it).
Compare = Callable[[str, str, bytes, Callable[[], Reading]], list[Diagnostic]]


class Chapter(Record):
    """One contribution of the volume."""

    prepared: Prepared
    pages: PageRange | None = None
    section: str = ""
    path: str = ""

    def known(self, volume: Volume, before: str, behind: str) -> Known:
        """With the slugs of its neighbours."""
        return Known(
            volume=volume,
            prepared=self.prepared,
            pages=self.pages,
            section=self.section,
            path=self.path,
            before=before,
            behind=behind,
        )


class Whole(Record):
    """All that the model knows of the volume, in reading order."""

    volume: Volume  # its imprint
    chapters: tuple[Chapter, ...]
    sections: tuple[str, ...] = ()  # titles of those that hold a contribution
    page_count: int = 0  # of the printed volume; 0 where it is not known

    def known(self) -> dict[str, Known]:
        """The contributions by slug."""
        chapters = {chapter.prepared.contribution.slug: chapter for chapter in self.chapters}
        return {slug: chapters[slug].known(self.volume, *around) for slug, around in neighbours(chapters).items()}


def facts(whole: Whole) -> Mapping[str, tuple[str, ...]]:
    """The facts of the volume by name; see expected.Expected for those of a contribution."""
    volume = whole.volume
    isbn = (volume.isbn.epub or "").replace("-", "")
    authors = [person.name for chapter in whole.chapters for person in chapter.prepared.contribution.authors]
    found: dict[str, tuple[str | None, ...]] = {
        "title": (volume.title,),
        "full title": (full_title(volume.title, volume.subtitle),),
        "subtitle": (volume.subtitle,),
        "language": (volume.lang,),
        "published": (volume.published.isoformat() if volume.published else "",),
        "doi": (volume.doi,),
        "licence name": (volume.licence,),
        "editors in any order": tuple(sorted(person.name for person in volume.editors)),
        "editors": tuple(person.name for person in volume.editors),
        "all authors": tuple(dict.fromkeys(authors)),
        "contents": tuple(
            f"{chapter.prepared.contribution.slug}: {chapter.prepared.full_title}" for chapter in whole.chapters
        ),
        "titles": tuple(chapter.prepared.full_title for chapter in whole.chapters),
        "publisher": (volume.publisher.name if volume.publisher else "",),
        "series": (volume.series.title if volume.series else "",),
        "ISSN": (volume.series.issn, volume.series.issn_print) if volume.series else (),
        "ISBN": (volume.isbn.print, volume.isbn.pdf, volume.isbn.epub, volume.isbn.html),
        "sections": whole.sections,
        "contributions": tuple(chapter.prepared.contribution.slug for chapter in whole.chapters),
    }
    if whole.page_count:
        found["page count"] = (str(whole.page_count),)
    if isbn or volume.doi:
        found["identifier"] = (f"urn:isbn:{isbn}" if isbn else f"https://doi.org/{volume.doi}",)
    return {name: tuple(value for value in values if value) for name, values in found.items()}


def epub(path: Path, whole: Whole, output: str, compare: Compare) -> Iterator[Diagnostic]:
    """The package, and every chapter."""
    book = of_epub.Book(path)
    yield from stated(facts(whole), book.whole(), output)
    known = whole.known()
    for slug, name in book.chapters():
        pictures = dict(book.pictures(slug))
        for image in known[slug].prepared.images if slug in known else ():
            if pictures.get(image.name, image.digest) != image.digest:
                message = f"{output}: the picture {image.name} is another one"
                yield finding("O204", message, Location(known[slug].path, 1, 1, near=True))
        content = book.chapter(name)
        yield from compare(slug, f"{output}: {name}", content, lambda content=content: of_html.chapter(content))  # type: ignore[misc]


def site(path: Path, whole: Whole, output: str) -> Iterator[Diagnostic]:
    """The contents of the site: the contributions in their order."""
    yield from stated(facts(whole), of_html.contents(path.read_bytes()), output)


def bits(path: Path, whole: Whole, output: str, compare: Compare) -> Iterator[Diagnostic]:
    """What the book says of itself, and every chapter, one of them in memory at a time."""
    from lxml import etree

    reading = Reading()
    slugs = {_identifier(slug): slug for slug in whole.known()}
    chapters: list[str] = []
    found: list[Diagnostic] = []
    is_described = False
    sections: list[str] = []
    for item in of_jats.parts(path, ("collection-meta", "book-meta", "book-part", "front-matter-part")):
        slug = slugs.get(item.get("id"))
        if item.tag == "book-meta":
            is_described = True
            _say_of_book(item, reading)
        elif item.tag == "collection-meta":
            reading.say("series", "collection-meta", item.findtext("title-group/title"))
            reading.say("ISSN", "collection-meta", *(number.text for number in item.iterfind("issn")))
        elif item.get("book-part-type") == "part":
            sections.append("".join(item.find("book-part-meta/title-group/title").itertext()))
        elif slug is not None:
            chapters.append(slug)
            content = etree.tostring(item, with_tail=False)
            found += compare(slug, f"{output}: {slug}", content, partial(of_jats.chapter, item))
            item.clear()
    if not is_described:
        yield told(output, "it has no metadata")
        return
    reading.say("contributions", "the chapters", *chapters)
    reading.say("sections", "the parts", *sections)
    yield from stated(facts(whole), reading, output)
    yield from found


def _say_of_book(meta: Any, reading: Reading) -> None:
    """What book-meta says."""
    reading.say("title", "book-title", meta.findtext("book-title-group/book-title"))
    reading.say("subtitle", "subtitle", meta.findtext("book-title-group/subtitle"))
    reading.say("publisher", "publisher-name", meta.findtext("publisher/publisher-name"))
    reading.say("ISBN", "isbn", *(item.text for item in meta.iterfind("isbn")))
    people = map(of_jats.name_of, meta.iterfind("contrib-group/contrib"))
    reading.say("editors in any order", "contrib-group", *sorted(people))
    reading.say("doi", "book-id", *(item.text for item in meta.findall("book-id[@book-id-type='doi']")))
    reading.say("published", "pub-date", *(item.get("iso-8601-date") for item in meta.findall("pub-date")))


def _identifier(slug: str) -> str:
    return f"_{slug}" if slug[:1].isdigit() else slug


def pdf(path: Path, whole: Whole, output: str) -> Iterator[Diagnostic]:
    """The printed volume's metadata and its number of pages: cheap enough for every build."""
    pages = of_pdf.Pages(path, without_words=True)
    found = Reading()
    of_pdf.metadata(pages, found)
    reading = Reading(faults=found.faults)
    reading.statements = [item for item in found.statements if item.fact in ("title", "language", "doi")]
    reading.say("page count", "it", str(pages.count))
    if "/StructTreeRoot" not in pages.file.Root:
        reading.faults.append("it has no tags: nobody can read it who does not see it")
    yield from stated(facts(whole), reading, output)


def pdf_words(path: Path, pages: of_pdf.Pages, whole: Whole, output: str, compare: Compare) -> Iterator[Diagnostic]:
    """Every contribution in the printed volume, word for word: it takes as long as to read the whole file."""
    from proceedings.typesetting.trees import elements

    content = file_hash(path).encode()
    parts = [item for item in elements(pages.file.Root.StructTreeRoot) if str(item.get("/S", "")) == "/Part"]
    for slug, known in whole.known().items():
        wanted = squeezed(known.prepared.title)
        at = next((at for at, part in enumerate(parts) if squeezed(str(part.get("/T", ""))) == wanted), None)
        if at is None:
            yield finding("O202", f"{output}: the contribution {slug!r} is lost", Location(known.path, 1, 1, near=True))
            continue
        part = parts.pop(at)
        read = partial(of_pdf.part_of_volume, pages, part, slug)
        yield from compare(slug, f"{output}: {slug}", content, read)


def stated(want: Mapping[str, tuple[str, ...]], reading: Reading, output: str) -> Iterator[Diagnostic]:
    """What an output says of the volume."""
    for code, message in disagreements(want, reading):
        yield told(output, message, code)


def told(output: str, message: str, code: str = "O200") -> Diagnostic:
    return finding(code, f"{output}: {message}", Location(HOME, 1, 1, near=True))


def unreadable(output: str, error: Unreadable, path: str = HOME) -> Diagnostic:
    """That an output cannot be opened."""
    return finding("O200", f"{output}: {error}", Location(path, 1, 1, near=True))


__all__ = ["Chapter", "Whole", "bits", "epub", "pdf", "pdf_words", "site", "unreadable"]
