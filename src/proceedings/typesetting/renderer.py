"""HTML → tagged pages without page numbers, by WeasyPrint."""

from __future__ import annotations

import gc
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from proceedings.diagnostics import MissingProgram
from proceedings.typesetting import (
    actual_text,
    anchors,
    drawings,
    economy,
    footnotes,
    harfbuzz,
    missing_glyphs,
    pictures,
)
from proceedings.typesetting import fonts as fontconfig
from proceedings.typesetting.body import Body, Heading, LayoutError, MissingGlyph, Overfull, Place, Shrunk
from proceedings.typesetting.endings import Endings
from proceedings.typesetting.floats import Floats
from proceedings.typesetting.line_numbers import lines_of
from proceedings.typesetting.lines import Lines
from proceedings.typesetting.tables import PASSES, Tables
from proceedings.typesetting.tagging import Tagger

BASE = "https://resources.invalid/"  # RFC 2606: never resolves
POINT = 0.75  # points in a CSS pixel
LEGIBLE = 0.9  # the share of its size at which a formula is not yet told of
TOLERANCE = 1.0  # CSS pixels by which content may stand out of its box
ALPHABET = "0123456789ivxlcdm–-"
USUAL_LENGTH = 400_000  # characters of HTML
OFTEN = 700, 10, 10  # Python's own thresholds of collection: a sixth more time, a sixth less memory for what is longer
_FETCHES = re.compile(r"@(?:font-face|import|color-profile|[\w-]*\\)", re.I)  # what a style sheet of a document needs
LINK_SCHEMES = {"http", "https", "mailto", "tel", "vol"}
# What a style may change, and what the machinery needs whatever the style says.
DEFAULTS = """
[data-slot] { display: inline-block }
[data-furniture] { height: 100vh } /* of the area inside the margins */
[data-furniture], [data-furniture] * { bookmark-level: none }
"""
ESSENTIALS = """
[data-slot] { white-space: nowrap !important; font-kerning: none !important; hyphens: none !important;
  font-variant-ligatures: none !important; letter-spacing: 0 !important; word-spacing: 0 !important;
  direction: ltr !important }
[data-furniture] { break-before: page !important; break-inside: avoid !important; position: relative }
"""


def layout(
    html: str,
    css: Sequence[str],
    resources: Mapping[str, bytes],
    *,
    fonts: Path | Sequence[Path] | None = None,
    furniture: Mapping[str, str] | None = None,
    locate_lines: bool = False,
) -> Body:
    """Lay out a whole HTML document.

    `css` are style sheets in rising order of precedence. `resources` are the only files that exist: their
    names are the relative addresses in HTML and CSS; any other address is refused and reported, never
    fetched (`data:` is its own content). `fonts` are directories (None: the fonts of the system). `furniture`
    names fragments of HTML that are set on a page of their own each, with the page's size and margins, to be
    drawn on the pages when stamping. An element with `data-slot="NAME"` is a slot: its style must give it a
    width, its text is the alphabet that it can be filled with (when empty, digits and roman numerals);
    what follows one with `data-flow` in its line moves up to what it is filled with.
    `locate_lines`: the body also tells where its lines stand, and its elements with `data-place`.

    Raises LayoutError where the HTML contradicts this, MissingProgram where WeasyPrint or Pango is absent.
    """
    weasyprint = _weasyprint()
    from weasyprint.text.fonts import FontConfiguration

    with fontconfig.only(fonts), _log() as log, _no_collection(html), economy.at_work():
        fetch = _Fetcher(resources)
        document = weasyprint.HTML(string=html, base_url=BASE, url_fetcher=fetch)
        root = document.etree_element
        footnotes.place(root)
        pictures.prepare(root)
        refused = list(_refuse_links(root))
        _collapse_newlines(root)
        names = _furnish(root, furniture or {})
        _fill_alphabets(root)

        configuration = FontConfiguration()
        sheets = [
            weasyprint.CSS(string=text, base_url=BASE, url_fetcher=fetch, font_config=configuration)
            if _FETCHES.search(text)
            else _kept_sheet(text)
            for text in (DEFAULTS, *css, ESSENTIALS)
        ]
        log.notices.clear()  # of the sheets: see `ignored`
        settings = {"stylesheets": sheets, "font_config": configuration, "pdf_variant": "pdf/a-2a"}
        tables = Tables(root)
        for _ in range(PASSES):
            moving, lines, endings = Floats(root), Lines(), Endings()
            with moving.at_work(), lines.at_work(), endings.at_work():
                rendered = document.render(**settings)
            if not tables.fit(rendered.pages):
                break
        if moving.astray(rendered.pages):  # rather white than lost
            moving = Floats(root)
            with lines.at_work():
                rendered = document.render(**settings)
        anchors.settle(root, rendered.pages)
        pages = len(rendered.pages) - len(names)
        _check_furniture(rendered.pages[pages:], names)

        tagger = Tagger(pages, moving, tables.same)
        with tagger.at_work(), drawings.shared(), missing_glyphs.as_boxes(), actual_text.as_written() as private:
            pdf = rendered.write_pdf(pdf_variant="pdf/a-2a", pdf_identifier=False)  # the files made of it have one

    leaves = rendered.pages[:pages]
    return Body(
        pdf=pdf,
        pages=pages,
        page_names=tuple(page._page_box.page_type.name or "" for page in leaves),
        furniture=tuple(names),
        destinations=_destinations(leaves),
        headings=tuple(_headings(rendered.copy(leaves).make_bookmark_tree(POINT, transform_pages=True))),
        slots=tuple(tagger.slots),
        links=_volume_links(leaves),
        missing=tuple(_missing(rendered, private)),
        overfull=(*_overfull(leaves), *tables.overfull()),
        shrunk=tuple(_shrunk(leaves)),
        undrawn=tuple(name for name in dict.fromkeys(map(_resource, log.undrawn)) if name in resources),
        broken=tuple(log.broken),
        refused=tuple(dict.fromkeys([*refused, *fetch.refused])),
        notices=tuple(dict.fromkeys(log.notices)),
        lines=tuple(lines_of(leaves, POINT)) if locate_lines else (),
        places=tuple(_places(leaves)) if locate_lines else (),
        fonts=tuple(sorted({font.family for font in rendered.fonts.values() if font.widths})),
    )


