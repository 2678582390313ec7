"""Texts compared word for word, whatever the format has made of their spaces, hyphens and quotation marks.

What is not compared is named here and nowhere else: DROPPED (characters that a layout may add, change or take away) and,
of a tree, UNCOMPARED (what every format writes in a way of its own and what is checked by its own official validator).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from proceedings.document import Node, attributes, classes

DROPPED = {
    "white space": " \t\n\r\f\v\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000",
    "hyphens, which a line end adds": "-\u00ad\u2010\u2011",
    "quotation marks, which differ by language": "'\"`‘’‚‛“”„‟«»‹›",
    "marks without width": "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufe0e\ufe0f",
}
_DROP = {ord(character): None for characters in DROPPED.values() for character in characters}

UNCOMPARED = {
    "Math": "formulas: MathML, drawings and TeX have no words in common",
    "Image": "pictures: their descriptions are compared one by one",
    "RawInline": "markup of one format",
    "RawBlock": "markup of one format",
}


def squeezed(value: str) -> str:
    """NFC without the dropped characters."""
    return unicodedata.normalize("NFC", value).translate(_DROP)


# Text that runs from right to left has no reading order in a PDF's lines: there its words are counted, not their order.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


def runs_left(value: str) -> bool:
    """Whether any of a text is written from right to left."""
    return bool(_RIGHT_TO_LEFT.search(value))


def counted(value: str) -> Counter[str]:
    """The words of a text, letters with their marks, compatibility forms made plain."""
    plain = unicodedata.normalize("NFKC", value).casefold()
    return Counter(re.findall(r"\w[\w\u0300-\u036f\u064b-\u065f\u0670]*", plain))


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
            if content and isinstance(content[0], dict) and content[0].get("t") in _INLINE:
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
        self._add("".join(parts))
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
            elif kind not in UNCOMPARED:
                self._label(node)
                inside = node["c"][1] if kind in ("Cite", "Link", "Span") else node["c"]
                self._inlines(inside, parts, notes)


_INLINE = frozenset(
    "Str Emph Underline Strong Strikeout Superscript Subscript SmallCaps Quoted Cite Code Space SoftBreak LineBreak Math"
    " RawInline Link Image Note Span".split()
)


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


# --- covering a text with passages -------------------------------------------------------------------------------------

LONG = 24  # squeezed characters: a passage that can be told from others wherever it stands
REPEATED = 40  # squeezed characters of a passage that is not by chance in a text twice


@dataclass(frozen=True)
class Difference:
    """What a text should have and what it has in its place; one of the two may be empty."""

    expected: str
    found: str
    passage: Passage | None = None


class Cover:
    """A text and the passages that were found in it: each takes its place once, and what no passage takes is surplus."""

    def __init__(self, text: str, body: Sequence[Passage], fields: Sequence[Passage] = ()) -> None:
        self.text = text
        self.body, self.fields = list(body), list(fields)
        self.places: dict[int, int] = {}  # number of a passage of the body → where it begins
        self.taken: list[tuple[int, int]] = []
        self._place_long()
        self._place_between()
        lost = [number for number in range(len(self.body)) if number not in self.places]
        for number in sorted(lost, key=lambda number: -len(self.body[number].bare)):
            self._place_anywhere(number)
        self.lost_fields = [
            passage for passage in sorted(self.fields, key=lambda item: -len(item.bare)) if not self._take_field(passage)
        ]

    # --- placing

    def _put(self, number: int, start: int) -> None:
        self.places[number] = start
        self.taken.append((start, start + len(self.body[number].bare)))

    def _place_long(self) -> None:
        """Long passages in their order; those that stand elsewhere wait."""
        at = 0
        for number, passage in enumerate(self.body):
            if len(passage.bare) >= LONG:
                start = self.text.find(passage.bare, at)
                if start >= 0:
                    self._put(number, start)
                    at = start + len(passage.bare)

    def _place_between(self) -> None:
        """The others between their neighbours."""
        ends = self._bounds()
        at, before = 0, -1
        for number, passage in enumerate(self.body):
            if number in self.places:
                at, before = self.places[number] + len(passage.bare), number
                continue
            limit = ends[number]
            if before < 0:  # nothing before: as near to what follows as can be
                start = self._head(number, limit)
            else:
                start = self.text.find(passage.bare, at, limit)
            if start >= 0:
                self._put(number, start)
                at, before = start + len(passage.bare), number

    def _head(self, number: int, limit: int) -> int:
        """Where the passages before the first long one begin, set back from that one."""
        for passage in reversed([item for at, item in enumerate(self.body) if at >= number and at < self._first]):
            limit = max(self.text.rfind(passage.bare, 0, limit), -1)
            if limit < 0:
                return self.text.rfind(self.body[number].bare, 0, self._bounds()[number])
        return limit

    @property
    def _first(self) -> int:
        """The first passage that is placed."""
        return min(self.places, default=len(self.body))

    def _bounds(self) -> list[int]:
        """For each passage of the body the place of the next one that is placed."""
        limit = len(self.text)
        bounds = []
        for number in reversed(range(len(self.body))):
            limit = self.places.get(number, limit)
            bounds.append(limit)
        return bounds[::-1]

    def _place_anywhere(self, number: int) -> None:
        start = self._free(self.body[number].bare)
        if start >= 0:
            self._put(number, start)

    def _take_field(self, passage: Passage) -> bool:
        start = self._free(passage.bare)
        if start >= 0:
            self.taken.append((start, start + len(passage.bare)))
        return start >= 0

    def _free(self, bare: str) -> int:
        """Where `bare` stands in what is not taken: outside of the body first."""
        first, last = self.extent()
        gaps = sorted(self.gaps(), key=lambda gap: first <= gap[0] < last)
        return next((at for start, end in gaps if (at := self.text.find(bare, start, end)) >= 0), -1)

    # --- what is left

    def gaps(self) -> Iterator[tuple[int, int]]:
        """The parts of the text that no passage takes."""
        at = 0
        for start, end in sorted(self.taken):
            if start > at:
                yield at, start
            at = max(at, end)
        if at < len(self.text):
            yield at, len(self.text)

    def extent(self) -> tuple[int, int]:
        """From the first to the last passage of the body."""
        if not self.places:
            return 0, 0
        first = min(self.places.values())
        return first, max(start + len(self.body[number].bare) for number, start in self.places.items())

    def differences(self, generated: Iterable[str], *, closed: bool = False) -> Iterator[Difference]:
        """What is lost, changed, surplus or there twice. `closed`: the text holds nothing besides the passages."""
        pieces = sorted({squeezed(piece) for piece in generated} - {""}, key=len, reverse=True)
        gaps = set(self.gaps())
        bounds, end = self._bounds(), 0
        for number, passage in enumerate(self.body):
            if number in self.places:
                end = self.places[number] + len(passage.bare)
                continue
            here = next((gap for gap in sorted(gaps) if end <= gap[0] and gap[1] <= max(bounds[number], end)), None)
            gaps.discard(here or (-1, -1))
            yield Difference(passage.bare, self.text[slice(*here)] if here else "", passage)
        for passage in self.lost_fields:
            yield Difference(passage.bare, "", passage)
        first, last = (0, len(self.text)) if closed else self.extent()
        for start, stop in sorted(gaps):
            rest = _without(self.text[start:stop], pieces) if first <= start < last else ""
            if rest:
                yield Difference("", rest)
            elif not first <= start < last:
                yield from self._repeated(self.text[start:stop])

    def _repeated(self, outside: str) -> Iterator[Difference]:
        for passage in (*self.body, *self.fields):
            if len(passage.bare) >= REPEATED and passage.where != "title" and passage.bare in outside:
                yield Difference("", passage.bare, passage)


def _without(text: str, pieces: Sequence[str]) -> str:
    """What remains of a text that should consist of generated pieces and punctuation."""
    for piece in pieces:
        text = text.replace(piece, "\0")
    return "" if all(character in "\0.:;,()[]–—•·*†=|/" for character in text) else text.replace("\0", "…")
