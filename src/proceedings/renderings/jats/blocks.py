"""Blocks: pandoc's blocks → JATS. Headings become nested sections; everything else has one function in a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from proceedings.dialects.constructs import BOXES, THEOREMS
from proceedings.document import Node, attributes, classes, identifier, nodes, text
from proceedings.identifiers import InvalidIdentifier, licence, licence_name, licence_url
from proceedings.renderings.jats import formulas
from proceedings.renderings.jats.grammar import (
    ALI,
    LANG,
    Element,
    add_text,
    fill,
    is_empty,
    new,
    set_all,
    sub,
)
from proceedings.renderings.jats.inlines import (
    Writing,
    describe,
    is_blank,
    line,
    picture,
    pieces,
    place_formula,
    raw_lost,
    write,
)
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
    section = new("sec", id=identifier(heading) or state.name("sec"), sec_type=_section_type(heading))
    _set_language(state, section, pairs.get("lang"))
    if pairs.get("label"):
        sub(section, "label", pairs["label"])
    section.append(line(state, "title", heading["c"][2]))
    _nest(state, content, section)
    return section


# The values that JATS suggests for sec-type, by the heading's words.
_SECTION_TYPES = {
    "intro": r"introduction",
    "methods": r"methods?|methodology|materials and methods|methods and materials",
    "results": r"results?",
    "discussion": r"discussion",
    "conclusions": r"conclusions?|concluding remarks",
    "cases": r"cases?|case (reports|studies)",
    "supplementary-material": r"supplementary (materials?|information)|supporting information",
    "data-availability": r"data( and (code|materials?))? (availability|accessibility)( statement)?",
}


def _section_type(heading: Node) -> str | None:
    if "appendix" in classes(heading):
        return "appendix"
    words = re.sub(r"^[\divx.]+\s+", "", text(heading["c"][2]).strip().lower()).rstrip(".:")
    return next((name for name, pattern in _SECTION_TYPES.items() if re.fullmatch(pattern, words)), None)


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
    if last is not None and last["t"] == "Header" and text(last["c"][2]).strip().lower() in _REFERENCE_TITLES:
        state.references_title = text(kept.pop()["c"][2]).strip()
    return kept


_REFERENCE_TITLES = frozenset(
    "references|bibliography|works cited|literature|literature cited|referencias|referências|références|literatur"
    "|literaturverzeichnis|список литературы|литература|әдебиеттер|пайдаланылған әдебиеттер".split("|")
)


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


def _paragraph(state: Writing, node: Node) -> list[Element]:
    """A paragraph: a `p`, or more of them where it has line breaks or displayed formulas, which no `p` may hold."""
    found: list[Element] = []
    for piece in pieces(node["c"]):
        if isinstance(piece, list):
            found += _run(state, _closed(_stripped(piece), found))
        elif piece["t"] != "LineBreak":
            found.append(_equation(state, piece))
    return found


def _closed(run: list[Node], found: list[Element]) -> list[Node]:
    """A run without the punctuation that closes the displayed formula before it and goes with that."""
    if found and found[-1].tag == "disp-formula" and run and run[0]["t"] == "Str" and _PUNCTUATION.match(run[0]["c"]):
        add_text(found[-1], run[0]["c"])
        return _stripped(run[1:])
    return run


_PUNCTUATION = re.compile(r"[.,;:!?)]+$")


def _run(state: Writing, run: list[Node]) -> list[Element]:
    if run and all(node["t"] in ("Image", "Space", "SoftBreak") for node in run):
        return [_graphic(state, node) for node in run if node["t"] == "Image"]
    element = line(state, "p", run)
    return [] if is_empty(element) else [element]


def _stripped(run: list[Node]) -> list[Node]:
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
        place_formula(state, element, formulas.formula(math))
    return element


def _graphic(state: Writing, image: Node) -> Element:
    element = new("graphic", id=identifier(image) or None, **picture(state, image))
    describe(element, image)
    return element


def _heading(state: Writing, node: Node) -> list[Element]:
    """A heading where JATS has no sections (in a list, a quotation, a cell): a bold line."""
    element = new("p", content_type="heading", id=identifier(node) or None)
    write(state, node["c"][2], sub(element, "bold"))
    return [element]


def _code(state: Writing, node: Node) -> list[Element]:
    names = classes(node)
    element = new("code", node["c"][1], id=identifier(node) or None, language=names[0] if names else None)
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
        inside(state, sub(element, "list-item"), item)
    return [element] if len(element) else []


def _numbers(state: Writing, node: Node) -> list[Element]:
    """A numbered list; one that does not begin with 1 has its numbers as labels."""
    (start, style, _), items = node["c"]
    element = new("list", list_type=_NUMBERINGS.get(style["t"], "order"))
    for number, item in enumerate(items, start):
        holder = sub(element, "list-item")
        if start != 1:
            sub(holder, "label", _numeral(number, style["t"]))
        inside(state, holder, item)
    return [element] if len(element) else []


def _numeral(number: int, style: str) -> str:
    """A number as pandoc's list styles write it."""
    if style.endswith("Roman"):
        steps = zip((100, 90, 50, 40, 10, 9, 5, 4, 1), ("c", "xc", "l", "xl", "x", "ix", "v", "iv", "i"), strict=True)
        written = ""
        for step, sign in steps:
            count, number = divmod(number, step)
            written += sign * count
    elif style.endswith("Alpha") and number <= 26:
        written = chr(ord("a") + number - 1)
    else:
        return str(number)
    return written.upper() if style.startswith("Upper") else written


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
        title, more = _parted(first["c"])
        element.append(line(state, "title", _stripped(title)))
        rest = [{"t": "Para", "c": more}, *rest] if not is_blank(more) else rest
    else:
        rest = [first, *rest]
    fill(element, blocks(state, rest))
    if len(element) and not (len(element) == 1 and is_empty(element[0])):
        holder.append(element)


