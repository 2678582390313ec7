"""SVG made safe to publish: no scripts, no event handlers, nothing fetched, a known size, and what it takes to draw."""

from __future__ import annotations

import base64
import binascii
import math
import re
import urllib.parse
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from proceedings.diagnostics import Problem
from proceedings.images.refusal import Refused

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
XML = "http://www.w3.org/XML/1998/namespace"

MAX_BYTES = 20 * 1024**2  # of markup
# Units of drawing (an element, or 400 characters of path data) that are kept as lines. WeasyPrint draws some 3,000
# units a second, at 15 kB of memory each; a scatter plot of 65,000 circles took it 33 s and 850 MB.
MAX_COST = 12_000
PATH_UNIT = 400

Embedded = Callable[[bytes], tuple[str, bytes] | None]  # a raster file inside the SVG → media type and sound bytes

_ACTIVE = {"script", "handler", "listener", "foreignObject", "iframe", "audio", "video", "canvas", "embed", "object"}
_MOVING = {"animate", "animateColor", "animateMotion", "animateTransform", "set", "discard"}
_LAYERED = {"filter", "mask", "pattern"}  # which WeasyPrint draws wrongly or not at all
# What a renderer takes for numbers that no PDF can have; browsers leave out what says so.
_NO_NUMBER = re.compile(r"(?<![\w.])[-+]?(?:nan|inf(?:inity)?|\d*\.?\d+e\+?\d{3,})(?![\w-])", re.I)
_MEASURES = frozenset(
    "x y x1 y1 x2 y2 cx cy r rx ry fx fy fr dx dy rotate width height d points transform gradientTransform viewBox"
    " patternTransform offset opacity fill-opacity stroke-opacity stop-opacity stroke-width stroke-dasharray"
    " stroke-dashoffset stroke-miterlimit font-size textLength letter-spacing word-spacing refX refY markerWidth"
    " markerHeight style".split()
)
_UNITS = {
    "": 1.0,
    "px": 1.0,
    "pt": 4 / 3,
    "pc": 16.0,
    "in": 96.0,
    "cm": 96 / 2.54,
    "mm": 96 / 25.4,
    "q": 96 / 101.6,
    "em": 16.0,
    "ex": 8.0,
}


@dataclass(frozen=True, slots=True)
class Drawing:
    """A clean SVG. `width` and `height` are CSS pixels, 0 where unknown. `hardship` says why it cannot stay SVG
    ("has …"); "" if it can."""

    data: bytes
    width: float
    height: float
    hardship: str = ""


def clean(data: bytes, problems: list[Problem], *, embedded: Embedded) -> Drawing:
    """The SVG without what may not be published, each kind of it told in `problems`. Refused on anything that is not a
    sound SVG."""
    from lxml import etree

    root = _parsed(_inflated(data))
    removed = _strip(root, embedded)
    if any(
        isinstance(item, etree._ProcessingInstruction) and item.target == "xml-stylesheet"
        for item in root.itersiblings(preceding=True)
    ):
        removed["X114", "a style sheet outside of the file"] += 1
    width, height = _sized(root)
    if not width:
        problems.append(
            Problem("X118", "the SVG tells neither width and height nor a viewBox", "Save it with a viewBox.")
        )
    for (code, what), count in sorted(removed.items()):
        times = f" ({count} times)" if count > 1 else ""
        problems.append(Problem(code, f"the SVG holds {what}{times}, which is left out", _HINTS[code]))
    etree.cleanup_namespaces(root, keep_ns_prefixes=["xlink"])
    return Drawing(etree.tostring(root, xml_declaration=True, encoding="UTF-8"), width, height, _hardship(root))


def _hardship(root: Any) -> str:
    from lxml import etree

    units = cost(root)
    if units > MAX_COST:
        return f"has {units:,} units of drawing, of which print bears {MAX_COST:,}"
    layered = sorted({_local(item) for item in root.iter(etree.Element)} & _LAYERED)
    return f"uses what print cannot draw as lines ({', '.join(layered)})" if layered else ""


_HINTS = {
    "X122": "Look for a missing value or a division by nothing in what drew it.",
    "X113": "Save it as plain SVG, with text as text or outlines.",
    "X114": "Embed the image in the SVG, or save it as PDF.",
}


def _inflated(data: bytes) -> bytes:
    if data[:2] != b"\x1f\x8b":
        if len(data) > MAX_BYTES:
            raise _too_large(len(data))
        return data
    try:
        inflated = zlib.decompressobj(wbits=31).decompress(data, MAX_BYTES + 1)
    except zlib.error as error:
        raise Refused("X104", f"the compressed SVG is damaged: {error}", "Save it again.") from error
    if len(inflated) > MAX_BYTES:
        raise _too_large(len(inflated))
    return inflated


