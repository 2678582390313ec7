"""MyST's directives and roles → canonical constructs. What is not known keeps its content, with a finding."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.dialects.constructs import BOXES, THEOREMS, citation, image_only, number_lines, reference
from proceedings.dialects.floats import as_figure, listing_caption
from proceedings.document import (
    BLOCKS,
    Document,
    Node,
    attr,
    attributes,
    classes,
    inlines,
    nodes,
    sequences,
    string,
    text,
)

Made = list[Node]
_ROLE = re.compile(r"^(.*?)\{([A-Za-z][\w:.+-]*)\}$", re.S)
_TITLED = re.compile(r"^(.*?)\s*<([^<>]+)>$", re.S)


def rewrite(document: Document, path: str) -> list[Diagnostic]:
    """Turn the directives and roles of a document into canonical constructs, in place."""
    findings: list[Diagnostic] = []
    found_lists = sequences([document["blocks"], document.get("meta", {})])
    seen: Counter[str] = Counter()
    for found in found_lists:
        if found[0]["t"] in BLOCKS:
            _count(found, seen)
        elif any(node["t"] == "Code" for node in found):
            found[:] = _roles(found, path, seen, findings)
    for found in reversed(found_lists):  # the inner before the outer
        if any(_is_directive(node) for node in found):
            found[:] = [made for node in found for made in _blocks(node, path, findings)]
    return findings


def _count(blocks: Made, seen: Counter[str]) -> None:
    """Note at each directive the how-manieth of its name it is, for findings."""
    for node in blocks:
        if _is_directive(node):
            name = attributes(node).get("directive", "")
            seen[name] += 1
            attr(node)[2].append(["nth", str(seen[name])])


# --- directives -----------------------------------------------------------------------------------------------


def _is_directive(node: Node) -> bool:
    return node["t"] == "Div" and "myst" in classes(node)


class _Directive:
    """A directive as the text level left it: name, options, the argument's inlines and the content."""

    def __init__(self, node: Node, path: str, findings: list[Diagnostic]) -> None:
        self.options = attributes(node)
        self.name = self.options.pop("directive", "")
        self.place = Location(path, token=f"{{{self.name}}}", nth=int(self.options.pop("nth", "1")))
        self.path_argument = self.options.pop("argument", "")
        self.kinds = [kind for kind in classes(node) if kind != "myst"]
        self.label = self.options.pop("name", "") or self.options.pop("label", "")
        self.findings = findings
        self.content: Made = list(node["c"][1])
        self.argument: Made = []
        if self.content and "myst-argument" in classes(self.content[0]):
            self.argument = [
                inline
                for block in self.content.pop(0)["c"][1]
                if block["t"] in ("Para", "Plain")
                for inline in block["c"]
            ]

    @property
    def pairs(self) -> list[list[str]]:
        names = ("alt", "width", "height", "credit", "holder", "licence", "license")
        return [[key, self.options[key]] for key in names if key in self.options]

    def caption(self) -> Made:
        return [{"t": "Plain", "c": self.argument}] if self.argument else []


def _blocks(node: Node, path: str, findings: list[Diagnostic]) -> Made:
    if not _is_directive(node):
        return [node]
    directive = _Directive(node, path, findings)
    make = _DIRECTIVES.get(directive.name)
    if make:
        return make(directive)
    kind = directive.name.removeprefix("prf:").removeprefix("proof:").lower()
    if kind in THEOREMS and (directive.name != "axiom" or directive.argument):
        return [_titled(directive, kind)]
    if directive.name in BOXES:
        return [_titled(directive, BOXES[directive.name])]
    findings.append(
        finding("X011", f"the directive {{{directive.name}}} is not known; its content is kept",
                directive.place, "Write it in Markdown.")
    )  # fmt: skip
    shown = directive.caption() + directive.content
    if directive.path_argument:
        shown.insert(0, {"t": "Para", "c": [{"t": "Code", "c": [["", [], []], directive.path_argument]}]})
    return [{"t": "Div", "c": [[directive.label, directive.kinds, []], shown]}] if shown else []


