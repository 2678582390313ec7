"""A contribution, or a part of the front and back matter, as laid-out pages; and those pages in their place.

`layout` and `lay_out_part` set pages without folios: nothing in them depends on where they will stand. `stamp` gives
them folios and running heads and makes the offprint and the segment of the volume (typesetting/ does the work).
"""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from proceedings.build import Result, Workshop
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.edition import Digest, Look, PageRange, Prepared
from proceedings.model import Contribution, MathsEngine, PaperSize, Record, Volume
from proceedings.renderings.article import article, direction, templates, terms

if TYPE_CHECKING:
    from proceedings import maths
    from proceedings.typesetting import Body, Metadata

DATA = Path(__file__).parent.parent / "data"
SIZES = {PaperSize.A4: "210mm 297mm", PaperSize.LETTER: "8.5in 11in", PaperSize.B5: "170mm 240mm"}


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


def layout(view: LayoutView, shop: Workshop) -> Result:
    """One contribution's fragment as tagged pages without folios."""
    parts = json.loads(shop.store.get(view.parts))
    item = view.prepared.contribution
    content = article(view.prepared, parts, view.volume, view.section)
    resources = {image.name: shop.store.get(image.digest) for image in view.prepared.images}
    content, formulas, undrawn = _formulas(content, item.lang, view.path, view.setting.maths)
    resources.update(formulas)
    page = _page(content, item.lang, view.prepared.title, "contribution")
    body = _set(page, resources, view.setting, shop, _furniture(item, view))
    return Result(
        LaidOut(body=shop.store.put(body.pack()), pages=body.pages),
        findings=(*undrawn, *_lost(body, view.path, item.lang)),
    )


def _page(content: str, lang: str, title: str, kind: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="{lang}" dir="{direction(lang)}"><head><meta charset="utf-8"/>'
        f"<title>{html.escape(title)}</title></head>"
        f'<body class="{kind}">{_footnotes(content)}</body></html>'
    )


def _furniture(item: Contribution, view: LayoutView) -> dict[str, str]:
    """Running heads and feet: the first page, left and right pages."""
    title = html.escape(_short(item, view.prepared.title))
    names = [person.family or person.group or person.given for person in item.authors]
    byline = html.escape(names[0] + " et al." if len(names) > 3 else ", ".join(names)) if names else title
    volume = html.escape(view.volume.short_title or view.volume.title)
    folio = '<span class="folio" data-slot="folio"></span>'
    return {
        "first": f'<div class="foot first">{folio}</div>',
        "left": f'<div class="head left">{folio}<span class="running">{byline}</span></div>',
        "right": f'<div class="head right"><span class="running">{title or volume}</span>{folio}</div>',
    }


def _short(item: Contribution, title: str) -> str:
    found = item.short_title or title
    return found if len(found) <= 80 else found[:78].rsplit(" ", 1)[0] + " …"


def _set(
    page: str, resources: Mapping[str, bytes], setting: Setting, shop: Workshop, furniture: Mapping[str, str]
) -> Body:
    from proceedings import typesetting

    sheets = [
        (DATA / "templates" / "pages.css").read_text(encoding="utf-8"),
        f"@page {{ size: {SIZES[setting.paper_size]} }}",
    ]
    sheets += [shop.store.get(digest).decode() for digest in setting.look.sheets]
    files = {name: shop.store.get(digest) for name, digest in setting.look.files}
    return typesetting.layout(page, sheets, {**files, **resources}, fonts=font_folders(), furniture=furniture)


NOTO = ("/usr/share/fonts/truetype/noto", "/usr/share/fonts/opentype/noto", "/usr/share/fonts/truetype/dejavu")


def font_folders() -> list[Path]:
    """Where the fonts are: the pinned ones that `doctor --install` fetches, and the system's Noto for other scripts."""
    from proceedings import installation
    from proceedings.diagnostics import MissingProgram

    if installation.find("source-serif") is None:
        raise MissingProgram("the fonts of the house style are not installed", "Run `proceedings doctor --install`.")
    return [installation.data_directory(), *(Path(folder) for folder in NOTO if Path(folder).is_dir())]


def _lost(body: Body, path: str, lang: str) -> list[Diagnostic]:
    """What layout could not carry, as findings at the author's file."""
    found = []
    for glyph in body.missing:
        code = f"U+{ord(glyph.character):04X}"
        found.append(
            finding(
                "T301",
                f"no font has the character {glyph.character} ({code}), near “{glyph.context}”; print shows a box",
                Location(path, token=glyph.character),
                "Replace the character, or add a font.",
            )
        )
    for wide in body.overfull:
        if wide.excess > 12:
            found.append(
                finding(
                    "T302",
                    f"“{wide.context[:60]}” is {wide.excess:.0f} pt wider than the page allows",
                    Location(path, token=max(wide.context.split(), key=len, default="")),
                    "Shorten or break it; turn a wide table's columns into rows.",
                )
            )
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


