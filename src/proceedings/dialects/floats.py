"""Figures, tables, listings, theorems and boxes, as pandoc, pandoc-crossref, Quarto and JOSS write them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from proceedings.dialects.constructs import BOXES, THEOREMS, attached_label, image_only, kind_of, label_of, number_lines
from proceedings.document import (
    BLOCKS,
    Document,
    Node,
    attr,
    attributes,
    classes,
    identifier,
    inlines,
    nodes,
    sequences,
    text,
)

_TABLE_LABEL = re.compile(r"^\{#([\w:.-]+)[^{}]*\}$")
_ALERT = re.compile(r"^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]$", re.I)
_THEOREM_PREFIX = ("theorem", "lemma", "corollary", "proposition", "conjecture", "definition", "example", "exercise",
                   "solution", "remark", "algorithm")  # fmt: skip


def rewrite(document: Document) -> dict[str, str]:
    """Make the floats of a document, in place. Returns the labels that mean an element with another id."""
    aliases: dict[str, str] = {}
    scope = [document["blocks"], document.get("meta", {})]
    for found in reversed(sequences(scope)):  # the inner before the outer
        if found[0]["t"] in BLOCKS:
            found[:] = _blocks(found, aliases)
    _describe(scope)
    _paragraphs(document["blocks"])
    for node in nodes(scope, "Span"):
        if name := label_of(node):
            node["c"][0] = [name, [], []]  # what nothing has claimed is an anchor
    return aliases


def _paragraphs(blocks: list[Node]) -> None:
    """Text that stands between blocks is a paragraph; pandoc says Plain where a blank line is missing."""
    for node in nodes(blocks, "Div", "BlockQuote"):
        inner = node["c"] if node["t"] == "BlockQuote" else node["c"][1]
        if not (node["t"] == "Div" and "caption" in classes(node)):
            inner[:] = [_as_paragraph(block) for block in inner]
    blocks[:] = [_as_paragraph(block) for block in blocks]


def _as_paragraph(block: Node) -> Node:
    return {"t": "Para", "c": block["c"]} if block["t"] == "Plain" else block


def _blocks(content: list[Node], aliases: dict[str, str]) -> list[Node]:
    result: list[Node] = []
    pending: list[str] = []  # labels that stand before the element they name
    for block in content:
        names = _label_paragraph(block)
        if names:
            _place(names, result[-1] if result and result[-1]["t"] == "Header" else None, pending, aliases)
            continue
        block = _captioned(_rewritten(block, aliases), result)
        _leading_label(block, result, aliases)
        if pending:
            block = _named(block, pending, aliases)
            pending = []
        result.append(block)
    if pending:
        result.append({"t": "Para", "c": [_anchor(name) for name in pending]})
    return result


def _rewritten(block: Node, aliases: dict[str, str]) -> Node:
    """A block in its canonical form."""
    kind = block["t"]
    if kind == "Para" and (image := image_only(block)) is not None:
        return figure(block, image, aliases)
    if kind == "Figure" or kind == "Table":
        _caption_labels(block, block["c"][1], aliases)
    elif kind == "Header":
        names = take_labels(block["c"][2])
        _name(block, names, aliases, keep=True)
    elif kind == "CodeBlock":
        return _listing(block)
    elif kind == "Div":
        return _division(block, aliases)
    elif kind == "BlockQuote":
        return _alert(block)
    return block


# --- labels ---------------------------------------------------------------------------------------------------


def take_labels(content: list[Node]) -> list[str]:
    """Take the label marks out of a list of inlines; the space that stood before them goes too."""
    names: list[str] = []
    for found in sequences(content):
        kept: list[Node] = []
        for node in found:
            written = _TABLE_LABEL.match(node["c"]) if node["t"] == "Str" else None
            name = label_of(node) or (written[1] if written else "")
            if not name:
                kept.append(node)
                continue
            if name not in names:
                names.append(name)
            if kept and kept[-1]["t"] in ("Space", "SoftBreak"):
                kept.pop()
        found[:] = kept
    while content and content[-1]["t"] in ("Space", "SoftBreak"):
        content.pop()
    while content and content[0]["t"] in ("Space", "SoftBreak"):
        content.pop(0)
    return names


def _label_paragraph(block: Node) -> list[str]:
    """The labels of a paragraph that consists of nothing else."""
    if block["t"] not in ("Para", "Plain"):
        return []
    names = [label_of(node) for node in block["c"] if node["t"] not in ("Space", "SoftBreak")]
    return names if all(names) else []


def _place(names: list[str], header: Node | None, pending: list[str], aliases: dict[str, str]) -> None:
    """A label below a heading names the heading; any other waits for what follows it."""
    if header is None:
        pending.extend(names)
    else:
        _name(header, names, aliases, keep=True)


def _leading_label(block: Node, before: list[Node], aliases: dict[str, str]) -> None:
    """`# Heading` and on the next line `\\label{x} Text …`: the label names the heading."""
    if block["t"] in ("Para", "Plain") and before and before[-1]["t"] == "Header" and block["c"]:
        while block["c"] and (name := label_of(block["c"][0])):
            _name(before[-1], [name], aliases, keep=True)
            block["c"].pop(0)
        while block["c"] and block["c"][0]["t"] in ("Space", "SoftBreak"):
            block["c"].pop(0)


def _named(block: Node, names: list[str], aliases: dict[str, str]) -> Node:
    """A block under the labels that stand before it."""
    if block["t"] in ("Header", "Figure", "Table", "Div", "CodeBlock"):
        _name(block, names, aliases, keep=block["t"] == "Header")
        return block
    if block["t"] in ("Para", "Plain"):
        equations = [node for node in block["c"] if node["t"] == "Span" and "equation" in classes(node)]
        formulas = [node for node in block["c"] if node["t"] == "Math" and node["c"][0]["t"] == "DisplayMath"]
        if len(equations) == 1:
            _name(equations[0], names, aliases)
        elif len(formulas) == 1 and len(block["c"]) == 1:
            block["c"][:] = [{"t": "Span", "c": [[names[0], ["equation"], []], [formulas[0]]]}]
            aliases.update(dict.fromkeys(names[1:], names[0]))
        else:
            block["c"][:0] = [_anchor(name) for name in names]
        return block
    aliases.update(dict.fromkeys(names[1:], names[0]))
    return {"t": "Div", "c": [[names[0], [], []], [block]]}


def _anchor(name: str) -> Node:
    return {"t": "Span", "c": [[name, [], []], []]}


def _name(node: Node, names: list[str], aliases: dict[str, str], *, keep: bool = False) -> None:
    """Give a node the first of `names` as its id, if it has none (or has one to `keep`, as headings do)."""
    for name in names:
        own = identifier(node)
        if not own and not keep:
            attr(node)[0] = name
        elif own and own != name:
            aliases.setdefault(name, own)
        elif not own:
            attr(node)[0] = name


def _caption_labels(node: Node, caption: list[object], aliases: dict[str, str]) -> None:
    blocks = caption[1]
    if isinstance(blocks, list):
        for block in blocks:
            if block["t"] in ("Plain", "Para"):
                _name(node, take_labels(block["c"]), aliases)


# --- figures --------------------------------------------------------------------------------------------------


def figure(block: Node, image: Node, aliases: dict[str, str]) -> Node:
    """A paragraph that is one image with a caption → Figure. The caption is not the image's description."""
    outside = [label_of(node) for node in block["c"] if label_of(node)]
    outside += [name for name in [attached_label(block["c"])[1]] if name]
    caption = image["c"][1]
    names = [*outside, *take_labels(caption)]
    name, kinds, pairs = attr(image)
    given = dict(pairs)
    if not caption and given.get("fig-cap"):
        caption = inlines(given["fig-cap"])
    if not caption and not name and not names:
        return block
    image["c"][0] = ["", kinds, _described(pairs)]
    image["c"][1] = inlines(attributes(image).get("alt", ""))
    if image["c"][2][1].startswith("fig:"):
        image["c"][2][1] = image["c"][2][1].removeprefix("fig:")
    made = as_figure([{"t": "Plain", "c": [image]}], [{"t": "Plain", "c": caption}] if caption else [], name)
    _name(made, names, aliases)
    return made


