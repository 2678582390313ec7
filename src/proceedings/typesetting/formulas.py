"""The TeX of a formula as text that is not seen: who selects the formula copies it, who searches finds it.

The text is drawn in rendering mode 3 over the formula, as far as it goes, in a font that needs no embedding for that
(ISO 19005-2, 6.2.11.4.1; ISO 14289-1, 7.21.4.1). Its marked content carries the TeX as ActualText too, since the font
has Latin letters only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from proceedings.typesetting import contents

FONT = "TeX"
ADVANCE = 0.6  # of Courier, in em


@dataclass(frozen=True, slots=True)
class Source:
    """Where a formula is drawn and what its author wrote."""

    page: int  # index
    mark: int  # number of the marked content
    box: Any
    tex: str


def write(pdf: Any, streams: Sequence[Any], sources: Iterable[Source]) -> None:
    """Put the TeX of each formula into the marked content of its drawing."""
    from pydyf import Dictionary, String

    fonts = None
    for source in sources:
        if fonts is None:
            fonts = pdf.objects[int(streams[source.page]._resources["Font"].split()[0])]
            facts = {"Type": "/Font", "Subtype": "/Type1", "BaseFont": "/Courier", "Encoding": "/WinAnsiEncoding"}
            pdf.add_object(font := Dictionary(facts))
            fonts[FONT] = font.reference
        operations = streams[source.page].stream
        position = contents.marked_content(operations, source.mark)
        operations[position - 1]["ActualText"] = String(source.tex)
        operations.insert(position + 1, _unseen(source))


def _unseen(source: Source) -> bytes:
    box, text = source.box, source.tex.encode("cp1252", "replace")
    size = min(float(box.height), float(box.width) / (ADVANCE * len(text)))  # not stretched: readers would see gaps
    left, foot = box.content_box_x(), box.content_box_y() + (float(box.height) + size) / 2
    place = f"{left:.2f} {foot:.2f} Tm"
    return f"q BT 3 Tr /{FONT} {size:.2f} Tf 1 0 0 -1 {place} <{text.hex()}> Tj ET Q".encode()
