"""Drawing by ziamath, in pure Python: MathML → SVG outlines of STIX Two Math."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from importlib import metadata
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

from proceedings.diagnostics import MissingProgram, Problem
from proceedings.maths.formulas import Rendered, Svg
from proceedings.maths.mathml import SET_OFF

MAX_COST = 10_000  # nodes that ziamath lays out for one formula, some 5 s: each row lays out its parts twice
_UNITS = 1000  # units of drawing per em
_PIXELS = 1.333  # of ziamath's to a point
_MARGIN = 10  # units around the ink, which may reach a little out of its box


class Ziamath:
    """The engine `ziamath`."""

    name = "ziamath"

    def __init__(self) -> None:
        try:
            self.version = metadata.version("ziamath")
        except metadata.PackageNotFoundError as error:
            raise MissingProgram("the formula engine ziamath is not installed", "pip install ziamath") from error

    def __call__(self, formulas: Sequence[Rendered], lang: str) -> list[Rendered]:
        with _configured():
            return [_drawn(item) for item in formulas]


def typeface() -> bytes:
    """The typeface that it draws in, STIX Two Math, as WOFF for browsers: without such a one they stretch no brace.
    Its licence, the SIL Open Font License, is in it."""
    from importlib.resources import files

    from fontTools.ttLib import TTFont

    data = (files("ziamath.fonts") / "STIXTwoMath-Regular.ttf").read_bytes()
    font, made = TTFont(io.BytesIO(data), recalcTimestamp=False), io.BytesIO()
    font.flavor = "woff"
    font.save(made, reorderTables=False)
    return made.getvalue()


@lru_cache(maxsize=1024)  # of some kilobytes each: letters and small formulas come again and again
def _drawn(item: Rendered) -> Rendered:
    if not item.mathml:
        return item
    lost = io.StringIO()
    try:
        with _listening(lost):
            svg = _svg(item.mathml)
    except Exception as error:  # it is fed whatever an author may write, and documents no errors
        reason = str(error) or type(error).__name__
        problem = Problem("X153", f"the formula cannot be drawn for print by ziamath: {reason}", _HINT)
        return replace(item, problem=problem)
    if lost.getvalue():
        parts = sorted(set(re.findall(r"Element '(\w+)'", lost.getvalue())))
        message = f"a part of the formula cannot be drawn for print by ziamath ({', '.join(parts) or 'unknown'})"
        return replace(item, svg=svg, problem=Problem("X153", message, _HINT))
    return replace(item, svg=svg)


_HINT = "Write it more simply, or set `maths: mathjax` in volume.yaml."


def _svg(mathml: str) -> Svg:
    from ziamath.zmath import Math

    adapted = _adapted(mathml)
    if (cost := _cost(adapted)) > MAX_COST:
        raise ValueError(f"its rows within rows make {cost:,} parts of it, more than {MAX_COST:,}")
    drawing = Math(adapted, size=_UNITS, margin=_MARGIN)
    bottom = drawing.node.bbox.ymin - _MARGIN
    root = drawing.svgxml()
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    root.attrib.pop("xmlns:xlink", None)
    root.set("width", f"{width / _UNITS:.3f}em")
    root.set("height", f"{height / _UNITS:.3f}em")
    for part in root.iter():
        for name in ("fill", "stroke"):
            if part.get(name) == "black":
                part.set(name, "currentColor")
    root.set("fill", "currentColor")
    data = ElementTree.tostring(root, encoding="unicode")
    return Svg(data, round(width / _UNITS, 3), round(height / _UNITS, 3), round(-bottom / _UNITS, 3))


@contextmanager
def _configured() -> Iterator[None]:
    """ziamath's options are global: ours hold while we draw. So does a length of its own: it takes the size of type for
    points and lengths for pixels, so that every space and fence would be a third too large for the letters."""
    from ziamath.config import config
    from ziamath.nodes.mnode import Mnode

    nodes: Any = Mnode
    before, measured = (config.svg2, config.precision), nodes.size_px

    def size_px(node: Any, size: str, fontsize: float | None = None) -> float:
        length: float = measured(node, size, fontsize)
        return length / _PIXELS if size.endswith(("em", "ex", "mu", "mathspace")) else length

    config.svg2, config.precision = False, 1  # precision 0 would cut the zeros off 1450
    nodes.size_px = size_px
    try:
        yield
    finally:
        config.svg2, config.precision = before
        nodes.size_px = measured


@contextmanager
def _listening(stream: io.StringIO) -> Iterator[None]:
    """Catch what ziamath says of elements that it leaves out: it only logs them."""
    handler, root = logging.StreamHandler(stream), logging.getLogger()
    others, root.handlers = root.handlers, [handler]
    try:
        yield
    finally:
        root.handlers = others


# --- MathML as ziamath understands it -------------------------------------------------------------------------

# Over one letter: hat, tilde and arrow that do not stretch. Over several: a bar that does.
_SHORT = {"\u0302": "\u02c6", "\u0303": "\u02dc", "→": "\u20d7"}
_LONG = {"¯": "―", "_": "―"}


_SCRIPTS = ("msub", "msup", "msubsup")


def _adapted(mathml: str) -> Any:
    """Without the annotation, and with the spacing and stretching that browsers infer and ziamath does not."""
    math = ElementTree.fromstring(mathml)
    for item in math.iter():
        item.tag = item.tag.rpartition("}")[2]
    semantics = math.find("semantics")
    if semantics is not None:
        math[:] = [semantics[0]]
    for parent in list(math.iter()):  # it sets functions off by itself, but for what follows an index
        for before, space in pairwise([None, *parent]):
            if space.get("class") == SET_OFF and (before is None or before.tag not in _SCRIPTS):
                parent.remove(space)
    _flatten(math)
    for item in math.iter():
        # Of a name in a row of its own it does not know that an index follows, and sets the space before that.
        if item.tag in _SCRIPTS and len(item) and _is_name(item[0]):
            item[0] = item[0][0]
        if item.tag == "mi" and item.text in ("−", "+", "±"):  # a sign, not an operation
            item.tag = "mo"
            item.attrib.update(form="prefix", lspace="0", rspace="0")
        elif item.tag == "mo":
            for name in ("minsize", "maxsize"):  # of \Big, in per cent of the size of type
                size, per_cent, _ = item.get(name, "").partition("%")
                if per_cent:
                    item.set(name, f"{float(size) / 100:g}em")
        elif item.tag == "mtext":  # MathML ignores space at the ends
            item.text = (item.text or "").strip()
        elif item.tag == "mtable":
            aligned = any("padding" in cell.get("style", "") for cell in item.iter("mtd"))
            item.set("columnspacing", "0em 2em" if aligned else "1em")
            item.set("rowspacing", "0.5em")
        elif item.tag in ("mover", "munder") and len(item) == 2 and item[1].get("accent") == "true":
            _fit_accent(item)
    return math


def _is_name(item: Any) -> bool:
    """Whether it is a function's name with the operator, which cannot be seen, that applies it."""
    return item.tag == "mrow" and len(item) == 2 and item[0].tag == "mi" and item[1].text == "\u2061"


def _flatten(item: Any) -> None:
    """Dissolve rows that only group; fences stay, for they stretch to their own row."""
    parts: list[Any] = []
    for child in item:
        _flatten(child)
        grouped = child.tag == "mrow" and not child.attrib and item.tag in ("math", "mrow", "mtd")
        if grouped and not any(part.get("stretchy") == "true" for part in child):
            parts.extend(child)
        else:
            parts.append(child)
    item[:] = parts


def _cost(item: Any, factor: int = 1) -> int:
    inside = factor * 2 if item.tag in ("mrow", "mtd") and len(item) > 1 else factor
    return factor + sum(_cost(child, inside) for child in item)


def _fit_accent(item: Any) -> None:
    base, accent = item
    if base.tag in ("mi", "mn") and len(base.text or "") == 1:
        accent.text = _SHORT.get(accent.text, accent.text)
        accent.set("stretchy", "false")
    elif accent.text in _LONG:
        accent.text = _LONG[accent.text]
        del accent.attrib["accent"]
