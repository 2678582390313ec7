"""Blocks: pandoc's blocks → JATS. Headings become nested sections; everything else has one function in a table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from proceedings.dialects.constructs import BOXES, NUMBERED, THEOREMS
from proceedings.document import Node, attributes, classes, identifier, nodes, text
from proceedings.renderings import lists
from proceedings.renderings.jats.captions import parted
from proceedings.renderings.jats.grammar import (
    BLOCK_CONTENT,
    LANG,
    Element,
    fill,
    is_empty,
    new,
    set_all,
    sub,
)
from proceedings.renderings.jats.headings import is_references_title, section_type
from proceedings.renderings.jats.inlines import (
    Writing,
    is_blank,
    line,
    pieces,
    raw_lost,
    write,
)
from proceedings.renderings.jats.paragraphs import paragraph, stripped
from proceedings.renderings.jats.rights import figure_rights
from proceedings.renderings.jats.tables import table_parts

# --- sections -------------------------------------------------------------------------------------------------


def sections(state: Writing, content: Sequence[Node], parent: Element) -> Element:
    """Write blocks into an element that may hold sections, each heading with all that follows below it as a `sec`."""
    flat = [node for node in _flat(state, content) if not _is_references(node)]
    _nest(state, _unheaded(state, flat), parent)
    return parent


def _nest(state: Writing, content: Sequence[Node], parent: Element) -> None:
    """`content` up to the first heading as blocks; then one `sec` for each heading of the level that comes first, or a
    higher one."""
    starts = [number for number, node in enumerate(content) if node["t"] == "Header"]
    fill(parent, blocks(state, content[: starts[0]] if starts else content))
    while starts:
        first = starts[0]
        level = content[first]["c"][0]
        end = next((number for number in starts[1:] if content[number]["c"][0] <= level), len(content))
        parent.append(_section(state, content[first], content[first + 1 : end]))
        starts = [number for number in starts if number >= end]


def _section(state: Writing, heading: Node, content: Sequence[Node]) -> Element:
    pairs = attributes(heading)
    section = new("sec", id=identifier(heading) or state.name("sec"), sec_type=section_type(heading))
    _set_language(state, section, pairs.get("lang"))
    if pairs.get("label"):
        sub(section, "label", pairs["label"])
    section.append(line(state, "title", heading["c"][2]))
    _nest(state, content, section)
    return section


def _flat(state: Writing, content: Sequence[Node]) -> Iterator[Node]:
    """Blocks, with those Divs opened that hold headings and mean nothing; each part keeps their language."""
    for node in content:
        if node["t"] != "Div" or _meaning(node) or not any(nodes(node["c"][1], "Header")):
            yield node
            continue
        (name, names, pairs), inside = node["c"]
        parts = list(_flat(state, inside))
        if name and identifier(parts[0]) not in ("", name):
            state.aliases[name] = identifier(parts[0])
        for number, part in enumerate(parts):
            if part["t"] == "Header":
                level, (own, kinds, more), title = part["c"]
                yield {"t": "Header", "c": [level, [own, kinds, [*more, *pairs]], title]}
            else:
                yield {"t": "Div", "c": [["" if number else name, names, pairs], [part]]}


def _is_references(node: Node) -> bool:
    return node["t"] == "Div" and "references" in [
        *classes(node),
        identifier(node).rpartition("--")[2].replace("refs", "references"),
    ]


def _unheaded(state: Writing, content: Sequence[Node]) -> list[Node]:
    """Without a last heading that has nothing below it, where there is a list of references: it is that list's."""
    kept = list(content)
    last = kept[-1] if kept and state.references else None
    if last is not None and last["t"] == "Header" and is_references_title(text(last["c"][2])):
        state.references_title = text(kept.pop()["c"][2]).strip()
    return kept


# --- blocks ---------------------------------------------------------------------------------------------------


def blocks(state: Writing, content: Sequence[Node]) -> list[Element]:
    """Blocks where no section may stand."""
    found: list[Element] = []
    for node in content:
        handler = _HANDLERS.get(node["t"])
        if handler is not None:
            found += handler(state, node)
    return found


def inside(state: Writing, parent: Element, content: Sequence[Node]) -> Element:
    """Fill an element that has to hold something: where its content comes to nothing, it holds an empty paragraph."""
    fill(parent, blocks(state, content))
    if not any(child.tag not in ("label", "title") for child in parent):
        sub(parent, "p")
    return parent


def _heading(state: Writing, node: Node) -> list[Element]:
    """A heading where JATS has no sections (in a list, a quotation, a cell): a bold line."""
    element = new("p", content_type="heading", id=identifier(node) or None)
    write(state, node["c"][2], sub(element, "bold"))
    return [element]


