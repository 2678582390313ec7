"""An offprint, and a part of the volume's PDF, read back: the words along the tag tree, by the fonts' own tables.

What is drawn without a tag (running heads, folios) is no part of the tree and so of no text here; the marks of notes
are generated and left out; the numbers of lists and a note are texts of their own.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from proceedings.agreement import structure
from proceedings.agreement.reading import Reading, Unreadable
from proceedings.diagnostics import said

_GENERATED = {"/Lbl", "/Reference", "/Formula"}
_SHOWING = "BDC BMC EMC Tf Tj TJ q Q Do"


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

    def words(self, page: Any, mark: int | None) -> str:
        """The words of one piece of marked content of a page; None for what has no tag."""
        key = page.objgen
        if key not in self._words:
            self._words[key] = self._shown(page)
        return self._words[key].get(mark, "")

    def _shown(self, page: Any) -> dict[int | None, str]:
        import pikepdf

        shown: dict[int | None, list[list[str]]] = {}
        marks: list[int | None] = []
        fonts = page.get("/Resources", {}).get("/Font", {})
        table: tuple[Mapping[int, str], int] = ({}, 1)
        instructions: Any = pikepdf.parse_content_stream(pikepdf.Page(page), _SHOWING)
        for operands, operator in instructions:
            name = str(operator)
            if name in ("BDC", "BMC"):
                marks.append(_mark(operands))
            elif name == "EMC":
                marks = marks[:-1]
            elif name == "Tf":
                table = self._font(fonts[str(operands[0])])
            elif name in ("Tj", "TJ"):
                mark = next((mark for mark in reversed(marks) if mark is not None), None)
                strings = operands[0] if name == "TJ" else [operands[0]]
                glyphs = [
                    glyph
                    for item in strings
                    if isinstance(item, pikepdf.String)
                    for glyph in _decoded(bytes(item), table)
                ]
                shown.setdefault(mark, []).append(glyphs)
        return {mark: _in_reading_order(parts) for mark, parts in shown.items()}

    def _font(self, font: Any) -> tuple[Mapping[int, str], int]:
        if font.objgen not in self._fonts or font.objgen == (0, 0):
            stream = font.get("/ToUnicode")
            self._fonts[font.objgen] = _characters(stream.read_bytes()) if stream is not None else ({}, 1)
        return self._fonts[font.objgen]


def _mark(operands: Any) -> int | None:
    try:
        return int(operands[1]["/MCID"])
    except (TypeError, KeyError, ValueError, IndexError):
        return None  # no tag, or one whose properties are elsewhere


def _decoded(codes: bytes, table: tuple[Mapping[int, str], int]) -> list[str]:
    """The characters of each glyph."""
    characters, width = table
    numbers = (int.from_bytes(codes[at : at + width], "big") for at in range(0, len(codes), width))
    return [characters.get(number, "\ufffd") for number in numbers]


def _in_reading_order(parts: list[list[str]]) -> str:
    """Glyphs of a line stand from left to right: words that are written from right to left are turned round."""
    if not any(_runs_left(glyph) for part in parts for glyph in part):
        return " ".join("".join(part) for part in parts)
    result: list[str] = []
    word: list[str] = []
    for glyph in [glyph for part in parts for glyph in part]:
        if _runs_left(glyph):
            word.insert(0, glyph)
        else:
            result += [*word, glyph]
            word = []
    return "".join([*result, *word])


def _runs_left(glyph: str) -> bool:
    import unicodedata

    return any(unicodedata.bidirectional(character) in ("R", "AL", "NSM") for character in glyph)


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
    _labels(pages, reading)
    tree = root.get("/StructTreeRoot")
    if tree is None or not root.get("/MarkInfo", {}).get("/Marked", False):
        reading.faults.append("it has no tags: nobody can read it who does not see it")
        return reading
    part(pages, tree, reading)
    reading.faults += structure.faults(pages.file)
    _links(pages, reading)
    return reading


def part_of_volume(pages: Pages, element: Any) -> Reading:
    """One contribution in pdf/volume.pdf."""
    reading = Reading()
    reading.say("language", "Lang", str(element.get("/Lang", "")))
    part(pages, element, reading)
    reading.links = None
    return reading


def part(pages: Pages, element: Any, reading: Reading) -> None:
    """The words below an element of the tag tree."""
    walk = _Walk(pages)
    walk.visit(element, None, walk.text)
    reading.text, reading.notes = " ".join(walk.text), " ".join(walk.notes)
    reading.first_page = " ".join(walk.opening)
    reading.descriptions = walk.descriptions
    reading.numbers = [" ".join(words) for words in walk.numbers]


class _Walk:
    def __init__(self, pages: Pages) -> None:
        self.pages, self.first = pages, None
        self.text: list[str] = []
        self.notes: list[str] = []
        self.opening: list[str] = []
        self.descriptions: list[str] = []
        self.numbers: list[list[str]] = []  # of the items of lists

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
        for kid in kids(element):
            if isinstance(kid, int):
                self._take(page, kid, into)
            elif is_element(kid):
                self.visit(kid, page, into)
            elif "/MCID" in kid:
                self._take(kid.get("/Pg", page), int(kid["/MCID"]), into)

    def _take(self, page: Any, mark: int, into: list[str] | None) -> None:
        words = self.pages.words(page, mark)
        self.first = self.first or page.objgen
        if page.objgen == self.first:
            self.opening.append(words)
        if into is not None:
            into.append(words)


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


def _labels(pages: Pages, reading: Reading) -> None:
    """The folios: what a viewer calls the first and the last page."""
    first, last = pages.file.pages[0].label, pages.file.pages[-1].label
    reading.say("first page", "the label of the first page", first)
    reading.say("last page", "the label of the last page", last)


def _links(pages: Pages, reading: Reading) -> None:
    from proceedings.typesetting.trees import names

    tree = pages.file.Root.get("/Names", {}).get("/Dests")
    known = {name for name, _ in names(tree)} if tree is not None else set()
    for page in pages.file.pages:
        for note in page.obj.get("/Annots", ()):
            action = note.get("/A")
            if action is None:
                continue
            if "/URI" in action:
                reading.link(unquote(bytes(action["/URI"]).decode("utf-8", "replace")))
            elif str(action.get("/S")) == "/GoTo" and not hasattr(action["/D"], "append"):
                target = bytes(action["/D"])
                reading.dead += [] if target in known else [target.decode("utf-8", "replace")]
