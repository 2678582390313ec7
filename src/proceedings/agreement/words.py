"""Texts compared word for word, whatever the format has made of their spaces, hyphens and quotation marks.

What is not compared is named here and nowhere else: `dropped` (characters that a layout may add, change or take away)
and, of a tree, UNCOMPARED (what each format writes in a way of its own).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from proceedings.document import INLINES, Node, attributes, classes, rewrite, string
from proceedings.edition import RECORDING


def _is_format(code: int) -> bool:
    return unicodedata.category(chr(code)) == "Cf"


_IGNORABLE = (0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0)  # fillers and joiners that are letters to Unicode
_SELECTORS = (range(0x180B, 0x1810), range(0xFE00, 0xFE10), range(0xE0000, 0xE1000))


@cache
def dropped() -> dict[str, str]:
    """The characters that are not compared, by why."""
    formats = (code for part in (range(0x10000), range(0x1BCA0, 0x1D17B)) for code in part if _is_format(code))
    ignorable = (code for part in (_IGNORABLE, *_SELECTORS) for code in part)
    return {
        "white space": "".join(chr(code) for code in range(0x3001) if chr(code).isspace()),
        "hyphens, which a line end adds": "-\u00ad\u2010\u2011",
        "quotation marks, which differ by language": "'\"`‘’‚‛“”„‟«»‹›",
        "what is not drawn": "".join(map(chr, {*formats, *ignorable})),
    }


@cache
def _without(*kinds: str) -> dict[int, None]:
    """A table for `str.translate` that drops the characters of these kinds."""
    return dict.fromkeys(ord(character) for kind in kinds for character in dropped()[kind])


UNCOMPARED = {
    "Math": "formulas: MathML, drawings and TeX have no words in common",
    "Image": "pictures: their descriptions are compared one by one",
    "RawInline": "markup of one format",
    "RawBlock": "markup of one format",
}


def squeezed(value: str) -> str:
    """NFC without the dropped characters, which may have stood between what composes."""
    return unicodedata.normalize("NFC", value.translate(_without(*dropped())))


# Text that runs from right to left has no reading order in a PDF's lines: there its words are counted, not their order.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


def runs_left(value: str) -> bool:
    """Whether any of a text is written from right to left."""
    return bool(_RIGHT_TO_LEFT.search(value))


def counted(value: str) -> Counter[str]:
    """The words of a text, letters with their marks, compatibility forms made plain; of Hebrew and Arabic the letters,
    whose marks a ligature leaves behind."""
    plain = unicodedata.normalize("NFKC", value.translate(_without("what is not drawn"))).casefold()
    letters = re.sub("[\u0591-\u05c7\u064b-\u065f\u0670\u06d6-\u06ed]", "", plain)
    return Counter(re.findall(r"\w[\w\u0300-\u036f]*", letters))


@lru_cache(maxsize=512)
def bare(value: str) -> str:
    """Its letters and digits, in small letters."""
    return "".join(character for character in squeezed(value).casefold() if character.isalnum())


def holds(text: str, words: str) -> bool:
    """Whether words stand in a text; of words from right to left, whether all of them do."""
    return counted(words) <= counted(text) if runs_left(words) else bare(words) in bare(text)


@dataclass(frozen=True)
class Passage:
    """A run of the author's words that every output has in one piece; `words` as written, `bare` squeezed."""

    words: str
    bare: str
    where: str = ""  # the field it is from; "" for the body


# --- a tree's passages ------------------------------------------------------------------------------------------------


@dataclass
class Passages:
    """A tree taken apart: the text, the notes, and the labels that were generated for it."""

    text: list[Passage]
    notes: list[Passage]
    labels: set[str]

    @classmethod
    def of(cls, content: Any, where: str = "") -> Passages:
        """The passages of blocks, inlines, or a rich field of a document's metadata."""
        found = cls([], [], set())
        _Taking(found, where).blocks(content)
        return found


class _Taking:
    """Walks a tree; what stands in a note goes to the notes."""

    def __init__(self, found: Passages, where: str) -> None:
        self.found, self.where = found, where
        self.into = found.text

    def blocks(self, content: Any) -> None:
        """Every run of inlines below `content`, in reading order, as a passage."""
        if isinstance(content, list):
            if content and isinstance(content[0], dict) and content[0].get("t") in INLINES:
                self._passage(content)
            else:
                for item in content:
                    self.blocks(item)
            return
        if not isinstance(content, dict) or content.get("t") in UNCOMPARED:
            return
        if "t" in content:
            self._node(content)
        else:
            for value in content.values():
                self.blocks(value)

    def _node(self, node: Node) -> None:
        self._label(node)
        if node["t"] == "CodeBlock":
            self._add(node["c"][1])
        elif node["t"] in ("MetaString", "Str"):
            self._add(str(node["c"]))
        elif node["t"] == "Figure":
            _, caption, content = node["c"]
            self.blocks(caption)
            self.blocks(content)
        elif "c" in node:
            title = attributes(node).get("title", "") if node["t"] == "Div" else ""
            if title:
                self.found.labels.add(squeezed(title))
            self.blocks(node["c"])

    def _label(self, node: Node) -> None:
        label = attributes(node).get("label") if node["t"] in ("Figure", "Table", "Div", "Span", "Header") else None
        if label:
            self.found.labels.add(squeezed(label))

    def _passage(self, content: Sequence[Node]) -> None:
        parts: list[str] = []
        later: list[Any] = []
        self._inlines(content, parts, later)
        for words in "".join(parts).split(_BREAK):
            self._add(words)
        into, self.into = self.into, self.found.notes
        for note in later:
            self.blocks(note)
        self.into = into

    def _add(self, words: str) -> None:
        bare = squeezed(words)
        if bare:
            self.into.append(Passage(" ".join(words.split()), bare, self.where))

    def _inlines(self, content: Any, parts: list[str], notes: list[Any]) -> None:
        for node in content:
            kind = node["t"]
            if kind == "Note":
                notes.append(node["c"])
            elif kind == "Str":
                parts.append(node["c"])
            elif kind in ("Space", "SoftBreak", "LineBreak"):
                parts.append(" ")
            elif kind == "Code":
                parts.append(node["c"][1])
            elif kind == "Quoted":
                self._inlines(node["c"][1], parts, notes)
            elif kind == "Span" and {"equation", RECORDING} & set(classes(node)):
                self._label(node)
                parts.append(_BREAK)  # its number, or its name, stands between the words before and after it
            elif kind not in UNCOMPARED:
                self._label(node)
                inside = node["c"][1] if kind in ("Cite", "Link", "Span") else node["c"]
                self._inlines(inside, parts, notes)


_BREAK = "\0"


def pieces(content: Any) -> list[str]:
    """The words of inlines between the formulas, which print draws."""
    parted = rewrite(content, lambda node: [string(_BREAK)] if node["t"] == "Math" else None)
    return [passage.words for passage in Passages.of(parted).text]


def without_references(blocks: Iterable[Node]) -> list[Node]:
    """Blocks without the printed list of references, which JATS has as data."""
    kept = []
    for node in blocks:
        if node["t"] == "Div" and {"references", "csl-bib-body"} & set(classes(node)):
            continue
        if node["t"] in ("Div", "BlockQuote"):
            inner = node["c"][1] if node["t"] == "Div" else node["c"]
            inner = without_references(inner)
            node = {**node, "c": [node["c"][0], inner] if node["t"] == "Div" else inner}
        kept.append(node)
    return kept
