"""A PNG of hundreds of millions of pixels, reduced strip by strip: a 20,000 × 20,000 image in some 50 MB of memory.

Pillow can only decode a whole PNG. But a strip of its filtered rows, with one row that is already decoded put in front
(for the filters look one row up), is a PNG of its own, which Pillow decodes fast. The strip is declared as 8-bit grey,
grey with alpha, RGB or RGBA by its bytes per pixel, since filters see bytes only; the true meaning is given to the
result.
"""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proceedings.images.refusal import Refused

if TYPE_CHECKING:
    from PIL.Image import Image

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_STRIP_BYTES = 4 * 1024**2
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # by colour type
_STAND_IN = {1: (0, "L"), 2: (4, "LA"), 3: (2, "RGB"), 4: (6, "RGBA")}  # colour type and mode, by bytes per pixel
_MODES = {
    (0, 1): ("1", "1"), (0, 2): ("L", "L;2"), (0, 4): ("L", "L;4"), (0, 8): ("L", "L"), (0, 16): ("LA", "LA"),
    (2, 8): ("RGB", "RGB"), (3, 1): ("P", "P;1"), (3, 2): ("P", "P;2"), (3, 4): ("P", "P;4"), (3, 8): ("P", "P"),
    (4, 8): ("LA", "LA"), (6, 8): ("RGBA", "RGBA"),
}  # fmt: skip  # Pillow's mode and raw mode, by colour type and depth; 16-bit grey is read as (high byte, low byte)


@dataclass(frozen=True, slots=True)
class _Header:
    width: int
    height: int
    depth: int
    colour: int
    palette: bytes
    transparency: bytes

    @property
    def row_bytes(self) -> int:
        return (self.width * self.depth * _CHANNELS[self.colour] + 7) // 8

    @property
    def pixel_bytes(self) -> int:
        return max(1, self.depth * _CHANNELS[self.colour] // 8)


def reduce_png(data: bytes, long_side: int) -> Image:
    """The PNG reduced by a whole factor so that its longer side is just above `long_side`. Refused on an interlaced
    image or one with 16 bits per colour; ValueError on a damaged one."""
    from PIL import Image

    header = _header(data)
    factor = max(1, max(header.width, header.height) // long_side)
    rows = max(factor, _STRIP_BYTES // max(header.row_bytes, header.width) // factor * factor)
    opaque = header.colour in (0, 2, 3) and not header.transparency
    result = Image.new("RGB" if opaque else "RGBA", (-(-header.width // factor), -(-header.height // factor)))

    above = bytes(header.row_bytes)
    top = 0
    for strip in _strips(data, rows * (header.row_bytes + 1)):
        decoded = _unfiltered(strip, above, header)
        above = decoded[-header.row_bytes :]
        whole = _picture(decoded, header)
        if whole.mode not in ("L", "RGB", "RGBA") or not opaque:
            whole = whole.convert(result.mode)
        result.paste(whole.reduce(factor).convert(result.mode), (0, top // factor))
        top += len(strip) // (header.row_bytes + 1)
    if top != header.height:
        raise ValueError(f"{top} of {header.height} rows are there")
    return result


def can_part(data: bytes) -> bool:
    """Whether `reduce_png` can read it: it is not interlaced and has no colours of 16 bits."""
    depth, colour, _, _, interlaced = data[24:29]
    return not interlaced and (colour, depth) in _MODES


def _header(data: bytes) -> _Header:
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", data[16:29])
    if not can_part(data):
        message = (
            f"the image has {width:,} × {height:,} pixels, {'interlaced' if interlaced else 'with 16 bits per colour'}"
        )
        raise Refused("X110", f"{message}; that is too large to read", "Scale it down to 4000 pixels.")
    parts = {kind: body for kind, body in _chunks(data) if kind in (b"PLTE", b"tRNS")}
    return _Header(width, height, depth, colour, bytes(parts.get(b"PLTE", b"")), bytes(parts.get(b"tRNS", b"")))


def _chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    view, offset = memoryview(data), len(_SIGNATURE)
    while offset + 8 <= len(data):
        length, kind = struct.unpack(">I4s", view[offset : offset + 8])
        yield kind, view[offset + 8 : offset + 8 + length]
        offset += length + 12


def _strips(data: bytes, size: int) -> Iterator[bytes]:
    """The filtered rows, inflated, in pieces of `size` bytes (the last may be shorter)."""
    inflater, waiting = zlib.decompressobj(), bytearray()
    for kind, body in _chunks(data):
        if kind != b"IDAT":
            continue
        compressed: bytes | memoryview = body
        while compressed:
            waiting += inflater.decompress(compressed, max(1, size - len(waiting)))
            compressed = inflater.unconsumed_tail
            if len(waiting) >= size:
                yield bytes(waiting)
                waiting.clear()
    waiting += inflater.flush()
    if waiting:
        yield bytes(waiting)


def _unfiltered(strip: bytes, above: bytes, header: _Header) -> bytes:
    """The bytes of the strip's rows without filters, `above` being the row before them."""
    from PIL import Image

    colour, mode = _STAND_IN[header.pixel_bytes]
    rows, left = divmod(len(strip), header.row_bytes + 1)
    if left:
        raise ValueError("the last row is cut off")
    width = header.row_bytes // header.pixel_bytes
    shape = struct.pack(">IIBBBBB", width, rows + 1, 8, colour, 0, 0, 0)
    body = zlib.compress(b"\0" + above + strip, level=0)
    png = _SIGNATURE + _chunk(b"IHDR", shape) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        decoded = image.tobytes()
    assert image.mode == mode
    return decoded[header.row_bytes :]


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _picture(raw: bytes, header: _Header) -> Image:
    """The rows as they are meant: with palette and transparency, or the high bytes of 16-bit grey."""
    from PIL import Image

    mode, raw_mode = _MODES[header.colour, header.depth]
    image = Image.frombytes(mode, (header.width, len(raw) // header.row_bytes), raw, "raw", raw_mode)
    if header.colour == 0 and header.depth == 16:
        return image.getchannel(0)
    if header.colour == 3:
        image.putpalette(header.palette)
        if header.transparency:
            image.info["transparency"] = header.transparency
    elif header.transparency and header.colour == 2:
        image.info["transparency"] = struct.unpack(">3H", header.transparency)
    elif header.transparency and header.depth == 8:
        image.info["transparency"] = struct.unpack(">H", header.transparency)[0]
    return image
