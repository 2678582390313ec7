"""What stands where an image is missing: `[image plan.png is missing]`, in the paper's language, else in English."""

from __future__ import annotations

from typing import Any

from proceedings.document import Node, attributes, classes, inlines, nodes, rewrite

TARGET = "data-target"  # of the marked text that `images` put in the place: the file that the author names


def told(content: Any, lang: str) -> Any:
    """The content with those words in the places; what it would show is no caption, but notes there are kept."""

    from proceedings.renderings.article import terms

    def said(node: Node) -> Node | None:
        if node["t"] != "Span" or "missing-image" not in classes(node) or TARGET not in attributes(node):
            return None
        shown = inlines(terms(lang)["missing-image"].format(attributes(node)[TARGET]))
        inside = node["c"][1]
        if len(inside) == 1 and inside[0]["t"] == "Link":  # to the image on another computer
            attribute, _, target = inside[0]["c"]
            shown = [{"t": "Link", "c": [attribute, shown, target]}]
        return {"t": "Span", "c": [node["c"][0], [*shown, *nodes(inside, "Note")]]}

    return rewrite(content, said)