@lru_cache(maxsize=8)
def _kept_sheet(css: str) -> Any:
    """A style sheet that belongs to no document: most are the same for all of a volume."""
    return _weasyprint().CSS(string=css, base_url=BASE, url_fetcher=_Fetcher({}))


def ignored(css: str) -> list[tuple[str, int]]:
    """What WeasyPrint does not understand of a style sheet: the declaration and why, and the line."""
    weasyprint = _weasyprint()
    with _log() as log:
        weasyprint.CSS(string=css, base_url=BASE, url_fetcher=_Fetcher({}))
    found = (re.match(r"Ignored `(.*)` at (\d+):\d+, (.*?)\.?$", notice, re.S) for notice in log.notices)
    return [(f"{match[1]} ({match[3]})", int(match[2])) for match in found if match]


def versions() -> dict[str, str]:
    """Versions of everything that decides how a page comes out: part of the key of a cached body."""
    weasyprint = _weasyprint()
    import pydyf
    from weasyprint.text.ffi import pango

    number = pango.pango_version()
    return {
        "weasyprint": weasyprint.__version__,
        "pydyf": pydyf.VERSION,
        "pango": f"{number // 10000}.{number // 100 % 100}.{number % 100}",
        "harfbuzz": harfbuzz.version(),
    }


def _weasyprint() -> Any:
    try:
        import weasyprint
    except ImportError as error:
        raise MissingProgram("WeasyPrint is not installed", "pip install 'weasyprint>=70,<71'") from error
    except OSError as error:
        libraries = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
        raise MissingProgram(f"WeasyPrint cannot be loaded: {error}", f"apt install {libraries}") from error
    return weasyprint


# --- what goes in -------------------------------------------------------------------------------------------


class _Fetcher:
    """Serves the resources and nothing else. WeasyPrint takes any callable that has `_fail_on_errors`."""

    _fail_on_errors = False

    def __init__(self, resources: Mapping[str, bytes]) -> None:
        self._resources = resources
        self.refused: list[str] = []

    def __call__(self, url: str) -> Any:
        import mimetypes
        from urllib.request import DataHandler, Request

        from weasyprint.urls import URLFetcherResponse

        if url.startswith("data:"):
            answer = DataHandler().data_open(Request(url))
            return URLFetcherResponse(url, answer.read(), dict(answer.headers))
        name = _resource(url)
        if not url.startswith(BASE) or name not in self._resources:
            self.refused.append(name)
            raise ValueError(f"{name} is none of the resources")
        kind = mimetypes.MimeTypes().guess_type(name)[0] or "application/octet-stream"
        return URLFetcherResponse(url, self._resources[name], {"Content-Type": kind})


