"""Tables that are wider than the text has room for.

A table whose longest words do not fit side by side is, in this order: set over all columns; set smaller, down to
`LEAST`; turned by a quarter on a page of its own, upright for a reader who turns the book; and divided where its rows
need more than one such page. Only where all this does not help are its words broken anywhere, and it is told of.

`Tables` looks at pages that are laid out and changes the HTML, so that the next layout has what the last one lacked.
Few texts have such tables: most are laid out once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from proceedings.typesetting.body import Overfull
from proceedings.typesetting.floats import PLAIN

LEAST = 6.5 / 0.75  # CSS pixels: the smallest letters of a table
PASSES = 3  # layouts: as it is, measured where it goes, there
TOLERANCE = 1.0  # CSS pixels
SPARE = 6.0  # CSS pixels of a page that a divided table leaves free
LONG_WORD = 24  # letters: an address or a key, which may be broken anywhere
COLUMN = 0.75  # of the page's width: what is narrower is a column


@dataclass(slots=True)
class _Table:
    """A table of the HTML and how it is set at present. `holder` is the block around table and caption."""

    holder: Any
    table: Any
    free: bool  # whether it may leave its place
    settled: bool = False  # it was too wide, and something was done about that
    inner: Any = None  # the block that it then stands in, if it leaves its place
    turned: bool = False
    placed: bool = False
    excess: float = 0.0  # CSS pixels by which it was too wide, before its words were broken


@dataclass(slots=True)
class _Set:
    """A table as it was laid out, in CSS pixels."""

    page: int
    page_width: float
    page_height: float
    room: float  # the width of the block that it stands in
    font: float
    width: float = 0.0
    padding: float = 0.0  # the part of its width that does not depend on its letters
    caption: float = 0.0  # heights
    head: float = 0.0
    rows: dict[Any, float] = field(default_factory=dict)  # HTML element → height
    columns: Sequence[float] = ()

    @property
    def height(self) -> float:
        return self.caption + self.head + sum(self.rows.values()) + SPARE

    def font_for(self, room: float) -> float:
        """The size at which a table that is too wide just fits, with a little to spare."""
        return min(self.font, 0.99 * self.font * (room - self.padding) / (self.width - self.padding))

    def width_at(self, font: float) -> float:
        return self.padding + (self.width - self.padding) * font / self.font


class Tables:
    """The wide tables of one document. `same` are the parts of divided tables that stand for another element."""

    def __init__(self, root: Any) -> None:
        self.same: dict[Any, Any] = {}
        self._parents = {child: parent for parent in root.iter() for child in parent}
        self._tables = [
            _Table(holder, table, all(one.tag in PLAIN for one in self._above(holder)))
            for holder in root.iter("div")
            if "table" in holder.get("class", "").split()
            for table in holder.findall("table")
        ]
        for item in self._tables:
            for cell in _cells(item.table):
                if max(map(len, "".join(cell.itertext()).split()), default=0) > LONG_WORD:
                    _style(cell, "overflow-wrap: anywhere")

    def _above(self, element: Any) -> Iterator[Any]:
        while (element := self._parents.get(element)) is not None:
            yield element

    def fit(self, pages: Sequence[Any]) -> bool:
        """Change what does not fit; whether anything was changed."""
        found = _laid_out(pages, {item.table for item in self._tables}) if self._tables else {}
        changed = [self._step(item, found[item.table]) for item in self._tables if item.table in found]
        return any(changed)

    def overfull(self) -> Iterator[Overfull]:
        """Those whose words had to be broken."""
        for item in self._tables:
            if item.excess:
                text = " ".join("".join(item.table.itertext()).split())
                yield Overfull(text[:80], 0, round(item.excess * 0.75, 1))

    # --- the steps --------------------------------------------------------------------------------------------------

    def _step(self, item: _Table, laid: _Set) -> bool:
        """What to do with a table that does not fit: choose its place, then, its rows measured there, set it."""
        if item.settled:
            return item.inner is not None and not item.placed and self._place(item, laid)
        if laid.width <= laid.room + TOLERANCE:
            return False
        item.settled = True
        self._settle(item, laid)
        return True

    def _settle(self, item: _Table, laid: _Set) -> None:
        """Choose the first place in which the letters are large enough; if there is none, break words in the last."""
        in_column = laid.room < COLUMN * laid.page_width
        places = [] if in_column and item.free else [(laid.room, False, False)]
        if item.free:
            places += [(laid.page_width, True, False)] if in_column else []
            places += [(laid.page_height - 1, True, True)]
        fonts = [laid.font_for(room) for room, _, _ in places]
        chosen = next((index for index, font in enumerate(fonts) if font >= LEAST), len(places) - 1)
        room, apart, item.turned = places[chosen]
        item.excess = max(0.0, laid.width_at(max(fonts[chosen], LEAST)) - room)
        if item.excess:
            _break_words(item.table)
        if fonts[chosen] < laid.font:
            _style(item.table, f"font-size: {max(fonts[chosen], LEAST):.2f}px; line-height: 1.3")
        if apart:
            item.inner = _enclosed(item.holder)
            item.inner.set("style", f"width: {room:.2f}px")
            _style(item.holder, "--float: none; break-inside: auto")

    def _place(self, item: _Table, laid: _Set) -> bool:
        """Turn it or let it move, in as many parts as it needs pages of its own."""
        item.placed = True
        room = laid.page_width if item.turned else laid.page_height
        if laid.caption + laid.head + max(laid.rows.values(), default=0.0) + SPARE > room:
            item.excess = max(item.excess, laid.width - laid.page_width)  # one row is more than a page
            item.inner.set("style", "")
            item.holder.set("style", "")
            _break_words(item.table)
            return True
        _set_apart(item, laid)
        if laid.height > room:
            self._divide(item, laid, room)
        return True

    def _divide(self, item: _Table, laid: _Set, room: float) -> None:
        parts = _cut(laid, room)
        even = laid.head + SPARE + sum(laid.rows.values()) / len(parts) + max(laid.rows.values())
        parts = min(parts, _cut(laid, min(room, even)), key=len)
        moved = {row for part in parts[1:] for row in part}
        for group in item.table.findall("tbody"):
            for row in [row for row in group if row in moved]:
                group.remove(row)
        _fix_columns(item.table, laid.columns)
        after = item.holder
        parent = self._parents[after]
        for part in parts[1:]:
            made = self._continued(item, part)
            parent.insert(list(parent).index(after) + 1, made)
            made.tail, after.tail = after.tail, None
            after = made

    def _continued(self, item: _Table, rows: Sequence[Any]) -> Any:
        """A further part of a table: the same blocks, with its columns and its head, around other rows."""
        inner = self._copied(item.inner)
        table = self._copied(item.table)
        for group in item.table:
            if group.tag in ("colgroup", "thead"):
                table.append(self._copied(group, deep=True))
        body = self._copied(item.table.find("tbody"))
        body.extend(rows)
        table.append(body)
        inner.append(table)
        holder = self._copied(item.holder)
        holder.append(inner)
        return holder

    def _copied(self, element: Any, *, deep: bool = False) -> Any:
        """An element that stands for another one, without its id."""
        made = element.makeelement(element.tag, {k: v for k, v in element.attrib.items() if k != "id"})
        self.same[made] = element
        if deep:
            made.text, made.tail = element.text, element.tail
            made.extend([self._copied(child, deep=True) for child in element])
        return made


def _enclosed(holder: Any) -> Any:
    """A block around all that a block holds."""
    inner = holder.makeelement("div", {})
    inner.extend(list(holder))
    for child in list(holder):
        holder.remove(child)
    holder.append(inner)
    return inner


def _set_apart(item: _Table, laid: _Set) -> None:
    """Over all columns at the top of a page, or turned on a page of its own."""
    height = laid.page_height - 1
    if item.turned:
        item.holder.set("style", f"--float: across; break-inside: avoid; margin: 0; height: {height:.2f}px")
        turn = f"transform: rotate(-90deg) translateX(-{height:.2f}px); transform-origin: 0 0"
        item.inner.set("style", f"--float: none; width: {height:.2f}px; {turn}")
    else:
        item.holder.set("style", "--float: across; break-inside: avoid")
        item.inner.set("style", f"--float: none; width: {laid.page_width:.2f}px")


def _break_words(table: Any) -> None:
    for cell in _cells(table):
        _style(cell, "overflow-wrap: anywhere")


def _cells(table: Any) -> Iterator[Any]:
    return (cell for cell in table.iter() if cell.tag in ("td", "th"))


def _style(element: Any, declarations: str) -> None:
    """Add to what an element says of its style."""
    element.set("style", "; ".join(part for part in (element.get("style", ""), declarations) if part))


def _cut(laid: _Set, room: float) -> list[list[Any]]:
    """The rows for each page; none is cut through that a cell of several rows holds together."""
    parts: list[list[Any]] = [[]]
    used, held = laid.caption + laid.head + SPARE, 0
    for row, height in laid.rows.items():
        if used + height > room and parts[-1] and not held:
            parts.append([])
            used = laid.head + SPARE
        parts[-1].append(row)
        used += height
        held = max(held - 1, *(int(cell.get("rowspan", "1")) - 1 for cell in row), 0)
    return parts


def _fix_columns(table: Any, widths: Sequence[float]) -> None:
    """Give all parts of a table the same columns."""
    for group in table.findall("colgroup"):
        table.remove(group)
    group = table.makeelement("colgroup", {})
    for width in widths:
        group.append(table.makeelement("col", {"style": f"width: {width + 0.05:.2f}px"}))
    caption = table.find("caption")
    table.insert(0 if caption is None else list(table).index(caption) + 1, group)
    _style(table, "table-layout: fixed")


def _laid_out(pages: Sequence[Any], tables: set[Any]) -> dict[Any, _Set]:
    """Each table as it stands on the pages, put together where it is on several."""
    found: dict[Any, _Set] = {}
    for index, page in enumerate(pages):
        area = page._page_box
        for block in area.descendants(placeholders=True):
            for wrapper in getattr(block, "children", ()):
                if not getattr(wrapper, "is_table_wrapper", False) or wrapper.element not in tables:
                    continue
                if table := wrapper.get_wrapped_table():  # else only the beginning of a caption stands here
                    font = table.style["font_size"]
                    laid = found.setdefault(
                        wrapper.element, _Set(index, area.width, area.height, block.width, getattr(font, "value", font))
                    )
                    _measure(laid, wrapper, table)
    return found


def _measure(laid: _Set, wrapper: Any, table: Any) -> None:
    laid.width = max(laid.width, wrapper.border_width())
    if not laid.columns:
        laid.columns = table.column_widths
        first = next((row for group in table.children for row in group.children), None)
        cells = first.children if first is not None else ()
        laid.padding = sum(cell.border_width() - cell.width for cell in cells)
    captions = (child.margin_height() for child in wrapper.children if child is not table)
    laid.caption = max(laid.caption, sum(captions))
    for group in table.children:
        if group.is_header:
            laid.head = max(laid.head, group.height)
        else:
            for row in group.children:
                laid.rows[row.element] = laid.rows.get(row.element, 0.0) + row.height