def _titled(directive: _Directive, kind: str) -> Node:
    kind = next((BOXES[name] for name in directive.kinds if kind == "box" and name in BOXES), kind)
    pairs = [["title", text(directive.argument).strip()]] if directive.argument else []
    return {"t": "Div", "c": [[directive.label, [kind], pairs], directive.content]}


def _figure(directive: _Directive) -> Made:
    """The argument is the image, the first paragraph the caption, the rest the legend."""
    content = directive.content
    pictures: Made = []
    if directive.path_argument:
        image: Node = {"t": "Image", "c": [["", directive.kinds, directive.pairs], [], [directive.path_argument, ""]]}
        image["c"][1] = inlines(attributes(image).get("alt", ""))
        pictures.append({"t": "Plain", "c": [image]})
    while content and (not pictures or content[0]["t"] in ("Figure", "Table") or image_only(content[0])):
        picture = image_only(content[0])
        is_panel = picture is not None and len(content) > 2
        pictures.append(as_figure([{"t": "Plain", "c": [picture]}], []) if is_panel else content[0])
        content = content[1:]
    caption: Made = []
    for block in content:
        caption.append({"t": "Plain", "c": block["c"]} if block["t"] == "Para" and not caption else block)
    return [as_figure(pictures, caption, directive.label)]


def _markdown_figure(directive: _Directive) -> Made:
    """MyST-Parser's figure-md: the argument is the label, the image is in the content."""
    directive.label = directive.label or text(directive.argument).strip()
    return _figure(directive)


def _image(directive: _Directive) -> Made:
    image: Node = {
        "t": "Image",
        "c": [[directive.label, directive.kinds, directive.pairs], [], [directive.path_argument, ""]],
    }
    return [{"t": "Para", "c": [image]}]


def _maths(directive: _Directive) -> Made:
    formulas = list(nodes(directive.content, "Math"))
    if not formulas or not directive.label:
        return directive.content
    return [{"t": "Para", "c": [{"t": "Span", "c": [[directive.label, [], []], formulas[:1]]}]}, *directive.content[1:]]


def _code(directive: _Directive) -> Made:
    _number_lines(directive)
    caption = directive.options.get("caption", "")
    if not directive.label and not caption:
        return directive.content
    head = [listing_caption([{"t": "Plain", "c": inlines(caption)}])] if caption else []
    return [{"t": "Div", "c": [[directive.label, ["listing"], []], [*head, *directive.content]]}]


def _number_lines(directive: _Directive) -> None:
    """Docutils' `:number-lines: 5` and Sphinx's `:linenos:` with `:lineno-start: 5`."""
    options = directive.options
    if {"linenos", "lineno-start", "number-lines"} & options.keys():
        for block in directive.content:
            if block["t"] == "CodeBlock":
                number_lines(block, options.get("lineno-start") or options.get("number-lines") or "")


def _table(directive: _Directive) -> Made:
    for table in directive.content:
        if table["t"] == "Table":
            if directive.argument:
                table["c"][1] = [None, directive.caption()]
            attr(table)[0] = directive.label or attr(table)[0]
            return directive.content
    return directive.caption() + directive.content


def _list_table(directive: _Directive) -> Made:
    """A list of lists → Table; the first `header-rows` rows are its head."""
    lists = [block for block in directive.content if block["t"] == "BulletList"]
    rows = [_row(item) for item in lists[0]["c"]] if lists else []
    if not rows or not all(rows):
        return directive.caption() + directive.content
    width = max(len(row) for row in rows)
    rows = [[*row, *([[]] * (width - len(row)))] for row in rows]
    given = directive.options.get("header-rows", "0")
    heads = int(given) if given.isdigit() else 0
    if "header" in directive.options:
        rows.insert(
            0, [[{"t": "Plain", "c": inlines(cell.strip())}] for cell in directive.options["header"].split(",")]
        )
        heads = 1
    stubs = directive.options.get("stub-columns", "0")
    made = table(rows[:heads], rows[heads:], int(stubs) if stubs.isdigit() else 0)
    made["c"][0][0] = directive.label
    made["c"][1] = [None, directive.caption()]
    return [made]


def _row(item: Made) -> list[Made]:
    return list(item[0]["c"]) if len(item) == 1 and item[0]["t"] == "BulletList" else []