def as_figure(content: list[Node], caption: list[Node], name: str = "") -> Node:
    return {"t": "Figure", "c": [[name, [], []], [None, caption], content]}


def _described(pairs: list[list[str]]) -> list[list[str]]:
    """An image's attributes with its description under `alt`, in whatever dialect it was given."""
    given = dict(pairs)
    kept = [[key, value] for key, value in pairs if key not in ("alt", "fig-alt", "fig-cap", "license")]
    for key in ("alt", "fig-alt"):
        if key in given:
            kept.append(["alt", given[key]])
            break
    if "license" in given and "licence" not in given:
        kept.append(["licence", given["license"]])
    return kept


def _describe(scope: object) -> None:
    """Inside a line, what stands in an image's brackets is its description."""
    for node in nodes(scope, "Image"):
        pairs = _described(attr(node)[2])
        if not any(key == "alt" for key, _ in pairs):
            words = text(node["c"][1]).strip()
            if words:
                pairs.append(["alt", words])
        attr(node)[2] = pairs


# --- listings -------------------------------------------------------------------------------------------------


def _listing(block: Node) -> Node:
    """A code block with a caption or a listing's label → Div.listing. Quarto's `code-line-numbers` asks for numbers."""
    name, kinds, pairs = attr(block)
    given = dict(pairs)
    if "number-lines" in kinds or given.get("code-line-numbers", "false") != "false":
        number_lines(block)
    caption = given.get("caption") or given.get("lst-cap") or ""
    if not caption and kind_of(name) != "listing":
        return block
    rest = [[key, value] for key, value in pairs if key not in ("caption", "lst-cap", "label")]
    code = {"t": "CodeBlock", "c": [["", kinds, rest], block["c"][1]]}
    head = [listing_caption([{"t": "Plain", "c": inlines(caption)}])] if caption else []
    return {"t": "Div", "c": [[name or given.get("label", ""), ["listing"], []], [*head, code]]}


