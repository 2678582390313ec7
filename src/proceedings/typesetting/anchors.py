"""Where a link to an element leads: to the page on which what it holds begins.

WeasyPrint 70 takes the page on which its box begins. The box may begin, empty, at the foot of a page when all that it
holds goes to the next one: a heading that is kept with what follows, a table that moves to the top of a page.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

Place = tuple[int, float, float]  # index of a page, and CSS pixels from its upper left corner


def settle(root: Any, pages: Sequence[Any]) -> None:
    """Correct the anchors of pages that are laid out from the document `root`."""
    begins = _beginnings(root, pages)
    for number, page in enumerate(pages):
        for name in list(page.anchors):
            at, left, top = begins.get(name, (number, 0.0, 0.0))
            if at > number:
                del page.anchors[name]
                pages[at].anchors.setdefault(name, (left, top, left, top))


def _beginnings(root: Any, pages: Sequence[Any]) -> dict[str, Place]:
    """Id of an element → where the first thing that it holds stands; none of an element that holds nothing."""
    parents = {child: parent for parent in root.iter() for child in parent}
    found: dict[str, Place] = {}
    seen: set[Any] = set()
    for element, place in _contents(pages):
        while element is not None and element not in seen:
            seen.add(element)
            if name := element.get("id"):
                found.setdefault(name, place)
            element = parents.get(element)
    return found


def _contents(pages: Sequence[Any]) -> Iterator[tuple[Any, Place]]:
    """Texts and images in the order of the pages, with the elements that they belong to."""
    from weasyprint.formatting_structure import boxes

    for number, page in enumerate(pages):
        for box in page._page_box.descendants(placeholders=True):
            shows = isinstance(box, boxes.ReplacedBox) or (isinstance(box, boxes.TextBox) and box.text.strip())
            if shows and box.element is not None:
                yield box.element, (number, box.position_x, box.position_y)
