"""What WeasyPrint makes for every element and looks up for every link, though few elements need it.

Its style sheet gives all elements the styles of marks that only notes have: five for each, which are most of the memory
of a long text before it is set. The result is the same to the byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

Style = Mapping[str, Any]

# The pseudo-elements that WeasyPrint's own style sheet gives to all, and the elements that have them.
_NEEDED: dict[str, Callable[[Style], bool]] = {
    **dict.fromkeys(("footnote-call", "footnote-marker"), lambda style: style["float"] == "footnote"),
    **dict.fromkeys(("note-call", "note-marker", "note-callback"), lambda style: style["position"][0] == "note()"),
}


@contextmanager
def at_work() -> Iterator[None]:
    """Spare WeasyPrint that while a document is set and written. One document at a time in a process."""
    from pydyf import PDF
    from weasyprint.css import StyleFor

    set_styles, references = StyleFor.set_computed_styles, PDF.page_references

    def set_needed(styles: Any, element: Any, *rest: Any, pseudo_type: str | None = None, **named: Any) -> None:
        needed = _NEEDED.get(pseudo_type or "")
        if needed is None or needed(styles.get_computed_styles()[element, None]):
            set_styles(styles, element, *rest, pseudo_type=pseudo_type, **named)

    StyleFor.set_computed_styles, PDF.page_references = set_needed, property(_page_references)
    try:
        yield
    finally:
        StyleFor.set_computed_styles, PDF.page_references = set_styles, references


def _page_references(pdf: Any) -> tuple[bytes, ...]:
    """The references to a file's pages, kept until there are more pages: each link and mark asks for one of them."""
    numbers = pdf.pages["Kids"]
    known: tuple[bytes, ...] = getattr(pdf, "_known_references", ())
    if len(known) != len(numbers) // 3:
        known = pdf._known_references = tuple(b"%d 0 R" % number for number in numbers[::3])
    return known
