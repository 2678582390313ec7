"""Paragraphs: a run of text is a `p`; what no `p` may hold (line breaks, displayed formulas) stands between runs."""

from __future__ import annotations

import re

from proceedings.document import Node, attributes, classes, identifier, nodes
from proceedings.edition import RECORDING
from proceedings.maths.embedding import formula
from proceedings.renderings.jats.grammar import Element, add_text, is_empty, new, sub
from proceedings.renderings.jats.inlines import (
    Writing,
    describe,
    file_address,
    is_blank,
    line,
    picture,
    pieces,
    place_formula,
)


def paragraph(state: Writing, node: Node) -> list[Element]:
    """A paragraph: a `p`, or more of them where it has line breaks or displayed formulas, which no `p` may hold."""
    found: list[Element] = []
    for piece in pieces(node["c"]):
        if isinstance(piece, list):
            found += _run(state, _closed(stripped(piece), found))
        elif RECORDING in classes(piece):
            found += _recording(state, piece)
        elif piece["t"] != "LineBreak":
            found.append(_equation(state, piece))
    return found


def _closed(run: list[Node], found: list[Element]) -> list[Node]:
    """A run without the punctuation that closes the displayed formula before it and goes with that."""
    if found and found[-1].tag == "disp-formula" and run and run[0]["t"] == "Str" and _PUNCTUATION.match(run[0]["c"]):
        add_text(found[-1], run[0]["c"])
        return stripped(run[1:])
    return run


_PUNCTUATION = re.compile(r"[.,;:!?)]+$")


def _run(state: Writing, run: list[Node]) -> list[Element]:
    if run and all(node["t"] in ("Image", "Space", "SoftBreak") for node in run):
        return [_graphic(state, node) for node in run if node["t"] == "Image"]
    element = line(state, "p", run)
    return [] if is_empty(element) else [element]


def stripped(run: list[Node]) -> list[Node]:
    while run and is_blank(run[:1]):
        run = run[1:]
    while run and is_blank(run[-1:]):
        run = run[:-1]
    return run


def _equation(state: Writing, node: Node) -> Element:
    """A displayed formula, with its number where it has one."""
    found = list(nodes(node, "Math"))
    name = identifier(node) if node["t"] == "Span" else ""
    element = new("disp-formula", id=name or state.name("formula"))
    label = attributes(node).get("label", "") if node["t"] == "Span" else ""
    if label:
        sub(element, "label", label)
    for math in found:
        place_formula(state, element, formula(math))
    return element


def _recording(state: Writing, node: Node) -> list[Element]:
    """Video or sound."""
    asset = state.files.get(attributes(node).get("file", ""))
    if asset is None:
        return []
    kind, _, subtype = asset.media_type.partition("/")
    href = file_address(state.slug, asset)
    element = new("media", id=identifier(node) or None, mimetype=kind, mime_subtype=subtype, href=href)
    describe(state, element, node)
    return [element]


def _graphic(state: Writing, image: Node) -> Element:
    element = new("graphic", id=identifier(image) or None, **picture(state, image))
    describe(state, element, image)
    return element