def listing_caption(blocks: list[Node]) -> Node:
    return {"t": "Div", "c": [["", ["caption"], []], blocks]}


def _captioned(block: Node, before: list[Node]) -> Node:
    """A code block or listing; pandoc-crossref's `Listing: Caption {#lst:x}` above it becomes its caption."""
    is_listing = block["t"] == "Div" and "listing" in classes(block)
    above = before[-1]["c"] if before and before[-1]["t"] in ("Para", "Plain") else None
    if not above or above[0] != {"t": "Str", "c": "Listing:"} or not (is_listing or block["t"] == "CodeBlock"):
        return block
    if is_listing and any("caption" in classes(node) for node in block["c"][1]):
        return block
    before.pop()
    caption = above[1:]
    names = [*take_labels(caption), identifier(block)]
    content = block["c"][1] if is_listing else [block]
    if not is_listing:
        attr(block)[0] = ""
    return {"t": "Div", "c": [[names[0], ["listing"], []], [listing_caption([{"t": "Plain", "c": caption}]), *content]]}


# --- divisions ------------------------------------------------------------------------------------------------


def _division(block: Node, aliases: dict[str, str]) -> Node:
    """A fenced division: subfigures, a captioned table or listing, a theorem, a callout, or what it was."""
    name, kinds, _pairs = attr(block)
    callout = next((kind.removeprefix("callout-") for kind in kinds if kind.startswith("callout-")), "")
    if callout in BOXES:
        return _titled(block, BOXES[callout], aliases)
    kind = kind_of(name)
    theorem = next((word for word in kinds if word.lower() in THEOREMS), "") or (
        kind if kind in _THEOREM_PREFIX else ""
    )
    if theorem:
        return _titled(block, theorem.lower(), aliases)
    content = block["c"][1]
    is_float = kind == "figure" or "made-by-code" in kinds
    if is_float and not any(node["t"] == "Figure" and identifier(node) == name for node in content):
        return _figure_division(block, aliases)
    tables = [node for node in content if node["t"] == "Table"]
    if kind == "table" and len(tables) == 1:
        return _table_division(block, tables[0])
    codes = [node for node in content if node["t"] == "CodeBlock" or "listing" in classes(node)]
    is_listing = kind == "listing" or any(word.startswith("listing") for word in kinds)
    if is_listing and len(codes) == 1 and not any("caption" in classes(node) for node in content):
        return _listing_division(block, codes[0])
    return block


def _titled(block: Node, kind: str, aliases: dict[str, str]) -> Node:
    """A theorem or box; a heading at its beginning is its title, a label in its first paragraph its own."""
    name, _, pairs = attr(block)
    content = block["c"][1]
    kept = [[key, value] for key, value in pairs if key in ("title", "lang")]
    given = dict(pairs).get("name")
    if content and content[0]["t"] == "Header" and "title" not in dict(pairs):
        kept.append(["title", text(content[0]["c"][2])])
        content = content[1:]
    elif given and "title" not in dict(pairs):
        kept.append(["title", given])
    made = {"t": "Div", "c": [[name, [kind], kept], content]}
    if content and content[0]["t"] in ("Para", "Plain"):
        _name(made, take_labels(content[0]["c"]), aliases)
    return made


