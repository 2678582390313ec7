"""One image file → a picture that every output takes, and what was wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from proceedings.diagnostics import Problem
from proceedings.images.formats import FORMATS, Format, recognise, stranger
from proceedings.images.refusal import Refused

if TYPE_CHECKING:
    from proceedings.images.vector import Drawing

MAX_BYTES = 100 * 1024**2  # of the file as it is submitted
HEAVY_BYTES = 10 * 1024**2  # of the picture as it is published
RENDERED_SIDE = 3000  # pixels at most of a drawing that must become dots: 300 dpi on a page 250 mm wide
RENDERED_DENSITY = 600 / 96  # pixels per CSS pixel where it is smaller


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as it is published. `width` and `height` are CSS pixels; 0 where the file does not tell. `dots` is how
    many pixels it has across; 0 for lines."""

    data: bytes
    media_type: str
    suffix: str
    width: int
    height: int
    dots: int = 0


def convert(name: str, data: bytes) -> tuple[Picture | None, list[Problem]]:
    """The picture that a file holds, or None; and the problems met. `name` only tells whether its suffix is true."""
    problems: list[Problem] = []
    try:
        found = _recognised(name, data, problems)
        picture = _CONVERTERS[found.family](data, found, problems)
    except Refused as refusal:
        return None, [*problems, refusal.problem]
    except (MemoryError, RecursionError):
        message = "the image needs more memory than one image may"
        return None, [*problems, Problem("X110", message, "Simplify the figure, or scale it down.")]
    if len(picture.data) > HEAVY_BYTES:
        message = f"the image has {len(picture.data) / 1024**2:.1f} MB; readers will wait for it"
        problems.append(Problem("X112", message, "Scale it down, or save a photograph as JPEG."))
    return picture, problems


def draw(page: bytes, long_side: int) -> tuple[bytes, list[Problem]]:
    """A page of a PDF as PNG, its longer side of `long_side` pixels; empty where it cannot be drawn."""
    from proceedings.images import pdf, programs

    try:
        return programs.pdf_to_png(pdf.first_page(page)[0], long_side), []
    except Refused as refusal:
        return b"", [refusal.problem]


def _recognised(name: str, data: bytes, problems: list[Problem]) -> Format:
    if len(data) > MAX_BYTES:
        message = f"the image file has {len(data) / 1024**2:.0f} MB; the limit is {MAX_BYTES // 1024**2} MB"
        raise Refused("X110", message, "Scale the image down.")
    found = recognise(data)
    if found is None:
        what, hint = stranger(data)
        raise Refused("X103", f"the image file is {what}", hint)
    suffix = PurePosixPath(name).suffix.lower()
    if suffix not in found.suffixes:
        told = f"called {suffix!r}" if suffix else "without a suffix"
        problems.append(Problem("X105", f"the image file is {found.name} but {told}", f"Name it {found.suffixes[0]}."))
    return found


def _raster(data: bytes, found: Format, problems: list[Problem]) -> Picture:
    from proceedings.images import raster

    made = raster.convert(data, found, problems)
    suffix = ".png" if made.media_type == "image/png" else ".jpg"
    return Picture(made.data, made.media_type, suffix, made.width, made.height, dots=made.width)


def _svg(data: bytes, found: Format, problems: list[Problem]) -> Picture:
    from proceedings.images import programs, vector

    drawing = vector.clean(data, problems, embedded=_embedded)
    if not drawing.hardship:
        return Picture(drawing.data, "image/svg+xml", ".svg", round(drawing.width), round(drawing.height))
    side = "width" if drawing.width >= drawing.height else "height"
    dots = programs.svg_to_png(drawing.data, side, _rendered_side(drawing))
    return _rasterised(dots, "SVG", drawing, problems)


def _pdf(data: bytes, found: Format, problems: list[Problem]) -> Picture:
    from proceedings.images import pdf, programs, vector

    page, count = pdf.first_page(data)
    if count > 1:
        message = f"the PDF has {count} pages; only the first is shown"
        problems.append(Problem("X107", message, "Save the page that is meant as a file of its own."))
    ignored: list[Problem] = []  # what pdftocairo writes is its own affair, not the author's
    drawing = vector.clean(programs.pdf_to_svg(page), ignored, embedded=_embedded)
    if not drawing.hardship:
        return Picture(drawing.data, "image/svg+xml", ".svg", round(drawing.width), round(drawing.height))
    return _rasterised(programs.pdf_to_png(page, _rendered_side(drawing)), "PDF", drawing, problems)


def _postscript(data: bytes, found: Format, problems: list[Problem]) -> Picture:
    from proceedings.images import programs

    return _pdf(programs.postscript_to_pdf(data), found, problems)


def _embedded(data: bytes) -> tuple[str, bytes] | None:
    """A raster image inside an SVG, made sound: its media type and bytes; None if it cannot be used."""
    found = recognise(data)
    if found is None or found.family != "raster":
        return None
    try:
        picture = _raster(data, found, [])
    except Refused:
        return None
    return picture.media_type, picture.data


def _rendered_side(drawing: Drawing) -> int:
    """How many pixels the longer side of a drawing gets that must become dots."""
    return min(RENDERED_SIDE, max(1, round(max(drawing.width, drawing.height) * RENDERED_DENSITY)) or RENDERED_SIDE)


def _rasterised(dots: bytes, kind: str, drawing: Drawing, problems: list[Problem]) -> Picture:
    """The dots that a drawing became, in the drawing's own size."""
    picture = _raster(dots, FORMATS["PNG"], problems)
    if drawing.hardship:
        message = f"the {kind} figure {drawing.hardship}; it is drawn as {picture.dots:,} dots across instead of lines"
        problems.append(Problem("X115", message, "Simplify the figure, or export it as PNG yourself."))
    if not drawing.width:
        return picture
    return replace(picture, width=round(drawing.width), height=round(drawing.height))


_CONVERTERS = {"raster": _raster, "svg": _svg, "pdf": _pdf, "postscript": _postscript}
