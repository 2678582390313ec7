"""Lines of text: pandoc's inlines → JATS. One small function for each type of node, found in a table."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from urllib.parse import quote

from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.document import Node, attributes, classes, identifier, nodes, text
from proceedings.edition import FILE, RECORDING, FileAsset, ImageAsset
from proceedings.maths import Formula, Rendered
from proceedings.maths.embedding import formula
from proceedings.renderings.article import terms
from proceedings.renderings.jats import formulas
from proceedings.renderings.jats.citations import joined
from proceedings.renderings.jats.grammar import (
    HREF,
    Element,
    add_text,
    is_empty,
    line_content,
    new,
    open_inline,
    set_all,
    sub,
    text_of,
)


@dataclass
class Writing:
    """One document on its way to JATS: what is known of it, and what is found while it is written."""

    slug: str
    lang: str
    path: str  # the author's file, for findings
    formulas: Mapping[Formula, Rendered] = field(default_factory=dict)
    images: Mapping[str, ImageAsset] = field(default_factory=dict)
    files: Mapping[str, FileAsset] = field(default_factory=dict)  # by name
    supplements: Mapping[str, str] = field(default_factory=dict)  # a file's name → the id that it has in the list
    references: Mapping[str, str] = field(default_factory=dict)  # key → id, in the order of the list
    references_title: str = ""  # as the author has it
    targets: frozenset[str] = frozenset()  # ids that something points to
    aliases: dict[str, str] = field(default_factory=dict)  # id that no element has → id that stands for it
    findings: list[Diagnostic] = field(default_factory=list)
    waiting: list[tuple[Element, list[Node]]] = field(default_factory=list)  # notes whose text is not yet written
    _numbers: dict[str, int] = field(default_factory=dict)
    _inner: dict[int, str] = field(default_factory=dict)  # notes in notes, by identity → number

    @property
    def prefix(self) -> str:
        return prefix(self.slug)

    def number(self, kind: str) -> int:
        """1, 2, 3 … for each kind of thing."""
        self._numbers[kind] = self._numbers.get(kind, 0) + 1
        return self._numbers[kind]

    def number_of_note(self, note: Node) -> str:
        """A note's number. Those in it have the next ones, before all that follow it, as in every output."""
        number = self._inner.pop(id(note), "") or str(self.number("note"))
        for inner in nodes(note["c"], "Note"):
            if id(inner) not in self._inner:
                self._inner[id(inner)] = str(self.number("note"))
        return number

    def notes(self) -> Iterator[tuple[Element, list[Node]]]:
        """The notes that wait, in the order of their numbers: what one of them brings comes before the others."""
        while self.waiting:
            first, *later = self.waiting
            self.waiting = []
            yield first
            self.waiting += later

    def name(self, kind: str) -> str:
        """An id that nothing else has."""
        return f"{self.prefix}{kind}-{self.number(kind)}"

    def lost(self, code: str, message: str, token: str, hint: str = "") -> None:
        """Say what JATS cannot carry."""
        self.told(finding(code, message, Location(self.path, token=token), hint))

    def told(self, item: Diagnostic) -> None:
        if item not in self.findings:
            self.findings.append(item)


def prefix(slug: str) -> str:
    """What every id of a contribution begins with; no id begins with a digit."""
    return f"_{slug}--" if slug[:1].isdigit() else f"{slug}--"


def write(state: Writing, content: Sequence[Node], parent: Element) -> Element:
    """Append inlines to `parent`, which is given back. Words are added together: one by one, each would copy those
    before it."""
    for is_text, run in groupby(content, lambda node: node["t"] in _WORDS):
        if is_text:
            add_text(parent, "".join(node["c"] if node["t"] == "Str" else " " for node in run))
            continue
        for node in run:
            handler = _HANDLERS.get(node["t"])
            if handler is not None:
                handler(state, node, parent)
    return parent


_WORDS = frozenset({"Str", "Space", "SoftBreak"})


def line(state: Writing, tag: str, content: Sequence[Node], **attributes: str | None) -> Element:
    """A new element that holds a line of text."""
    return write(state, content, new(tag, "", **attributes))


# --- breaking a paragraph -------------------------------------------------------------------------------------


