"""Notes at the end of a text → notes at their marks, which WeasyPrint sets at the foot of the page.

It works on the parsed page, since HTML's grammar does not let a paragraph hold the lists, quotations and code that a
note may have. A note within a note follows the outer one; WeasyPrint numbers them, so its mark is written out.

A note that the foot of a page may have no room for stays at the end of the text: WeasyPrint would lose the rest of it.
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element

LONGEST = 2500  # characters of a note at the foot of a page: most of a narrow column


def place(root: Any) -> None:
    """Move each note of the sections of class `footnotes` to its mark, a link of class `footnote-ref`."""
    notes: dict[str, Element] = {}
    end = Element("section", {"class": "endnotes"})
    sections = [(parent, child) for parent in root.iter() for child in parent if _is(child, "footnotes")]
    for parent, section in sections:
        notes |= {item.get("id", ""): item for item in section.findall("ol/li")}
        _replace(parent, section, [end] if section is sections[-1][1] else [])
    if notes:
        _Placing(notes, end).below(root)
        if not len(end):
            _replace(sections[-1][0], end, [])


class _Placing:
    def __init__(self, notes: dict[str, Element], end: Element) -> None:
        self.notes, self.end = notes, end
        self.placed = 0

    def below(self, element: Element) -> None:
        """Put the notes in the place of their marks below an element."""
        for child in list(element):
            text = self.notes.pop(child.get("href", "")[1:], None) if _is(child, "footnote-ref") else None
            if text is None:
                self.below(child)
            elif sum(map(len, text.itertext())) > LONGEST:
                child[:] = [_mark(self.placed + 1)]
                child.set("style", "counter-increment: footnote")
                self.end.extend(self._at_end(text))
            else:
                _replace(element, child, self._made(text, "footnote"))

    def _made(self, text: Element, kind: str) -> list[Element]:
        """A note, and behind it those that it holds."""
        self.placed += 1
        note = _without_paragraph(text, kind)
        return [note, *self._within(note)]

    def _at_end(self, text: Element) -> list[Element]:
        """A note that stays at the end, with its number, and behind it those that it holds."""
        self.placed += 1
        note = _without_paragraph(text, "endnote")
        note.tag = "div"
        note.set("id", text.get("id", ""))
        note.set("role", "doc-endnote")
        behind = self._within(note)
        note.insert(0, _mark(self.placed))
        note[0].tail, note.text = f" {note.text or ''}", None
        return [note, *behind]

    def _within(self, note: Element) -> list[Element]:
        """The notes that a note holds, at whose marks their numbers are written."""
        behind: list[Element] = []
        for parent in list(note.iter()):
            for child in [child for child in parent if _is(child, "footnote-ref")]:
                inner = self.notes.pop(child.get("href", "")[1:], None)
                if inner is not None:
                    _replace(parent, child, [_mark(self.placed + 1)])
                    behind += self._made(inner, "footnote inner")
        return behind


def _mark(number: int) -> Element:
    mark = Element("sup", {"class": "note-mark", "role": "doc-noteref"})
    mark.text = str(number)
    return mark


def _without_paragraph(text: Element, kind: str) -> Element:
    """A note whose first paragraph stands beside its number."""
    for parent in list(text.iter()):
        for child in [child for child in parent if _is(child, "footnote-back")]:
            _replace(parent, child, [])
    note = Element("span", {"class": kind})
    blocks = list(text)
    if blocks and blocks[0].tag == "p":
        first = blocks.pop(0)
        note.text = first.text
        note.extend(first)
    for block in blocks:
        block.tail = None
        if len(block) or (block.text or "").strip():
            note.append(block)
    return note


def _is(element: Element, kind: str) -> bool:
    return kind in element.get("class", "").split()


def _replace(parent: Element, old: Element, new: list[Element]) -> None:
    """Put elements in the place of one, and keep the text behind it."""
    index, tail = list(parent).index(old), old.tail or ""
    parent[index : index + 1] = new
    if new:
        new[-1].tail = tail
    elif index:
        parent[index - 1].tail = (parent[index - 1].tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
