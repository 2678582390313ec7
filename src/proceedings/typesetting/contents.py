"""The content streams that WeasyPrint 70 writes, as lists of operations: found in, stripped, cut at the
slots."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from proceedings.typesetting.body import Glyph, LayoutError, Slot

ALIGNMENTS = {"right": "right", "end": "right", "center": "center"}
_TEXT = re.compile(r"/(?P<font>\S+) (?P<size>\S+) Tf|<(?P<codes>[0-9a-f]*)>|(?P<y>[-0-9.e]+) Tm")


def marked_content(operations: Sequence[Any], number: int) -> int:
    """Where the operator BDC of the marked content `number` stands."""
    for position, operation in enumerate(operations):
        properties = operations[position - 1]
        if operation == b"BDC" and isinstance(properties, dict) and properties.get("MCID") == number:
            return position
    raise LookupError(number)


def unmarked(operations: Sequence[Any]) -> list[Any]:
    """The same drawing without marked content, but for what says what is written (ActualText), in which nothing else is
    marked."""
    kept: list[Any] = []
    says = False
    for operation in operations:
        if operation == b"BDC" and not (says := "ActualText" in kept[-1]):
            del kept[-2:]
        elif operation == b"BMC":
            del kept[-1:]
        elif operation != b"EMC" or says:
            kept.append(operation)
            says = says and operation != b"EMC"
    return kept


def cut_slots(
    pdf: Any,
    page: int,
    stream: Any,
    marked: Mapping[int, Any],
    tails: Mapping[int, Sequence[int]],
    fonts: Mapping[Any, Any],
) -> tuple[list[Any], list[Slot]]:
    """Split the content of a page so that every slot is one stream of the page's array; return the array and
    the slots. `marked` gives the box of each slot by the number of its marked content, `tails` the numbers
    of what follows it in its line and moves with what it is filled with: each a stream of its own, too."""
    from pydyf import Array, Stream

    operations = list(stream.stream)
    cuts = []
    for number in {*marked, *(other for tail in tails.values() for other in tail)}:
        begun = marked_content(operations, number)
        if b"BT" in operations[begun : operations.index(b"EMC", begun)]:
            first = operations.index(b"BT", begun)
            cuts.append((first, operations.index(b"ET", first) + 1, number))
    if not cuts:
        return [stream], []
    pieces: list[Any] = []
    slots, numbered, position = [], {}, 0
    for first, end, number in sorted(cuts):
        pieces += [operations[position:first], operations[first:end]]
        numbered[number] = len(pieces) - 1
        if number in marked:
            slots.append((number, _slot(marked[number], page, len(pieces) - 1, operations[first:end], fonts)))
        position = end
    pieces.append(operations[position:])

    stream.stream = pieces[0]
    parts = [stream, *(Stream(piece, compress=stream.compress) for piece in pieces[1:])]
    for part in parts[1:]:
        pdf.add_object(part)
    pdf.objects[pdf.pages["Kids"][3 * page]]["Contents"] = Array([part.reference for part in parts])
    return parts, [
        replace(slot, tail=tuple(numbered[other] for other in tails.get(number, ()) if other in numbered))
        for number, slot in slots
    ]


def _slot(box: Any, page: int, part: int, operations: Sequence[Any], fonts: Mapping[Any, Any]) -> Slot:
    """Read from the operations that draw a slot's alphabet which glyph stands for which character."""
    name = box.element.get("data-slot")
    alphabet = "".join(getattr(inner, "text", "") for inner in box.descendants(placeholders=True))
    font, size, baseline, glyphs = "", 0.0, 0.0, []
    drawn = b"\n".join(one if isinstance(one, bytes) else str(one).encode("ascii") for one in operations)
    for match in _TEXT.finditer(drawn.decode("ascii")):
        if match["font"]:
            font, size = match["font"], float(match["size"])
        elif match["y"]:
            baseline = float(match["y"])
        elif match["codes"]:
            codes = re.findall("....", match["codes"])
            glyphs += [Glyph(font, code, _advance(fonts, font, int(code, 16))) for code in codes]
    if len(glyphs) != len(alphabet):
        raise LayoutError(f"slot {name!r}: {alphabet!r} is not set with one glyph for each character")
    return Slot(
        name=name,
        page=page,
        part=part,
        left=float(box.content_box_x()),
        baseline=baseline,
        width=float(box.width),
        align=ALIGNMENTS.get(box.style["text_align_all"], "left"),
        size=size,
        glyphs=dict(zip(alphabet, glyphs, strict=True)),
    )


def _advance(fonts: Mapping[Any, Any], name: str, glyph: int) -> float:
    for font in fonts.values():
        if font.hash == name and glyph in font.widths:
            return float(font.widths[glyph])
    raise LayoutError(f"font {name} has no width for glyph {glyph}")
