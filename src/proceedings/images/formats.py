"""What a file is, told by its first bytes: names lie (a JPEG called .png, a web page saved as .jpg)."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of image file that is understood."""

    name: str
    family: str  # raster, svg, pdf or postscript: which module converts it
    suffixes: tuple[str, ...]
    media_type: str = ""  # where an output takes the format as it is


FORMATS = {
    item.name: item
    for item in (
        Format("PNG", "raster", (".png", ".apng"), "image/png"),
        Format("JPEG", "raster", (".jpg", ".jpeg", ".jpe", ".jfif"), "image/jpeg"),
        Format("GIF", "raster", (".gif",)),
        Format("WEBP", "raster", (".webp",)),
        Format("TIFF", "raster", (".tif", ".tiff")),
        Format("BMP", "raster", (".bmp", ".dib")),
        Format("AVIF", "raster", (".avif", ".avifs")),
        Format("JPEG2000", "raster", (".jp2", ".j2k", ".jpf", ".jpx")),
        Format("SVG", "svg", (".svg", ".svgz"), "image/svg+xml"),
        Format("PDF", "pdf", (".pdf", ".ai")),
        Format("PostScript", "postscript", (".eps", ".ps", ".epsf", ".epsi")),
    )
}

_SIGNATURES = (
    (rb"\x89PNG\r\n\x1a\n", "PNG"),
    (rb"\xff\xd8\xff", "JPEG"),
    (rb"GIF8[79]a", "GIF"),
    (rb"RIFF....WEBP", "WEBP"),
    (rb"II[*+]\x00|MM\x00[*+]", "TIFF"),
    (rb"BM.{4}\x00\x00\x00\x00", "BMP"),
    (rb"....ftypavi[fs]", "AVIF"),
    (rb"\x00\x00\x00\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51", "JPEG2000"),
    (rb".{0,1023}?%PDF-\d", "PDF"),
    (rb"\xc5\xd0\xd3\xc6|\x04?%!(?:PS|\s)", "PostScript"),
)

# What an author may have saved in place of a figure, and what to do about it.
_STRANGERS = (
    (rb"version https://git-lfs", "a Git LFS pointer, not the image itself", "Run `git lfs pull`."),
    (rb"/annex/objects/", "a git-annex pointer, not the image itself", "Run `git annex get`."),
    (rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)", "a web page, not an image", "Download the image itself."),
    (rb"....ftyp(?:hei[cxms]|mif1)", "a HEIC photograph", "Export it as JPEG."),
    (rb"\xff\x0a|\x00\x00\x00\x0cJXL ", "a JPEG XL image", "Export it as PNG or JPEG."),
    (rb"8BPS", "a Photoshop document", "Export it as PNG or PDF."),
    (rb"\xd7\xcd\xc6\x9a|\x01\x00\x00\x00.{36} EMF", "a Windows metafile", "Export it as SVG or PDF."),
    (rb"PK\x03\x04", "a ZIP archive or an office document", "Export the figure as SVG, PDF or PNG."),
)  # fmt: skip


def recognise(data: bytes) -> Format | None:
    """The format of an image file, or None for anything else."""
    for pattern, name in _SIGNATURES:
        if re.match(pattern, data[:2048], re.S):
            return FORMATS[name]
    if data[:2] == b"\x1f\x8b" or _root_is_svg(data):
        return FORMATS["SVG"]
    return None


def stranger(data: bytes) -> tuple[str, str]:
    """What a file is that is no image we understand: a description and a hint."""
    if not data.strip():
        return "empty", "Save the figure again."
    for pattern, what, hint in _STRANGERS:
        if re.match(pattern, data[:2048], re.S | re.I):
            return what, hint
    return "of no known image format", "Use SVG, PDF, PNG or JPEG."


def _root_is_svg(data: bytes) -> bool:
    """Whether the first element's local name is svg, in any encoding that XML allows."""
    head = data[:65536]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        head = head.decode("utf-16", "ignore").encode()
    without = re.sub(rb"<!--.*?-->|<\?.*?\?>|<!DOCTYPE[^\[>]*(?:\[.*?\]\s*)?>", b"", head, flags=re.S | re.I)
    first = re.match(rb"(?:\xef\xbb\xbf)?\s*<(?:[\w.-]+:)?([\w.-]+)[\s/>]", without)
    return first is not None and first[1] == b"svg"
