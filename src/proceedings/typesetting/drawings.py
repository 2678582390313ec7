"""An SVG image that appears often is drawn once: WeasyPrint 70 draws it again at every place.

Formulas repeat a lot (every x, every alpha), and drawing their outlines is a third of the time that a paper
takes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def shared() -> Iterator[None]:
    """Let WeasyPrint draw each SVG image of a document once for each size, as a form XObject that its other
    places refer to. One document at a time in a process."""
    from weasyprint.images import SVGImage

    draw_anew = SVGImage.draw
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

    SVGImage.draw = draw
    try:
        yield
    finally:
        SVGImage.draw = draw_anew
