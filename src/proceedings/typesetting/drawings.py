"""SVG images drawn faster than by WeasyPrint 70, which draws each at every place and takes its paths apart bit by bit.

Formulas repeat a lot (every x, every alpha), and drawing their outlines is a third of the time that a paper
takes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

Point = tuple[float, float]
Draw = Callable[[Any, Any, Any], None]

# Only what programs write: absolute commands and plain numbers. Everything else is left to WeasyPrint.
_PLAIN = re.compile(r"\s*+M(?:[\s,]*+(?:[MLHVCQTSZ]|-?(?:\d++\.?\d*+|\.\d++)(?=[\s,\-MLHVCQTSZ]|$)))*+[\s,]*+")
_PARTS = re.compile(r"([MLHVCQTSZ])([^MLHVCQTSZ]*)")
_BEYOND = re.compile("[en]")  # a number as PDF cannot write it: 1e-05, inf, nan
_TAKES = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "Q": 4, "T": 2, "S": 4, "Z": 0}
_MARKERS = ("marker", "marker-start", "marker-mid", "marker-end")


@contextmanager
def shared() -> Iterator[None]:
    """Let WeasyPrint draw each SVG image of a document once for each size, as a form XObject that its other
    places refer to, plain paths by `operators`, and text in the families that it names. One document at a time in a
    process."""
    from weasyprint import svg
    from weasyprint.images import SVGImage

    draw_anew, path, node_of = SVGImage.draw, svg.TAGS["path"], svg.SVG.draw_node
    forms: dict[tuple[int, float, float], tuple[Any, Any, str]] = {}

    def draw(image: Any, stream: Any, width: float, height: float, style: Any) -> None:
        key = (id(image), round(width, 3), round(height, 3))
        _, resources, name = forms.get(key, (None, None, ""))
        if resources is not stream._resources:  # a form belongs to the resources of the page or of a group
            form = stream.add_group(-width, -height, 3 * width, 3 * height)  # room for what stands out
            del form.extra["Group"]  # it is no transparency group
            draw_anew(image, form, width, height, style)
            forms[key] = (image, stream._resources, name := form.id)
        stream.draw_x_object(name)

    SVGImage.draw, svg.TAGS["path"], svg.SVG.draw_node = draw, _drawn_by(path), _in_families(node_of)
    try:
        yield
    finally:
        SVGImage.draw, svg.TAGS["path"], svg.SVG.draw_node = draw_anew, path, node_of


def _in_families(otherwise: Callable[..., None]) -> Callable[..., None]:
    """WeasyPrint takes the spaces and quotation marks of `font-family: Arial, 'Fira Sans', sans-serif` for letters."""

    def draw_node(image: Any, node: Any, *settings: Any, **named: Any) -> None:
        if families := node.get("font-family"):
            node.attrib["font-family"] = ",".join(name.strip(" \t\r\n\"'") for name in families.split(","))
        otherwise(image, node, *settings, **named)

    return draw_node


def _drawn_by(otherwise: Draw) -> Draw:
    def path(image: Any, node: Any, font_size: Any) -> None:
        content = None if any(node.get(name) for name in _MARKERS) else operators(node.get("d", ""))
        if content is None:
            otherwise(image, node, font_size)
        else:
            image.stream.stream.append(content)

    return path


def operators(data: str) -> bytes | None:
    """The operators of PDF that draw a path of SVG; None where it is not plain."""
    if not _PLAIN.fullmatch(data):
        return None
    pen = _Pen()
    for letter, text in _PARTS.findall(data.replace(",", " ").replace("-", " -")):
        numbers = list(map(float, text.split()))
        count = _TAKES[letter]
        if (len(numbers) % count if count else numbers) or (count and not numbers):
            return None
        if not count:
            pen.close()
        for at in range(0, len(numbers), count or 1):
            pen.draw("L" if letter == "M" and at else letter, numbers[at : at + count])
    written = " ".join(pen.written)
    return None if _BEYOND.search(written) else written.encode()


class _Pen:
    """Where a path has come to, and what is written of it."""

    def __init__(self) -> None:
        self.written: list[str] = []
        self.at: Point = (0.0, 0.0)
        self.start: Point = (0.0, 0.0)
        self.control: Point = (0.0, 0.0)  # of the last curve: what T and S mirror
        self.last = ""

    def close(self) -> None:
        self.written.append("h")
        self.at, self.last = self.start, "Z"

    def draw(self, letter: str, numbers: list[float]) -> None:
        if letter in "CSQT":
            end = numbers[-2], numbers[-1]
            self._curve(letter, numbers, end)
        else:
            x, y = self.at
            end = (numbers[0], y) if letter == "H" else (x, numbers[0]) if letter == "V" else (numbers[0], numbers[1])
            self.written.append(("%.7g %.7g m" if letter == "M" else "%.7g %.7g l") % end)
            if letter == "M":
                self.start = end
        self.at, self.last = end, letter

    def _curve(self, letter: str, numbers: list[float], end: Point) -> None:
        """A cubic curve; a quadratic one as the cubic curve that it is."""
        (x, y), (to_x, to_y) = self.at, end
        if letter in "TS":
            mirrored = self.last in ("QT" if letter == "T" else "CS")
            first = (2 * x - self.control[0], 2 * y - self.control[1]) if mirrored and self.last else (x, y)
        else:
            first = (numbers[0], numbers[1])
        if letter in "QT":
            second = (first[0] * 2 / 3 + to_x / 3, first[1] * 2 / 3 + to_y / 3)
            self.control, first = first, (first[0] * 2 / 3 + x / 3, first[1] * 2 / 3 + y / 3)
        else:
            second = self.control = (numbers[-4], numbers[-3])
        self.written.append("{:.7g} {:.7g} {:.7g} {:.7g} {:.7g} {:.7g} c".format(*first, *second, *end))