def _code(state: Writing, node: Node) -> list[Element]:
    language = next((name for name in classes(node) if name != NUMBERED), None)
    element = new("code", node["c"][1], id=identifier(node) or None, language=language)
    return [element] if node["c"][1].strip() else []


def _verse(state: Writing, node: Node) -> list[Element]:
    """Lines that stay lines; an empty line parts two stanzas."""
    stanzas: list[list[list[Node]]] = [[]]
    for one in node["c"]:
        if one:
            stanzas[-1].append(one)
        elif stanzas[-1]:
            stanzas.append([])
    stanzas = [stanza for stanza in stanzas if stanza]
    groups = []
    for stanza in stanzas:
        group = new("verse-group")
        group.extend([line(state, "verse-line", one) for one in stanza])
        groups.append(group)
    if len(groups) < 2:
        return groups
    whole = new("verse-group")
    whole.extend(groups)
    return [whole]


def _quotation(state: Writing, node: Node) -> list[Element]:
    element = _with_source(state, new("disp-quote"), node["c"])
    return [element] if len(element) else []


def _with_source(state: Writing, element: Element, content: Sequence[Node]) -> Element:
    """Fill a quotation; a last paragraph that begins with a dash says whose words they are."""
    last = content[-1] if len(content) > 1 else None
    if last is None or last["t"] not in ("Para", "Plain") or not text(last).startswith(("—", "–", "―")):
        return fill(element, blocks(state, content))
    fill(element, blocks(state, content[:-1]))
    element.append(line(state, "attrib", last["c"]))
    return element


_NUMBERINGS = {
    "LowerAlpha": "alpha-lower",
    "UpperAlpha": "alpha-upper",
    "LowerRoman": "roman-lower",
    "UpperRoman": "roman-upper",
}


def _bullets(state: Writing, node: Node) -> list[Element]:
    element = new("list", list_type="bullet")
    for item in node["c"]:
        _item(state, element, item)
    return [element] if len(element) else []


def _item(state: Writing, parent: Element, content: Sequence[Node], label: str = "") -> None:
    """An item of a list; one that holds nothing is left out, for an empty paragraph is no text (PMC)."""
    element = new("list-item")
    if label:
        sub(element, "label", label)
    fill(element, blocks(state, content))
    if len(element) > bool(label):
        parent.append(element)


def _numbers(state: Writing, node: Node) -> list[Element]:
    """A numbered list; where counting from 1 does not give the numbers, they are labels."""
    (_, style, _), items = node["c"]
    element = new("list", list_type=_NUMBERINGS.get(style["t"], "order"))
    numbered = lists.is_counted(node)
    for number, (label, item) in enumerate(zip(lists.labels(node), items, strict=True)):
        _item(state, element, item, "" if numbered and number == len(element) else label)
    return [element] if len(element) else []


def _definitions(state: Writing, node: Node) -> list[Element]:
    element = new("def-list")
    for term, meanings in node["c"]:
        item = sub(element, "def-item")
        item.append(line(state, "term", term))
        for meaning in meanings:
            inside(state, sub(item, "def"), meaning)
    return [element] if len(element) else []


def _rule(state: Writing, node: Node) -> list[Element]:
    state.lost(
        "O102",
        "a horizontal rule has no place in JATS; it is left out",
        "",
        "Begin a section there if one is meant.",
    )
    return []


def _raw(state: Writing, node: Node) -> list[Element]:
    raw_lost(state, *node["c"])
    return []


# --- figures and tables ---------------------------------------------------------------------------------------


def caption(state: Writing, content: Sequence[Node], holder: Element) -> None:
    """A caption: its first sentence, or what it begins with in bold, is the title; the rest are paragraphs."""
    if not content:
        return
    element = new("caption")
    first, rest = content[0], list(content[1:])
    if first["t"] in ("Para", "Plain") and not any(isinstance(piece, dict) for piece in pieces(first["c"])):
        title, more = parted(first["c"])
        element.append(line(state, "title", stripped(title)))
        rest = [{"t": "Para", "c": more}, *rest] if not is_blank(more) else rest
    else:
        rest = [first, *rest]
    fill(element, blocks(state, rest))
    if len(element) and not (len(element) == 1 and is_empty(element[0])):
        holder.append(element)


def _labelled(state: Writing, node: Node, tag: str, **more: str | None) -> Element:
    """An element that can be referred to, with its language and its label."""
    pairs = attributes(node)
    element = new(tag, "", id=identifier(node) or state.name(tag), **more)
    _set_language(state, element, pairs.get("lang"))
    if pairs.get("label"):
        sub(element, "label", pairs["label"])
    return element


