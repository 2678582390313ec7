"""Dots: PNG and JPEG are kept when sound; everything else becomes PNG. Memory is bounded whatever the file claims."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from proceedings.diagnostics import Problem
from proceedings.images.formats import Format
from proceedings.images.refusal import Refused

if TYPE_CHECKING:
    from PIL.Image import Image

KEPT_PIXELS = 50_000_000  # larger images are scaled down; a good camera makes 45 million
DECODED_PIXELS = 100_000_000  # as many are decoded at once; 400 MB
READ_PIXELS = 500_000_000  # as many are read at all, where the format can be read in pieces
LONG_SIDE = 4000  # pixels of an image that is scaled down: 400 dpi on a page 250 mm wide
JPEG_QUALITY = 92

_ORIENTATION = 0x0112  # EXIF tags
_GPS = 0x8825


@dataclass(frozen=True, slots=True)
class Raster:
    data: bytes
    media_type: str
    width: int
    height: int


def convert(data: bytes, found: Format, problems: list[Problem]) -> Raster:
    """The image as PNG or JPEG. Refused if it is damaged or too large."""
    try:
        with _opened(data, found) as image:
            _tell_frames(image, found, problems)
            if image.width * image.height > KEPT_PIXELS:
                return _shrunk(image, data, found, problems)
            image.load()
            if found.media_type and not _must_change(image, problems):
                return Raster(data, found.media_type, image.width, image.height)
            return _encoded(_upright(image), found, problems)
    except (Refused, MemoryError):
        raise
    except Exception as error:  # a decoder that is fed hostile bytes may raise anything
        detail = str(error).strip() or type(error).__name__
        detail = re.sub(r"<_io\.BytesIO object at \w+>", "the file", detail)
        raise Refused(
            "X104", f"the {found.name} image is damaged: {detail[:200]}", "Save or download it again."
        ) from error


@contextmanager
def _opened(data: bytes, found: Format) -> Iterator[Image]:
    """The image with its header read. Pillow's own limit of pixels gives way to ours, which also scales down; half an
    image is damaged, although WeasyPrint, once it is imported, has Pillow accept it; what Pillow would print of odd
    metadata is of no use to anyone."""
    from PIL import Image, ImageFile

    limit, halves = Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES
    Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = None, False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=[found.name]) as image:
                yield image
    finally:
        Image.MAX_IMAGE_PIXELS, ImageFile.LOAD_TRUNCATED_IMAGES = limit, halves


def _tell_frames(image: Image, found: Format, problems: list[Problem]) -> None:
    frames = int(getattr(image, "n_frames", 1))
    if frames < 2 or found.name == "JPEG":  # a JPEG's further frames are previews
        return
    if found.name == "TIFF":
        message = f"the TIFF has {frames} pages; only the first is shown"
        problems.append(Problem("X107", message, "Save the page that is meant as a file of its own."))
    else:
        message = f"the {found.name} is an animation of {frames} frames; paper shows only the first"
        problems.append(Problem("X108", message, "Show the steps as separate figures, or give a link to a film."))


def _must_change(image: Image, problems: list[Problem]) -> bool:
    """Whether a PNG or JPEG cannot be published as it is. Tells of what its metadata give away."""
    if image.format in ("JPEG", "MPO"):
        exif = image.getexif()
        if exif.get_ifd(_GPS):
            message = "the photograph tells where it was taken (GPS position)"
            problems.append(
                Problem("X119", message, "Remove the position before publishing, if it is nobody's business.")
            )
        if exif.get(_ORIENTATION, 1) != 1:
            return True
    return image.mode not in ("1", "L", "LA", "P", "PA", "RGB", "RGBA")  # 16 bits of grey print as black


def _upright(image: Image) -> Image:
    """Turned as EXIF says that it was held: not every reading system turns it."""
    from PIL import ImageOps

    return ImageOps.exif_transpose(image)


def _encoded(image: Image, found: Format, problems: list[Problem]) -> Raster:
    """Written anew, without metadata: a JPEG stays JPEG, everything else becomes PNG."""
    made = _screen_colours(image, found, problems)
    buffer = io.BytesIO()
    if found.name == "JPEG":
        made.convert("L" if made.mode == "L" else "RGB").save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        return Raster(buffer.getvalue(), "image/jpeg", made.width, made.height)
    options = {"transparency": made.info["transparency"]} if "transparency" in made.info else {}
    made.info = {}
    made.save(buffer, "PNG", **options)
    return Raster(buffer.getvalue(), "image/png", made.width, made.height)


def _screen_colours(image: Image, found: Format, problems: list[Problem]) -> Image:
    """In sRGB or grey with 8 bits, by the image's own colour profile where it has one."""
    if _is_deep_grey(image, found):
        return _eight_bits(image, problems)
    if image.mode in ("F", "I"):
        message = f"the image holds {'real numbers' if image.mode == 'F' else '32-bit numbers'}, not colours"
        raise Refused("X104", message, "Export it with 8 bits per channel, in the range that shows what you mean.")
    if image.mode in ("CMYK", "LAB", "YCbCr", "HSV"):
        message = f"the colours are converted from {image.mode} to sRGB and may look a little different"
        problems.append(Problem("X121", message, "Export the figure in sRGB."))
    profiled = _by_profile(image)
    if profiled is not None:
        return profiled
    if image.mode in ("1", "L", "LA", "P", "RGB", "RGBA"):
        return image
    return image.convert("RGBA" if image.mode in ("PA", "La", "RGBa") else "RGB")


