"""Captions: where the title ends and the text begins."""

from __future__ import annotations

import re

from proceedings.document import Node

_ABBREVIATIONS = frozenset(
    (
        "fig. figs. eq. eqs. ref. refs. sec. no. vol. cf. e.g. i.e. vs. al. et. dr. mr. mrs. prof. st. ca. c. p. pp."
        " tab. approx. т. г. рис. табл. см."
    ).split()
)


def parted(content: list[Node]) -> tuple[list[Node], list[Node]]:
    """The inlines of a caption's title, and what follows it."""
    if content and content[0]["t"] == "Strong" and len(content) > 1:
        return content[0]["c"], content[1:]
    for number, (one, space, after) in enumerate(zip(content, content[1:], content[2:], strict=False)):
        ends = (
            one["t"] == "Str"
            and re.search(r"[^.][.?!][)”’]?$", one["c"])
            and one["c"].lower().lstrip("(“‘") not in _ABBREVIATIONS
        )
        if ends and len(one["c"]) > 2 and space["t"] in ("Space", "SoftBreak") and _begins(after):
            return content[: number + 1], content[number + 2 :]
    return content, []


def _begins(node: Node) -> bool:
    """Whether a sentence may begin with this."""
    return node["t"] != "Str" or not re.match(r"[a-z\d–—-]", node["c"])