_NOTE_LINK = re.compile(r'<a href="#(fn\d+)" class="footnote-ref" id="fnref\d+"[^>]*>.*?</a>', re.S)
_NOTES = re.compile(r'<(section|aside)\b[^>]*class="[^"]*footnotes[^"]*"[^>]*>.*?</\1>', re.S)
_NOTE = re.compile(r'<li id="(fn\d+)"[^>]*>(.*?)</li>\s*(?=<li id="fn|</ol>)', re.S)
_BACK = re.compile(r'<a href="#fnref\d+" class="footnote-back"[^>]*>.*?</a>', re.S)


def _footnotes(content: str) -> str:
    """Move each note to where its mark stands: WeasyPrint floats it to the foot of the page and numbers it."""
    block = _NOTES.search(content)
    if not block:
        return content
    notes = {}
    for key, text in _NOTE.findall(block[0]):
        inner = _BACK.sub("", text).strip()
        inner = re.sub(r"</p>\s*<p>", '<br class="paragraph"/>', inner)
        notes[key] = re.sub(r"^<p>|</p>$", "", inner)
    content = content[: block.start()] + content[block.end() :]
    return _NOTE_LINK.sub(lambda match: f'<span class="footnote">{notes.get(match[1], "")}</span>', content)


_MATH = re.compile(r'<math\b[^>]*display="(block|inline)"[^>]*>.*?</math>', re.S)


def _formulas(content: str, lang: str, path: str, engine: str) -> tuple[str, dict[str, bytes], list[Diagnostic]]:
    """Replace MathML, which WeasyPrint does not draw, by drawings with the TeX as their description; tell of those that
    cannot be drawn."""
    from proceedings import maths

    found = list(_MATH.finditer(content))
    if not found:
        return content, {}, []
    wanted = [maths.Rendered(maths.Formula(_tex(match[0]), match[1] == "block"), match[0]) for match in found]
    drawings = maths.engine(engine)(wanted, lang)
    resources: dict[str, bytes] = {}
    pieces, end = [], 0
    for match, drawing in zip(found, drawings, strict=True):
        pieces.append(content[end : match.start()])
        pieces.append(_drawn(match, drawing, resources))
        end = match.end()
    return _displays("".join(pieces) + content[end:]), resources, maths.findings(drawings, path)


_DISPLAY = re.compile(
    r'<p>(?=\s*(?:<span[^>]*class="equation"[^>]*>)?<img class="math block"[^>]*/>'
    r'(?:<span class="eqno">[^<]*</span></span>)?\s*</p>)'
)


def _displays(content: str) -> str:
    """Mark the paragraphs that are nothing but a formula: the text around them is one paragraph to a reader."""
    return _DISPLAY.sub('<p class="display">', content)


def _drawn(match: re.Match[str], drawing: maths.Rendered, resources: dict[str, bytes]) -> str:
    tex = _tex(match[0])
    if drawing.svg is None:
        return f'<code class="tex">{html.escape(tex)}</code>'
    data = drawing.svg.data.encode()
    name = f"maths-{hashlib.sha256(data).hexdigest()[:16]}.svg"
    resources[name] = data
    alt = html.escape(drawing.speech.words or tex, quote=True)
    svg = drawing.svg
    style = f"width:{svg.width:.4g}em;height:{svg.height:.4g}em;vertical-align:{-svg.depth:.4g}em"
    spoken = f' lang="{drawing.speech.lang}"' if drawing.speech.lang else ""
    return f'<img class="math {match[1]}" src="{name}" alt="{alt}" style="{style}"{spoken}/>'


def _tex(mathml: str) -> str:
    found = re.search(r"<annotation[^>]*>(.*?)</annotation>", mathml, re.S)
    return html.unescape(found[1]) if found else re.sub(r"<[^>]+>", "", mathml)


# --- front and back matter --------------------------------------------------------------------------------


class Line(Record):
    """One line of the contents, or one contribution in an index."""

    slug: str
    title: str  # XHTML
    authors: str
    kind: str = ""
    section: str = ""
    lang: str = "en"


class IndexEntry(Record):
    """One entry of an index and the contributions that it leads to."""

    text: str
    detail: str = ""
    slugs: tuple[str, ...]


