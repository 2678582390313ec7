"""Whether the outputs agree: each is read back and held against the model, facts and words.

`agree` is a step of the build, one for each contribution: its page, its JATS and its offprint. `agree_volume` looks
at what is made of all: the EPUB, the BITS book, and of the printed volume what can be seen at once. `compare_copies`
looks at files anywhere, at exports of references and the printed volume's words too. What was compared once is
remembered by its content.

A reader (of_html, of_jats, of_epub, of_pdf, of_exports) knows one format and nothing of what wrote it; `expected` knows
the model and no format; `words` says what of a text is compared, `covering` finds it, `comparing` tells what differs.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path
from typing import Any

from proceedings.agreement import navigation, of_exports, of_html, of_jats, of_pdf, volume
from proceedings.agreement.comparing import compared
from proceedings.agreement.expected import Expected, Known, expected
from proceedings.agreement.reading import Reading, Unreadable
from proceedings.agreement.volume import Chapter, Whole, unreadable
from proceedings.build import Result, Workshop, diagnostic_from
from proceedings.citations import works
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.edition import Digest
from proceedings.model import Record

__all__ = ["LEADING", "OUTPUTS", "PAGED", "WHOLES", "AgreeView", "AgreeVolumeView", "Agreed", "Chapter", "Known",
           "Whole", "agree", "agree_volume", "compare_copies"]  # fmt: skip

# A writer of contributions → where its file of a slug is, and how it is read.
OUTPUTS: Mapping[str, tuple[str, Callable[[bytes], Reading]]] = {
    "html": ("html/{}/index.html", of_html.page),
    "jats": ("jats/{}.xml", of_jats.article),
    "offprint": ("pdf/{}.pdf", of_pdf.offprint),
}
# A writer of the volume → its file.
WHOLES = {"site": "html/index.html", "epub": "epub/volume.epub", "bits": "bits/volume.xml", "pdf": "pdf/volume.pdf"}
LEADING = frozenset({"html"})  # writers of contributions whose files lead to the neighbours
PAGED = ("bits", "pdf")  # writers of the volume whose files tell pages


class AgreeView(Record):
    """A contribution and the files that were made of it: (writer, digest)."""

    known: Known
    files: tuple[tuple[str, Digest], ...]


class AgreeVolumeView(Record):
    """The volume, and a file that was made of all of it: (writer, digest); none where it could not be made."""

    whole: Whole
    files: tuple[tuple[str, Digest], ...]


class Agreed(Record):
    """That outputs were compared."""

    files: int


def agree(view: AgreeView, shop: Workshop) -> Result:
    """The disagreements of a contribution's outputs with the model."""
    found: list[Diagnostic] = []
    one = _Contributions({view.known.prepared.contribution.slug: view.known}, shop)
    for writer, digest in view.files:
        found += one.file(writer, view.known.prepared.contribution.slug, shop.store.get(digest))
    return Result(Agreed(files=len(view.files)), findings=tuple(found))


def agree_volume(view: AgreeVolumeView, shop: Workshop) -> Result:
    """The disagreements of something that is made of all contributions."""
    found: list[Diagnostic] = []
    for writer, digest in view.files:
        found += _whole(writer, WHOLES[writer], shop.store.path(digest), view.whole, shop)
    return Result(Agreed(files=len(view.files)), findings=tuple(found))


def compare_copies(paths: Iterable[Path], whole: Whole, shop: Workshop) -> tuple[list[Diagnostic], list[Path]]:
    """Files that may be outputs of the volume, wherever they lie, and those of them that were compared. What a file is
    a copy of, its name says."""
    found: list[Diagnostic] = []
    seen: list[Path] = []
    contributions = _Contributions(whole.known(), shop)
    for path in paths:
        if path.suffix in of_exports.SUFFIXES and (items := _exported(path.stem, whole, shop)):
            seen.append(path)
            found += _export(path, items, contributions.known)
            continue
        writer, slug = _meant(path, contributions.known)
        if not writer:
            continue
        seen.append(path)
        if slug:
            found += contributions.file(writer, slug, path.read_bytes())
        else:
            found += _whole(writer, WHOLES[writer], path, whole, shop)
            if writer == "pdf":
                found += _words_of_volume(path, whole, shop)
    return found, seen


