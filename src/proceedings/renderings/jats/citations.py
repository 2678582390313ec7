"""Marks: every key that is cited is reached by a link, whatever the style prints.

pandoc's citeproc links the parts of a mark that it prints. A collapsed range ([1]–[3]) prints no number for the keys
between, and a style with notes prints no links at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from proceedings.document import Node, nodes, rewrite, text


def joined(cite: Node, references: Mapping[str, str]) -> list[Node]:
    """The printed text of a mark, its links reaching every one of its keys. A Link's target may name several ids:
    `#a b c`. `references`: key → id of its entry, in the order of the list."""
    wanted = [references[part["citationId"]] for part in cite["c"][0] if part["citationId"] in references]
    content: list[Node] = cite["c"][1]
    missing = [name for name in dict.fromkeys(wanted) if name not in _linked(content)]
    if not missing:
        return content
    if any(nodes(content, "Note")):
        return rewrite(content, lambda node: _linked_note(node, missing))  # type: ignore[no-any-return]
    if not _linked(content):
        return [_link(content, missing)] if content else []
    content = _ranges(content, list(references.values()), missing)
    rest = [name for name in missing if name not in _linked(content)]
    return _extended(content, rest) if rest else content


def _linked(content: Sequence[Node]) -> list[str]:
    return [name for link in nodes(content, "Link") for name in _targets(link)]


def _targets(link: Node) -> list[str]:
    target: str = link["c"][2][0]
    return target[1:].split() if target.startswith("#") else []


def _link(content: Sequence[Node], names: Sequence[str]) -> Node:
    return {"t": "Link", "c": [["", [], []], list(content), ["#" + " ".join(names), ""]]}


def _linked_note(node: Node, names: Sequence[str]) -> Node | None:
    """A note whose paragraphs are one link each, where it has no links of its own."""
    if node["t"] != "Note":
        return None
    blocks = [
        {**block, "c": [_link(block["c"], names)]} if block["t"] in ("Para", "Plain") else block for block in node["c"]
    ]
    return {**node, "c": blocks}


def _ranges(content: Sequence[Node], order: Sequence[str], missing: Sequence[str]) -> list[Node]:
    """[1]–[3] as one link: two links with only a dash between, and missing keys between their places in the list."""
    place = {name: number for number, name in enumerate(order)}
    result: list[Node] = []
    for node in content:
        result.append(node)
        if node["t"] != "Link" or len(result) < 3 or result[-3]["t"] != "Link":
            continue
        first, dash, last = result[-3:]
        ends = [place.get(name, -1) for name in (*_targets(first), *_targets(last))]
        between = [name for name in missing if ends and min(ends) < place.get(name, -1) < max(ends)]
        if between and text(dash).strip() in ("–", "-", "‒", "—"):
            names = [*_targets(first), *sorted(between, key=place.__getitem__), *_targets(last)]
            result[-3:] = [_link([*first["c"][1], dash, *last["c"][1]], names)]
    return result


def _extended(content: Sequence[Node], names: Sequence[str]) -> list[Node]:
    """The last link reaches `names` too."""
    last = [link for link in nodes(content, "Link") if _targets(link)][-1]
    target = [f"{last['c'][2][0]} {' '.join(names)}", last["c"][2][1]]

    def extend(node: Node) -> Node | None:
        return {"t": "Link", "c": [*node["c"][:2], target]} if node == last else None

    done: list[Node] = rewrite(content, extend)
    return done
