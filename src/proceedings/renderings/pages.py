"""A contribution as laid-out pages; and the pages of anything in their place.

`layout` sets pages without folios: nothing in them depends on where they will stand (parts.py does so for front and
back matter). `stamp` gives them folios and running heads and makes the offprint and the segment of the volume
(typesetting/ does the work).
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import Field

from proceedings.build import Result, Workshop
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.edition import Amendment, Digest, Look, PagedCitation, PageRange, Prepared, Store, state_of
from proceedings.languages import direction
from proceedings.model import Contribution, MathsEngine, PaperSize, Record, Volume
from proceedings.renderings.article import article, terms, volume_pages
from proceedings.renderings.jats.article import document
from proceedings.renderings.jats.facts import Facts

if TYPE_CHECKING:
    from proceedings import maths
    from proceedings.typesetting import Attachment, Body, Metadata, MissingGlyph

DATA = Path(__file__).parent.parent / "data"
SHEETS = ("pages.css", "openings.css", "parts.css")
SIZES = {PaperSize.A4: "210mm 297mm", PaperSize.LETTER: "8.5in 11in", PaperSize.B5: "170mm 240mm"}
MARGINS = {PaperSize.LETTER: "margin: 22mm 30mm 24mm 30mm", PaperSize.B5: "margin: 20mm 21mm 22mm 21mm"}


class Setting(Record):
    """How pages are set: the volume's own style sheets (digests), laid over the house style, and the paper."""

    look: Look = Look()
    paper_size: PaperSize = PaperSize.A4
    maths: MathsEngine = MathsEngine.ZIAMATH
    engine: tuple[tuple[str, str], ...] = ()  # versions of the libraries that decide how a page comes out


class LaidOut(Record):
    """Pages without folios: a packed typesetting.Body, and how many there are."""

    body: Digest
    pages: int
    anchors: Mapping[str, int] = Field(default_factory=dict)  # ids of figures and tables → page index
    fonts: tuple[str, ...] = ()  # the families that it is set in


def setting(look: Look, volume: Volume) -> Setting:
    """The setting of this run; the versions are asked of the libraries without loading the renderer."""
    from proceedings import installation

    return Setting(
        look=look,
        paper_size=volume.paper_size,
        maths=volume.maths,
        engine=installation.library_versions(),
    )


# --- a contribution --------------------------------------------------------------------------------------------------


class LayoutView(Record):
    """What the pages of one contribution depend on."""

    volume: Volume  # its imprint only
    prepared: Prepared
    section: str
    parts: Digest
    setting: Setting
    path: str
    amendments: tuple[Amendment, ...] = ()


def layout(view: LayoutView, shop: Workshop) -> Result:
    """One contribution's fragment as tagged pages without folios."""
    item = view.prepared.contribution
    content, resources, undrawn = composed(view, shop)
    page = whole_page(content, item.lang, view.prepared.title, "contribution")
    body = set_pages(page, resources, view.setting, shop, furniture(item, view))
    return Result(laid_out(body, content, shop), findings=(*undrawn, *lost(body, view.path, item.lang)))


def composed(
    view: LayoutView, shop: Workshop, *, placed: bool = True
) -> tuple[str, dict[str, bytes], list[Diagnostic]]:
    """A contribution as HTML for pages, the figures and drawings that it shows, and formulas that cannot be drawn.
    `placed`: it has a place in the volume, which its first page tells."""
    content = article(
        view.prepared,
        json.loads(shop.store.get(view.parts)),
        view.volume,
        view.section,
        amendments=view.amendments,
        base_of="vol:{slug}",
        paged=True,
        placed=placed,
    )
    figures = {image.name: shop.store.get(image.digest) for image in view.prepared.images}
    content, drawings, undrawn = formulas(content, view.prepared.contribution.lang, view.path, view.setting, shop)
    return content, figures | drawings, undrawn


_FLOAT = re.compile(r'<(?:figure|table)\b[^>]*\bid="([^"]+)"')


def laid_out(body: Body, content: str, shop: Workshop) -> LaidOut:
    """What later stages must know of a body, which itself goes to the store."""
    anchors = {anchor: body.destinations[anchor] for anchor in _FLOAT.findall(content) if anchor in body.destinations}
    return LaidOut(body=shop.store.put(body.pack()), pages=body.pages, anchors=anchors, fonts=body.fonts)


