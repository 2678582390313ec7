"""One image file → a picture that every output takes, and what was wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePosixPath

from proceedings.diagnostics import Problem
from proceedings.images.formats import Format, recognise, stranger
from proceedings.images.refusal import Refused

MAX_BYTES = 100 * 1024**2  # of the file as it is submitted
HEAVY_BYTES = 10 * 1024**2  # of the picture as it is published
RENDERED_SIDE = 3000  # pixels of a drawing that must become dots: 300 dpi on a page 250 mm wide


@dataclass(frozen=True, slots=True)
class Picture:
    """An image as it is published. `width` and `height` are CSS pixels; 0 where the file does not tell."""

    data: bytes
    media_type: str
    suffix: str
    width: int
    height: int

    @property
    def is_raster(self) -> bool:
        return self.media_type != "image/svg+xml"


def convert(name: str, data: bytes) -> tuple[Picture | None, list[Problem]]:
    """The picture that a file holds, or None; and the problems met. `name` only tells whether its suffix is true."""
    problems: list[Problem] = []
    try:
        found = _recognised(name, data, problems)
        picture = _CONVERTERS[found.family](data, found, problems)
    except Refused as refusal:
        return None, [*problems, refusal.problem]
    if len(picture.data) > HEAVY_BYTES:
        message = f"the image has {len(picture.data) / 1024**2:.1f} MB; readers will wait for it"
        problems.append(Problem("X112", message, "Scale it down, or save a photograph as JPEG."))
    return picture, problems


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
    return Picture(made.data, made.media_type, ".png" if made.media_type == "image/png" else ".jpg", made.width, made.height)


def _svg(data: bytes, found: Format, problems: list[Problem]) -> Picture:
    from proceedings.images import programs, vector

    drawing = vector.clean(data, problems, embedded=_embedded)
    if drawing.cost <= vector.MAX_COST:
        return Picture(drawing.data, "image/svg+xml", ".svg", round(drawing.width), round(drawing.height))
    problems.append(_rasterised("SVG", f"{drawing.cost:,} units of drawing"))
    side = "width" if drawing.width >= drawing.height else "height"
    dots = programs.svg_to_png(drawing.data, side, RENDERED_SIDE)
    return _raster(dots, _PNG, problems)


def _pdf(data: bytes, found: Format, problems: list[Problem]) -> Picture:
    from proceedings.images import programs, vector

    page = programs.describe_pdf(data)
    if page.pages > 1:
        message = f"the PDF has {page.pages} pages; only the first is shown"
        problems.append(Problem("X107", message, "Save the page that is meant as a file of its own."))
    if not (page.is_cropped and page.rotation):
        ignored: list[Problem] = []  # what pdftocairo writes is its own affair, not the author's
        drawing = vector.clean(programs.pdf_to_svg(data), ignored, embedded=_embedded, view=_view(page))
        if drawing.cost <= vector.MAX_COST and not drawing.is_layered:
            return Picture(drawing.data, "image/svg+xml", ".svg", round(drawing.width), round(drawing.height))
        reason = "transparency that SVG cannot hold" if drawing.is_layered else f"{drawing.cost:,} units of drawing"
        problems.append(_rasterised("PDF", reason))
    return _raster(programs.pdf_to_png(data, RENDERED_SIDE), _PNG, problems)


def _view(page: object) -> tuple[float, float, float, float] | None:
    """The part of the drawing that the crop box shows, as an SVG viewBox in points."""
    from proceedings.images.programs import Page

    assert isinstance(page, Page)
    if not page.is_cropped:
        return None
    left, bottom, right, top = page.crop
    return (left - page.media[0], page.media[3] - top, right - left, top - bottom)


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


def _rasterised(kind: str, reason: str) -> Problem:
    message = f"the {kind} figure has {reason}; it is drawn as {RENDERED_SIDE} dots across instead of lines"
    return Problem("X115", message, "Simplify the figure (fewer points), or export it as PNG yourself.")


_PNG = Format("PNG", "raster", (".png",), "image/png")
_CONVERTERS = {"raster": _raster, "svg": _svg, "pdf": _pdf, "postscript": _postscript}
