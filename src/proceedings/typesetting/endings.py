"""The last page of a text holds more than a line or two.

A custom property of the root says how many lines are enough:

    --last-page-lines: 5

Where fewer are left over, the page before is made longer by at most two lines and takes them; if that does not help it
is made shorter and gives some away. WeasyPrint 70 has no such rule; only the pages concerned are laid out again.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

FILLED = {"LineBox", "BlockReplacedBox", "TableBox"}  # what a page is filled with
LONGER = 2  # lines by which a page may run into its lower margin


class Endings:
    """Stands around the functions of WeasyPrint that make all pages and one page of a document."""

    def __init__(self) -> None:
        from weasyprint import layout
        from weasyprint.layout import page

        self._layout, self._page = layout, page
        self._all = layout.make_all_pages
        self._one = page.make_page
        self._longer = 0.0  # CSS pixels by which the page that is being made is longer than others

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Stand in for WeasyPrint's own functions: one document at a time in a process."""
        self._layout.make_all_pages = self._make_all
        self._page.make_page = self._make_one
        try:
            yield
        finally:
            self._layout.make_all_pages = self._all
            self._page.make_page = self._one

    def _make_one(self, context: Any, root: Any, kind: Any, *rest: Any) -> Any:
        if self._longer:
            style = context.style_for(kind)
            margin = style["margin_bottom"]
            if getattr(margin, "unit", "").lower() == "px":
                style["margin_bottom"] = type(margin)(margin.value - self._longer, margin.unit)
        return self._one(context, root, kind, *rest)

    def _make_all(self, context: Any, root: Any, html: Any, pages: list[Any]) -> Iterator[Any]:
        tokens = root.style["__last_page_lines"]
        lines = next((token.value for token in tokens if token.type == "number"), 0)
        line = getattr(root.style["line_height"], "value", 0.0)
        if pages or not lines or not line:  # on a second round the pages are there
            yield from self._all(context, root, html, pages)
            return
        yield from _Round(self, context, root, html, lines * line, line).run()

    def make(self, context: Any, root: Any, html: Any, index: int, longer: float = 0.0) -> Any:
        """Make one page anew and return it. What follows from it is in `context.page_maker`."""
        del context.page_maker[index + 1 :]
        state = context.page_maker[index][-1]
        state.update(content_changed=False, pages_wanted=False, anchors=[], content_lookups=[])
        self._longer = longer
        page, _ = self._page.remake_page(index, context, root, html)
        self._longer = 0.0
        return page


class _Round:
    """All pages of a document, made for the first time."""

    def __init__(self, endings: Endings, context: Any, root: Any, html: Any, enough: float, line: float) -> None:
        self._endings, self._context, self._root, self._html = endings, context, root, html
        self._enough, self._line = enough, line
        self._pages: list[Any] = []
        self._starts: list[tuple[Any, ...]] = []  # what waits when a page begins

    def run(self) -> list[Any]:
        context = self._context
        context.rendered_notes = []
        while True:
            self._make(len(self._pages))
            self._mend()
            if context.page_maker[len(self._pages)][0] is None and not context.reported_footnotes:
                context.broken_out_of_flow.clear()
                context.reported_footnotes.clear()
                return self._pages

    def _make(self, index: int, longer: float = 0.0) -> None:
        """Make a page, or make it anew with all that stood before it begins."""
        context = self._context
        del self._pages[index:]
        if index < len(self._starts):
            notes, reported, broken = self._starts[index]
            context.footnotes[:], context.reported_footnotes = notes, list(reported)
            context.broken_out_of_flow = dict(broken)
            del self._starts[index:]
        broken = dict(context.broken_out_of_flow)
        self._starts.append((list(context.footnotes), list(context.reported_footnotes), broken))
        self._pages.append(self._endings.make(context, self._root, self._html, index, longer))

    def _mend(self) -> None:
        """Where the page just made is the end of a text and has too little on it: share out anew."""
        index = len(self._pages) - 1
        left = self._left_over(index)
        if left is None:
            return
        follows = self._context.page_maker[index + 1][:2]
        if left <= LONGER * self._line + 1:
            self._make(index - 1, left + self._line)  # with room for the space that stands above it
            if self._context.page_maker[index][:2] == follows:
                return
        self._make(index - 1, left - self._enough - 1)
        self._make(index)
        if self._context.page_maker[index + 1][:2] != follows:
            self._make(index - 1)
            self._make(index)

    def _left_over(self, index: int) -> float | None:
        """The height of what stands on a page, if a text ends there that needs more than that."""
        maker = self._context.page_maker
        ends = maker[index + 1][0] is None or maker[index + 1][1]["break"] != "any"
        begins = index == 0 or maker[index][1]["break"] != "any"
        text, *areas = self._pages[index].children
        if not ends or begins or self._context.reported_footnotes or any(area.children for area in areas):
            return None
        top = self._pages[index].content_box_y()
        filled = [box for box in text.descendants() if type(box).__name__ in FILLED]
        height = max((box.position_y + box.margin_height() for box in filled), default=top) - top
        return height if 0 < height < self._enough else None