def whole_page(content: str, lang: str, title: str, kind: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="{lang}" dir="{direction(lang)}"><head><meta charset="utf-8"/>'
        f"<title>{html.escape(title)}</title></head>"
        f'<body class="{kind}">{content}</body></html>'
    )


def furniture(item: Contribution, view: LayoutView) -> dict[str, str]:
    """Running heads and feet: the first page, left and right pages."""
    title = html.escape(_short(item, view.prepared.title))
    names = [person.family or person.group or person.given for person in item.authors]
    byline = html.escape(names[0] + " et al." if len(names) > 3 else ", ".join(names)) if names else title
    volume = html.escape(view.volume.short_title or view.volume.title)
    folio = '<span class="folio" data-slot="folio"></span>'
    heads = {
        "first": f'<div class="foot first">{folio}</div>',
        "left": f'<div class="head left">{folio}<span class="running">{byline}</span></div>',
        "right": f'<div class="head right"><span class="running">{title or volume}</span>{folio}</div>',
    }
    state = state_of(item, view.amendments)
    mark = watermark(terms(item.lang)[state]) if state in ("retracted", "withdrawn") else ""
    return {name: head + mark for name, head in heads.items()}


def watermark(word: str) -> str:
    """A word across the page, as a piece of its furniture."""
    return f'<div class="watermark">{html.escape(word)}</div>'


def _short(item: Contribution, title: str) -> str:
    found = item.short_title or title
    return found if len(found) <= 80 else found[:78].rsplit(" ", 1)[0] + " …"


def set_pages(
    page: str,
    resources: Mapping[str, bytes],
    setting: Setting,
    shop: Workshop,
    furniture: Mapping[str, str],
    *,
    extra: str = "",
    locate_lines: bool = False,
) -> Body:
    """A whole document as pages: house style, the volume's own sheets, then `extra`. `locate_lines`: tell where lines
    stand."""
    from proceedings import typesetting

    width, height = SIZES[setting.paper_size].split()
    sheets = [(DATA / "templates" / name).read_text(encoding="utf-8") for name in SHEETS]
    margins = MARGINS.get(setting.paper_size, "")
    sheets.append(f"@page {{ size: {width} {height}; {margins} }}")
    sheets.append(f":root {{ --page-width: {width}; --page-height: {height} }}")
    sheets += [shop.store.get(digest).decode() for digest in setting.look.sheets]
    sheets += [extra] if extra else []
    files = {name: shop.store.get(digest) for name, digest in setting.look.files}
    return typesetting.layout(
        page,
        sheets,
        {**files, **resources},
        fonts=font_folders(),
        furniture=furniture,
        locate_lines=locate_lines,
    )


def font_folders() -> list[Path]:
    """Where the fonts are. MissingProgram where those of the house style are not installed."""
    from proceedings import typefaces
    from proceedings.diagnostics import MissingProgram

    found = typefaces.folders()
    if not found:
        raise MissingProgram("the fonts of the house style are not installed", "Run `proceedings doctor --install`.")
    return found


VISIBLE = 3  # points by which something may stand out of its block before anybody sees it


def _illegible(glyph: MissingGlyph, path: str) -> Diagnostic:
    """What is told of a character that readers do not see as it is meant."""
    place, near = Location(path, token=glyph.character), f"near “{glyph.context}”"
    name = f"{glyph.character} (U+{ord(glyph.character):04X})"
    if glyph.is_private:
        message = f"the character {name}, {near}, is of private use: it means nothing outside of one font"
        return finding("T304", message, place, "Write the character that Unicode has for it, or draw it as a figure.")
    message = f"no font has the character {name}, {near}; print shows a box"
    return finding("T301", message, place, "Replace the character, or add a font.")