def _figure_division(block: Node, aliases: dict[str, str]) -> Node:
    """Images in a division with a figure's label: subfigures, or one figure; the last paragraph is the caption."""
    name, kinds, pairs = attr(block)
    content, caption = _with_caption(block["c"][1], dict(pairs).get("fig-cap", ""))
    pictures: list[Node] = []
    for node in content:
        images = _images(node)
        pictures.extend(_subfigures(images, aliases) if images else [node])
    _lay_side_by_side(pictures, dict(pairs))
    if len(pictures) == 1 and pictures[0]["t"] == "Figure" and not identifier(pictures[0]):
        inner = pictures[0]
        attr(inner)[0] = name
        if caption:
            inner["c"][1] = [None, [*inner["c"][1][1], *caption]]
        return inner
    made = as_figure(pictures, caption, name)
    attr(made)[1] = [kind for kind in kinds if kind != "made-by-code"]
    return made


MOST_COLUMNS = 8  # of images in a row


def _lay_side_by_side(pictures: list[Node], given: Mapping[str, str]) -> None:
    """Quarto's `layout-ncol` and `layout-nrow`: each image takes its share of a row, where it has no width."""
    columns, rows = given.get("layout-ncol", ""), given.get("layout-nrow", "")
    count = int(columns) if columns.isdigit() else -(-len(pictures) // max(1, int(rows))) if rows.isdigit() else 1
    for image in nodes(pictures, "Image") if 1 < count <= MOST_COLUMNS else ():
        if "width" not in attributes(image):
            attr(image)[2].append(["width", f"{96 // count}%"])  # some of the row is between them


def _images(block: Node) -> list[Node]:
    """The images of a paragraph that has nothing else."""
    if block["t"] not in ("Para", "Plain"):
        return []
    rest = [node for node in block["c"] if node["t"] not in ("Space", "SoftBreak", "LineBreak") and not label_of(node)]
    return rest if all(node["t"] == "Image" for node in rest) else []


def _subfigures(images: list[Node], aliases: dict[str, str]) -> list[Node]:
    made = []
    for image in images:
        block = {"t": "Para", "c": [image]}
        made.append(figure(block, image, aliases))
        if made[-1] is block:
            made[-1] = {"t": "Plain", "c": [image]}
    return made


def _table_division(block: Node, table: Node) -> Node:
    name, _, pairs = attr(block)
    content, caption = _with_caption(block["c"][1], dict(pairs).get("tbl-cap", ""))
    if caption and not table["c"][1][1]:
        table["c"][1] = [None, caption]
    elif caption:
        content.extend(caption)
    if not identifier(table):
        attr(table)[0] = name
    return table if content == [table] else {"t": "Div", "c": [["", [], []], content]}


def _listing_division(block: Node, code: Node) -> Node:
    name, _, pairs = attr(block)
    content, caption = _with_caption(block["c"][1], dict(pairs).get("lst-cap", ""))
    if code["t"] == "Div":  # it had a caption of its own
        return {**block, "c": [attr(block), content + caption]}
    if not caption and len(content) > 1 and content[0]["t"] == "Para":  # pandoc-crossref has it above
        content, caption = content[1:], [{"t": "Plain", "c": content[0]["c"]}]
    head = [listing_caption(caption)] if caption else []
    return {"t": "Div", "c": [[name, ["listing"], []], [*head, *content]]}


def _with_caption(content: list[Node], given: str) -> tuple[list[Node], list[Node]]:
    """A float's content, and its caption: the one given as an attribute, or the last paragraph."""
    if given:
        return content, [{"t": "Plain", "c": inlines(given)}]
    last = content[-1] if content else None
    if last and len(content) > 1 and last["t"] in ("Para", "Plain") and not _images(last):
        return content[:-1], [{"t": "Plain", "c": last["c"]}]
    return content, []


def _alert(block: Node) -> Node:
    """GitHub's `> [!NOTE]` → a box."""
    first = block["c"][0] if block["c"] else None
    if not first or first["t"] not in ("Para", "Plain") or first["c"][0]["t"] != "Str":
        return block
    found = _ALERT.match(first["c"][0]["c"])
    if not found:
        return block
    first["c"][:1] = []
    while first["c"] and first["c"][0]["t"] in ("Space", "SoftBreak", "LineBreak"):
        first["c"].pop(0)
    content = block["c"] if first["c"] else block["c"][1:]
    return {"t": "Div", "c": [["", [BOXES[found[1].lower()]], []], content]}
