"""HarfBuzz, asked for what WeasyPrint declares no function for: the library that it has loaded."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any


@cache
def _library() -> Any:
    return ctypes.CDLL("libharfbuzz.so.0")


def version() -> str:
    ask = _library().hb_version_string
    ask.restype = ctypes.c_char_p
    return bytes(ask()).decode()


def glyph_of(font: Any, character: str) -> int | None:
    """The glyph that a font of WeasyPrint's has for a character that stands alone."""
    from weasyprint.text.ffi import ffi

    glyph, own = ctypes.c_uint32(), ctypes.c_void_p(int(ffi.cast("uintptr_t", font.hb_font)))
    is_there = _library().hb_font_get_nominal_glyph(own, ord(character), ctypes.byref(glyph))
    return glyph.value if is_there else None