def _resource(url: str) -> str:
    """The name of the resource that has an address; an address that is not ours as it is."""
    return unquote(urlsplit(url).path).lstrip("/") if url.startswith(BASE) else url


def _refuse_links(root: Any) -> Iterator[str]:
    """Take the address from links that lead nowhere a reader could go: relative files, javascript:, file:.

    A document does not attach files either: PDF/A-2 does not allow it, and WeasyPrint would date them by the
    clock.
    """
    for attached in [*root.iter("a"), *root.iter("link")]:
        if "attachment" in attached.get("rel", ""):
            del attached.attrib["rel"]
    for hidden in root.iter():
        if hidden.get("aria-hidden") == "true":  # an artifact cannot be a link
            for anchor in hidden.iter("a"):
                anchor.attrib.pop("href", None)
    for anchor in root.iter("a"):
        address = anchor.get("href", "").strip()
        if address and not address.startswith("#") and urlsplit(address).scheme.lower() not in LINK_SCHEMES:
            del anchor.attrib["href"]
            yield address


def _collapse_newlines(root: Any) -> None:
    """WeasyPrint 70 breaks the lines of a footnote where the source does: leave no newline outside of pre."""
    kept = {inner for outer in root.iter() if outer.tag in ("pre", "style") for inner in outer.iter()}
    for element in root.iter():
        if element.text and element not in kept:
            element.text = element.text.replace("\n", " ")
        if element.tail and (element not in kept or element.tag == "pre"):
            element.tail = element.tail.replace("\n", " ")


def _furnish(root: Any, furniture: Mapping[str, str]) -> list[str]:
    """Append each piece of furniture to the body."""
    import tinyhtml5

    body = root.find("body")
    for name, fragment in furniture.items():
        html = f'<div data-furniture="{quote(name)}">{fragment}</div>'
        body.append(tinyhtml5.parse(html, namespace_html_elements=False).find("body")[0])
    return list(furniture)


def _fill_alphabets(root: Any) -> None:
    for element in root.iter():
        if "data-slot" in element.attrib and not "".join(element.itertext()).strip():
            element.text = ALPHABET


def _check_furniture(pages: Sequence[Any], names: Sequence[str]) -> None:
    for page, name in zip(pages, names, strict=True):
        found = [
            box.element.get("data-furniture")
            for box in page._page_box.descendants(placeholders=True)
            if box.element is not None and "data-furniture" in box.element.attrib
        ]
        if set(found) != {quote(name)}:
            raise LayoutError(f"furniture {name!r} does not fit on one page")


# --- what comes out -----------------------------------------------------------------------------------------


def _headings(bookmarks: Sequence[Any], level: int = 1) -> Iterator[Heading]:
    for title, (page, left, top), children, _ in bookmarks:
        yield Heading(level, " ".join(title.split()), page, round(left, 2), round(top, 2))
        yield from _headings(children, level + 1)


