"""Whether a reader of the printed volume gets where he is sent: bookmarks, contents, indexes, lists and errata, held
against the pages that they lead to.

The links inside a contribution are compared with its tree, by `comparing`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from proceedings.agreement import structure
from proceedings.agreement.of_pdf import Pages, target_of, text_of_pages
from proceedings.agreement.volume import Chapter, Whole
from proceedings.agreement.words import bare, holds
from proceedings.numerals import from_roman

CONTENTS, AUTHORS, SUBJECTS = "part.contents", "part.author-index", "part.subject-index"
Told = tuple[str, str]  # code and message


@dataclass
class Pointer:
    """A link on the volume's own pages: where it stands and leads to, its words, and those of its whole entry."""

    part: str
    target: str
    words: list[str] = field(default_factory=list)
    entry: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return " ".join("".join(self.words).split())

    @property
    def folio(self) -> str:
        """The number that is all its words; "" where it is none. Digits are drawn one by one."""
        digits = bare("".join(self.words))
        return digits if digits.isdigit() or from_roman(digits) else ""


def told(pages: Pages, whole: Whole) -> Iterator[Told]:
    """What leads astray, in words."""
    guide = _Guide(pages)
    yield from (("O200", fault) for fault in structure.faults(pages.file))
    yield from _bookmarks(guide)
    found = pointers(pages)
    for pointer in found:
        yield from _astray(pointer, guide)
    yield from _indexed(found, whole)


def pointers(pages: Pages) -> list[Pointer]:
    """The links on the volume's own pages, in reading order."""
    from proceedings.typesetting.trees import elements

    starts = sorted((number, name) for name, number in pages.targets.items() if "#" not in name)
    links = _Links(pages, starts)
    for element in elements(pages.file.Root.StructTreeRoot):
        if str(element.get("/S", "")) == "/Part":
            links.visit(element, None, [], [])
    return links.found


class _Guide:
    """What stands on the volume's pages."""

    def __init__(self, pages: Pages) -> None:
        self.pages = pages
        self._texts = text_of_pages(pages, pages.file.Root.StructTreeRoot)

    def text(self, number: int) -> str:
        return self._texts.get(number, "")

    def text_from(self, number: int) -> str:
        """The words from a page on, to the end of the contribution."""
        starts = (start for name, start in self.pages.targets.items() if "#" not in name and start > number)
        return " ".join(self.text(page) for page in range(number, min(starts, default=self.pages.count)))


class _Links:
    """Finds the links of parts that are the volume's own; `starts` tells on which page which part begins."""

    def __init__(self, pages: Pages, starts: list[tuple[int, str]]) -> None:
        self._pages, self._starts = pages, starts
        self.found: list[Pointer] = []

    def visit(self, element: Any, page: Any, entry: list[str], link: list[str]) -> None:
        from proceedings.typesetting.trees import is_element, kids

        page = element.get("/Pg", page)
        kind = str(element.get("/S", ""))
        entry = [] if kind == "/LI" else entry
        link = [] if kind == "/Link" else link
        if kind == "/Formula":  # its TeX is text that is not seen
            return
        for kid in kids(element):
            if isinstance(kid, int):
                words = self._pages.words(page, kid)
                entry.append(words)
                link.append(words)
            elif is_element(kid):
                self.visit(kid, page, entry, link)
            elif "/Obj" in kid and (target := target_of(kid["/Obj"])):
                part = self._part(self._pages.numbers.get(page.objgen, -1))
                if part.startswith("part."):
                    self.found.append(Pointer(part, target, link, entry))

    def _part(self, number: int) -> str:
        """The contribution or part that a page belongs to."""
        return next((name for start, name in reversed(self._starts) if start <= number), "")


# --- what leads where -------------------------------------------------------------------------------------------------


def _bookmarks(guide: _Guide) -> Iterator[Told]:
    """A bookmark leads to the page with its heading; a part may be called what is not printed on it."""
    from pikepdf import Array

    with guide.pages.file.open_outline() as outline:
        waiting = list(outline.root)
    while waiting:
        item = waiting.pop(0)
        waiting[:0] = item.children
        target, pages = item.destination, guide.pages
        explicit = isinstance(target, Array)
        number = pages.numbers.get(target[0].objgen) if explicit else pages.targets.get(str(target))
        if number is None:
            yield "O205", f"the bookmark “{item.title}” leads nowhere"
        elif (explicit or not str(target).startswith("part.")) and not holds(guide.text(number), item.title):
            yield (
                "O205",
                f"the bookmark “{item.title}” leads to page {guide.pages.labels[number]}, which does not have it",
            )


def _astray(pointer: Pointer, guide: _Guide) -> Iterator[Told]:
    """A number leads to the page of that number, words to a page that has them."""
    number = guide.pages.targets.get(pointer.target)
    if number is None:
        yield "O205", f"in {pointer.part}, “{pointer.text}” leads to {pointer.target!r}, which is not there"
        return
    label = guide.pages.labels[number]
    if pointer.folio and pointer.folio != bare(label):
        yield "O205", f"in {pointer.part}, {pointer.folio} leads to page {label}"
        return
    text = guide.text_from(number) if "#" in pointer.target else guide.text(number)  # a figure may end on another page
    if not pointer.folio and not holds(text, pointer.text):
        yield "O205", f"in {pointer.part}, “{pointer.text}” leads to page {label}, which does not have it"


def _indexed(pointers: list[Pointer], whole: Whole) -> Iterator[Told]:
    """What the contents or an index lists is there, and they list every contribution and every author."""
    chapters = {chapter.prepared.contribution.slug: chapter for chapter in whole.chapters if chapter.pages}
    entries: dict[str, list[tuple[str, str]]] = {}
    for pointer in pointers:
        entries.setdefault(pointer.part, []).append((pointer.target, bare(" ".join(pointer.entry))))
    for part, names_of in ((AUTHORS, _authors), (SUBJECTS, _subjects)):
        for slug, entry in entries.get(part, ()):
            if slug in chapters and not any(name in entry for name in names_of(chapters[slug])):
                yield "O205", f"in {part}, “{entry}” leads to {slug!r}, where it is not"
    for slug, chapter in chapters.items():
        if CONTENTS in entries and slug not in dict(entries[CONTENTS]):
            yield "O202", f"{CONTENTS} does not have {slug!r}"
        for name in _authors(chapter) if AUTHORS in entries else ():
            if not any(slug == to and name in entry for to, entry in entries[AUTHORS]):
                yield "O202", f"{AUTHORS} does not have {name!r} of {slug!r}"


def _authors(chapter: Chapter) -> list[str]:
    people = chapter.prepared.contribution.authors
    names = [(person.family, person.group, person.given) for person in people]
    names += [(name.family, name.group, name.given) for person in people for name in person.variants]
    return [bare(family or group or given) for family, group, given in names]


def _subjects(chapter: Chapter) -> list[str]:
    item = chapter.prepared.contribution
    translated = [word for text in item.translations.values() for word in text.keywords]
    return [bare(word) for word in (*item.subjects, *item.keywords, *translated)]