def lost(body: Body, path: str, lang: str) -> list[Diagnostic]:
    """What layout could not carry, as findings at the author's file.

    Not told: `refused`, since links to files (X207, X208) and missing images (X100) are told where they are read; and
    `notices`, since sheets are read once for all (V032) and authors' own styles never come here (dialects/safety).
    """
    found = []
    for glyph in body.missing:
        found.append(_illegible(glyph, path))
    for wide in body.overfull:
        if wide.excess > VISIBLE:
            found.append(
                finding(
                    "T302",
                    f"“{wide.context[:60]}” is {wide.excess:.0f} pt wider than the page allows",
                    Location(path, token=max(wide.context.split(), key=len, default="")),
                    "Shorten or break it; turn a wide table's columns into rows.",
                )
            )
    for small in body.shrunk:
        found.append(
            finding(
                "T303",
                f"the formula “{small.tex[:60]}” is wider than the text and set at {small.share:.0%} of its size",
                Location(path, token=small.tex),
                "Break it over several lines, with `aligned` or `split`.",
            )
        )
    for name in body.undrawn:
        place = Location(path, token=name.rpartition("-")[0].partition("-")[2])
        hint = "Save it anew with another program, or as PNG."
        found.append(finding("X123", f"the image {name} cannot be drawn: print lacks it", place, hint))
    for target in body.broken:
        found.append(
            finding(
                "X206",
                f"a link inside the text leads to {target!r}, which is not there",
                Location(path, token=target),
                "Correct the target, or delete the link.",
            )
        )
    return found


_MATH = re.compile(r'<math\b[^>]*display="(block|inline)"[^>]*>.*?</math>', re.S)


def formulas(
    content: str, lang: str, path: str, setting: Setting, shop: Workshop
) -> tuple[str, dict[str, bytes], list[Diagnostic]]:
    """Replace MathML, which WeasyPrint does not draw, by drawings with the TeX as their description; tell of those that
    cannot be drawn."""
    from proceedings import maths

    found = list(_MATH.finditer(content))
    if not found:
        return content, {}, []
    wanted = [maths.Rendered(maths.Formula(_tex(match[0]), match[1] == "block"), match[0]) for match in found]
    drawings = maths.drawn(wanted, lang, setting.maths, shop.memo)
    resources: dict[str, bytes] = {}
    pieces, end = [], 0
    for match, drawing in zip(found, drawings, strict=True):
        pieces.append(_tied(content[end : match.start()], drawing.formula))
        pieces.append(_drawn(drawing, resources))
        end = match.end()
    return _displays("".join(pieces) + content[end:]), resources, maths.findings(drawings, path)


_SYMBOL = re.compile(r"(?:[A-Za-z]|\\[A-Za-z]+)(?:_\w|_\{\w\})?'*")
_WORD_BEFORE = re.compile(r"(?<=\w)\s\Z")


def _tied(before: str, formula: maths.Formula) -> str:
    """The text before a formula. A lone symbol begins no line: “for every state i” stays together."""
    is_lone = not formula.display and _SYMBOL.fullmatch(formula.tex.strip())
    return _WORD_BEFORE.sub("\u00a0", before) if is_lone else before


_DISPLAY = re.compile(
    r'<p>(?=\s*(?:<span[^>]*class="equation"[^>]*>)?<img class="math block"[^>]*/>'
    r'(?:<span class="eqno">[^<]*</span></span>)?\s*</p>)'
)


def _displays(content: str) -> str:
    """Mark the paragraphs that are nothing but a formula: the text around them is one paragraph to a reader."""
    return _DISPLAY.sub('<p class="display">', content)


def _drawn(drawing: maths.Rendered, resources: dict[str, bytes]) -> str:
    tex = drawing.formula.tex
    if drawing.svg is None:
        return f'<code class="tex">{html.escape(tex)}</code>'
    data = drawing.svg.data.encode()
    name = f"maths-{hashlib.sha256(data).hexdigest()[:16]}.svg"
    resources[name] = data
    alt = html.escape(drawing.speech.words or tex, quote=True)
    source = html.escape(tex, quote=True)
    svg = drawing.svg
    style = f"width:{svg.width:.4g}em;height:{svg.height:.4g}em;vertical-align:{-svg.depth:.4g}em"
    spoken = f' lang="{drawing.speech.lang}"' if drawing.speech.lang else ""
    shown = "block" if drawing.formula.display else "inline"
    return f'<img class="math {shown}" src="{name}" alt="{alt}" data-tex="{source}" style="{style}"{spoken}/>'


def _tex(mathml: str) -> str:
    found = re.search(r"<annotation[^>]*>(.*?)</annotation>", mathml, re.S)
    return html.unescape(found[1]) if found else re.sub(r"<[^>]+>", "", mathml)