def _meant(path: Path, known: Mapping[str, Known]) -> tuple[str, str]:
    """The writer and the slug that a file's name speaks of; ("", "") where it is no output that is compared."""
    slug = path.parent.name if path.name == "index.html" else path.stem
    if slug not in known:
        return next((writer for writer, name in WHOLES.items() if path.name == Path(name).name), ""), ""
    writers = {".html": "html", ".xml": "jats", ".pdf": "offprint"}
    return (writers[path.suffix], slug) if path.suffix in writers else ("", "")


def _exported(name: str, whole: Whole, shop: Workshop) -> list[Any]:
    """The works of which a file of that name is an export, as CSL items; none where it is no export."""
    known = whole.known()
    own = {
        slug: works.item_of(one.prepared.contribution, one.volume, one.prepared.title, one.prepared.subtitle, one.pages)
        for slug, one in known.items()
        if name in (slug, "volume")
    }
    if name == "volume":
        return [works.volume_item(whole.volume), *own.values()]
    citing = known.get(name.removesuffix("-references"))
    if name in own or citing is None:
        return [own[name]] if name in own else []
    references: list[Any] = json.loads(shop.store.get(citing.prepared.references))
    return references


def _export(path: Path, items: list[Any], known: Mapping[str, Known]) -> list[Diagnostic]:
    about = known.get(path.stem) or known.get(path.stem.removesuffix("-references"))
    output, home = f"cite/{path.name}", about.path if about else volume.HOME
    try:
        told = [*of_exports.differences(items, of_exports.read(path.read_bytes(), path.suffix))]
    except Unreadable as error:
        return [unreadable(output, error, home)]
    return [finding(code, f"{output}: {message}", Location(home, 1, 1, near=True)) for code, message in told]


class _Contributions:
    """Compares files with contributions; what one of them must say is worked out once."""

    def __init__(self, known: Mapping[str, Known], shop: Workshop) -> None:
        self.known, self.shop = known, shop
        self._expected: Callable[[str], Expected] = cache(lambda slug: expected(self.known[slug], shop))
        self._shown: Callable[[str], str] = cache(lambda slug: self.known[slug].model_dump_json())

    def file(self, writer: str, slug: str, data: bytes) -> list[Diagnostic]:
        """A file of one contribution."""
        pattern, read = OUTPUTS[writer]
        return self.compare(slug, pattern.format(slug), data, partial(read, data))

    def compare(self, slug: str, output: str, content: bytes, read: Callable[[], Reading]) -> list[Diagnostic]:
        """`read` is called only if this content was not compared with this model before."""
        known = self.known.get(slug)
        if known is None:
            return []

        def fresh() -> bytes:
            try:
                rows = compared(self._expected(slug), read(), output, known.path)
            except Unreadable as error:
                rows = [unreadable(output, error, known.path)]
            return json.dumps([asdict(row) for row in rows]).encode()

        key = f"{output}\0{self._shown(slug)}\0".encode() + content
        return [diagnostic_from(row) for row in json.loads(self.shop.memo("agreement", key, fresh))]


def _whole(writer: str, output: str, path: Path, whole: Whole, shop: Workshop) -> list[Diagnostic]:
    contributions = _Contributions(whole.known(), shop)
    readers: Mapping[str, Callable[[], Iterator[Diagnostic]]] = {
        "site": lambda: volume.site(path, whole, output),
        "epub": lambda: volume.epub(path, whole, output, contributions.compare),
        "bits": lambda: volume.bits(path, whole, output, contributions.compare),
        "pdf": lambda: volume.pdf(path, whole, output),
    }
    try:
        return list(readers[writer]())
    except Unreadable as error:
        return [unreadable(output, error)]


def _words_of_volume(path: Path, whole: Whole, shop: Workshop) -> list[Diagnostic]:
    """What can be seen only when all of its pages are read: the words, and whether its links lead to the right ones."""
    contributions, output = _Contributions(whole.known(), shop), WHOLES["pdf"]
    try:
        pages = of_pdf.Pages(path)
    except Unreadable:
        return []  # told already
    if "/StructTreeRoot" not in pages.file.Root:
        return []
    found = list(volume.pdf_words(path, pages, whole, output, contributions.compare))
    return found + [volume.told(output, message, code) for code, message in navigation.told(pages, whole)]