def table(head: list[list[Made]], body: list[list[Made]], stubs: int = 0) -> Node:
    """A Table of plain cells."""
    empty: list[object] = ["", [], []]
    width = max((len(row) for row in [*head, *body]), default=0)

    def row(cells: list[Made]) -> list[object]:
        return [["", [], []], [[["", [], []], {"t": "AlignDefault"}, 1, 1, cell] for cell in cells]]

    columns = [[{"t": "AlignDefault"}, {"t": "ColWidthDefault"}] for _ in range(width)]
    bodies = [[["", [], []], stubs, [], [row(cells) for cells in body]]]
    return {
        "t": "Table",
        "c": [["", [], []], [None, []], columns, [empty, [row(cells) for cells in head]], bodies, [["", [], []], []]],
    }


def _contents(directive: _Directive) -> Made:
    directive.findings.append(
        finding("X014", "the table of contents is left out: each output makes its own",
                directive.place, "Delete the directive.")
    )  # fmt: skip
    return []


def _embedded(directive: _Directive) -> Made:
    address = directive.path_argument
    if directive.name == "video" and not address.startswith(("https://", "http://")):
        return _figure(directive)
    directive.findings.append(
        finding("X006", f"{{{directive.name}}} is left out: no output may carry another page; its address is kept",
                directive.place, "Describe its content, or link to it.")
    )  # fmt: skip
    link = {"t": "Link", "c": [["", [], []], [string(address)], [address, ""]]}
    return (
        [{"t": "Para", "c": [link]}, *directive.content]
        if address.startswith(("https://", "http://"))
        else directive.content
    )


def _transparent(directive: _Directive) -> Made:
    title = [{"t": "Para", "c": [{"t": "Strong", "c": directive.argument}]}] if directive.argument else []
    return title + directive.content


def _content(directive: _Directive) -> Made:
    """Of a grid: its argument is numbers of columns."""
    return directive.content


def _epigraph(directive: _Directive) -> Made:
    return [{"t": "Div", "c": [[directive.label, ["epigraph"], []], [{"t": "BlockQuote", "c": directive.content}]]}]


def _nothing(directive: _Directive) -> Made:
    return []


_DIRECTIVES: dict[str, Callable[[_Directive], Made]] = {
    "figure": _figure, "figure-md": _markdown_figure, "subfigure": _figure, "image": _image, "math": _maths,
    "code": _code, "code-block": _code, "sourcecode": _code, "code-cell": _code, "parsed-literal": _code,
    "mermaid": _code, "output": _code, "raw": _code, "eval-rst": _code,
    "table": _table, "list-table": _list_table, "csv-table": _list_table,
    "contents": _contents, "toctree": _contents, "tableofcontents": _contents,
    "iframe": _embedded, "video": _embedded,
    "epigraph": _epigraph, "pull-quote": _epigraph, "blockquote": _epigraph, "highlights": _epigraph,
    "grid": _content, "grid-item": _transparent, "tab-set": _transparent, "tab-item": _transparent,
    "div": _transparent, "container": _transparent, "centered": _transparent, "rubric": _transparent,
    "glossary": _transparent, "grid-item-card": _transparent, "abstract": _transparent, "compound": _transparent,
    "bibliography": _nothing, "index": _nothing, "sectionauthor": _nothing, "meta": _nothing, "only": _transparent,
}  # fmt: skip


# --- roles ----------------------------------------------------------------------------------------------------


def _roles(content: list[Node], path: str, seen: Counter[str], findings: list[Diagnostic]) -> list[Node]:
    result: list[Node] = []
    for node in content:
        before = result[-1] if result else None
        found = _ROLE.match(before["c"]) if node["t"] == "Code" and before and before["t"] == "Str" else None
        if not found or before is None or any(attr(node)[1:]):
            result.append(node)
            continue
        result.pop()
        if found[1]:
            result.append(string(found[1]))
        seen[f"{found[2]}`"] += 1
        place = Location(path, token=f"{{{found[2]}}}`", nth=seen[f"{found[2]}`"])
        result += _role(found[2], node["c"][1], place, findings)
    return result


