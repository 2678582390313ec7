"""Figures and tables that do not fit on a page go to the top of the next one while the text flows on.

WeasyPrint 70 leaves the rest of the page white instead. What may move is said in CSS, by a custom property:

    --float: page      to the top of the next column or page, if there is no room where it stands
    --float: across    in a text of several columns: to the top of the next page, over all columns
    --float: fit       like `page`, but first set smaller, if this is enough for it to stand where it does
    --float: clear     is no float: what waits comes before it, where there is room

Where more waits than a page can hold, it has a page of its own in the midst of the text; what waits at the end of the
text stands under it and on pages of its own. Where such a page would be white for more than a quarter, images are set
smaller, by a quarter at most, to get one float more on it (`shrinking`).

`Floats` stands around the functions of WeasyPrint that lay out one block in its parent, a column and the root of a
page. Order is kept among things of a kind: no figure overtakes a figure. `tagging` puts what has moved back where it
stands in the source, so that it is read there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from proceedings.typesetting.stacking import Float, Positioned, Room, Stacks, below, page_of

SHARE = 0.7  # of a page or column that may be taken by more than one float, when text follows
GAP = 0.15  # of a page that may stay white so that floats come before what they have to come before
PLAIN = {"html", "body", "main", "article", "section", "div"}  # what a float may be taken out of
MOVING = {"page", "across", "fit"}  # values of `--float`


@dataclass(frozen=True, slots=True)
class _State:
    """What is known at a place where a page or a column ends."""

    waiting: tuple[Float, ...] = ()
    moved: frozenset[Any] = frozenset()  # the HTML elements of all that has been moved so far
    cleared: bool = False  # the text has reached what floats have to come before


class Floats:
    """Moves the floats of one document."""

    def __init__(self, root: Any) -> None:
        from weasyprint.layout import block, page

        self._block, self._page = block, page
        self._in_flow = block._in_flow_layout
        self._columns = block.columns_layout
        self._block_box = block.block_box_layout
        self._block_level = block.block_level_layout
        self._stacks = Stacks(block.block_level_layout, block.remove_placeholders)
        self._parents = {child: parent for parent in root.iter() for child in parent}
        self._state = _State()
        self._ends: dict[tuple[Any, ...], _State] = {}  # where a page or a column starts → what is known there
        self._entries: dict[tuple[int, str], _State] = {}  # the same for texts in columns on this page
        self._inserted: tuple[Float, ...] = ()  # in the text of this page, where they do not stand in the source

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
        value, skip = _value(child), rest[6]
        if value == "clear" and skip is None and not self._state.cleared and self._says_so(box, child):
            return self._lay_cleared(context, box, index, child, made, *rest)
        if value not in MOVING or not hasattr(child, "children") or not self._says_so(box, child):
            return self._in_flow(context, box, index, child, made, *rest)
        empty, absolute, fixed, margins, space, y, skip, letter, line, discard, next_page, lines = rest
        skipped = False, False, None, y, margins, next_page, made, lines
        if child.element in self._state.moved:
            return skipped
        if skip is not None:
            return self._in_flow(context, box, index, _divisible(child), made, *rest)
        if empty and not any(one.is_in_normal_flow() for one in made):
            return self._in_flow(context, box, index, child, made, *rest)

        def here(child: Any) -> Any:
            tried = self._in_flow(
                context, box, index, child, [], False, absolute, fixed, [*margins],
                space, y, skip, letter, line, discard, next_page, lines,
            )  # fmt: skip
            return (*tried[:6], [*made, *tried[6]], *tried[7:]) if tried[6] else None

        moving = Float(child, box, context.in_column and value == "across", context.in_column)
        waits = moving.across or any(one.kind == moving.kind for one in self._state.waiting)
        if not waits and (laid := here(child)):
            return laid
        child.position_x, child.position_y = box.content_box_x(), y
        measured = self._stacks.measured(context, moving)
        if measured is None:
            return self._in_flow(context, box, index, _divisible(child), made, *rest)
        if value == "fit" and not waits:
            small = self._stacks.shrunk(context, [moving], Room(box, y, context.page_bottom - space))
            if small and (laid := here(small[0].box)):
                return laid
        waiting, moved = (*self._state.waiting, measured), self._state.moved | {child.element}
        self._state = replace(self._state, waiting=waiting, moved=moved)
        return skipped

    def _says_so(self, box: Any, child: Any) -> bool:
        """Whether the value of a block is its own, and it stands in nothing but the plain text."""
        element = child.element
        if element is None or child.element_tag != element.tag or _value(box) == _value(child):
            return False
        while (element := self._parents.get(element)) is not None:
            if element.tag not in PLAIN:
                return False
        return True

    def _lay_cleared(self, context: Any, box: Any, index: int, child: Any, made: list[Any], *rest: Any) -> Any:
        """A block that floats have to come before: as far as there is room they stand over it, and it goes to the next
        page itself if little is left of this one."""
        empty, absolute, fixed, margins, space, y, *others = rest
        self._state = replace(self._state, cleared=True)
        if self._state.waiting and made and not context.in_column:
            room = Room(box, y, context.page_bottom - space)
            if placed := self._stacks.filled(context, self._state.waiting, room, (absolute, fixed)):
                self._inserted += self._state.waiting[: len(placed)]
                self._take(self._state.waiting, placed)
                for one in placed:
                    one.index = index
                made, y, margins = [*made, *placed], below(placed, room), []
                child.position_y = y
            if self._state.waiting and room.bottom - y <= GAP * page_of(context).height:
                return False, True, {index: None}, y, margins, others[4], made, others[5]
        return self._in_flow(context, box, index, child, made, empty, absolute, fixed, margins, space, y, *others)

    # --- where it goes ------------------------------------------------------------------------------------------

    def _lay_part(self, context: Any, box: Any, *rest: Any, **named: Any) -> Any:
        """What make_page lays out: the root, notes, footnotes."""
        lay = self._lay_root if box.is_for_root_element else self._block_level
        return lay(context, box, *rest, **named)

    def _lay_root(self, context: Any, box: Any, space: float, skip: Any, holder: Any, *rest: Any) -> Any:
        """The text of a page, under floats that wait for it; or a page of floats."""
        number = context.current_page
        self._entries.clear()
        self._inserted = ()
        self._state = self._ends.get((number,), _State()) if number > 1 else _State()
        ended = skip is not None and next(iter(skip)) >= len(box.children)
        room = Room(holder, box.position_y, context.page_bottom - space, fresh=True)
        wanted = self._wanted(box, skip)
        alone = bool(context.forced_break) or ended
        crowded = sum(one.height for one in wanted) > room.height
        if alone or crowded:
            placed = self._stacks.filled(context, wanted, room, rest[1:3])
        else:
            placed = self._stacks.stacked(context, wanted, room, rest[1:3], 1.0 if self._state.cleared else SHARE)
        self._take(wanted, placed)
        box.position_y = below(placed, room)
        full = crowded and room.bottom - box.position_y <= GAP * room.height
        if placed and not ended and (alone or full):
            result = self._only(context, box, space, holder, rest, skip, placed)
            result = (*result[:2], context.page_maker[number - 1][1], *result[3:])
        else:
            result = self._block_level(context, box, space, skip, holder, rest[0] and not placed, *rest[1:])
            if result[0] is None:
                result = self._only(context, box, space, holder, rest, skip, placed)
            else:
                self._restore(result[0])
                result[0].children = [*placed, *result[0].children]
                if result[1] is None or self._block.force_page_break(result[2]["break"], context):
                    self._add_below(context, box, space, holder, rest[1:3], result)
        if result[1] is None and self._state.waiting:
            result = (result[0], {len(box.children): None}, {"break": "any", "page": None}, *result[3:])
        self._ends[number + 1,] = self._state
        return result

    def _wanted(self, box: Any, skip: Any) -> list[Float]:
        """What may stand on a page whose text goes on at a place."""
        return [one for one in self._state.waiting if one.across or not (one.narrow and _in_columns(box, skip))]

    def _add_below(
        self, context: Any, box: Any, space: float, holder: Any, positioned: Positioned, result: Any
    ) -> None:
        """Floats under a text that ends on this page."""
        wanted = self._wanted(box, result[1])
        room = Room(holder, _end(result[0], result[1]), context.page_bottom - space)
        placed = self._stacks.filled(context, wanted, room, positioned)
        self._take(wanted, placed)
        result[0].children = [*result[0].children, *placed]

    def _take(self, wanted: Sequence[Float], placed: Sequence[Any]) -> None:
        """What has its place no longer waits."""
        standing = set(wanted[: len(placed)])
        waiting = tuple(one for one in self._state.waiting if one not in standing)
        self._state = replace(self._state, waiting=waiting)

    def _restore(self, root: Any) -> None:
        """What was inserted in the text, but fell off the page when its end was looked for, waits again."""
        if self._inserted:
            standing = {box.element for box in root.descendants()}
            fallen = tuple(one for one in self._inserted if one.box.element not in standing)
            self._state = replace(self._state, waiting=(*fallen, *self._state.waiting))

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
        room = Room(box, box.position_y, context.page_bottom - space, fresh=True)
        placed = self._stacks.stacked(context, wanted, room, rest[:2], 1.0 if self._state.cleared else SHARE)
        self._take(wanted, placed)
        box.position_y = below(placed, room)
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


def _divisible(box: Any) -> Any:
    """A box that no page has room for, so that it begins where it stands and goes on wherever there is room."""
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


def _end(root: Any, resume: Any) -> float:
    """Where the text of a page ends. Boxes that go on elsewhere reach down to the foot of the page: look into them."""
    boxes = [root]
    while resume:
        boxes = [child for box in boxes for child in getattr(box, "children", ()) if child.is_in_normal_flow()]
        ((_, resume),) = resume.items()
    return max((float(box.position_y + box.margin_height() - box.margin_bottom) for box in boxes), default=0.0)


def _value(box: Any) -> str:
    """The value of `--float`, which is inherited."""
    tokens = box.style["__float"]
    return next((str(token.value) for token in tokens if token.type == "ident"), "")
