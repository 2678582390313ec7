"""Lines as a compositor would break them, where WeasyPrint 70 has no rule of its own.

Two custom properties, both inherited:

    --hyphens-in-a-row: 2     not more lines than these end with a hyphen one after the other
    --widest-space: 0.7       spaces of a justified line grow by this much (in em) at most; a line that would need more
                              is left ragged

And one rule that is no matter of taste: a footnote begins on the page of its mark. WeasyPrint moves any footnote of a
page to the next one to make room for a line of text, whichever paragraph it belongs to.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

HYPHENS = ("-", "\u2010")


class Lines:
    """Stands around the functions of WeasyPrint that make one line, split a text, stretch a line and fill a block."""

    def __init__(self) -> None:
        from weasyprint.layout import block, inline

        self._block, self._inline = block, inline
        self._next = inline.get_next_linebox
        self._split = inline.split_first_line
        self._justify = inline.justify_line
        self._fill = block._linebox_layout
        self._run: tuple[Any, Any, int] = None, None, 0  # block of lines, where its next line begins, hyphens so far
        self._whole_words = False

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Stand in for WeasyPrint's own functions: one document at a time in a process."""
        block, inline = self._block, self._inline
        inline.get_next_linebox = self._lay_line
        inline.split_first_line = self._split_text
        inline.justify_line = self._stretch
        block._linebox_layout = self._lay_lines
        try:
            yield
        finally:
            inline.get_next_linebox = self._next
            inline.split_first_line = self._split
            inline.justify_line = self._justify
            block._linebox_layout = self._fill

    def _lay_line(self, context: Any, block: Any, y: float, space: float, skip: Any, *rest: Any) -> Any:
        before, place, count = self._run
        count = count if before is block and place == skip and skip is not None else 0
        self._whole_words = count >= _number(block, "__hyphens_in_a_row", 1e9)
        line, resume = self._next(context, block, y, space, skip, *rest)
        self._whole_words = False
        self._run = block, resume, count + 1 if line is not None and _text(line).endswith(HYPHENS) else 0
        return line, resume

    def _split_text(self, text: str, style: Any, *rest: Any, **named: Any) -> Any:
        if self._whole_words and style["hyphens"] == "auto":
            style = style.copy()
            style["hyphens"] = "manual"
        return self._split(text, style, *rest, **named)

    def _stretch(self, context: Any, line: Any, extra: float) -> None:
        spaces = self._inline.count_expandable_spaces(line)
        if extra <= spaces * _number(line, "__widest_space", 1e9) * line.style["font_size"]:
            self._justify(context, line, extra)

    def _lay_lines(
        self, context: Any, box: Any, index: int, child: Any, made: list[Any], empty: bool, *rest: Any
    ) -> Any:
        earlier = list(context.current_page_footnotes)
        result = self._fill(context, box, index, child, made, empty, *rest)
        lost = [note for note in earlier if note not in context.current_page_footnotes]
        if not lost or empty:
            return result
        self._block.remove_placeholders(context, made, *rest[:2])
        for note in lost:
            if note in context.reported_footnotes:
                context.reported_footnotes.remove(note)
        own = [note for note in context.current_page_footnotes if note not in earlier]
        context.current_page_footnotes[:] = [*earlier, *own]
        context._update_footnote_area()
        return (True, False, *result[2:])


def _text(line: Any) -> str:
    """The last piece of text in a line."""
    return next((box.text for box in reversed(list(line.descendants())) if hasattr(box, "text")), "")


def _number(box: Any, name: str, otherwise: float) -> float:
    tokens = box.style[name]
    return next((float(token.value) for token in tokens if token.type == "number"), otherwise)