def pieces(content: Sequence[Node]) -> Iterator[list[Node] | Node]:
    """A paragraph's text in runs, and between them what JATS does not have in a `p`: line breaks and displayed formulas
    (a Math node, or the Span that numbers it). Emphasis that holds such a thing ends before it and begins again."""
    run: list[Node] = []
    for node in content:
        if _stands_alone(node):
            yield run
            yield node
            run = []
            continue
        inside = node["c"][-1] if node["t"] in _WRAPPING else node["c"] if node["t"] in _EMPHASES else None
        if not isinstance(inside, list) or not any(
            _stands_alone(item) for item in nodes(inside, "LineBreak", "Math", "Span")
        ):
            run.append(node)
            continue
        for piece in pieces(inside):
            if isinstance(piece, dict):
                yield run
                yield piece
                run = []
            elif piece:
                run.append({**node, "c": piece if node["t"] in _EMPHASES else [*node["c"][:-1], piece]})
    yield run


_EMPHASES = {"Emph": "italic", "Strong": "bold", "Underline": "underline", "Strikeout": "strike",
             "Superscript": "sup", "Subscript": "sub", "SmallCaps": "sc"}  # fmt: skip
_WRAPPING = frozenset({"Quoted", "Cite", "Span"})


def _stands_alone(node: Node) -> bool:
    if node["t"] == "Span":
        return RECORDING in classes(node) or ("equation" in classes(node) and any(nodes(node["c"][1], "Math")))
    return node["t"] == "LineBreak" or (node["t"] == "Math" and formula(node).display)


def is_blank(content: Sequence[Node]) -> bool:
    return all(node["t"] in ("Space", "SoftBreak", "LineBreak") for node in content)


# --- one function for each type -------------------------------------------------------------------------------


def _break(_: Writing, node: Node, parent: Element) -> None:
    if "break" in line_content(parent):
        sub(parent, "break")
    else:
        add_text(parent, " ")


def _emphasis(state: Writing, node: Node, parent: Element) -> None:
    tag = _EMPHASES[node["t"]]
    element = open_inline(parent, tag)
    write(state, node["c"], element)
    if element is not parent and is_empty(element):
        holder = element.getparent()
        if holder is not None and not element.text:
            holder.remove(element)


_QUOTES = {"SingleQuote": ("‘", "’"), "DoubleQuote": ("“", "”")}


def _quoted(state: Writing, node: Node, parent: Element) -> None:
    opening, closing = _QUOTES[node["c"][0]["t"]]
    add_text(parent, opening)
    write(state, node["c"][1], parent)
    add_text(parent, closing)


def _code(_: Writing, node: Node, parent: Element) -> None:
    add_text(open_inline(parent, "monospace"), node["c"][1])


def _math(state: Writing, node: Node, parent: Element) -> None:
    one = formula(node)
    holder = open_inline(parent, "inline-formula")
    if holder is parent:
        add_text(parent, one.tex)
        return
    place_formula(state, holder, one)


def place_formula(state: Writing, holder: Element, one: Formula) -> None:
    """Put a formula into its holder; one that cannot be converted is a finding, the same as in every output."""
    rendered = state.formulas[one]
    formulas.place(holder, rendered, state.name("math"))
    if rendered.problem:
        state.told(rendered.problem.at(Location(state.path, token=one.tex)))


def _cite(state: Writing, node: Node, parent: Element) -> None:
    write(state, joined(node, state.references), parent)


def _link(state: Writing, node: Node, parent: Element) -> None:
    content, target = node["c"][1], node["c"][2][0]
    if FILE in classes(node) and target.startswith(f"{FILE}:"):
        _file(state, content, target.removeprefix(f"{FILE}:"), parent)
    elif target.startswith("#"):
        _cross_reference(state, content, target[1:].split(), parent)
    elif target.startswith("mailto:") and text(content) == target.removeprefix("mailto:"):
        write(state, content, open_inline(parent, "email"))
    elif target:
        link = open_inline(parent, "ext-link", ext_link_type="uri", href=address(target))
        write(state, content, link)
        describe_link(link)
    else:
        write(state, content, parent)


def _cross_reference(state: Writing, content: Sequence[Node], targets: Sequence[str], parent: Element) -> None:
    """An xref; what kind of thing it points to is seen when everything is written (`settle`)."""
    element = open_inline(parent, "xref", rid=" ".join(targets))
    write(state, content, element)


def _file(state: Writing, content: Sequence[Node], name: str, parent: Element) -> None:
    """A link to a file: to its place in the list of supplements, or to the file itself where it stands in the text."""
    asset = state.files.get(name)
    if asset is not None and name not in state.supplements:
        link = open_inline(parent, "ext-link", ext_link_type="uri", href=file_address(state.slug, asset))
        write(state, content, link)
    elif asset is not None:
        _cross_reference(state, content, [state.supplements[name]], parent)
    else:
        write(state, content, parent)


