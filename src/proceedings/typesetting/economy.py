"""What WeasyPrint 70 and the libraries under it do over and over though once, or not at all, is enough.

WeasyPrint's style sheet gives all elements the styles of marks that only notes have: five for each, which are most of
the memory of a long text before it is set. It works out seventy properties of each element one by one, though nothing
is said of nearly all of them, and moves the pen by nothing after most letters. tinyhtml5 makes its patterns anew for
each tag; pydyf compresses for twice the time to save a hundredth. What is set looks the same to the last point.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

Style = Mapping[str, Any]

# The pseudo-elements that WeasyPrint's own style sheet gives to all, and the elements that have them.
_NEEDED: dict[str, Callable[[Style], bool]] = {
    **dict.fromkeys(("footnote-call", "footnote-marker"), lambda style: style["float"] == "footnote"),
    **dict.fromkeys(("note-call", "note-marker", "note-callback"), lambda style: style["position"][0] == "note()"),
}


@contextmanager
def at_work() -> Iterator[None]:
    """Spare the libraries that while a document is set and written. One document at a time in a process."""
    import pydyf
    import tinyhtml5.inputstream
    from weasyprint.css import ComputedStyle, StyleFor

    replaced: list[tuple[Any, str, Any]] = [
        (StyleFor, "set_computed_styles", _only_needed(StyleFor.set_computed_styles)),
        (ComputedStyle, "__missing__", _unless_said(ComputedStyle.__missing__)),
        (tinyhtml5.inputstream, "characters_until_regex", _Patterns()),
        (pydyf.PDF, "page_references", property(_page_references)),
        (pydyf.Stream, "show_text", _without_standing_still(pydyf.Stream.show_text)),
        (pydyf, "zlib", SimpleNamespace(compressobj=lambda level: zlib.compressobj())),
    ]
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in replaced]
    for owner, name, own in replaced:
        setattr(owner, name, own)
    try:
        yield
    finally:
        for owner, name, own in before:
            setattr(owner, name, own)


def _only_needed(set_styles: Callable[..., None]) -> Callable[..., None]:
    def set_needed(styles: Any, element: Any, *rest: Any, pseudo_type: str | None = None, **named: Any) -> None:
        needed = _NEEDED.get(pseudo_type or "")
        if needed is None or needed(styles.get_computed_styles()[element, None]):
            set_styles(styles, element, *rest, pseudo_type=pseudo_type, **named)

    return set_needed


def _unless_said(value_of: Callable[[Any, str], Any]) -> Callable[[Any, str], Any]:
    """The value of a property of which no style sheet says anything: the parent's, or the initial one."""
    from weasyprint.css import INHERITED, INITIAL_NOT_COMPUTED, INITIAL_VALUES, PHYSICAL_FUNCTIONS

    own_ways = {"position", "float", "display", "page", *INITIAL_NOT_COMPUTED}
    logical: dict[tuple[str, str], str] = {}  # the property that says it by the direction of text: margin-inline-start

    def value(style: Any, name: str) -> Any:
        said, parent = style.cascaded, style.parent_style
        if name in said or name in own_ways or parent is None or name.startswith("text_decoration_"):
            return value_of(style, name)
        if name in PHYSICAL_FUNCTIONS:
            direction = style["direction"]
            if (name, direction) not in logical:
                logical[name, direction] = PHYSICAL_FUNCTIONS[name](block="ttb", inline=direction)
            if logical[name, direction] in said:
                return value_of(style, name)
        inherited = name in INHERITED or name.startswith("__")
        found = style[name] = parent[name] if inherited else INITIAL_VALUES[name]
        return found

    return value


class _Patterns(dict[tuple[frozenset[str], bool], re.Pattern[str]]):
    """The longest text of some characters only, or of all but these: what tinyhtml5 means to keep, but under another
    name than it looks for."""

    def __missing__(self, key: tuple[frozenset[str], bool]) -> re.Pattern[str]:
        characters, only = key
        listed = "".join(map(re.escape, sorted(characters)))
        pattern = self[key] = re.compile(f"[{listed}]+" if only else f"[^{listed}]+")
        return pattern


def _without_standing_still(show: Callable[[Any, str], None]) -> Callable[[Any, str], None]:
    def show_text(stream: Any, text: str) -> None:
        show(stream, text.replace(">0<", ""))

    return show_text


def _page_references(pdf: Any) -> tuple[bytes, ...]:
    """The references to a file's pages, kept until there are more pages: each link and mark asks for one of them."""
    numbers = pdf.pages["Kids"]
    known: tuple[bytes, ...] = getattr(pdf, "_known_references", ())
    if len(known) != len(numbers) // 3:
        known = pdf._known_references = tuple(b"%d 0 R" % number for number in numbers[::3])
    return known