def _too_large(size: int) -> Refused:
    message = f"the SVG has more than {min(size, MAX_BYTES) / 1024**2:.0f} MB"
    return Refused("X110", message, "Simplify the figure (fewer points), or export it as PNG.")


def _parsed(data: bytes) -> Any:
    """The root element. Entities are not expanded beyond the file, nothing is fetched, and libxml2's bounds stay on."""
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        reason = str(error).partition(" (<string>")[0]
        raise Refused(
            "X104", f"the SVG is not well-formed: {reason}", "Export it again from the program that made it."
        ) from error
    if _local(root) != "svg":
        raise Refused("X103", f"the root of the file is <{_local(root)}>, not <svg>", "Export the figure as SVG.")
    if root.tag == "svg":  # without its namespace no browser draws it
        for item in root.iter(etree.Element):
            if not item.tag.startswith("{"):
                item.tag = f"{{{SVG}}}{item.tag}"
    return root


def _local(item: Any) -> str:
    return item.tag.rpartition("}")[2] if isinstance(item.tag, str) else ""


def _strip(root: Any, embedded: Embedded) -> Counter[tuple[str, str]]:
    """Remove what may not be published; tell what it was."""
    from lxml import etree

    removed: Counter[tuple[str, str]] = Counter()
    for item in list(root.iter()):
        if item is not root and item.getparent() is None:
            continue
        if not isinstance(item.tag, str):  # a processing instruction, or an entity that is declared outside
            if isinstance(item, etree._Entity):
                removed["X114", f"the entity {item.text}"] += 1
            _remove(item)
        elif not item.tag.startswith(f"{{{SVG}}}") or _local(item) == "metadata":
            _remove(item)  # an editor's own data, never drawn
        elif _local(item) in _ACTIVE:
            removed["X113", f"<{_local(item)}>"] += 1
            _remove(item)
        elif _local(item) in _MOVING:
            removed["X113", "an animation"] += 1
            _remove(item)
        else:
            _strip_attributes(item, embedded, removed)
            if _local(item) == "style":
                css = "".join(item.itertext())
                del item[:]
                item.text = _safe_css(css, removed)
    for switch in list(root.iter(f"{{{SVG}}}switch")):
        _decide(switch)
    return removed


def _decide(switch: Any) -> None:
    """A switch shows one of its children; not every program knows it, so leave only that one."""
    children = list(switch)
    shown = next((child for child in children if not child.get("systemLanguage")), children[0] if children else None)
    for child in children:
        if child is not shown:
            _remove(child)
    switch.tag = f"{{{SVG}}}g"


def _remove(item: Any) -> None:
    """Take an element out, leaving the text that follows it."""
    parent, tail = item.getparent(), item.tail
    if parent is None:
        return
    if tail:
        before = item.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + tail
        else:
            parent.text = (parent.text or "") + tail
    item.tail = None
    parent.remove(item)


def _strip_attributes(item: Any, embedded: Embedded, removed: Counter[tuple[str, str]]) -> None:
    for name, value in list(item.attrib.items()):
        namespace, _, local = name.rpartition("}")
        if namespace.strip("{") not in ("", SVG, XLINK, XML):
            del item.attrib[name]
        elif local.lower().startswith("on"):
            removed["X113", "an event handler"] += 1
            del item.attrib[name]
        elif local == "base" or (local == "href" and not _kept_link(item, name, value, embedded, removed)):
            del item.attrib[name]
        elif local in _MEASURES and (broken := _NO_NUMBER.search(value)):
            removed["X122", f"a measure that is no number ({broken[0]})"] += 1
            if local in ("d", "points"):  # drawn as far as it can be
                item.set(name, value[: broken.start()])
            elif local == "style":
                item.set(name, ";".join(part for part in value.split(";") if not _NO_NUMBER.search(part)))
            else:
                del item.attrib[name]
        elif "url" in value.lower() or "\\" in value:
            safe = _safe_css(value, removed)
            if safe != value:
                item.set(name, safe)


