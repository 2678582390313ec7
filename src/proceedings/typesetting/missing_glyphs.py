"""Characters that no font has: each a code of its own, which is found and copied, and all drawn as a box.

WeasyPrint 70 draws them by a font's glyph 0, .notdef, with a width that is not its own. PDF/A and PDF/UA allow neither
(ISO 19005-2, 6.2.11.5 and 6.2.11.8; ISO 14289-1, 7.21.5 and 7.21.8): here a glyph stands for them that the font has.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

LIKE_A_BOX = "\u25a1\u25af\u25a2\u2610\u25fb\u25ad\u25cb\u25ca\u25cf\u2022?*x"  # the first that a font has is taken


@dataclass(frozen=True, slots=True)
class _Box:
    """The glyph that stands for all that a font lacks. Widths are thousandths of the font size."""

    glyph: int
    character: str
    width: int
    notdef: int  # the width of .notdef


class _Widths(dict[int, int]):
    """Widths of a font's glyphs by number; those that it does not have are as wide as what is drawn for them."""

    def __init__(self, known: dict[int, int], box: _Box, count: int) -> None:
        super().__init__(known)
        self._box, self._count = box, count
        self[box.glyph] = box.width

    def __setitem__(self, glyph: int, width: int) -> None:
        own = self._box.notdef if glyph == 0 else self._box.width if glyph >= self._count else width
        super().__setitem__(glyph, own)


@contextmanager
def as_boxes() -> Iterator[None]:
    """Stand in for WeasyPrint's own functions while a document is written: one at a time in a process."""
    from weasyprint.pdf import fonts

    number_of, described = fonts.Font.get_unused_glyph_id, fonts._build_vector_font_dictionary
    boxes: dict[Any, _Box] = {}

    def get_unused_glyph_id(font: Any, codepoint: int) -> int:
        if font not in boxes:
            boxes[font] = box = _box_of(font)
            font.to_unicode.setdefault(box.glyph, box.character)
            font.widths = _Widths(font.widths, box, font.glyph_count)
        return int(number_of(font, codepoint))

    def describe(dictionary: Any, pdf: Any, font: Any, *rest: Any) -> None:
        described(dictionary, pdf, font, *rest)
        if font in boxes:
            codes = pdf.objects[int(dictionary["Encoding"].split()[0])].stream
            to_notdef = {b"<%04x> 0" % code: b"<%04x> %d" % (code, boxes[font].glyph) for code in font.missing.values()}
            codes[:] = [to_notdef.get(line, line) for line in codes]

    fonts.Font.get_unused_glyph_id, fonts._build_vector_font_dictionary = get_unused_glyph_id, describe
    try:
        yield
    finally:
        fonts.Font.get_unused_glyph_id, fonts._build_vector_font_dictionary = number_of, described


def _box_of(font: Any) -> _Box:
    """A glyph of a font that looks like a box, or else any that it has."""
    from weasyprint.pdf.fonts import TTFont

    file = TTFont(io.BytesIO(font.file_content), fontNumber=font.index, lazy=True)
    known, widths = file.getBestCmap(), file["hmtx"].metrics
    character = next((one for one in LIKE_A_BOX if ord(one) in known), chr(min(known)))
    name, scale = known[ord(character)], 1000 / font.upem
    notdef = file.getGlyphOrder()[0]
    return _Box(file.getGlyphID(name), character, round(widths[name][0] * scale), round(widths[notdef][0] * scale))