def _figure(state: Writing, node: Node) -> list[Element]:
    """A figure; a figure of figures is a group. What authors call a figure and is none, since no picture is in it
    (code, a table, a text, an image that is missing), is a box: a `fig` has a graphic (JATS4R)."""
    _, (_, words), content = node["c"]
    element = _labelled(state, node, "fig")
    caption(state, words, element)
    parts = blocks(state, list(_opened(content)))
    if [part.tag for part in parts] == ["media"]:
        return [_captioned(parts[0], element)]
    element.tag = _kind_of_figure(parts)
    if element.tag == "boxed-text":
        element.set("content-type", "figure")
    fill(element, parts)
    if element.tag != "fig-group":
        figure_rights(node, element)
    return [element]


def _captioned(media: Element, figure: Element) -> Element:
    """A recording with the id, the label and the caption of the figure that it is alone in."""
    media.set("id", figure.get("id") or "")
    for place, part in enumerate(list(figure)):
        media.insert(place, part)
    return media


def _kind_of_figure(parts: Sequence[Element]) -> str:
    tags = [part.tag for part in parts]
    if tags.count("fig") > 1 and set(tags) <= BLOCK_CONTENT["fig-group"]:
        return "fig-group"
    return "fig" if "graphic" in tags else "boxed-text"


def _opened(content: Sequence[Node]) -> Iterator[Node]:
    for node in content:
        if node["t"] == "Div" and not _meaning(node):
            yield from _opened(node["c"][1])
        else:
            yield node


def _table(state: Writing, node: Node) -> list[Element]:
    """A table with its caption, and its notes below it."""
    element = _labelled(state, node, "table-wrap")
    before, state.waiting = state.waiting, []
    caption(state, node["c"][1][1], element)
    parts = table_parts(state, node, blocks)
    if parts is not None:
        element.append(parts)
    _table_notes(state, element)
    state.waiting = before
    return [element]


def _table_notes(state: Writing, element: Element) -> None:
    foot = new("table-wrap-foot")
    for note, content in state.notes():
        foot.append(inside(state, note, content))
    if len(foot):
        element.append(foot)


# --- Divs that mean something ---------------------------------------------------------------------------------

_MEANINGS = THEOREMS | frozenset(BOXES.values()) | {"epigraph", "listing", "references"}


def _meaning(node: Node) -> str:
    """The class of a Div for which JATS has an element, or ""."""
    return next((name for name in classes(node) if name in _MEANINGS), "")


def _div(state: Writing, node: Node) -> list[Element]:
    meaning = _meaning(node)
    if _is_references(node):
        return []
    if meaning in THEOREMS:
        return [_statement(state, node, meaning)]
    if meaning == "listing":
        return [_listing(state, node)]
    if meaning == "epigraph":
        return [_with_source(state, new("disp-quote", id=identifier(node), content_type="epigraph"), node["c"][1])]
    if meaning:
        return [_box(state, node, meaning)]
    return _plain_div(state, node)


def _plain_div(state: Writing, node: Node) -> list[Element]:
    """A Div without a meaning in JATS: what it holds, with its language and, on the first part, its id."""
    found = blocks(state, node["c"][1])
    for element in found:
        _set_language(state, element, attributes(node).get("lang"))
    name = identifier(node)
    if name and found:
        own = found[0].get("id")
        if own is None:
            found[0].set("id", name)
        elif own != name:
            state.aliases[name] = own
    return found


def _statement(state: Writing, node: Node, kind: str) -> Element:
    element = _labelled(state, node, "statement", content_type=kind)
    pairs = attributes(node)
    title = pairs.get("title") or pairs.get("name")
    if title:
        sub(element, "title", title)
    return inside(state, element, node["c"][1])


def _box(state: Writing, node: Node, kind: str) -> Element:
    element = _labelled(state, node, "boxed-text", content_type=kind)
    title = attributes(node).get("title")
    if title:
        sub(sub(element, "caption"), "title", title)
    return sections(state, node["c"][1], element)


def _listing(state: Writing, node: Node) -> Element:
    """Program code with a label and a caption. JATS has no element for that: a box of its own type."""
    element = _labelled(state, node, "boxed-text", content_type="listing")
    content = node["c"][1]
    if content and content[0]["t"] == "Div" and "caption" in classes(content[0]):
        caption(state, content[0]["c"][1], element)
        content = content[1:]
    return fill(element, blocks(state, content))


def _set_language(state: Writing, element: Element, language: str | None) -> None:
    """Mark a part whose language is not the document's; inner marks win."""
    if language and language != state.lang and element.get(LANG) is None:
        set_all(element, lang=language)


_HANDLERS: dict[str, Callable[[Writing, Node], list[Element]]] = {
    "Para": paragraph,
    "Plain": paragraph,
    "Header": _heading,
    "CodeBlock": _code,
    "LineBlock": _verse,
    "BlockQuote": _quotation,
    "BulletList": _bullets,
    "OrderedList": _numbers,
    "DefinitionList": _definitions,
    "HorizontalRule": _rule,
    "RawBlock": _raw,
    "Figure": _figure,
    "Table": _table,
    "Div": _div,
}
