"""The printed pages of a volume in numbers, read from the boxes that are laid out.

    python benchmarks/typography.py FOLDER...     volumes; each is laid out anew, nothing of it is written

For each contribution: how many lines end with a hyphen, how many of these follow each other, how much of a page is
white, and what is parted that belongs together. The exit status is 1 where a limit is broken.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from proceedings import pipeline, typesetting
from proceedings.typesetting import renderer

HYPHENS_IN_A_ROW = 2
HYPHENATED = 0.15  # of all lines but the last of each paragraph
WHITE = 0.25  # of a page that is not the last of its contribution
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}


@dataclass
class Measures:
    """What is counted on the pages of one contribution."""

    name: str
    pages: int = 0
    lines: int = 0  # that could end with a hyphen
    hyphens: int = 0
    in_a_row: int = 0
    white: list[float] = field(default_factory=list)  # of each page: the share that is empty at its foot
    headings: list[int] = field(default_factory=list)  # pages that end with one
    captions: list[int] = field(default_factory=list)  # pages with one whose figure or table is elsewhere
    notes: list[int] = field(default_factory=list)  # pages with the mark of a note that is elsewhere

    def faults(self) -> Iterator[str]:
        """What is beyond the limits, in words."""
        if self.in_a_row > HYPHENS_IN_A_ROW:
            yield f"{self.in_a_row} hyphens in a row"
        if self.lines and self.hyphens / self.lines > HYPHENATED:
            yield f"{self.hyphens / self.lines:.0%} of the lines end with a hyphen"
        for page, share in enumerate(self.white[:-1], 1):
            if share > WHITE:
                yield f"page {page} is {share:.0%} white"
        for what, found in (("heading", self.headings), ("caption", self.captions), ("note", self.notes)):
            yield from (f"page {page + 1} parts a {what} from what it belongs to" for page in found)


def measured(name: str, pages: Sequence[Any]) -> Measures:
    """The measures of pages that WeasyPrint has laid out."""
    found = Measures(name, len(pages))
    where: dict[Any, set[int]] = {}
    calls: dict[Any, int] = {}
    notes: dict[Any, int] = {}
    for number, page in enumerate(pages):
        root, *areas = page._page_box.children
        for box in root.descendants():
            if box.element is not None:
                where.setdefault(box.element, set()).add(number)
                if (box.element_tag or "").endswith("::footnote-call"):
                    calls[box.element] = number
        for area in areas:
            notes |= {box.element: number for box in area.descendants() if box.element is not None}
        bottoms = _bottoms(page._page_box, root)
        found.white.append(_white(page._page_box, areas, [bottom for bottom, _ in bottoms]))
        if number + 1 < len(pages):
            found.headings += [number for _, tag in bottoms if tag in HEADINGS]
        _count_hyphens(root, found)
    for element, at in where.items():
        if element.tag in ("figcaption", "caption"):
            holder = next(outer for outer in where if element in list(outer) and outer.tag in ("figure", "table"))
            rest = [inner for inner in holder.iter() if inner.tag in ("img", "tbody", "pre") and inner in where]
            if rest and not any(where[inner] & at for inner in rest):
                found.captions.append(min(at))
    found.notes += [number for element, number in calls.items() if notes.get(element, number) != number]
    return found


def _blocks(box: Any) -> Iterator[tuple[Any, list[Any]]]:
    """Every block that holds lines, with these."""
    lines = [child for child in getattr(box, "children", ()) if type(child).__name__ == "LineBox"]
    if lines:
        yield box, lines
    for child in getattr(box, "children", ()):
        if child.is_in_normal_flow() or child.is_floated():
            yield from _blocks(getattr(child, "_box", child))


def _count_hyphens(root: Any, found: Measures) -> None:
    for block, lines in _blocks(root):
        if block.style["hyphens"] != "auto" or block.style["text_align_all"] != "justify":
            continue
        run = 0
        for line in lines[:-1]:
            texts = [box.text for box in line.descendants() if hasattr(box, "text")]
            hyphenated = bool(texts) and bool(re.search("\\w[-\u2010]$", texts[-1]))
            run = run + 1 if hyphenated else 0
            found.lines += 1
            found.hyphens += hyphenated
            found.in_a_row = max(found.in_a_row, run)


def _bottoms(page: Any, root: Any) -> list[tuple[float, str]]:
    """Where the text ends in the left and in the right half of a page, and the element that is last there."""
    middle = page.content_box_x() + page.width / 2
    ends = [(page.content_box_y(), ""), (page.content_box_y(), "")]
    for box in root.descendants():
        kind = type(box).__name__
        if kind == "LineBox" or "Replaced" in kind or kind == "TableCellBox":
            bottom, left = box.position_y + box.margin_height(), box.position_x
            right = left + box.margin_width()
            for half, inside in enumerate((left < middle, right > middle or right - left < 2)):
                if inside and bottom > ends[half][0]:
                    ends[half] = (bottom, str(box.element.tag) if box.element is not None else "")
    if not any(getattr(box, "is_column", False) for box in root.descendants()):
        return [max(ends)]
    return ends


def _white(page: Any, areas: Sequence[Any], bottoms: Sequence[float]) -> float:
    limit = page.content_box_y() + page.height
    limit = min([limit, *(area.position_y for area in areas if area.children and area.element_tag == page.element_tag)])
    return sum(max(0.0, limit - bottom) for bottom in bottoms) / len(bottoms) / float(page.height)


def of_volume(root: Path) -> list[Measures]:
    """Lay out a volume in this process and measure what is laid out."""
    found: list[Measures] = []
    pages: list[Sequence[Any]] = []
    original_layout, original_overfull = typesetting.layout, renderer._overfull

    def overfull(leaves: Sequence[Any]) -> Any:
        pages[:] = [leaves]  # of one contribution at a time: all together would be gigabytes
        return original_overfull(leaves)

    def layout(html: str, *rest: Any, **named: Any) -> Any:
        body = original_layout(html, *rest, **named)
        name = re.search(r'<article[^>]* id="([^"]+)"', html)
        if name:
            found.append(measured(name[1], pages[-1]))
        return body

    typesetting.layout, renderer._overfull = layout, overfull  # type: ignore[assignment]
    try:
        with tempfile.TemporaryDirectory() as out, ThreadPoolExecutor(1) as executor:
            pipeline.build(pipeline.Request(root, Path(out), to=("pdf",)), executor=executor)
    finally:
        typesetting.layout, renderer._overfull = original_layout, original_overfull
    return sorted(found, key=lambda one: one.name)


def main() -> int:
    faults = 0
    print("| contribution | pages | hyphenated lines | in a row | whitest page | beyond the limits |")
    print("| --- | --: | --: | --: | --: | --- |")
    for folder in sys.argv[1:]:
        for one in of_volume(Path(folder)):
            share = one.hyphens / one.lines if one.lines else 0.0
            white = max(one.white[:-1], default=0.0)
            words = "; ".join(one.faults())
            faults += bool(words)
            print(f"| {one.name} | {one.pages} | {share:.1%} | {one.in_a_row} | {white:.0%} | {words or '–'} |")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
