"""A laid-out contribution: a tagged PDF without page numbers, and the plain facts that the later stages
need."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any


class LayoutError(ValueError):
    """The HTML asks for something that cannot be laid out as it says; the message names it."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One bookmark. `level` counts from 1; `left` and `top` are points from the lower left corner of the
    page."""

    level: int
    title: str
    page: int  # index from 0
    left: float
    top: float


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph of an embedded font and its advance in thousandths of the font size."""

    font: str  # name of the font in the page's resources
    code: str  # four hexadecimal digits
    advance: float


@dataclass(frozen=True, slots=True)
class Slot:
    """A box of fixed size that is filled when stamping. It owns one content stream of its page; `tail` are those of
    what follows it in its line and moves up to what it is filled with.

    Lengths are CSS pixels in the coordinates of that stream. `glyphs` are those characters that can be set in
    it.
    """

    name: str
    page: int  # index from 0; furniture follows the pages of the body
    part: int  # index into the page's array of content streams
    left: float
    baseline: float
    width: float
    align: str  # left | center | right
    size: float
    glyphs: Mapping[str, Glyph]
    tail: tuple[int, ...] = ()  # indices like `part`


@dataclass(frozen=True, slots=True)
class Place:
    """Where an element with `data-place` stands: CSS pixels from the upper left corner of its page; and the edges of
    the area that the page's text may fill."""

    name: str
    page: int
    left: float
    top: float
    height: float
    area_top: float
    area_right: float
    area_bottom: float


@dataclass(frozen=True, slots=True)
class MissingGlyph:
    """A character that no available font has, or that is of private use; the words around it, and the index of its
    page."""

    character: str
    context: str
    page: int

    @property
    def is_private(self) -> bool:
        return unicodedata.category(self.character) == "Co"


@dataclass(frozen=True, slots=True)
class Overfull:
    """Content wider than the box that holds it, by `excess` points."""

    context: str
    page: int
    excess: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text: its page, and in points from the lower left corner its column's edge and its baseline."""

    page: int  # index from 0
    left: float
    baseline: float


@dataclass(frozen=True, slots=True)
class Shrunk:
    """A formula that is set smaller than its text to fit, and the share of its size that is left."""

    tex: str
    page: int
    share: float


@dataclass(frozen=True, slots=True)
class Body:
    """What `layout` returns.

    `pdf` holds `pages` pages and then one page for each name in `furniture`. `links` are the targets of links
    into other contributions, as written (`SLUG` or `SLUG#id`). What could not be carried: `missing`,
    `overfull`, `shrunk`, `undrawn` (the images that the renderer failed at), `broken` (targets of internal links
    that do not exist), `refused` (addresses that are no resource) and `notices` (whatever else the renderer said).
    `fonts` are the families of the pages' fonts.
    """

    pdf: bytes
    pages: int
    page_names: tuple[str, ...]
    furniture: tuple[str, ...]
    destinations: Mapping[str, int]
    headings: tuple[Heading, ...]
    slots: tuple[Slot, ...]
    links: tuple[str, ...] = ()
    missing: tuple[MissingGlyph, ...] = ()
    overfull: tuple[Overfull, ...] = ()
    shrunk: tuple[Shrunk, ...] = ()
    undrawn: tuple[str, ...] = ()
    broken: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    places: tuple[Place, ...] = ()

    def pack(self) -> bytes:
        """One file for a cache: a line of JSON, then the PDF."""
        facts = {name: value for name, value in asdict(self).items() if name != "pdf"}
        return json.dumps(facts, ensure_ascii=False, sort_keys=True).encode() + b"\n" + self.pdf

    @classmethod
    def unpack(cls, data: bytes) -> Body:
        """The inverse of `pack`."""
        line, pdf = data.split(b"\n", 1)
        facts: dict[str, Any] = json.loads(line)
        rows: dict[str, Callable[..., Any]] = {
            "headings": Heading,
            "slots": _slot,
            "missing": MissingGlyph,
            "overfull": Overfull,
            "lines": Line,
            "places": Place,
            "shrunk": Shrunk,
        }
        for name, value in facts.items():
            if isinstance(value, list):
                facts[name] = tuple(rows[name](**item) if name in rows else item for item in value)
        return cls(pdf=pdf, **facts)


def _slot(*, glyphs: Mapping[str, Mapping[str, Any]], **facts: Any) -> Slot:
    facts["tail"] = tuple(facts["tail"])
    return Slot(**facts, glyphs={character: Glyph(**glyph) for character, glyph in glyphs.items()})