def _destinations(pages: Sequence[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, page in enumerate(pages):
        for name in page.anchors:
            found.setdefault(name, index)
    return found


def _volume_links(pages: Sequence[Any]) -> tuple[str, ...]:
    targets = (target for page in pages for kind, target, _, _ in page.links if kind == "external")
    return tuple(dict.fromkeys(target[4:] for target in targets if target.startswith("vol:")))


def _text_boxes(pages: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    for index, page in enumerate(pages):
        for box in page._page_box.descendants(placeholders=True):
            if hasattr(box, "text") and hasattr(box, "pango_layout"):
                yield index, box


def _missing(document: Any, private: set[str]) -> Iterator[MissingGlyph]:
    """One report for each character that was drawn as a box or is of private use, where it stands first."""
    absent = private.union(chr(code) for font in document.fonts.values() for code in font.missing)
    for index, box in _text_boxes(document.pages) if absent else ():
        for character in sorted(absent.intersection(box.text)):
            absent.discard(character)
            position = box.text.index(character)
            yield MissingGlyph(character, box.text[max(0, position - 30) : position + 30].strip(), index)


def _overfull(pages: Sequence[Any]) -> Iterator[Overfull]:
    """Lines, tables and images wider than the block around them."""
    for index, page in enumerate(pages):
        for block in page._page_box.descendants(placeholders=True):
            for box in getattr(block, "children", ()):
                excess = _excess(box, block)
                if excess > TOLERANCE:
                    yield Overfull(_context(box), index, round(excess * POINT, 1))


def _excess(box: Any, block: Any) -> float:
    """By how many CSS pixels a box is wider than the block that holds it."""
    from weasyprint.formatting_structure import boxes

    if isinstance(box, boxes.LineBox):
        is_slot = block.element is not None and "data-slot" in block.element.attrib
        return 0.0 if is_slot else float(box.width - block.width) - _hanging(box)
    if box.is_table_wrapper or isinstance(box, boxes.BlockReplacedBox):
        return float(box.border_width() - block.width)
    return 0.0


def _hanging(line: Any) -> float:
    """How much of a line are spaces at its end that are kept, as in code: they hang out of the block, where nobody sees
    them (CSS Text 3, 4.1.3)."""
    last = next((box for box in reversed([*line.descendants()]) if getattr(box, "text", "")), None)
    if last is None or last.style["white_space"] != "pre-wrap":
        return 0.0
    return float(last.width) * (1 - len(last.text.rstrip(" ")) / len(last.text))


def _places(pages: Sequence[Any]) -> Iterator[Place]:
    """Where the elements with `data-place` stand, each where it begins."""
    found: set[str] = set()
    for index, page in enumerate(pages):
        area = page._page_box
        top, right = area.content_box_y(), area.content_box_x() + area.width
        for box in area.descendants(placeholders=True):
            name = box.element.get("data-place") if box.element is not None else None
            if name and name not in found:
                found.add(name)
                sizes = box.border_box_x(), box.border_box_y(), box.border_height(), top, right, top + area.height
                yield Place(name, index, *(round(size, 2) for size in sizes))


def _shrunk(pages: Sequence[Any]) -> Iterator[Shrunk]:
    """Formulas that have less than the width that they ask for."""
    for index, page in enumerate(pages):
        for box in page._page_box.descendants(placeholders=True):
            tex = box.element.get("data-tex") if box.element is not None and hasattr(box, "replacement") else None
            asked = getattr(box.style["width"], "value", 0) if tex else 0
            if tex and asked and box.width < LEGIBLE * asked:
                yield Shrunk(" ".join(tex.split()), index, round(box.width / asked, 2))


def _context(box: Any) -> str:
    if box.is_table_wrapper and box.element is not None:
        text = " ".join(box.element.itertext())
    else:
        text = "".join(inner.text for inner in box.descendants(placeholders=True) if hasattr(inner, "text"))
    if not text and box.element is not None:
        text = box.element.get("src") or box.element.get("alt") or box.element_tag
    return " ".join(text.split())[:80]


@contextmanager
def _no_collection(html: str) -> Iterator[None]:
    """Leave garbage where it is while a paper of usual length is set: a fifth of the time. What the paper before it
    has left is taken away first, so that there are never two in memory."""
    collects, thresholds = gc.isenabled(), gc.get_threshold()
    if len(html) < USUAL_LENGTH:
        gc.collect()
        gc.disable()
    else:
        gc.set_threshold(*OFTEN)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        if collects:
            gc.enable()


class _Log(logging.Handler):
    """What WeasyPrint says while it works, sorted."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.undrawn: list[str] = []  # addresses
        self.broken: list[str] = []
        self.notices: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        about = str(record.args[0]) if isinstance(record.args, tuple) and record.args else ""
        if str(record.msg).startswith("No anchor #%s"):
            self.broken.append(about)
        elif str(record.msg).startswith(("Failed to render SVG", "Failed to load image")):
            self.undrawn.append(about)
        elif not str(record.msg).startswith(".notdef glyph"):
            self.notices.append(record.getMessage())


@contextmanager
def _log() -> Iterator[_Log]:
    logger, handler = logging.getLogger("weasyprint"), _Log()
    before = logger.handlers[:], logger.propagate, logger.level
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.WARNING)
    try:
        yield handler
    finally:
        logger.handlers, logger.propagate = before[:2]
        logger.setLevel(before[2])
