"""Numbers beside the lines of finished pages, for proofs."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from proceedings.typesetting.body import Line

SIZE = 6  # points
GAP = 16  # points between a number and the text
APART = 4.0  # points: lines nearer to each other are one, in two columns or cells


def lines_of(pages: Sequence[Any], point: float) -> Iterator[Line]:
    """The lines of text that stand in the page's own area: notes in the margin are left out. `pages` are WeasyPrint's,
    `point` is how many points one of its lengths has."""
    for index, page in enumerate(pages):
        box = page._page_box
        left, right = box.content_box_x(), box.content_box_x() + box.width
        baselines = sorted(
            (line.position_y + line.baseline) * point
            for line in box.descendants(placeholders=True)
            if type(line).__name__ == "LineBox" and left - 1 <= line.position_x < right and _has_text(line)
        )
        height, last = page.height * point, -APART
        for baseline in baselines:
            if baseline - last >= APART:
                yield Line(page=index, left=round(left * point, 1), baseline=round(height - baseline, 1))
                last = baseline


def _has_text(line: Any) -> bool:
    return any(getattr(box, "text", "").strip() for box in line.descendants(placeholders=True))


def number_lines(data: bytes, lines: Sequence[Line]) -> bytes:
    """A PDF with a number before each line, from 1 on every page; artifacts, in a font that every viewer has."""
    import pikepdf
    from pikepdf import Dictionary, Name

    with pikepdf.open(io.BytesIO(data)) as pdf:
        font = pdf.make_indirect(
            Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica, Encoding=Name.WinAnsiEncoding)
        )
        for index, page in enumerate(pdf.pages):
            mine = [line for line in lines if line.page == index]
            shown = b"".join(_shown(number, line) for number, line in enumerate(mine, 1))
            if mine:
                name = page.add_resource(font, Name.Font)
                page.contents_add(
                    b"/Artifact BMC q 0.5 g BT %s %d Tf %s ET Q EMC" % (bytes(str(name), "ascii"), SIZE, shown)
                )
        output = io.BytesIO()
        pdf.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
        return output.getvalue()


def _shown(number: int, line: Line) -> bytes:
    left = line.left - GAP - SIZE * 0.556 * len(str(number))  # a figure of Helvetica is 0.556 em wide
    return b"1 0 0 1 %.1f %.1f Tm (%d) Tj " % (left, line.baseline, number)
