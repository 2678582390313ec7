"""Drawing by ziamath, in pure Python: MathML → SVG outlines of STIX Two Math."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib import metadata
from typing import Any
from xml.etree import ElementTree

from proceedings.diagnostics import MissingProgram, Problem
from proceedings.maths.formulas import Rendered, Svg

_UNITS = 1000  # units of drawing per em
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

    drawing = Math(_adapted(mathml), size=_UNITS, margin=_MARGIN)
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
    """ziamath's options are global: ours hold while we draw."""
    from ziamath.config import config

    before = config.svg2, config.precision
    config.svg2, config.precision = False, 1  # precision 0 would cut the zeros off 1450
    try:
        yield
    finally:
        config.svg2, config.precision = before


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

_ACCENTS = {"\u0302": "\u02c6", "\u0303": "\u02dc"}  # combining → spacing hat and tilde, which do not stretch


def _adapted(mathml: str) -> Any:
    """Without the annotation, and with the spacing and stretching that browsers infer and ziamath does not."""
    math = ElementTree.fromstring(mathml)
    for item in math.iter():
        item.tag = item.tag.rpartition("}")[2]
    semantics = math.find("semantics")
    if semantics is not None:
        math[:] = [semantics[0]]
    for item in math.iter():
        if item.tag == "mi" and item.text in ("−", "+", "±"):  # a sign, not an operation
            item.tag = "mo"
            item.attrib.update(form="prefix", lspace="0", rspace="0")
        elif item.tag in ("mover", "munder") and len(item) == 2 and item[1].get("accent") == "true":
            _unstretched(item)
    return math


def _unstretched(item: Any) -> None:
    """An accent over a single letter keeps its size."""
    base, accent = item
    if base.tag in ("mi", "mn") and len(base.text or "") == 1:
        accent.text = _ACCENTS.get(accent.text, accent.text)
        accent.set("stretchy", "false")