# --- in their place ---------------------------------------------------------------------------------------


class StampView(Record):
    """What the pages of one part of the volume depend on, once their place is known."""

    name: str
    body: Digest
    folios: tuple[str, ...]
    blanks: tuple[str, ...] = ()  # folios of empty pages behind them, in the volume only
    ordinal: int = 1  # the first page's number: odd ones are right pages
    plain_first: bool = True  # the first page has a foot and no head
    bare: bool = False  # a title page and the like: no furniture at all
    slots: tuple[tuple[str, str], ...] = ()
    elsewhere: tuple[tuple[str, str], ...] = ()
    title: str
    lang: str
    authors: tuple[str, ...] = ()
    subject: str = ""
    keywords: tuple[str, ...] = ()
    doi: str = ""
    licence: str = ""
    pages: PageRange | None = None
    cite: PagedCitation | None = None
    holder: str = ""  # of the copyright
    year: str = ""
    jats: Facts | None = None  # what is attached
    volume: Volume


class InPlace(Record):
    """Pages with folios: the offprint as a file and the segment of the volume."""

    offprint: Digest
    segment: Digest


def stamp(view: StampView, shop: Workshop) -> Result:
    """Folios, running heads and metadata on pages that are laid out."""
    from proceedings import typesetting

    if not view.body:
        return Result(InPlace(offprint="", segment=""))
    body = typesetting.Body.unpack(shop.store.get(view.body))
    leaves = [typesetting.Leaf(folio, _adornment(view, index)) for index, folio in enumerate(view.folios)]
    stamped = typesetting.stamp(
        body,
        name=view.name,
        leaves=leaves,
        metadata=metadata(view),
        blanks=view.blanks,
        slots=_slots(view),
        elsewhere=dict(view.elsewhere),
        attachments=_attachments(view, shop.store),
    )
    return Result(InPlace(offprint=shop.store.put(stamped.offprint), segment=shop.store.put(stamped.segment)))


def _attachments(view: StampView, store: Store) -> list[Attachment]:
    """The contribution as JATS; what that cannot carry is told by the output of this name."""
    from proceedings import typesetting

    if view.jats is None:
        return []
    data, _ = document(view.jats, store)
    return [typesetting.Attachment(f"{view.name}.xml", data, "application/xml", "Alternative", f"{view.title} (JATS)")]


def _slots(view: StampView) -> dict[str, str]:
    """What fills the boxes that layout has left open."""
    slots = dict(view.slots)
    if view.pages is not None:
        one, several = volume_pages(view.lang)
        slots["volume-pages"] = PagedCitation(before="", one=one, several=several, after="").pages(view.pages)
        slots["cite-pages"] = view.cite.pages(view.pages) if view.cite else ""
    return slots


def _adornment(view: StampView, index: int) -> str | None:
    if view.bare:
        return None
    if index == 0 and view.plain_first:
        return "first"
    return "right" if (view.ordinal + index) % 2 else "left"


def metadata(view: StampView) -> Metadata:
    """What a PDF says about itself."""
    from proceedings import licences, typesetting

    volume, series = view.volume, view.volume.series
    base = (volume.url or "").rstrip("/")
    holder = f"© {view.year} {view.holder}".replace("  ", " ") if view.holder else ""
    licence = licences.name_of(view.licence)
    return typesetting.Metadata(
        title=view.title,
        language=view.lang,
        authors=view.authors,
        subject=view.subject,
        keywords=view.keywords,
        publisher=volume.publisher.name if volume.publisher else "",
        doi=view.doi,
        isbn=(volume.isbn.pdf or "").replace("-", ""),
        issn=(series.issn_print or "") if series else "",
        eissn=(series.issn or "") if series else "",
        publication=volume.title,
        volume=volume.number,
        first_page=view.pages.first if view.pages else "",
        last_page=view.pages.last if view.pages else "",
        url=f"{base}/pdf/{view.name}.pdf" if base and not view.name.startswith("part.") else "",
        licence=licences.address_of(view.licence),
        rights=". ".join(part for part in (holder, licence) if part),
        created=volume.published.isoformat() if volume.published else "",
        modified=volume.published.isoformat() if volume.published else "",
    )