class PartView(Record):
    """What a part of the front or back matter depends on."""

    names: tuple[str, ...]  # parts in order: title-page, imprint, …
    volume: Volume
    lines: tuple[Line, ...] = ()
    people: tuple[IndexEntry, ...] = ()
    subjects: tuple[IndexEntry, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    references: tuple[tuple[str, Digest], ...] = ()  # of the volume's bibliography: slug, cited items
    style: str = ""
    setting: Setting


def lay_out_part(view: PartView, shop: Workshop) -> Result:
    """Title page, imprint, contents, indexes … as pages; page numbers are slots, filled when stamping."""
    volume = view.volume
    words = terms(volume.lang)
    content = (
        templates()
        .get_template("parts.html")
        .render(
            view=view,
            volume=volume,
            words=words,
            licence=_licence(volume),
            sections=_by_section(view.lines),
            people=_sorted(view.people),
            subjects=_sorted(view.subjects),
            bibliography=_bibliography(view, shop),
        )
    )
    if not re.search(r"<section", content):  # an index without entries
        return Result(LaidOut(body="", pages=0))
    folio = '<span class="folio" data-slot="folio"></span>'
    title = html.escape(volume.short_title or volume.title)
    furniture = {
        "first": f'<div class="foot first">{folio}</div>',
        "left": f'<div class="head left">{folio}<span class="running">{title}</span></div>',
        "right": f'<div class="head right"><span class="running">{title}</span>{folio}</div>',
    }
    body = _set(_page(content, volume.lang, volume.title, "part"), {}, view.setting, shop, furniture)
    return Result(
        LaidOut(body=shop.store.put(body.pack()), pages=body.pages),
        findings=tuple(_lost(body, "volume.yaml", volume.lang)),
    )


def _bibliography(view: PartView, shop: Workshop) -> str:
    """Every work that the volume cites, once, as XHTML."""
    if not view.references:
        return ""
    from proceedings.citations import style
    from proceedings.citations.volume import bibliography
    from proceedings.renderings.html import render

    papers = {slug: json.loads(shop.store.get(digest)) for slug, digest in view.references}
    cited = bibliography(papers, style(view.style), view.volume.lang)
    return render(cited.document, "volume.yaml", view.volume.lang, headed=True)[1]


def _sorted(entries: Sequence[IndexEntry]) -> list[IndexEntry]:
    """In the order of the Unicode Collation Algorithm."""
    if not entries:
        return []
    from pyuca import Collator

    key = Collator().sort_key
    return sorted(entries, key=lambda entry: (key(entry.text.casefold()), key(entry.text), entry.detail))


def _by_section(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    found: list[tuple[str, list[Line]]] = []
    for line in lines:
        if not found or found[-1][0] != line.section:
            found.append((line.section, []))
        found[-1][1].append(line)
    return found


def _licence(volume: Volume) -> dict[str, str] | None:
    from proceedings import identifiers

    if not volume.licence:
        return None
    return {"name": identifiers.licence_name(volume.licence), "url": identifiers.licence_url(volume.licence)}


# --- in their place ---------------------------------------------------------------------------------------


class StampView(Record):
    """What the pages of one part of the volume depend on, once their place is known."""

    name: str
    body: Digest
    folios: tuple[str, ...]
    ordinal: int = 1  # the first page's number: odd ones are right pages
    plain_first: bool = True  # the first page has a foot and no head
    bare: bool = False  # a title page: no furniture at all on the first page
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
        slots=dict(view.slots),
        elsewhere=dict(view.elsewhere),
    )
    return Result(InPlace(offprint=shop.store.put(stamped.offprint), segment=shop.store.put(stamped.segment)))


def _adornment(view: StampView, index: int) -> str | None:
    if view.bare and index < 2:
        return None
    if index == 0 and view.plain_first:
        return "first"
    return "right" if (view.ordinal + index) % 2 else "left"


def metadata(view: StampView) -> Metadata:
    """What a PDF says about itself."""
    from proceedings import identifiers, typesetting

    volume = view.volume
    issn = (volume.series.issn or volume.series.issn_print or "") if volume.series else ""
    return typesetting.Metadata(
        title=view.title,
        language=view.lang,
        authors=view.authors,
        subject=view.subject,
        keywords=view.keywords,
        publisher=volume.publisher.name if volume.publisher else "",
        doi=view.doi,
        isbn=(volume.isbn.pdf or "").replace("-", ""),
        issn=issn,
        publication=volume.title,
        volume=volume.number,
        first_page=view.pages.first if view.pages else "",
        last_page=view.pages.last if view.pages else "",
        licence=identifiers.licence_url(view.licence) if view.licence else "",
        created=volume.published.isoformat() if volume.published else "",
        modified=volume.published.isoformat() if volume.published else "",
    )
