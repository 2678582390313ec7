"""Figures and tables that do not fit on a page go to the top of the next one while the text flows on.

WeasyPrint 70 leaves the rest of the page white instead. What may move is said in CSS, by a custom property:

    --float: page      to the top of the next column or page, if there is no room where it stands
    --float: across    in a text of several columns: to the top of the next page, over all columns

`Floats` stands around the functions of WeasyPrint that lay out one block in its parent, a column and the root of a
page. Order is kept among things of a kind: no figure overtakes a figure. `tagging` puts what has moved back where it
stands in the source, so that it is read there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

SHARE = 0.7  # of a page or column that may be taken by more than one float, when text follows
ENDLESS = 1e6  # CSS pixels, more than any page
PLAIN = {"html", "body", "main", "article", "section", "div"}  # what a float may be taken out of


@dataclass(frozen=True, slots=True, eq=False)
class _Float:
    """Something that waits for the top of a page or column. `holder` is the box that it stands in."""

    box: Any
    holder: Any
    across: bool  # over all columns
    narrow: bool  # met in a column

    @property
    def kind(self) -> str:
        return f"{self.box.element.tag} {self.box.element.get('class', '').partition(' ')[0]}"


@dataclass(frozen=True, slots=True)
class _State:
    """What is known at a place where a page or a column ends: what waits, and all that has been moved so far."""

    waiting: tuple[_Float, ...] = ()
    moved: frozenset[Any] = frozenset()  # HTML elements


class Floats:
    """Moves the floats of one document."""

    def __init__(self, root: Any) -> None:
        from weasyprint.layout import block, page

        self._block, self._page = block, page
        self._in_flow = block._in_flow_layout
        self._columns = block.columns_layout
        self._block_box = block.block_box_layout
        self._block_level = block.block_level_layout
        self._parents = {child: parent for parent in root.iter() for child in parent}
        self._state = _State()
        self._ends: dict[tuple[Any, ...], _State] = {}  # where a page or a column starts → what is known there
        self._entries: dict[tuple[int, str], _State] = {}  # the same for texts in columns on this page

    @property
    def moved(self) -> frozenset[Any]:
        """The HTML elements that do not stand where the text has them."""
        return self._state.moved

    def before(self, element: Any) -> Iterator[tuple[Any, bool]]:
        """What stands before an element in the source, the nearest first: (an element that ends before it, False), (an
        element that it stands in, with nothing between, True)."""
        while (parent := self._parents.get(element)) is not None:
            siblings = list(parent)
            for sibling in reversed(siblings[: siblings.index(element)]):
                yield sibling, False
            yield parent, True
            element = parent

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Stand in for WeasyPrint's own functions: one document at a time in a process."""
        block, page = self._block, self._page
        block._in_flow_layout = self._lay_in_flow
        block.columns_layout = self._lay_columns
        block.block_box_layout = self._lay_box
        page.block_level_layout = self._lay_part
        try:
            yield
        finally:
            block._in_flow_layout = self._in_flow
            block.columns_layout = self._columns
            block.block_box_layout = self._block_box
            page.block_level_layout = self._block_level

    def astray(self, pages: Sequence[Any]) -> bool:
        """Whether something that was moved does not stand on exactly one page."""
        seen: list[Any] = []
        for page in pages:
            on_page = {box.element for box in page._page_box.descendants() if box.element in self.moved}
            seen += on_page
        return len(seen) != len(self.moved)

    # --- where a float stands in the text ----------------------------------------------------------------------

    def _lay_in_flow(self, context: Any, box: Any, index: int, child: Any, made: list[Any], *rest: Any) -> Any:
        """A block in its parent. `rest` is what WeasyPrint 70 hands on: see the names below."""
        if not self._may_move(box, child):
            return self._in_flow(context, box, index, child, made, *rest)
        empty, absolute, fixed, margins, space, y, skip, letter, line, discard, next_page, lines = rest
        skipped = False, False, None, y, margins, next_page, made, lines
        if child.element in self._state.moved:
            return skipped
        if skip is not None or (empty and not any(one.is_in_normal_flow() for one in made)):
            return self._in_flow(context, box, index, child, made, *rest)
        moving = _Float(child, box, context.in_column and _value(child) == "across", context.in_column)
        waits = moving.across or any(one.kind == moving.kind for one in self._state.waiting)
        if not waits:
            tried = self._in_flow(
                context, box, index, child, [], False, absolute, fixed, [*margins],
                space, y, skip, letter, line, discard, next_page, lines,
            )  # fmt: skip
            if tried[6]:
                return (*tried[:6], [*made, *tried[6]], *tried[7:])
        child.position_x, child.position_y = box.content_box_x(), y
        if not self._fits_a_page(context, moving):
            return self._in_flow(context, box, index, _divisible(child), made, *rest)
        self._state = _State((*self._state.waiting, moving), self._state.moved | {child.element})
        return skipped

    def _may_move(self, box: Any, child: Any) -> bool:
        """Whether a block is a float: it says so itself, and it stands in nothing but the plain text."""
        element = child.element
        if element is None or child.element_tag != element.tag or not hasattr(child, "children"):
            return False
        if _value(child) not in ("page", "across") or _value(box) == _value(child):
            return False
        while (element := self._parents.get(element)) is not None:
            if element.tag not in PLAIN:
                return False
        return True

    def _fits_a_page(self, context: Any, moving: _Float) -> bool:
        """Whether a page has room for it, if nothing else is there."""
        page = context.current_footnote_area.page
        top = page.content_box_y()
        made = self._laid(context, moving, self._room(context, moving), top, context.page_bottom - top - page.height)
        if made is None:
            return False
        self._block.remove_placeholders(context, [made], [], [])
        return bool(made.position_y + made.margin_height() - made.margin_bottom <= top + page.height)

    def _room(self, context: Any, moving: _Float) -> Any:
        """The box whose width it takes."""
        return context.current_footnote_area.page if moving.across else moving.holder

    def _laid(
        self,
        context: Any,
        moving: _Float,
        room: Any,
        y: float,
        space: float,
        absolute: list[Any] | None = None,
        fixed: list[Any] | None = None,
    ) -> Any:
        """Its box, laid out at a height; None if it cannot stand there undivided."""
        box = moving.box.copy()
        box.position_x, box.position_y = room.content_box_x(), y
        absolute, fixed = [] if absolute is None else absolute, [] if fixed is None else fixed
        made, rest, *_ = self._block_level(context, box, space, None, room, False, absolute, fixed, [])
        if made is not None and rest is not None:
            self._block.remove_placeholders(context, [made], absolute, fixed)
            return None
        if made is not None:
            made.translate(dy=y - made.position_y)
        return made

    # --- where it goes ------------------------------------------------------------------------------------------

    def _lay_part(self, context: Any, box: Any, *rest: Any, **named: Any) -> Any:
        """What make_page lays out: the root, notes, footnotes."""
        lay = self._lay_root if box.is_for_root_element else self._block_level
        return lay(context, box, *rest, **named)

    def _lay_root(self, context: Any, box: Any, space: float, skip: Any, holder: Any, *rest: Any) -> Any:
        """The text of a page, under the floats that wait for it."""
        number = context.current_page
        self._entries.clear()
        self._state = self._ends.get((number,), _State()) if number > 1 else _State()
        ended = skip is not None and next(iter(skip)) >= len(box.children)
        alone = bool(context.forced_break) or ended
        wanted = [one for one in self._state.waiting if one.across or not (one.narrow and _in_columns(box, skip))]
        placed = self._place(context, box, space, holder, rest[1:3], wanted, alone)
        if placed and alone and not ended:
            result = self._only(context, box, space, holder, rest, skip, placed)
            result = (*result[:2], context.page_maker[number - 1][1], *result[3:])
        else:
            result = self._block_level(context, box, space, skip, holder, rest[0] and not placed, *rest[1:])
            if result[0] is None:
                result = self._only(context, box, space, holder, rest, skip, placed)
            else:
                result[0].children = [*placed, *result[0].children]
        if result[1] is None and self._state.waiting:
            result = (result[0], {len(box.children): None}, {"break": "any", "page": None}, *result[3:])
        self._ends[number + 1,] = self._state
        return result

    def _only(self, context: Any, box: Any, space: float, holder: Any, rest: Any, skip: Any, placed: Any) -> Any:
        """A page or a column with floats and no text."""
        bare = box.copy_with_children([])
        made, _, *others = self._block_level(context, bare, space, None, holder, True, *rest[1:])
        made.children = list(placed)
        return (made, skip or {0: None}, *others)

    def _lay_columns(self, context: Any, box: Any, space: float, skip: Any, *rest: Any) -> Any:
        """Text in columns. WeasyPrint lays it out more than once: each time begins with what was known at first."""
        key = id(box.element), repr(skip)
        before = self._state = self._entries.setdefault(key, self._state)
        self._ends[context.current_page, repr({0: skip[next(iter(skip))]} if skip else None)] = before
        made, resume, *others = self._columns(context, box, space, skip, *rest)
        if made is None:
            self._state = before
        elif resume and next(iter(resume)) >= len(box.children):
            resume = None  # floats of the last column wait for the next page
        return (made, resume, *others)

    def _lay_box(
        self, context: Any, box: Any, space: float, skip: Any, holder: Any, empty: bool, *rest: Any, **named: Any
    ) -> Any:
        """A column, or any other block box."""
        if not box.is_column:
            return self._block_box(context, box, space, skip, holder, empty, *rest, **named)
        self._state = self._ends.get((context.current_page, repr(skip)), self._state)
        wanted = [one for one in self._state.waiting if one.narrow and not one.across]
        placed = self._place(context, box, space, box, rest[:2], wanted)
        result = self._block_box(context, box, space, skip, holder, empty and not placed, *rest, **named)
        if result[0] is None and placed:
            bare = box.copy_with_children([])
            result = self._block_box(context, bare, space, None, holder, True, *rest, **named)
            result = (result[0], skip or {0: None}, *result[2:])
        if result[0] is not None:
            result[0].children = [*placed, *result[0].children]
            if result[1] is None and any(one.narrow and not one.across for one in self._state.waiting):
                result = (result[0], {len(box.children): None}, *result[2:])
            self._ends[context.current_page, repr(result[1])] = self._state
        return result

    def _place(
        self,
        context: Any,
        box: Any,
        space: float,
        room: Any,
        positioned: Any,
        wanted: Sequence[_Float],
        alone: bool = False,
    ) -> list[Any]:
        """Lay out what is wanted at the top of a page or column as far as there is room, and move the text down."""
        page = context.current_footnote_area.page
        whole = box.position_y <= page.content_box_y() + 1
        top = y = box.position_y
        height = context.page_bottom - space - top
        placed: list[Any] = []
        for moving in wanted:
            width = room if moving.narrow else moving.holder
            made = self._laid(context, moving, width, y, -ENDLESS, *positioned)
            if not placed:
                made.translate(dy=-made.margin_top)
            bottom = made.position_y + made.margin_height() - made.margin_bottom
            allowed = height if alone or not placed else SHARE * height
            if bottom - top > allowed and (placed or not whole):
                self._block.remove_placeholders(context, [made], *positioned)
                break
            placed.append(made)
            y = made.position_y + made.margin_height()
        standing = set(wanted[: len(placed)])
        waiting = tuple(one for one in self._state.waiting if one not in standing)
        self._state = replace(self._state, waiting=waiting)
        box.position_y = y
        return placed


def _divisible(box: Any) -> Any:
    """A box that begins where it stands: no page has room for all of it, so that it need not wait for one."""
    free = box.copy()
    free.style = box.style.copy()
    free.style["break_inside"] = "auto"
    return free


def _in_columns(box: Any, skip: Any) -> bool:
    """Whether a text goes on in columns."""
    while skip:
        ((index, skip),) = skip.items()
        if index >= len(box.children):
            return False
        box = box.children[index]
        if skip and box.style["column_count"] != "auto":
            return True
    return False


def _value(box: Any) -> str:
    """The value of `--float`, which is inherited."""
    tokens = box.style["__float"]
    return next((str(token.value) for token in tokens if token.type == "ident"), "")
