"""An offprint, and a part of the volume's PDF, read back: the words along the tag tree, by the fonts' own tables.

What is drawn without a tag (running heads, folios) is no part of the tree and so of no text here; the marks of notes
are generated and left out; the numbers of lists and a note are texts of their own.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from proceedings.agreement import structure
from proceedings.agreement.reading import Leaf, Reading, Unreadable
from proceedings.diagnostics import said

_GENERATED = {"/Lbl", "/Reference", "/Formula"}
_HEADINGS = {f"/H{level}" for level in range(1, 7)}
_SHOWING = "BDC BMC EMC Tf Tj TJ BT"


class Pages:
    """An open PDF whose words can be asked for by page and marked content. `without_words`: only facts of the whole
    file are asked for, so that its pages are not loaded (100 MB of memory for 600 of them)."""

    def __init__(self, source: bytes | Path, *, without_words: bool = False) -> None:
        import pikepdf

        file = source if isinstance(source, Path) else io.BytesIO(source)
        stream = pikepdf.AccessMode.stream
        try:
            self.file: Any = pikepdf.open(
                file, attempt_recovery=False, access_mode=stream, inherit_page_attributes=not without_words
            )
            self.count = int(self.file.Root.Pages.Count)
        except (pikepdf.PdfError, ValueError, AttributeError) as error:
            raise Unreadable(f"it is not a PDF that can be opened: {said(error)}") from None
        if self.file.get_warnings():
            raise Unreadable(f"it is damaged: {self.file.get_warnings()[0]}")
        self._fonts: dict[Any, tuple[Mapping[int, str], int]] = {}
        self._words: dict[Any, dict[int | None, str]] = {}
        self._furniture: dict[Any, tuple[str, ...]] = {}

    @cached_property
    def labels(self) -> list[str]:
        """What a viewer calls each page."""
        return [str(page.label) for page in self.file.pages]

    @cached_property
    def numbers(self) -> dict[Any, int]:
        """Identity of a page → its index."""
        return {page.obj.objgen: index for index, page in enumerate(self.file.pages)}

    @cached_property
    def targets(self) -> dict[str, int]:
        """Name of a destination → index of its page; none that leads to no page of the file."""
        from proceedings.typesetting.trees import names

        tree = self.file.Root.get("/Names", {}).get("/Dests")
        rows = names(tree) if tree is not None else ()
        found = ((name.decode("utf-8", "replace"), self.numbers.get(target[0].objgen)) for name, target in rows)
        return {name: number for name, number in found if number is not None}

    def words(self, page: Any, mark: int | None) -> str:
        """The words of one piece of marked content of a page; None for what has no tag."""
        return self._read(page).get(mark, "")

    def furniture(self, page: Any) -> tuple[str, ...]:
        """The pieces of text in the last artifact of pagination of a page: its folio, its running head."""
        self._read(page)
        return self._furniture[page.objgen]

    def _read(self, page: Any) -> dict[int | None, str]:
        key = page.objgen
        if key not in self._words:
            self._words[key] = self._shown(page)
        return self._words[key]

    def _shown(self, page: Any) -> dict[int | None, str]:
        import pikepdf

        sheet = _Sheet()
        fonts = page.get("/Resources", {}).get("/Font", {})
        table: tuple[Mapping[int, str], int] = ({}, 1)
        instructions: Any = pikepdf.parse_content_stream(pikepdf.Page(page), _SHOWING)
        for operands, operator in instructions:
            name = str(operator)
            if name in ("BDC", "BMC"):
                sheet.begin(operands)
            elif name == "EMC":
                sheet.end()
            elif name == "BT":
                sheet.begin_text()
            elif name == "Tf":
                table = self._font(fonts[str(operands[0])])
            else:
                strings = operands[0] if name == "TJ" else [operands[0]]
                codes = b"".join([bytes(item) for item in strings if isinstance(item, pikepdf.String)])
                sheet.show(_decoded(codes, table))
        self._furniture[page.objgen] = tuple(_in_reading_order([parts]) for parts in sheet.furniture if parts)
        return {mark: _in_reading_order(parts) for mark, parts in sheet.shown.items()}

    def _font(self, font: Any) -> tuple[Mapping[int, str], int]:
        if font.objgen not in self._fonts or font.objgen == (0, 0):
            stream = font.get("/ToUnicode")
            self._fonts[font.objgen] = _characters(stream.read_bytes()) if stream is not None else ({}, 1)
        return self._fonts[font.objgen]


class _Sheet:
    """What a page shows: the glyphs of each piece of its marked content, and of its furniture by pieces of text."""

    def __init__(self) -> None:
        self.shown: dict[int | None, list[list[str]]] = {}
        self.furniture: list[list[str]] = []
        self._marks: list[int | None] = []
        self._adorns = False  # whether what is shown now is furniture
        self._said = 0  # at which depth of marks it was said what is written, so that glyphs need not be read; 0: not

    def begin(self, operands: Any) -> None:
        if not self._marks and (adorns := structure.role_of(operands) == "furniture"):
            self.furniture, self._adorns = [], adorns
        self._marks.append(_mark(operands))
        written = structure.property_of(operands, "/ActualText")
        if written is not None and not self._said:
            self.show([str(written)])
            self._said = len(self._marks)

    def end(self) -> None:
        if self._said == len(self._marks):
            self._said = 0
        self._marks = self._marks[:-1]
        self._adorns = self._adorns and bool(self._marks)

    def begin_text(self) -> None:
        if self._adorns:
            self.furniture.append([])

    def show(self, glyphs: list[str]) -> None:
        if self._said:
            return
        mark = next((mark for mark in reversed(self._marks) if mark is not None), None)
        self.shown.setdefault(mark, []).append(glyphs)
        if self._adorns:
            self.furniture[-1] += glyphs


def _mark(operands: Any) -> int | None:
    number = structure.property_of(operands, "/MCID")
    return None if number is None else int(number)


def _decoded(codes: bytes, table: tuple[Mapping[int, str], int]) -> list[str]:
    """The characters of each glyph."""
    characters, width = table
    numbers = (int.from_bytes(codes[at : at + width], "big") for at in range(0, len(codes), width))
    return [characters.get(number, "\ufffd") for number in numbers]


def _in_reading_order(parts: list[list[str]]) -> str:
    """Glyphs of a line stand from left to right: words that are written from right to left are turned round."""
    if not any(map(_runs_left, {glyph for part in parts for glyph in part})):
        return " ".join("".join(part) for part in parts)
    result: list[str] = []
    word: list[str] = []
    marks: list[str] = []  # without a letter yet: before it where it runs left, else behind it
    for glyph in [glyph for part in parts for glyph in part]:
        if _is_mark(glyph):
            marks.insert(0, glyph)
        elif _runs_left(glyph):
            word = [glyph, *marks, *word]
            marks = []
        else:
            result += [*word, *marks[::-1], glyph]
            word, marks = [], []
    return "".join([*result, *word, *marks[::-1]])


@lru_cache(maxsize=4096)
def _runs_left(glyph: str) -> bool:
    import unicodedata

    return any(unicodedata.bidirectional(character) in ("R", "AL") for character in glyph)


def _is_mark(glyph: str) -> bool:
    import unicodedata

    return bool(glyph) and all(unicodedata.bidirectional(character) == "NSM" for character in glyph)


def _characters(stream: bytes) -> tuple[dict[int, str], int]:
    """A ToUnicode table (ISO 32000-1, 9.10.3): code → characters, and the bytes that a code has."""
    text = stream.decode("latin-1")
    space = re.search(r"begincodespacerange\s*<([0-9A-Fa-f]+)>", text)
    width = len(space[1]) // 2 if space else 1
    found: dict[int, str] = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", text, re.S):
        for code, value in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]*)>", block):
            found[int(code, 16)] = _unicode(value)
    for block in re.findall(r"beginbfrange(.*?)endbfrange", text, re.S):
        for first, last, value in re.findall(r"<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>\s*<([0-9A-Fa-f]+)>", block):
            start = _unicode(value)
            for step in range(int(last, 16) - int(first, 16) + 1):
                found[int(first, 16) + step] = start[:-1] + chr(ord(start[-1]) + step)
    return found, width


def _unicode(value: str) -> str:
    return bytes.fromhex(value).decode("utf-16-be", "replace")


# --- along the tag tree ---------------------------------------------------------------------------------------------


def offprint(data: bytes) -> Reading:
    """pdf/SLUG.pdf."""
    pages = Pages(data)
    reading = Reading()
    metadata(pages, reading)
    root = pages.file.Root
    reading.say("language", "Lang", str(root.get("/Lang", "")))
    tree = root.get("/StructTreeRoot")
    if tree is None or not root.get("/MarkInfo", {}).get("/Marked", False):
        reading.faults.append("it has no tags: nobody can read it who does not see it")
        return reading
    part(pages, tree, reading)
    reading.faults += structure.faults(pages.file)
    _links(pages, reading)
    return reading


def part_of_volume(pages: Pages, element: Any, slug: str) -> Reading:
    """One contribution in pdf/volume.pdf."""
    reading = Reading()
    reading.say("language", "Lang", str(element.get("/Lang", "")))
    part(pages, element, reading, slug)
    reading.links = None
    return reading


def part(pages: Pages, element: Any, reading: Reading, slug: str = "") -> None:
    """The words below an element of the tag tree, the pages that they stand on, and where links to them lead: those of
    a file, or those of a contribution in it."""
    walk = _Walk(pages)
    walk.visit(element, None, walk.text)
    _leaves(pages, walk, reading)
    on = {number: " ".join([*words, *walk.noted.get(number, ())]) for number, words in walk.on.items()}
    for name, number in pages.targets.items():
        owner, _, anchor = name.partition("#")
        if anchor and slug in ("", owner):
            reading.targets[unquote(anchor)] = on.get(number, "")
    reading.text, reading.notes = " ".join(walk.text), " ".join(walk.notes)
    reading.first_page = " ".join(walk.opening)
    reading.descriptions = walk.descriptions
    reading.numbers = [" ".join(words) for words in walk.numbers]
    reading.headings = walk.headings


def text_of_pages(pages: Pages, element: Any) -> dict[int, str]:
    """Index of a page → the words below an element of the tag tree that stand there, without notes."""
    walk = _Walk(pages)
    walk.visit(element, None, walk.text)
    return {number: " ".join(words) for number, words in walk.on.items()}


class _Walk:
    def __init__(self, pages: Pages) -> None:
        self.pages, self.first = pages, None
        self.text: list[str] = []
        self.notes: list[str] = []
        self.opening: list[str] = []
        self.descriptions: list[str] = []
        self.numbers: list[list[str]] = []  # of the items of lists
        self.headings: list[str] = []
        self.on: dict[int, list[str]] = {}  # index of a page → what of the text stands there
        self.noted: dict[int, list[str]] = {}  # index of a page → what of the notes stands there

    def visit(self, element: Any, page: Any, into: list[str] | None) -> None:
        """`into` None: nothing below is a word of the author."""
        from proceedings.typesetting.trees import is_element, kids

        page = element.get("/Pg", page)
        kind = str(element.get("/S", ""))
        if kind == "/Lbl":
            into = []
            self.numbers.append(into)
        elif kind in _GENERATED:
            into = None
        elif kind == "/Note":
            into = self.notes
        if kind == "/Figure":
            self.descriptions.append(str(element.get("/Alt", "")))
            into = None
        elif kind == "/Caption" and into is None:
            into = self.text
        begun = len(into) if into is not None else 0
        for kid in kids(element):
            if isinstance(kid, int):
                self._take(page, kid, into)
            elif is_element(kid):
                self.visit(kid, page, into)
            elif "/MCID" in kid:
                self._take(kid.get("/Pg", page), int(kid["/MCID"]), into)
        if kind in _HEADINGS and into is not None:
            self.headings.append(" ".join(into[begun:]))

    def _take(self, page: Any, mark: int, into: list[str] | None) -> None:
        words = self.pages.words(page, mark)
        self.first = self.first or page.objgen
        number = self.pages.numbers.get(page.objgen)  # none of a page that the file has lost
        if page.objgen == self.first:
            self.opening.append(words)
        if into is not None:
            into.append(words)
        if number is not None:
            here, below = self.on.setdefault(number, []), self.noted.setdefault(number, [])
            (here if into is self.text else below if into is self.notes else []).append(words)


def metadata(pages: Pages, reading: Reading) -> None:
    """What the XMP packet and the information dictionary say."""
    from lxml import etree

    stream = pages.file.Root.get("/Metadata")
    if stream is None:
        reading.faults.append("it has no metadata")
        return
    try:
        root = etree.fromstring(stream.read_bytes(), etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError as error:
        reading.faults.append(f"its metadata are not well-formed: {error.msg}")
        return
    for fact, name, namespace in _PROPERTIES:
        elements = list(root.iter(f"{{{namespace}}}{name}"))
        values = [item.text for element in elements for item in element.iter() if not len(item)]
        reading.say(fact, f"XMP {name}", *values)


_DC = "http://purl.org/dc/elements/1.1/"
_PRISM = "http://prismstandard.org/namespaces/basic/3.0/"
_PROPERTIES = (
    ("title", "title", _DC),
    ("authors", "creator", _DC),
    ("language", "language", _DC),
    ("keywords", "subject", _DC),
    ("volume date", "date", _DC),
    ("doi", "doi", _PRISM),
    ("first page", "startingPage", _PRISM),
    ("last page", "endingPage", _PRISM),
    ("licence", "WebStatement", "http://ns.adobe.com/xap/1.0/rights/"),
)


def _leaves(pages: Pages, walk: _Walk, reading: Reading) -> None:
    """The pages of a contribution: what a viewer calls them, and what is printed at their heads and feet."""
    numbers = range(min(walk.on), max(walk.on) + 1) if walk.on else range(0)
    sheets = [pages.file.pages[number].obj for number in numbers]
    reading.leaves = [
        Leaf(pages.labels[number], pages.furniture(sheet)) for number, sheet in zip(numbers, sheets, strict=True)
    ]
    if reading.leaves:
        reading.say("first page", "the label of the first page", reading.leaves[0].label)
        reading.say("last page", "the label of the last page", reading.leaves[-1].label)


def _links(pages: Pages, reading: Reading) -> None:
    for page in pages.file.pages:
        for note in page.obj.get("/Annots", ()):
            action = note.get("/A", {})
            target = target_of(note)
            if "/URI" in action:
                reading.link(unquote(bytes(action["/URI"]).decode("utf-8", "replace")))
            elif target and target not in pages.targets:
                reading.dead.append(target)


def target_of(note: Any) -> str:
    """The name of the destination that a link leads to inside a file; "" where it has none."""
    from pikepdf import String

    action = note.get("/A", {})
    target = note.get("/Dest", action.get("/D") if str(action.get("/S")) == "/GoTo" else None)
    return bytes(target).decode("utf-8", "replace") if isinstance(target, String) else ""