def file_address(slug: str, asset: FileAsset) -> str:
    """Where a file stands beside the document."""
    return address(f"{slug}/{asset.name}")


def describe_link(link: Element, title: str = "") -> None:
    """Say what a link leads to, where its text is an address itself (JATS4R, accessibility): `title`, else the host."""
    words = text_of(link)
    if link.tag == "ext-link" and (_ADDRESS.match(words) or words in ("", link.get(HREF))):
        host = _HOST.match(link.get(HREF) or "")
        set_all(link, title=title or (host[1] if host else ""))


_ADDRESS = re.compile(r"(https?|s?ftp)://")
_HOST = re.compile(r"\w+:/*(?:www\.)?([^/?#]+)")


def address(target: str) -> str:
    """A link's address with everything escaped that a URI cannot hold."""
    return quote(target, safe="!#$%&'()*+,/:;=?@[]~-._")


def _note(state: Writing, node: Node, parent: Element) -> None:
    label = state.number_of_note(node)
    name = f"{state.prefix}fn-{label}"
    note = new("fn", id=name)
    sub(note, "label", label)
    state.waiting.append((note, node["c"]))
    mark = open_inline(parent, "xref", ref_type="fn", rid=name)
    sub(mark, "sup", label) if mark is not parent else add_text(parent, f"[{label}]")


def _image(state: Writing, node: Node, parent: Element) -> None:
    element = open_inline(parent, "inline-graphic", **picture(state, node))
    if element is parent:
        add_text(parent, attributes(node).get("alt", ""))
    else:
        describe(state, element, node)


def picture(state: Writing, image: Node) -> dict[str, str]:
    """The attributes of a graphic: its address and media type."""
    target = image["c"][2][0]
    asset = state.images.get(target)
    if asset is None:
        return {"href": address(target)}
    kind, _, subtype = asset.media_type.partition("/")
    return {"mimetype": kind, "mime_subtype": subtype, "href": address(f"{state.slug}/{asset.name}")}


def describe(state: Writing, element: Element, image: Node) -> None:
    """Give a graphic its description; where there is none, it says so (A001), as in every output. What is decoration
    is described by the word that JATS4R has for it."""
    description = attributes(image).get("alt")
    if description is None:
        description = terms(state.lang)["no-description"]
    sub(element, "alt-text", description.strip() or "null")


# Classes of spans that say how to set them, or that other parts of the tool use among themselves.
_SILENT = re.compile(r"csl-.*|nocase|cite|citation|equation|math|inline|display|nowrap|no-?break")
_STYLES = {"smallcaps": "sc", "underline": "underline", "ul": "underline", "kbd": "monospace"}
_NAMED = frozenset({"undefined-citation", "undefined-reference", "missing-image"})


def _span(state: Writing, node: Node, parent: Element) -> None:
    holder = parent
    name = identifier(node)
    pairs = attributes(node)
    language = pairs.get("lang") if pairs.get("lang") != state.lang else None
    names = [one for one in classes(node) if not _SILENT.fullmatch(one)]
    style = " ".join(one for one in names if one not in _STYLES and one not in _NAMED)
    for one in names:
        if one in _STYLES:
            holder = open_inline(holder, _STYLES[one])
        elif one in _NAMED:
            holder = open_inline(holder, "named-content", content_type=one)
    wanted = name if name in state.targets else None
    if wanted and not node["c"][1] and "target" in line_content(holder):
        sub(holder, "target", id=name)
        return
    if (language or style or wanted) and "styled-content" in line_content(holder):
        holder = sub(holder, "styled-content", id=wanted, style_type=style or None, lang=language)
    write(state, node["c"][1], holder)


def _raw(state: Writing, node: Node, parent: Element) -> None:
    raw_lost(state, *node["c"])


def raw_lost(state: Writing, format: str, source: str) -> None:
    """Say that raw markup has no place in JATS. Comments are no loss."""
    bare = re.sub(r"<!--.*?-->", "", source, flags=re.S).strip()
    if bare and format != "comment":
        message = f"raw {format} is left out of the JATS: {' '.join(bare.split())[:60]!r}"
        state.lost("O100", message, bare.splitlines()[0], "Write it in Markdown.")


_HANDLERS: dict[str, Callable[[Writing, Node, Element], None]] = {
    **dict.fromkeys(_EMPHASES, _emphasis),
    "LineBreak": _break,
    "Quoted": _quoted,
    "Code": _code,
    "Math": _math,
    "Cite": _cite,
    "Link": _link,
    "Note": _note,
    "Image": _image,
    "Span": _span,
    "RawInline": _raw,
}
