"""Numbers beside the lines of finished pages, for proofs."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

from proceedings.typesetting.body import Line

SIZE = 6  # points
GAP = 16  # points between a number and the text
IN_GUTTER = 12  # points by which a number stands nearer to a column that has another before it
APART = 4.0  # points: lines nearer to each other are one, in two cells


def lines_of(pages: Sequence[Any], point: float) -> Iterator[Line]:
    """The lines of text that stand in the page's own area, column by column: notes in the margin are left out, and what
    is turned. `pages` are WeasyPrint's, `point` is how many points one of its lengths has."""
    for index, page in enumerate(pages):
        box = page._page_box
        left, right, height = box.content_box_x(), box.content_box_x() + box.width, page.height * point
        shown = (
            (line, column)
            for line, column in _lines(box, left)
            if left - 1 <= line.position_x < right and _has_text(line)
        )
        for column, lines in groupby(shown, key=lambda row: row[1]):
            baselines = sorted((line.position_y + line.baseline) * point for line, _ in lines)
            edge, last = column * point + (IN_GUTTER if column > left else 0.0), -APART
            for baseline in baselines:
                if baseline - last >= APART:
                    yield Line(page=index, left=round(edge, 1), baseline=round(height - baseline, 1))
                    last = baseline


def _lines(box: Any, column: float) -> Iterator[tuple[Any, float]]:
    """The lines below a box and where the column begins that each stands in, but for those of boxes that are drawn
    elsewhere than they stand."""
    for placed in getattr(box, "children", ()):
        child = getattr(placed, "_box", placed)  # what an AbsolutePlaceholder stands for
        if type(child).__name__ == "LineBox":
            yield child, column
        if not child.transformation_matrix:
            yield from _lines(child, child.position_x if _is_further_column(child, box) else column)


def _is_further_column(box: Any, around: Any) -> bool:
    """Whether a box is a column that has another before it."""
    has_columns = around.style["column_count"] != "auto" or around.style["column_width"] != "auto"
    return bool(has_columns and box.position_x > around.content_box_x() + 1)


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
