"""pandoc's syntax tree, the only document model: plain dicts and lists as pandoc writes them, and ways to walk them.

A Document is pandoc's JSON: {"pandoc-api-version", "meta", "blocks"}. A node is {"t": type, "c": content}.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

Node = dict[str, Any]
Document = dict[str, Any]
Attr = list[Any]  # [identifier, [class, …], [[key, value], …]]
Transform = Callable[[Document], Document]

# Where a node keeps its attributes: index into its content.
_ATTR_AT = {
    "Header": 1,
    "Div": 0,
    "Span": 0,
    "Link": 0,
    "Image": 0,
    "Code": 0,
    "CodeBlock": 0,
    "Table": 0,
    "Figure": 0,
}


def walk(node: Any) -> Iterator[Node]:
    """Every node below `node` (a node, a list, a document's blocks or meta), parents first, in reading order."""
    stack = [node]
    while stack:
        item = stack.pop()
        if type(item) is dict:
            if "t" not in item:
                stack += [*item.values()][::-1]
                continue
            yield item
            item = item.get("c")
            if type(item) is dict:
                stack.append(item)
        if type(item) is list:
            stack += item[::-1]


def nodes(node: Any, *types: str) -> Iterator[Node]:
    """The nodes below `node` that are of one of `types`."""
    wanted = set(types)
    return (item for item in walk(node) if item["t"] in wanted)


BLOCKS = frozenset(
    [
        "Plain",
        "Para",
        "LineBlock",
        "CodeBlock",
        "RawBlock",
        "BlockQuote",
        "OrderedList",
        "BulletList",
        "DefinitionList",
        "Header",
        "HorizontalRule",
        "Table",
        "Figure",
        "Div",
    ]
)
INLINES = frozenset(
    [
        "Str",
        "Emph",
        "Underline",
        "Strong",
        "Strikeout",
        "Superscript",
        "Subscript",
        "SmallCaps",
        "Quoted",
        "Cite",
        "Code",
        "Space",
        "SoftBreak",
        "LineBreak",
        "Math",
        "RawInline",
        "Link",
        "Image",
        "Note",
        "Span",
    ]
)
_NODES = BLOCKS | INLINES
_LEAVES = frozenset(
    ["Str", "Space", "SoftBreak", "LineBreak", "Code", "Math", "RawInline", "CodeBlock", "RawBlock", "HorizontalRule"]
)


def sequences(node: Any) -> list[list[Node]]:
    """Every list of blocks or of inlines below `node`, the outer before the inner, in reading order; empty ones left
    out. They are the tree's own lists: `found[:] = …` changes the tree."""
    found: list[list[Node]] = []
    stack = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, dict):
            stack.extend([value for value in reversed(item.values()) if type(value) in (dict, list)])
        elif isinstance(item, list) and item:
            first = item[0]
            if isinstance(first, dict) and first.get("t") in _NODES:
                found.append(item)
                stack.extend([value for value in reversed(item) if value["t"] not in _LEAVES])
            else:
                stack.extend([value for value in reversed(item) if type(value) in (dict, list)])
    return found


def rewrite(node: Any, change: Callable[[Node], Node | list[Node] | None]) -> Any:
    """A copy of `node` in which `change` has been applied to every node, children first.

    `change` returns a node, a list of nodes to put in its place, or None to leave it as it is.
    """
    if type(node) is dict:
        return _rewritten(node, change) if "t" in node else {key: rewrite(value, change) for key, value in node.items()}
    if type(node) is not list:
        return node
    result: list[Any] = []
    for item in node:
        if type(item) is dict and "t" in item:
            done = _rewritten(item, change)
            result += done if type(done) is list else [done]
        else:
            result.append(rewrite(item, change))
    return result


def _rewritten(node: Node, change: Callable[[Node], Node | list[Node] | None]) -> Node | list[Node]:
    done = dict(node)
    content = node.get("c")
    if type(content) is list or type(content) is dict:
        done["c"] = rewrite(content, change)
    changed = change(done)
    return done if changed is None else changed


def attr(node: Node) -> Attr:
    """The attributes of a node that can have them. KeyError for the others."""
    found: Attr = node["c"][_ATTR_AT[node["t"]]]
    return found


def has_attr(node: Node) -> bool:
    return node["t"] in _ATTR_AT


def identifier(node: Node) -> str:
    return str(attr(node)[0]) if has_attr(node) else ""


def classes(node: Node) -> list[str]:
    return list(attr(node)[1]) if has_attr(node) else []


def attributes(node: Node) -> dict[str, str]:
    return dict(attr(node)[2]) if has_attr(node) else {}


def text(node: Any, *, notes: bool = False) -> str:
    """The plain text below `node`; formulas as their TeX; footnotes only if asked for."""
    parts: list[str] = []
    _text(node, parts, notes)
    return "".join(parts)


_BLOCKS = {
    "Para",
    "Plain",
    "Header",
    "CodeBlock",
    "LineBlock",
    "BlockQuote",
    "BulletList",
    "OrderedList",
    "Div",
    "Table",
}


def _text(node: Any, parts: list[str], notes: bool) -> None:
    if isinstance(node, list):
        for item in node:
            _text(item, parts, notes)
        return
    if not isinstance(node, dict):
        return
    kind = node.get("t")
    if kind is None:
        for value in node.values():
            _text(value, parts, notes)
        return
    if kind == "Str":
        parts.append(node["c"])
    elif kind in ("Space", "SoftBreak", "LineBreak"):
        parts.append(" ")
    elif kind in ("Code", "CodeBlock", "Math"):
        parts.append(node["c"][1])
    elif kind == "Quoted":
        opening, closing = ("‘", "’") if node["c"][0]["t"] == "SingleQuote" else ("“", "”")
        parts.append(opening)
        _text(node["c"][1], parts, notes)
        parts.append(closing)
    elif (kind == "Note" and not notes) or kind in ("RawInline", "RawBlock"):
        return
    elif kind == "Cite":
        _text(node["c"][1], parts, notes)
    elif kind == "MetaString":
        parts.append(node["c"])
    elif "c" in node:
        if kind in _BLOCKS and parts and not parts[-1].endswith("\n"):
            parts.append("\n")
        _text(node["c"], parts, notes)


def words(node: Any) -> int:
    """How many words a reader reads below `node`, notes included."""
    return len(text(node, notes=True).split())


# --- making nodes ---------------------------------------------------------------------------------------------


def string(value: str) -> Node:
    return {"t": "Str", "c": value}


SPACE: Node = {"t": "Space"}


def inlines(value: str) -> list[Node]:
    """Plain text as Str and Space nodes."""
    result: list[Node] = []
    for number, word in enumerate(value.split(" ")):
        if number:
            result.append(SPACE)
        if word:
            result.append(string(word))
    return result


def span(content: list[Node], *, id: str = "", classes: Iterable[str] = (), **attrs: str) -> Node:
    return {
        "t": "Span",
        "c": [[id, list(classes), [[k.replace("_", "-"), v] for k, v in attrs.items()]], content],
    }


def div(content: list[Node], *, id: str = "", classes: Iterable[str] = (), **attrs: str) -> Node:
    return {
        "t": "Div",
        "c": [[id, list(classes), [[k.replace("_", "-"), v] for k, v in attrs.items()]], content],
    }
