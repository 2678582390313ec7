"""Notes within notes, for pandoc's HTML writer, which drops them.

`lifted` puts each inner note behind the outer one and leaves an empty mark at its place; `settled` moves, in the HTML
that pandoc has made, the link of the inner note to that mark. Notes are numbered in the order of their marks.
"""

from __future__ import annotations

from itertools import count
from typing import Any

from proceedings.document import Node, span

_PLACE, _LIFTED = "proceedings-note-place", "proceedings-note-lifted"


def lifted(content: list[Node]) -> list[Node]:
    """A copy of a tree in which no note holds another."""
    numbers = count(1)

    def below(item: Any, behind: list[Node] | None) -> Any:
        """`behind`: where inner notes go; None outside of notes."""
        if isinstance(item, list):
            parts = (below(part, behind) for part in item)
            return [made for part in parts for made in (part if isinstance(part, _Several) else [part])]
        if not isinstance(item, dict):
            return item
        if item.get("t") != "Note":
            return {key: below(value, behind) for key, value in item.items()}
        number, inner = str(next(numbers)), _Several()
        note = {"t": "Note", "c": below(item["c"], inner)}
        if behind is None:
            return _Several([note, *inner])
        behind += [span([note], classes=[_LIFTED], number=number), *inner]
        return span([], classes=[_PLACE], number=number)

    made: list[Node] = below(content, None)
    return made


class _Several(list[Node]):
    """Nodes in the place of one."""


def settled(root: Any) -> None:
    """Put the links of lifted notes where their marks belong, in an lxml tree."""
    places = {mark.get("data-number"): mark for mark in root.iter("span") if _PLACE in mark.get("class", "")}
    for holder in [item for item in root.iter("span") if _LIFTED in item.get("class", "")]:
        place = places[holder.get("data-number")]
        link = holder[0]
        link.tail, place.tail = place.tail, None
        place.getparent().replace(place, link)
        holder.drop_tree()
