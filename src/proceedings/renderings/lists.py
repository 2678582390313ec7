"""The numbers of lists, for pandoc's HTML writer, which drops their brackets: `(a)`, `5)`.

`marked` notes on a tree how each item is numbered; `labelled` writes it, in the HTML that pandoc has made, as a style
of the item, which browsers, e-readers and the renderer of pages all follow.
"""

from __future__ import annotations

import json
from typing import Any

from proceedings.document import Node, div, rewrite
from proceedings.numerals import list_label

_MARK = "proceedings-list"
USUAL = 3  # characters that every style sheet has room for


def labels(node: Node) -> list[str]:
    """What stands before each item of an OrderedList."""
    (start, style, delimiter), items = node["c"]
    return [list_label(number, style["t"], delimiter["t"]) for number in range(start, start + len(items))]


def is_counted(node: Node) -> bool:
    """Whether counting from 1 in the style of an OrderedList, with full stops, gives its numbers."""
    (start, _, delimiter), _ = node["c"]
    return bool(start == 1 and delimiter["t"] in ("Period", "DefaultDelim"))


def _is_plain(node: Node) -> bool:
    """Whether it is numbered as every output does by itself: 1., 2., 3. …"""
    return is_counted(node) and node["c"][0][1]["t"] in ("Decimal", "DefaultStyle")


def marked(content: list[Node]) -> list[Node]:
    """A copy of a tree with the numbers of its lists around them, where they are not 1., 2., 3. …"""

    def mark(node: Node) -> Node | None:
        if node["t"] != "OrderedList" or _is_plain(node):
            return None
        return div([node], classes=[_MARK], labels=json.dumps(labels(node)))

    made: list[Node] = rewrite(content, mark)
    return made


def labelled(root: Any) -> None:
    """Write the numbers at the items, in an lxml tree."""
    for holder in root.xpath(f".//div[@class='{_MARK}']"):
        written = json.loads(holder.get("data-labels"))
        longest = max(map(len, written))
        if longest > USUAL:
            holder[0].set("style", f"padding-inline-start: {(longest + 2) / 2:g}em")
        for item, label in zip(holder[0], written, strict=True):
            item.set("style", f"list-style-type: '{label} '")
        holder.drop_tag()
