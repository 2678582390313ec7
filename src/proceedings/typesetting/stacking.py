"""Floats laid out one under the other in a room of a page; where that helps, with their images set smaller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from proceedings.typesetting import shrinking

WHITE = 0.25  # of a page that is too much
ENDLESS = 1e6  # CSS pixels, more than any page

Positioned = tuple[list[Any], list[Any]]  # WeasyPrint's lists of boxes with absolute and with fixed positions


@dataclass(frozen=True, slots=True, eq=False)
class Float:
    """Something that waits for its place. `holder` is the box that it stands in; `height` that on a page of its own,
    with its margins, in CSS pixels."""

    box: Any
    holder: Any
    across: bool  # over all columns
    narrow: bool  # met in a column
    height: float = 0.0

    @property
    def kind(self) -> str:
        return f"{self.box.element.tag} {self.box.element.get('class', '').partition(' ')[0]}"


@dataclass(frozen=True, slots=True)
class Room:
    """Where floats may stand, in CSS pixels from the top of the sheet."""

    holder: Any  # the box whose width those take that were met in a column
    top: float
    bottom: float
    fresh: bool = False  # a page or column begins: the first float has no margin above

    @property
    def height(self) -> float:
        return self.bottom - self.top


class Stacks:
    """Lays out floats by two functions of WeasyPrint."""

    def __init__(self, block_level_layout: Any, remove_placeholders: Any) -> None:
        self._lay, self._remove = block_level_layout, remove_placeholders

    def measured(self, context: Any, moving: Float) -> Float | None:
        """A float with its height, if a page has room for it where nothing else is."""
        page = page_of(context)
        top, bottom = page.content_box_y(), page.content_box_y() + page.height
        room = Room(page if moving.across else moving.holder, top, bottom)
        made = self._laid(context, moving, room, top, context.page_bottom - bottom, ([], []))
        if made is None:
            return None
        self._remove(context, [made], [], [])
        return replace(moving, height=made.margin_height()) if _foot(made) <= bottom else None

    def stacked(
        self, context: Any, wanted: Sequence[Float], room: Room, positioned: Positioned, share: float = 1.0
    ) -> list[Any]:
        """The boxes of as many as there is room for. All but the first have to stand in this share of it; the first has
        to stand on a page where it comes first."""
        made: list[Any] = []
        whole = room.fresh and room.top <= page_of(context).content_box_y() + 1
        for moving in wanted:
            box = self._laid(context, moving, room, below(made, room), -ENDLESS, positioned)
            if made:
                box.translate(dy=-min(box.margin_top, made[-1].margin_bottom))  # margins collapse
            elif room.fresh:
                box.translate(dy=-box.margin_top)
            allowed = room.height * (share if made else 1.0)
            if _foot(box) - room.top > allowed and (made or not whole):
                self._remove(context, [box], *positioned)
                break
            made.append(box)
        return made

    def filled(self, context: Any, wanted: Sequence[Float], room: Room, positioned: Positioned) -> list[Any]:
        """The boxes of as many as there is room for, where no text follows. Where too much would stay white, images are
        set smaller for one float more."""
        made = self.stacked(context, wanted, room, positioned)
        more = wanted[: len(made) + 1]
        if len(more) == len(made) or room.bottom - below(made, room) <= WHITE * page_of(context).height:
            return made
        tight = self.stacked(context, self.shrunk(context, more, room), room, positioned)
        worse, better = (made, tight) if len(tight) == len(more) else (tight, made)
        self._remove(context, worse, *positioned)
        return better

    def shrunk(self, context: Any, wanted: Sequence[Float], room: Room) -> list[Float]:
        """The same with images so small that all can stand in the room; none where that is too small."""
        whole, asked = self._extent(context, wanted, room)
        if not asked:
            return []
        least, _ = self._extent(context, _smaller(wanted, asked, shrinking.LEAST), room)
        share = shrinking.share(room.height, whole, least)
        return [] if share is None else _smaller(wanted, asked, share)

    def _extent(self, context: Any, wanted: Sequence[Float], room: Room) -> tuple[float, shrinking.Sizes]:
        """How high floats are together, and how large their images."""
        endless = replace(room, bottom=ENDLESS)
        made = self.stacked(context, wanted, endless, ([], []))
        self._remove(context, made, [], [])
        asked = {image: size for box in made for image, size in shrinking.sizes(box).items()}
        return _foot(made[-1]) - room.top, asked

    def _laid(self, context: Any, moving: Float, room: Room, y: float, space: float, positioned: Positioned) -> Any:
        """The box of one at a height; None if it cannot stand there undivided."""
        holder = room.holder if moving.narrow else moving.holder
        box = moving.box.copy()
        box.position_x, box.position_y = holder.content_box_x(), y
        made, rest, *_ = self._lay(context, box, space, None, holder, False, *positioned, [])
        if made is not None and rest is not None:
            self._remove(context, [made], *positioned)
            return None
        if made is not None:
            made.translate(dy=y - made.position_y)
        return made


def page_of(context: Any) -> Any:
    """The box of the page that is being laid out."""
    return context.current_footnote_area.page


def below(made: Sequence[Any], room: Room) -> float:
    """Where something can stand under floats, below the margin of the last one."""
    return float(made[-1].position_y + made[-1].margin_height()) if made else room.top


def _foot(box: Any) -> float:
    return float(box.position_y + box.margin_height() - box.margin_bottom)


def _smaller(wanted: Sequence[Float], asked: shrinking.Sizes, share: float) -> list[Float]:
    return [replace(one, box=shrinking.smaller(one.box, asked, share)) for one in wanted]
