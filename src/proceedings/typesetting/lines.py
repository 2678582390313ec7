"""Lines as a compositor would break them, where WeasyPrint 70 has no rule of its own.

Three custom properties, all inherited:

    --hyphens-in-a-row: 2     not more lines than these end with a hyphen one after the other
    --hyphenated-lines: 0.15  nor a greater share of all lines so far but the last of each paragraph
    --widest-space: 0.7       spaces of a justified line grow by this much (in em) at most; a line that would need more
                              is left ragged

And two rules that are no matter of taste. A footnote begins on the page of its mark: WeasyPrint moves any footnote of a
page to the next one to make room for a line of text, whichever paragraph it belongs to. And a space at the end of a
line needs no room: where a text before a link or formula fits but for its last space, WeasyPrint breaks it after its
first word.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LONG = 2000  # characters, which fill no line
HYPHENS = ("-", "\u2010")


class Lines:
    """Stands around the functions of WeasyPrint that make one line, split a text, stretch a line and fill a block."""

    def __init__(self) -> None:
        from weasyprint.layout import block, inline, preferred

        self._block, self._inline, self._preferred = block, inline, preferred
        self._next = inline.get_next_linebox
        self._split = inline.split_first_line
        self._justify = inline.justify_line
        self._fill = block._linebox_layout
        self._run: tuple[Any, Any, int] = None, None, 0  # block of lines, where its next line begins, hyphens so far
        self._whole_words = False
        self._known: dict[tuple[Any, str], bool] = {}  # justified lines so far → whether one ends with a hyphen
        self._hyphens = 0  # how many of these do

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Stand in for WeasyPrint's own functions: one document at a time in a process."""
        block, inline = self._block, self._inline
        inline.get_next_linebox = self._lay_line
        inline.split_first_line = self._split_text
        self._preferred.split_first_line = self._split_long
        inline.justify_line = self._stretch
        block._linebox_layout = self._lay_lines
        try:
            yield
        finally:
            inline.get_next_linebox = self._next
            inline.split_first_line = self._split
            self._preferred.split_first_line = self._split
            inline.justify_line = self._justify
            block._linebox_layout = self._fill

    def _lay_line(self, context: Any, block: Any, y: float, space: float, skip: Any, *rest: Any) -> Any:
        before, place, count = self._run
        count = count if before is block and place == skip and skip is not None else 0
        self._whole_words = count >= _number(block, "__hyphens_in_a_row", 1e9)
        self._hyphens -= self._known.pop((block.element, repr(skip)), False)  # lines are laid out more than once
        line, resume = self._next(context, block, y, space, skip, *rest)
        allowed = _number(block, "__hyphenated_lines", 1) * (len(self._known) + 1)
        if _is_hyphenated(line) and self._hyphens + 1 > allowed and not self._whole_words:
            self._whole_words = True
            line, resume = self._next(context, block, y, space, skip, *rest)
        self._whole_words = False
        hyphenated = _is_hyphenated(line)
        self._run = block, resume, count + 1 if hyphenated else 0
        if resume is not None and block.style["text_align_all"] == "justify":
            self._known[block.element, repr(skip)] = hyphenated
            self._hyphens += hyphenated
        return line, resume

    def _split_text(self, text: str, style: Any, context: Any, width: float | None, *rest: Any, **named: Any) -> Any:
        if self._whole_words and style["hyphens"] == "auto":
            style = style.copy()
            style["hyphens"] = "manual"
        made = self._split_long(text, style, context, width, *rest, **named)
        _, length, resume, *_ = made
        bare = text.rstrip(" ")
        suspect = bare != text and resume is not None and " " in bare and " " not in text[:length].rstrip(" ")
        if width and suspect and self._split(bare, style, context, width, *rest, **named)[2] is None:
            return self._split(text, style, context, width + style["font_size"], *rest, **named)
        return made

    def _split_long(self, text: str, style: Any, context: Any, width: float | None, *rest: Any, **named: Any) -> Any:
        """The first line of a text that may be very long, found in its beginning where that is enough. WeasyPrint looks
        through the whole of the text for each line, and where it measures a column of a table, for each word."""
        size = LONG
        while width is not None and (end := _end_of_part(text, size, style["overflow_wrap"] != "normal")):
            made = self._split(text[:end], style, context, width, *rest, **named)
            if made[2] is not None and made[2] < end // 2:
                return made
            size *= 4
        return self._split(text, style, context, width, *rest, **named)

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


def _end_of_part(text: str, size: int, anywhere: bool) -> int:
    """Where a text may be cut behind `size` characters: at a space, or else `anywhere`; 0 where it may not."""
    if len(text) <= 2 * size:
        return 0
    end = text.find(" ", size, 2 * size)
    return end if end >= 0 else size if anywhere else 0


def _is_hyphenated(line: Any) -> bool:
    """Whether a line ends with a hyphen."""
    pieces = reversed(list(line.descendants())) if line is not None else ()
    return next((box.text for box in pieces if hasattr(box, "text")), "").endswith(HYPHENS)


def _number(box: Any, name: str, otherwise: float) -> float:
    tokens = box.style[name]
    return next((float(token.value) for token in tokens if token.type == "number"), otherwise)