def _role(name: str, content: str, place: Location, findings: list[Diagnostic]) -> list[Node]:
    written = f"{{{name}}}`{content}`"
    make = _ROLES.get(name) or _ROLES.get(name.lower())
    if make:
        return make(content, written)
    cite = re.match(r"^(?:foot)?cite(?::(\w+))?$", name)
    if cite:
        return _cite(content, cite[1] or "p")
    findings.append(
        finding("X012", f"the role {{{name}}} is not known; its content is kept", place, "Write it in Markdown.")
    )  # fmt: skip
    titled = _TITLED.match(content)
    return inlines(titled[1] if titled else content)


def _reference_role(style: str) -> Callable[[str, str], list[Node]]:
    def make(content: str, written: str) -> list[Node]:
        titled = _TITLED.match(content)
        if not titled:
            return [reference(content.strip(), style, written)]
        words, target = titled[1], titled[2].strip()
        if "%s" in words or "{number}" in words:
            return [reference(target, "template", written, template=words.replace("{number}", "%s"))]
        return [reference(target, "full", written, inlines(words))]

    return make


def _cite(content: str, form: str) -> list[Node]:
    mode = "NormalCitation"
    if form.startswith(("t", "author", "alt")):
        mode = "AuthorInText"
    elif form.startswith("year"):
        mode = "SuppressAuthor"
    keys = [key.strip() for key in re.split(r"[,;]", content)]
    return [citation(keys, mode)]


def _wrapped(kind: str) -> Callable[[str, str], list[Node]]:
    return lambda content, written: [{"t": kind, "c": inlines(content)}]


def _classed(kind: str) -> Callable[[str, str], list[Node]]:
    return lambda content, written: [{"t": "Span", "c": [["", [kind], []], inlines(content)]}]


def _math(content: str, written: str) -> list[Node]:
    return [{"t": "Math", "c": [{"t": "InlineMath"}, content]}]


def _code_role(content: str, written: str) -> list[Node]:
    return [{"t": "Code", "c": [["", [], []], content]}]


def _abbreviation(content: str, written: str) -> list[Node]:
    found = re.match(r"^(.*?)\s*\((.*)\)$", content, re.S)
    if not found:
        return inlines(content)
    return [{"t": "Span", "c": [["", ["abbr"], [["title", found[2]]]], inlines(found[1])]}]


def _linked(content: str, written: str) -> list[Node]:
    found = _TITLED.match(content)
    words, target = (found[1], found[2]) if found else (content, content)
    return [{"t": "Link", "c": [["", [], []], inlines(words), [target, ""]]}]


def _words(content: str, written: str) -> list[Node]:
    found = _TITLED.match(content)
    return inlines(found[1] if found else content)


_ROLES: dict[str, Callable[[str, str], list[Node]]] = {
    "ref": _reference_role("full"), "numref": _reference_role("full"), "prf:ref": _reference_role("full"),
    "eq": _reference_role("equation"), "math:numref": _reference_role("equation"),
    "math": _math, "sub": _wrapped("Subscript"), "subscript": _wrapped("Subscript"),
    "sup": _wrapped("Superscript"), "superscript": _wrapped("Superscript"),
    "emphasis": _wrapped("Emph"), "strong": _wrapped("Strong"), "u": _wrapped("Underline"),
    "underline": _wrapped("Underline"),
    "del": _wrapped("Strikeout"), "strike": _wrapped("Strikeout"), "sc": _wrapped("SmallCaps"),
    "smallcaps": _wrapped("SmallCaps"), "kbd": _classed("kbd"), "dfn": _classed("dfn"), "mark": _classed("mark"),
    "abbr": _abbreviation, "abbreviation": _abbreviation, "code": _code_role, "file": _code_role, "samp": _code_role,
    "command": _code_role, "program": _code_role, "guilabel": _wrapped("Strong"), "menuselection": _wrapped("Strong"),
    "doc": _linked, "download": _linked, "term": _words, "index": _words, "si": _words, "chem": _words,
    "func": _code_role, "class": _code_role, "meth": _code_role, "mod": _code_role, "attr": _code_role,
    "py:func": _code_role, "py:class": _code_role, "py:mod": _code_role, "py:meth": _code_role,
}  # fmt: skip
