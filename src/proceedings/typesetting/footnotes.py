"""Notes at the end of a text → notes at their marks, which WeasyPrint sets at the foot of the page.

It works on the parsed page, since HTML's grammar does not let a paragraph hold the lists, quotations and code that a
note may have. A note within a note follows the outer one; WeasyPrint numbers them, so its mark is written out.
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element


def place(root: Any) -> None:
    """Move each note of the sections of class `footnotes` to its mark, a link of class `footnote-ref`."""
    notes: dict[str, Element] = {}
    for parent in list(root.iter()):
        for section in [child for child in parent if _is(child, "footnotes")]:
            notes |= {item.get("id", ""): item for item in section.findall("ol/li")}
            _replace(parent, section, [])
    if notes:
        _Placing(notes).below(root)


class _Placing:
    def __init__(self, notes: dict[str, Element]) -> None:
        self.notes = notes
        self.placed = 0

    def below(self, element: Element) -> None:
        """Put the notes in the place of their marks below an element."""
        for child in list(element):
            text = self.notes.pop(child.get("href", "")[1:], None) if _is(child, "footnote-ref") else None
            if text is None:
                self.below(child)
            else:
                _replace(element, child, self._made(text, "footnote"))

    def _made(self, text: Element, kind: str) -> list[Element]:
        """A note, and behind it those that it holds."""
        self.placed += 1
        note = _without_paragraph(text, kind)
        behind: list[Element] = []
        for parent in list(note.iter()):
            for child in [child for child in parent if _is(child, "footnote-ref")]:
                inner = self.notes.pop(child.get("href", "")[1:], None)
                if inner is not None:
                    mark = Element("sup", {"class": "note-mark", "role": "doc-noteref"})
                    mark.text = str(self.placed + 1)
                    _replace(parent, child, [mark])
                    behind += self._made(inner, "footnote inner")
        return [note, *behind]


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
