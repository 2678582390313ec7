"""What a printing house asks for: a cover that reaches over its edge, with crop marks; pages in black and greys."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO

import pikepdf
from pikepdf import Array, Dictionary, Name, Operator, Pdf, Stream

MILLIMETRE = 72 / 25.4  # points
MARK = 5 * MILLIMETRE  # the length of a crop mark
DARK = 0.5  # luminance below which text and rules are printed in black

_INNER = ("/CropBox", "/BleedBox", "/TrimBox", "/ArtBox")
_RGB = {"rg": "g", "RG": "G", "sc": "g", "scn": "g", "SC": "G", "SCN": "G", "k": "g", "K": "G"}


def with_bleed(data: bytes, bleed: int, marks: bool) -> bytes:
    """A page whose content reaches over its edge by `bleed` millimetres at least, on a larger sheet: TrimBox and
    BleedBox say where to cut, crop marks show it."""
    with Pdf.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            left, bottom, right, top = (float(edge) for edge in page.mediabox)
            over = bleed * MILLIMETRE
            rim = over + (MARK + 2 * MILLIMETRE if marks else 0)
            page.TrimBox = Array([left, bottom, right, top])
            page.BleedBox = Array([left - over, bottom - over, right + over, top + over])
            page.MediaBox = page.CropBox = Array([left - rim, bottom - rim, right + rim, top + rim])
            lines = b"".join(_marks(left, bottom, right, top, over)) if marks else b""
            sheet = (left - over, bottom - over, right - left + 2 * over, top - bottom + 2 * over)
            page.contents_add(b"q %.2f %.2f %.2f %.2f re W n" % sheet, prepend=True)
            page.contents_add(b"Q /Artifact BMC q 0 G 0.25 w %s Q EMC" % lines)
        return _saved(pdf)


def widened(data: bytes, millimetres: float) -> bytes:
    """The same pages on sheets that reach further to the right."""
    with Pdf.open(io.BytesIO(data)) as pdf:
        for page in pdf.pages:
            left, bottom, right, top = (float(edge) for edge in page.mediabox)
            box = Array([left, bottom, right + millimetres * MILLIMETRE, top])
            for name in ("/MediaBox", *(name for name in _INNER if name in page.obj)):
                page.obj[name] = box
        return _saved(pdf)


def _marks(left: float, bottom: float, right: float, top: float, over: float) -> Iterator[bytes]:
    for x, outward in ((left, -1), (right, 1)):
        for y in (bottom, top):
            yield b"%.2f %.2f m %.2f %.2f l S " % (x + outward * over, y, x + outward * (over + MARK), y)
    for y, outward in ((bottom, -1), (top, 1)):
        for x in (left, right):
            yield b"%.2f %.2f m %.2f %.2f l S " % (x, y + outward * over, x, y + outward * (over + MARK))


def in_black(file: BinaryIO) -> bytes:
    """A file in black and greys. Text and rules that are dark become black; figures keep their greys."""
    with Pdf.open(file) as pdf:
        streams: list[Any] = [item for item in pdf.objects if isinstance(item, Stream)]
        for item in streams:
            kind = item.get("/Subtype")
            if kind == Name.Image:
                _grey_image(item)
            elif kind == Name.Form or item.get("/PatternType") == 1:
                item.write(_grey_stream(item, black=False))
        for item in pdf.objects:
            if isinstance(item, Dictionary) and "/ShadingType" in item:
                _grey_shading(item)
        for page in pdf.pages:
            page.Contents = pdf.make_stream(_grey_stream(page, black=True))
        return _saved(pdf)


def _grey_stream(holder: Any, *, black: bool) -> bytes:
    kept: list[Any] = []
    instructions: Any = pikepdf.parse_content_stream(holder)
    for operands, operator in instructions:
        name = str(operator)
        if name in ("cs", "CS") and str(operands[0]) in ("/DeviceRGB", "/DeviceCMYK"):
            continue
        if name in _RGB and len(operands) in (3, 4) and not any(isinstance(item, Name) for item in operands):
            grey = _luminance([float(item) for item in operands])
            kept.append(([0 if black and grey < DARK else round(grey, 4)], Operator(_RGB[name])))
        else:
            kept.append((operands, operator))
    return pikepdf.unparse_content_stream(kept)


def _luminance(colour: list[float]) -> float:
    """RGB or CMYK → grey, by the weights of Rec. 601, which PDF's own conversion has (ISO 32000-1, 10.3.2)."""
    if len(colour) == 4:
        cyan, magenta, yellow, key = colour
        return 1 - min(1.0, 0.3 * cyan + 0.59 * magenta + 0.11 * yellow + key)
    red, green, blue = colour
    return 0.3 * red + 0.59 * green + 0.11 * blue


def _grey_image(image: Any) -> None:
    if image.get("/ImageMask", False) or image.get("/ColorSpace") == Name.DeviceGray:
        return
    picture = pikepdf.PdfImage(image).as_pil_image().convert("L")
    image.write(picture.tobytes())
    image.ColorSpace, image.BitsPerComponent = Name.DeviceGray, 8
    for name in ("/DecodeParms", "/Decode"):
        if name in image:
            del image[name]


def _grey_shading(shading: Any) -> None:
    if shading.get("/ColorSpace") == Name.DeviceRGB:
        shading.ColorSpace = Name.DeviceGray
        _grey_function(shading.Function)


def _grey_function(function: Any) -> None:
    """Gradients are interpolations (type 2), stitched together (type 3)."""
    for part in function.get("/Functions", ()):
        _grey_function(part)
    for end in ("/C0", "/C1"):
        if end in function and len(function[end]) == 3:
            function[end] = Array([_luminance([float(item) for item in function[end]])])


def _saved(pdf: Pdf) -> bytes:
    output = io.BytesIO()
    pdf.save(output, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    return output.getvalue()
