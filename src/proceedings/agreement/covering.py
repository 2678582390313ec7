"""Finding passages in a text: what is lost, changed, there twice, or not of the author."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from proceedings.agreement.words import Passage, squeezed

LONG = 24  # squeezed characters: a passage that can be told from others wherever it stands
REPEATED = 40  # squeezed characters of a passage that is not by chance in a text twice


@dataclass(frozen=True)
class Difference:
    """What a text should have and what it has in its place; one of the two may be empty."""

    expected: str
    found: str
    passage: Passage | None = None


class Cover:
    """A text and the passages found in it: each takes its place once, and what no passage takes is surplus."""

    def __init__(self, text: str, body: Sequence[Passage], fields: Sequence[Passage] = ()) -> None:
        self.text = text
        self.body, self.fields = list(body), list(fields)
        self.places: dict[int, int] = {}  # number of a passage of the body → where it begins
        self.taken: list[tuple[int, int]] = []
        self._place_unique()
        self._place_between()
        lost = [number for number in range(len(self.body)) if number not in self.places]
        for number in sorted(lost, key=lambda number: -len(self.body[number].bare)):
            self._place_anywhere(number)
        longest_first = sorted(self.fields, key=lambda item: -len(item.bare))
        self.lost_fields = [passage for passage in longest_first if not self._take_field(passage)]

    # --- placing

    def _put(self, number: int, start: int) -> None:
        self.places[number] = start
        self.taken.append((start, start + len(self.body[number].bare)))

    def _place_unique(self) -> None:
        """Long passages that stand in the text once: as many of them as follow each other in their order."""
        written = Counter(passage.bare for passage in self.body)
        found = [
            (number, start)
            for number, passage in enumerate(self.body)
            if len(passage.bare) >= LONG and written[passage.bare] == 1
            if (start := self.text.find(passage.bare)) >= 0 and self.text.find(passage.bare, start + 1) < 0
        ]
        end = 0
        for number, start in _rising(found):
            if start >= end:
                self._put(number, start)
                end = start + len(self.body[number].bare)

    def _place_between(self) -> None:
        """The others between their neighbours."""
        ends = self._bounds()
        at, before = 0, -1
        for number, passage in enumerate(self.body):
            if number in self.places:
                at, before = self.places[number] + len(passage.bare), number
                continue
            limit = ends[number]
            # Where nothing is before it, as near to what follows as can be.
            start = self.text.find(passage.bare, at, limit) if before >= 0 else self._head(number, limit)
            if start >= 0:
                self._put(number, start)
                at, before = start + len(passage.bare), number

    def _head(self, number: int, limit: int) -> int:
        """Where a passage before the first long one begins: all that are found are set back from that one."""
        for passage in reversed(self.body[number + 1 : self._first]):
            start = self.text.rfind(passage.bare, 0, limit)
            limit = start if start >= 0 else limit
        return self.text.rfind(self.body[number].bare, 0, limit)

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
        """As near as can be to where it is looked for: outputs differ in where a caption stands."""
        bare = self.body[number].bare
        before = max((at for at in self.places if at < number), default=-1)
        near = self.places[before] + len(self.body[before].bare) if before >= 0 else 0
        found = [at for start, end in self.gaps() if (at := self.text.find(bare, start, end)) >= 0]
        if found:
            self._put(number, min(found, key=lambda at: abs(at - near)))

    def _take_field(self, passage: Passage) -> bool:
        """Outside of the body first."""
        first, last = self.extent()
        gaps = sorted(self.gaps(), key=lambda gap: first <= gap[0] < last)
        start = next((at for begin, end in gaps if (at := self.text.find(passage.bare, begin, end)) >= 0), -1)
        if start >= 0:
            self.taken.append((start, start + len(passage.bare)))
        return start >= 0

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
        """From the first to the last passage of the body. A letter or two may have been found anywhere by chance: they
        count only where there is nothing longer."""
        reliable = {n: at for n, at in self.places.items() if len(self.body[n].bare) >= SHINGLE} or self.places
        if not reliable:
            return 0, 0
        return min(reliable.values()), max(at + len(self.body[n].bare) for n, at in reliable.items())

    def differences(self, generated: Iterable[str], *, closed: bool = False) -> Iterator[Difference]:
        """What is lost, changed, surplus or there twice. `closed`: the text holds nothing besides the passages."""
        pieces = sorted({squeezed(piece) for piece in generated} - {""}, key=len, reverse=True)
        gaps = set(self.gaps())
        bounds, end = self._bounds(), 0
        for number, passage in enumerate(self.body):
            if number in self.places:
                end = self.places[number] + len(passage.bare)
                continue
            within = [gap for gap in gaps if end <= gap[0] and gap[1] <= max(bounds[number], end)]
            here, found = max(
                ((gap, _likest(self.text[slice(*gap)], passage.bare)) for gap in sorted(within)),
                key=lambda pair: len(pair[1]),
                default=((-1, -1), ""),
            )
            if found:
                gaps.discard(here)
            yield Difference(passage.bare, found, passage)
        for passage in self.lost_fields:
            yield Difference(passage.bare, "", passage)
        first, last = (0, len(self.text)) if closed else self.extent()
        masked = _masked(self.text, pieces)
        for start, stop in sorted(gaps):
            rest = _left(masked[start:stop]) if first <= start < last else ""
            if rest:
                yield Difference("", rest)
            elif not first <= start < last:
                yield from self._repeated(self.text[start:stop])

    def _repeated(self, outside: str) -> Iterator[Difference]:
        """Passages that are there once more around the body. Titles may be: how to cite the work names it."""
        for passage in (*self.body, *self.fields):
            if len(passage.bare) >= REPEATED and not passage.where.endswith("title") and passage.bare in outside:
                yield Difference("", passage.bare, passage)


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The most pairs, in their order, whose second numbers rise."""
    ends: list[int] = []  # the least number that a row of that length ends with
    before: dict[tuple[int, int], tuple[int, int] | None] = {}
    last: list[tuple[int, int]] = []
    for pair in pairs:
        at = bisect_left(ends, pair[1])
        before[pair] = last[at - 1] if at else None
        ends[at : at + 1], last[at : at + 1] = [pair[1]], [pair]
    found: list[tuple[int, int]] = []
    step = last[-1] if last else None
    while step is not None:
        found.append(step)
        step = before[step]
    return found[::-1]


SHINGLE = 6  # characters that two texts do not share by chance


def _likest(text: str, wanted: str) -> str:
    """The part of a text that stands where `wanted` should: from the first to the last words that they share."""
    shared = [
        (at, place)
        for at in range(max(1, len(wanted) - SHINGLE + 1))
        if (place := text.find(wanted[at : at + SHINGLE])) >= 0
    ]
    if not shared:
        return ""
    (first, begin), (last, end) = shared[0], shared[-1]
    return text[max(0, begin - first) : max(end, begin) + len(wanted) - last]


def _masked(text: str, pieces: Sequence[str]) -> str:
    """A text with NUL for every character of the generated pieces in it. Of a piece that a passage of a letter or two
    has been found in by chance, the rest is generated too."""
    for piece in pieces:
        text = text.replace(piece, "\0" * len(piece))
    return text


def _left(masked: str) -> str:
    """What remains of a gap that should consist of generated pieces and punctuation."""
    if all(character in "\0.:;,()[]–—•·*†=|/" for character in masked):
        return ""
    return re.sub("\0+", "…", masked)
