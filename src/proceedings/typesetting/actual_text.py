"""What glyphs say: each the characters that it stands for, and whole lines where that does not give what is written.

WeasyPrint 70 gives the whole of a cluster to one of its glyphs and nothing to the others, and keeps what a glyph stood
for first: after one `x` with a stroke through it no other `x` could be searched or read aloud. Here each glyph of a
cluster has its own characters. Where that is not enough (Devanagari, whose vowels are drawn before what they follow;
letters without their dots; private use, ISO 19005-2, 6.2.11.7.3), the line says what it is: ActualText (ISO 32000-1,
14.9.4). What is shown and no text (the number of a line of code, `data-line`) says nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from proceedings.typesetting.harfbuzz import glyph_of

_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")
_ALWAYS = re.compile(f"{_PRIVATE.pattern}|[\u202d\u202e]")  # two that turn a text round

# Text whose glyphs may be more or fewer than its characters, or stand in another order: looked at one by one.
_INTRICATE = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0590-\u1cff\u1dc0-\u1dff\u202d\u202e\u20d0-\u20ff\ua800-\uabff\ue000-\uf8ff\ufb1d-\ufeff"
    "\U00010000-\U0010ffff]"
)
# The property Default_Ignorable_Code_Point of Unicode: what is not drawn.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_RUNS_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufefc]")  # poppler takes ActualText for what stands from left to right
_FORBIDDEN = re.compile("[\0\ufeff\ufffe]")  # in a ToUnicode table: ISO 19005-2, 6.2.11.7.2


@dataclass(frozen=True, slots=True)
class _Cluster:
    """Characters that are drawn together, and the glyphs that draw them, both in the order in which they are read."""

    font: Any
    text: str
    glyphs: tuple[int, ...]


@contextmanager
def as_written() -> Iterator[set[str]]:
    """Stand in for WeasyPrint's own function while a document is written: one at a time in a process. Gives the
    characters of private use that were drawn."""
    from pydyf import Dictionary, String
    from weasyprint.draw import text as drawing

    draw = drawing.draw_first_line
    private: set[str] = set()

    def draw_first_line(stream: Any, box: Any, overflow: str, ellipsis: str, matrix: Any) -> Any:
        element = getattr(box, "element", None)  # text of SVG has none
        if element is not None and "data-line" in element.attrib:
            return said(stream, "", box, overflow, ellipsis, matrix)
        if overflow == "ellipsis" or ellipsis != "none" or not _INTRICATE.search(box.text) or not box.text.strip():
            return draw(stream, box, overflow, ellipsis, matrix)
        written, clusters = _clusters(stream, box)
        for cluster in clusters:
            _name(cluster)
        private.update(_PRIVATE.findall(written))
        is_said = _RUNS_LEFT.search(written) or _seen(written) == _seen("".join(map(_said, clusters)))
        if is_said and not _ALWAYS.search(written):
            return draw(stream, box, overflow, ellipsis, matrix)
        return said(stream, written, box, overflow, ellipsis, matrix)

    def said(stream: Any, words: str, *settings: Any) -> Any:
        stream.begin_marked_content("Span", Dictionary({"ActualText": String(words)}))
        emojis = draw(stream, *settings)
        stream.end_marked_content()
        return emojis

    drawing.draw_first_line = draw_first_line
    try:
        yield private
    finally:
        drawing.draw_first_line = draw


def _seen(text: str) -> str:
    return unicodedata.normalize("NFC", _UNSEEN.sub("", text))


def _said(cluster: _Cluster) -> str:
    return "".join(cluster.font.to_unicode.get(glyph, "") for glyph in cluster.glyphs)


def _clusters(stream: Any, box: Any) -> tuple[str, list[_Cluster]]:
    """The text of a line, and the clusters that draw it, as they are read."""
    from weasyprint.text.ffi import ffi, pango

    pango.pango_layout_set_single_paragraph_mode(box.pango_layout.layout, True)
    line, _ = box.pango_layout.get_first_line()
    text, found, run = box.pango_layout.text.encode(), [], line.runs[0]
    while run != ffi.NULL:
        item, run = run.data, run.next
        start = item.item.offset
        written = text[start : start + item.item.length]
        font, _ = stream.add_font(item.item.analysis.font)
        found.append((start, written, _in_run(font, written, item)))
    found.sort(key=lambda part: part[0])
    return b"".join(part for _, part, _ in found).decode(), [cluster for *_, run in found for cluster in run]


def _in_run(font: Any, written: bytes, item: Any) -> list[_Cluster]:
    from weasyprint.text.ffi import pango

    count = item.glyphs.num_glyphs
    order = range(count - 1, -1, -1) if item.item.analysis.level % 2 else range(count)
    drawn: dict[int, list[int]] = {}
    for place in order:
        glyph = item.glyphs.glyphs[place].glyph
        at = drawn.setdefault(item.glyphs.log_clusters[place], [])
        if glyph == pango.PANGO_GLYPH_EMPTY:
            continue
        if glyph & pango.PANGO_GLYPH_UNKNOWN_FLAG:
            glyph = font.get_unused_glyph_id(glyph - pango.PANGO_GLYPH_UNKNOWN_FLAG)
        at.append(glyph)
    starts = sorted(drawn)
    ends = [*starts[1:], len(written)]
    return [
        _Cluster(font, written[start:end].decode(), tuple(drawn[start]))
        for start, end in zip(starts, ends, strict=True)
    ]


def _name(cluster: _Cluster) -> None:
    """Let each glyph of a cluster stand for its own characters, if it stands for none yet: for the character whose
    glyph it is in the font, or the next that is left; the first such glyph for all where they are more than glyphs."""
    text = _FORBIDDEN.sub("", cluster.text)
    rest, unnamed, names = list(_UNSEEN.sub("", text) or text), [], cluster.font.to_unicode
    for glyph in cluster.glyphs:
        known = names.get(glyph) or next((one for one in rest if glyph_of(cluster.font, one) == glyph), "")
        if known and len(cluster.glyphs) > 1 and not Counter(known) - Counter(rest):
            names.setdefault(glyph, known)
            for character in known:
                rest.remove(character)
        else:
            unnamed.append(glyph)
    one_each = len(rest) == len(unnamed)
    for place, glyph in enumerate(unnamed):
        names.setdefault(glyph, rest[place] if one_each else "" if place else "".join(rest))