_ABBREVIATIONS = frozenset(
    (
        "fig. figs. eq. eqs. ref. refs. sec. no. vol. cf. e.g. i.e. vs. al. et. dr. mr. mrs. prof. st. ca. c. p. pp."
        " tab. approx. т. г. рис. табл. см."
    ).split()
)


def _parted(content: list[Node]) -> tuple[list[Node], list[Node]]:
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


def _labelled(state: Writing, node: Node, tag: str, **more: str | None) -> Element:
    """An element that can be referred to, with its language and its label."""
    pairs = attributes(node)
    element = new(tag, "", id=identifier(node) or state.name(tag), **more)
    _set_language(state, element, pairs.get("lang"))
    if pairs.get("label"):
        sub(element, "label", pairs["label"])
    return element


def _figure(state: Writing, node: Node) -> list[Element]:
    """A figure; a figure of figures is a group."""
    _, (_, words), content = node["c"]
    parts = list(_opened(content))
    is_group = sum(1 for part in parts if part["t"] == "Figure") > 1 and all(
        part["t"] in ("Figure", "Plain", "Para") for part in parts
    )
    element = _labelled(state, node, "fig-group" if is_group else "fig")
    caption(state, words, element)
    if is_group:
        element.extend([child for child in blocks(state, parts) if child.tag in ("fig", "graphic")])
        return [element]
    fill(element, blocks(state, parts))
    _rights(state, node, element)
    return [element]


def _opened(content: Sequence[Node]) -> Iterator[Node]:
    for node in content:
        if node["t"] == "Div" and not _meaning(node):
            yield from _opened(node["c"][1])
        else:
            yield node


def _rights(state: Writing, node: Node, element: Element) -> None:
    """Credit, holder and licence of a figure, where they differ from the contribution's."""
    pairs = attributes(node)
    for image in nodes(node, "Image"):
        pairs = {**attributes(image), **pairs}
    if pairs.get("credit"):
        sub(element, "attrib", pairs["credit"])
    if not (pairs.get("holder") or pairs.get("licence")):
        return
    permissions = sub(element, "permissions")
    if pairs.get("holder"):
        sub(permissions, "copyright-holder", pairs["holder"])
    if pairs.get("licence"):
        permissions.append(license_element(pairs["licence"]))


def license_element(name: str) -> Element:
    """A licence by its SPDX identifier, or by the words that the author has for it."""
    element = new("license")
    try:
        name = licence(name)
    except InvalidIdentifier:
        sub(element, "license-p", name)
        return element
    url = licence_url(name)
    is_open = name.startswith(("CC-BY", "CC0"))
    set_all(element, license_type="open-access" if is_open else None, href=url)
    sub(element, f"{{{ALI}}}license_ref", url)
    sub(sub(element, "license-p", lang=None), "ext-link", licence_name(name), ext_link_type="uri", href=url)
    return element


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
    while state.waiting:
        note, content = state.waiting.pop(0)
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
    """Program code with a label and a caption. JATS has no element for that: a figure of its own type."""
    element = _labelled(state, node, "fig", fig_type="listing")
    content = node["c"][1]
    if content and content[0]["t"] == "Div" and "caption" in classes(content[0]):
        caption(state, content[0]["c"][1], element)
        content = content[1:]
    return fill(element, blocks(state, content))


def _set_language(state: Writing, element: Element, language: str | None) -> None:
    """Mark a part whose language is not the document's; inner marks win."""
    if language and language != state.lang and element.get(LANG) is None:
        element.set(LANG, language)


_HANDLERS: dict[str, Callable[[Writing, Node], list[Element]]] = {
    "Para": _paragraph,
    "Plain": _paragraph,
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
