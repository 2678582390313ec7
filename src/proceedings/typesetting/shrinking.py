"""Images of a float set smaller, captions as they are: boxes of WeasyPrint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

LEAST = 0.75  # of the size that is asked for
STEPS = 1000  # shares are told apart by thousandths, so that they are the same everywhere

Sizes = Mapping[Any, tuple[float, float]]  # HTML element of an image → width and height in CSS pixels


def sizes(laid: Any) -> Sizes:
    """How large the images of a float are that is laid out. Formulas are text, and so is all in a caption or table."""
    if hasattr(laid, "replacement"):
        is_text = laid.element is None or "math" in laid.element.get("class", "").split()
        return {} if is_text else {laid.element: (laid.width, laid.height)}
    found: dict[Any, tuple[float, float]] = {}
    if laid.element_tag != "figcaption" and not laid.is_table_wrapper:
        for child in getattr(laid, "children", ()):
            found.update(sizes(getattr(child, "_box", child)))
    return found


def smaller(box: Any, asked: Sizes, share: float) -> Any:
    """A copy of a box that is not yet laid out, whose images have a share of these sizes."""
    from weasyprint.css.properties import Dimension

    if hasattr(box, "replacement") and box.element in asked:
        made = box.copy()
        made.style = box.style.copy()
        for name, length in zip(("width", "height"), asked[box.element], strict=True):
            made.style[name] = Dimension(share * length, "px")
        return made
    if getattr(box, "children", None) and not box.is_table_wrapper:
        return box.copy_with_children([smaller(child, asked, share) for child in box.children])
    return box


def share(room: float, whole: float, least: float) -> float | None:
    """The share of their size that images keep, so that what holds them takes no more than the room. `whole` and
    `least` are the heights that it has with them at full size and at the least share; None where that is too high."""
    if least > room:
        return None
    kept = 1.0 if whole <= room else LEAST + (1 - LEAST) * (room - least) / (whole - least)
    return int(kept * STEPS) / STEPS