def _kept_link(item: Any, name: str, value: str, embedded: Embedded, removed: Counter[tuple[str, str]]) -> bool:
    target = value.strip()
    if target.startswith("#") or not target:
        return True
    if _local(item) == "a":
        if re.match(r"(https?|mailto):", target, re.I):
            return True
        removed["X113", "a link that is neither to the web nor to mail"] += 1
        return False
    if _local(item) in ("image", "feImage") and target.lower().startswith("data:"):
        picture = embedded(data_of(target) or b"")
        if picture is not None:
            item.set(name, f"data:{picture[0]};base64,{base64.b64encode(picture[1]).decode()}")
            return True
        removed["X114", "an embedded image that is damaged or of an unknown format"] += 1
        return False
    removed["X114", f"a reference to {target[:80]!r}"] += 1
    return False


def data_of(uri: str) -> bytes | None:
    """The bytes of a data: URI; None if it is malformed."""
    head, comma, body = uri.partition(",")
    if not comma or head[:5].lower() != "data:":
        return None
    raw = urllib.parse.unquote_to_bytes(body)
    if not head.lower().rstrip().endswith(";base64"):
        return raw
    try:
        return base64.b64decode(re.sub(rb"\s", b"", raw), validate=True)
    except (binascii.Error, ValueError):
        return None


_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.S)
_FETCH = re.compile(r"""(?:url|src|image|image-set|cross-fade)\(\s*(?:"([^"]*)"|'([^']*)'|([^)"']*))[^)]*\)""", re.I)
_IMPORT = re.compile(r"@import\b[^;{}]*(?:;|$)", re.I)


def _safe_css(css: str, removed: Counter[tuple[str, str]]) -> str:
    """A style sheet or a property's value that fetches nothing."""
    # An escape may hide "url": unescape letters and digits, which never need one.
    css = _ESCAPE.sub(lambda found: _unescaped(found), re.sub(r"/\*.*?\*/", "", css, flags=re.S))

    def fetched(found: re.Match[str]) -> str:
        target = next((part for part in found.groups() if part is not None), "").strip()
        if target.startswith("#") or re.match(r"data:(?:font|application/(?:x-)?font)", target, re.I):
            return found[0]
        removed["X114", f"a reference to {target[:80]!r}"] += 1
        return "none"

    def imported(found: re.Match[str]) -> str:
        removed["X114", "a style sheet outside of the file"] += 1
        return ""

    return _FETCH.sub(fetched, _IMPORT.sub(imported, css))


def _unescaped(found: re.Match[str]) -> str:
    code = int(found[1], 16) if found[1] else ord(found[2])
    character = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
    return character if character.isalnum() and character.isascii() else found[0]


def _sized(root: Any) -> tuple[float, float]:
    """Width and height in CSS pixels, written into the root so that every program sees the same; (0, 0) if unknown."""
    box = [_number(part) for part in re.split(r"[\s,]+", root.get("viewBox", "").strip())]
    boxed = len(box) == 4 and None not in box and all(side is not None and side > 0 for side in box[2:])
    width, height = _pixels(root.get("width")), _pixels(root.get("height"))
    if boxed:
        ratio = (box[2] or 1) / (box[3] or 1)
        if width and not height:
            height = width / ratio
        elif height and not width:
            width = height * ratio
        elif not width:
            width, height = box[2] or 0.0, box[3] or 0.0
    elif "viewBox" in root.attrib:
        del root.attrib["viewBox"]
    if not width or not height:
        return 0.0, 0.0
    root.set("width", f"{width:g}")
    root.set("height", f"{height:g}")
    if not boxed:
        root.set("viewBox", f"0 0 {width:g} {height:g}")
    return width, height


def _pixels(length: str | None) -> float | None:
    found = re.fullmatch(r"\s*\+?(\d*\.?\d+(?:e[-+]?\d+)?)\s*([a-z]*)\s*", length or "", re.I)
    if not found or found[2].lower() not in _UNITS:
        return None
    value = float(found[1]) * _UNITS[found[2].lower()]
    return value if 0 < value < 1e6 else None


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def cost(root: Any) -> int:
    """What it takes to draw the tree, in units: what <use> repeats counts as often as it is drawn."""
    from lxml import etree

    own: dict[Any, int] = {}
    by_id = {item.get("id"): item for item in root.iter(etree.Element) if item.get("id")}

    def total(item: Any, above: frozenset[str]) -> int:
        if item in own:
            return own[item]
        units = 1 + len(item.get("d", "")) // PATH_UNIT + len(item.get("points", "")) // PATH_UNIT
        for child in item.iterchildren(etree.Element):
            units += total(child, above)
        target = (item.get(f"{{{XLINK}}}href") or item.get("href") or "").strip().lstrip("#")
        if _local(item) == "use" and target in by_id and target not in above and len(above) < 40:
            units += total(by_id[target], above | {target})
        own[item] = min(units, 10**9)
        return own[item]

    return total(root, frozenset())