def _is_deep_grey(image: Image, found: Format) -> bool:
    """Whether it is grey of 16 bits, which is of mode I to some versions of Pillow if it is a PNG."""
    return image.mode.startswith("I;16") or (image.mode == "I" and found.name == "PNG")


def _eight_bits(image: Image, problems: list[Problem]) -> Image:
    """The upper eight bits of grey of 16."""
    hint = "Export it with 8 bits per channel, in the range that shows what you mean."
    problems.append(Problem("X121", "the image has 16 bits per channel; 8 are kept", hint))
    made = image.convert("I").point(lambda value: value * (1 / 256) + 0).convert("L")
    made.info = {"transparency": image.info["transparency"] >> 8} if "transparency" in image.info else {}
    return made


def _by_profile(image: Image) -> Image | None:
    """Converted to sRGB by the embedded ICC profile; None where there is none that can be used."""
    from PIL import ImageCms

    if image.mode == "LAB":
        source: Any = ImageCms.createProfile("LAB")
    else:
        profile = image.info.get("icc_profile")
        if not profile or image.mode not in ("RGB", "RGBA", "CMYK"):
            return None
        source = io.BytesIO(profile)
    try:
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        return ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return None


def _shrunk(image: Image, data: bytes, found: Format, problems: list[Problem]) -> Raster:
    """An image larger than any page needs, scaled down to `LONG_SIDE` without ever being in memory as a whole."""
    from proceedings.images import strips

    size = f"{image.width:,} × {image.height:,} pixels"
    pixels = image.width * image.height
    pieces = (found.name == "JPEG" and not image.info.get("progressive")) or found.name == "PNG"
    if pixels > (READ_PIXELS if pieces else DECODED_PIXELS):
        raise Refused(
            "X110", f"the image has {size}; that is too large to read", f"Scale it down to {LONG_SIDE} pixels."
        )
    if found.name == "JPEG":
        image.draft(image.mode, (LONG_SIDE, LONG_SIDE))  # decode every second, fourth or eighth dot only
        image.load()
        image.thumbnail((LONG_SIDE, LONG_SIDE))
        small = _upright(image)
    elif found.name == "PNG" and (pixels > DECODED_PIXELS or strips.can_part(data)):
        small = strips.reduce_png(data, LONG_SIDE)
    else:
        image.load()
        image = _eight_bits(image, problems) if _is_deep_grey(image, found) else image
        factor = max(1, max(image.size) // LONG_SIDE)
        small = _upright(image.convert("RGBA" if image.has_transparency_data else "RGB").reduce(factor))
    small.thumbnail((LONG_SIDE, LONG_SIDE))
    message = (
        f"the image has {size}; it is scaled down to {small.width:,} × {small.height:,}, which is as fine as print"
    )
    problems.append(Problem("X109", message, f"Scale it down yourself: {LONG_SIDE} pixels are enough."))
    return _encoded(small, found, problems)
