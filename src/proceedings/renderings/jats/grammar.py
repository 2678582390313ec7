"""What JATS allows where, as tables, and the few ways to build a tree that keep to it.

The tables are those of Journal Publishing 1.3, the stricter of the two tag sets that are written; what is valid there
as content is valid in Archiving 1.3 too (tests/test_jats.py compares the tables with both DTDs). Text or markup that an
element may not hold is not refused but brought into the nearest form that it may: nothing of the text is lost.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, TypeAlias

from lxml import etree

Element: TypeAlias = "etree._Element"

ALI = "http://www.niso.org/schemas/ali/1.0/"
MATHML = "http://www.w3.org/1998/Math/MathML"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"
NAMESPACES = {"ali": ALI, "mml": MATHML, "xlink": XLINK}

HREF = f"{{{XLINK}}}href"
TITLE = f"{{{XLINK}}}title"
LANG = f"{{{XML}}}lang"
_PREFIXED = {"href": HREF, "title": TITLE, "lang": LANG}

# --- what may stand in a line of text -------------------------------------------------------------------------

TEXT: frozenset[str] = frozenset()
MARKS = frozenset("bold italic monospace named-content sc strike styled-content sub sup underline".split())
INLINE = MARKS | frozenset("email ext-link inline-formula inline-graphic target xref".split())
LINES = INLINE | {"break"}
LABEL = MARKS - {"named-content", "styled-content"} | {"inline-formula", "inline-graphic"}

LINE_CONTENT: dict[str, frozenset[str]] = {
    "p": INLINE,
    "title": LINES,
    "article-title": LINES,
    "subtitle": LINES,
    "trans-title": LINES,
    "trans-subtitle": LINES,
    "alt-title": LINES,
    "td": LINES,
    "th": LINES,
    "term": INLINE,
    "attrib": INLINE,
    "license-p": INLINE,
    **dict.fromkeys("bold italic monospace sc strike sub sup underline named-content styled-content".split(), INLINE),
    "ext-link": MARKS,
    "xref": MARKS,
    "target": MARKS,
    "verse-line": INLINE - {"email", "ext-link"},
    "funding-statement": MARKS | {"email", "ext-link"},
    "mixed-citation": MARKS | {"ext-link", "inline-formula", "email"},
    "label": LABEL,
    "code": TEXT,
    "email": TEXT,
}
# Elements that hold any text as styled text, where the element around them does not hold it itself.
_CARRIER = "styled-content"
_LINKS = frozenset({"ext-link", "xref", "email"})

# --- what may stand as a block --------------------------------------------------------------------------------

BLOCKS = frozenset(
    (
        "boxed-text code disp-formula disp-quote def-list fig fig-group graphic list media p statement"
        " supplementary-material table-wrap verse-group"
    ).split()
)
_FLOAT = frozenset(
    "code disp-formula disp-quote def-list graphic list media p statement table-wrap verse-group".split()
)

BLOCK_CONTENT: dict[str, frozenset[str]] = {
    **dict.fromkeys("body sec app notes bio boxed-text".split(), BLOCKS | {"sec"}),
    **dict.fromkeys(["abstract", "trans-abstract", "ack"], frozenset({"p", "sec"})),
    "disp-quote": BLOCKS,
    "list-item": frozenset({"p", "list", "def-list"}),
    "def": frozenset({"p"}),
    "fn": frozenset({"p"}),
    "table-wrap-foot": frozenset({"p", "fn"}),
    "caption": frozenset({"p"}),
    "statement": frozenset({"p", "statement"}),
    "td": frozenset("code def-list disp-formula disp-quote graphic list p statement verse-group".split()),
    "th": frozenset("code def-list disp-formula disp-quote graphic list p statement verse-group".split()),
    "fig": _FLOAT,
    "supplementary-material": _FLOAT,
    "fig-group": frozenset({"fig", "graphic", "media"}),
    "p": BLOCKS - {"p"},
}

# Elements in which white space between the children means nothing.
_ELEMENTS_ONLY = frozenset(
    (
        "article front journal-meta journal-title-group publisher article-meta article-categories subj-group"
        " title-group trans-title-group contrib-group contrib name name-alternatives collab-alternatives author-notes"
        " pub-date history date permissions license abstract trans-abstract kwd-group funding-group award-group"
        " conference counts custom-meta-group custom-meta body back sec app app-group ack bio notes fn fn-group list"
        " list-item def-list def-item def disp-quote boxed-text statement verse-group fig fig-group graphic caption"
        " table-wrap table colgroup thead tbody tfoot tr table-wrap-foot ref-list ref element-citation media"
        " supplementary-material"
    ).split()
)


# --- building -------------------------------------------------------------------------------------------------

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(value: str) -> str:
    """The text without the characters that XML cannot hold."""
    return _NOT_XML.sub("", value)


def new(tag: str, text: str = "", /, **attributes: str | None) -> Element:
    """An element. In names of attributes `_` stands for `-`; `href`, `title`, `lang` are xlink:href, xlink:title and
    xml:lang; attributes without a value are left out."""
    element = etree.Element(tag, nsmap=NAMESPACES)
    if text:
        element.text = clean(text)
    set_all(element, **attributes)
    return element


def sub(parent: Element, tag: str, text: str = "", /, **attributes: str | None) -> Element:
    """`new`, as the last child of `parent`."""
    element = new(tag, text, **attributes)
    parent.append(element)
    return element


_TAG = re.compile(r"[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*")


def set_all(element: Element, **attributes: str | None) -> None:
    """Attributes by the names of `new`. What is no language tag is left out: an NMTOKEN holds nothing else."""
    for name, value in attributes.items():
        if value and (name != "lang" or _TAG.fullmatch(value)):
            element.set(_PREFIXED.get(name, name.replace("_", "-")), clean(value))


def add_text(parent: Element, value: str) -> None:
    """Text after everything that `parent` holds."""
    value = clean(value)
    if len(parent):
        parent[-1].tail = (parent[-1].tail or "") + value
    else:
        parent.text = (parent.text or "") + value


def open_inline(parent: Element, tag: str, /, **attributes: str | None) -> Element:
    """A new inline element in `parent`, or `parent` itself where it can hold such an element in no way.

    A link never stands in a link. Other markup that the parent does not allow (a formula in a link) is carried in a
    styled-content, which may hold all.
    """
    allowed = line_content(parent)
    if tag in allowed:
        return sub(parent, tag, "", **attributes)
    if _CARRIER in allowed and tag not in _LINKS and tag in LINE_CONTENT[_CARRIER]:
        return sub(sub(parent, _CARRIER), tag, "", **attributes)
    return parent


def line_content(parent: Element) -> frozenset[str]:
    """What may stand in `parent`, in a line of text; less the links where `parent` stands in one."""
    allowed = LINE_CONTENT.get(str(parent.tag), TEXT)
    for element in (parent, *parent.iterancestors()):
        if element.tag in _LINKS:
            return allowed - _LINKS - {"target"}
        if element.tag in BLOCK_CONTENT:
            break
    return allowed


def is_empty(element: Element) -> bool:
    """Whether an element holds neither text nor elements."""
    return not len(element) and not (element.text or "").strip()


def fill(parent: Element, children: Iterable[Element]) -> Element:
    """Append blocks to `parent`; one that it may not hold is put into a `p`, which holds all but `p` and `sec`."""
    allowed = BLOCK_CONTENT[str(parent.tag)]
    for child in children:
        if child.tag in allowed:
            parent.append(child)
        else:
            sub(parent, "p").append(child)
    return parent


def unwrap(element: Element) -> None:
    """Put what an element holds in its place."""
    parent = element.getparent()
    if parent is None:
        return
    marker = "unwrapped"
    element.tag = marker
    etree.strip_tags(parent, marker)


# --- serialising ----------------------------------------------------------------------------------------------


def serialise(root: Element, doctype: str, *, parted: bool = False) -> bytes:
    """The bytes of a document: UTF-8, a line per element where white space is free, no space more in mixed content.
    `parted`: what `serialise_part` writes is put into it, with any of the namespaces."""
    etree.cleanup_namespaces(root, top_nsmap=NAMESPACES, keep_ns_prefixes=[*NAMESPACES] if parted else None)
    _break_lines(root)
    done: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True, doctype=doctype)
    return done.replace(b"<?xml version='1.0' encoding='UTF-8'?>", b'<?xml version="1.0" encoding="UTF-8"?>', 1) + b"\n"


def serialise_part(element: Element) -> bytes:
    """The bytes of an element for a document that is serialised without it: see `serialise`."""
    etree.cleanup_namespaces(element, top_nsmap=NAMESPACES)
    _break_lines(element)
    done: bytes = etree.tostring(element, encoding="UTF-8", xml_declaration=False, with_tail=False)
    begin, close, rest = done.partition(b">")
    for prefix, uri in NAMESPACES.items():
        begin = begin.replace(f' xmlns:{prefix}="{uri}"'.encode(), b"")
    return begin + close + rest


def _break_lines(root: Element) -> None:
    """A line for each child of an element, from the outside inwards as far as no text stands around it."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if element.tag in _ELEMENTS_ONLY and len(element) and _is_free(element):
            element.text = "\n"
            for child in element:
                child.tail = "\n"
                waiting.append(child)


def _is_free(element: Element) -> bool:
    return not any((text or "").strip() for text in (element.text, *(child.tail for child in element)))


def text_of(element: Element) -> str:
    """The text of an element and all in it, white space as single spaces."""
    parts: Any = element.itertext()
    return " ".join("".join(parts).split())
