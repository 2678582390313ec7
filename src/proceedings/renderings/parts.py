"""The volume's own pages: cover, titles, imprint, contents, openers of sections, lists, indexes.

Each part is a template of data/templates/parts/ and is laid out by itself. A part without content has no pages.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from proceedings.build import Result, Workshop
from proceedings.diagnostics import Diagnostic, Location, finding
from proceedings.edition import Digest
from proceedings.model import Cover, Record, Volume
from proceedings.renderings.article import licence_shown, templates, terms
from proceedings.renderings.html import as_entry, render
from proceedings.renderings.pages import LaidOut, Setting, formulas, laid_out, lost, set_pages, whole_page

HOME = "volume.yaml"


class Line(Record):
    """One line of the contents."""

    slug: str
    title: str  # XHTML
    authors: str
    kind: str = ""
    section: str = ""
    lang: str = "en"
    state: str = ""  # retracted, withdrawn, corrected


class IndexEntry(Record):
    """One entry of an index and the contributions that it leads to."""

    text: str
    detail: str = ""
    slugs: tuple[str, ...]


class Correction(Record):
    """One entry of the errata: a slip that is put right, or the contribution (`by`) that corrects or retracts."""

    slug: str
    title: str
    lang: str
    place: str = ""
    was: str = ""
    should_be: str = ""
    relation: str = ""
    by: str = ""
    by_title: str = ""


class Float(Record):
    """A figure or table in its list."""

    anchor: str
    label: str
    caption: str  # XHTML


class PartView(Record):
    """What a part of the volume depends on; only what it shows is there."""

    name: str  # of its template: imprint, section
    title: str  # what bookmarks call it
    volume: Volume  # its imprint
    setting: Setting
    cover: Cover = Cover()
    cataloguing: tuple[str, ...] = ()
    fonts: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    paragraphs: tuple[str, ...] = ()
    entries: tuple[IndexEntry, ...] = ()
    corrections: tuple[Correction, ...] = ()
    missing: tuple[tuple[str, str], ...] = ()
    fragments: tuple[Digest, ...] = ()  # of the lists of figures and tables, one for each of `lines`
    references: tuple[tuple[str, Digest], ...] = ()  # of the volume's bibliography: slug, cited items
    style: str = ""


def lay_out_part(view: PartView, shop: Workshop) -> Result:
    """A part as pages; page numbers are slots, filled when stamping."""
    from proceedings import __version__

    volume = view.volume
    image, resources, findings = _cover(view.cover, shop)
    content = (
        templates()
        .get_template(f"parts/{view.name}.html")
        .render(
            view=view,
            volume=volume,
            words=terms(volume.lang),
            licence=licence_shown(volume.licence),
            sections=_by_section(view.lines),
            entries=_by_letter(_sorted(view.entries)),
            floats=_floats(view, shop),
            bibliography=_bibliography(view, shop),
            image=image,
            version=__version__,
        )
    )
    if "<section" not in content:  # an index without entries
        return Result(LaidOut(body="", pages=0), findings=tuple(findings))
    content, drawings, _ = formulas(content, volume.lang, HOME, view.setting, shop)  # told of where the title is
    page = whole_page(content, volume.lang, view.title, f"part {view.name}-part")
    body = set_pages(page, {**resources, **drawings}, view.setting, shop, _furniture(view))
    ours = replace(body, missing=tuple(item for item in body.missing if item.character not in _authors_words(view)))
    return Result(laid_out(body, "", shop), findings=(*findings, *lost(ours, HOME, volume.lang)))


def _authors_words(view: PartView) -> str:
    """What a part repeats from contributions, where its characters are told of."""
    lines = (f"{line.title}{line.authors}" for line in view.lines)
    entries = (f"{entry.text}{entry.detail}" for entry in view.entries)
    corrections = (item.model_dump_json() for item in view.corrections)
    return "".join((*lines, *entries, *corrections))


def _furniture(view: PartView) -> dict[str, str]:
    """Running heads: the volume on the left, the part on the right."""
    folio = '<span class="folio" data-slot="folio"></span>'
    volume, part = html.escape(view.volume.short_title or view.volume.title), html.escape(view.title)
    return {
        "first": f'<div class="foot first">{folio}</div>',
        "left": f'<div class="head left">{folio}<span class="running">{volume}</span></div>',
        "right": f'<div class="head right"><span class="running">{part}</span>{folio}</div>',
    }


def _cover(cover: Cover, shop: Workshop) -> tuple[str, dict[str, bytes], list[Diagnostic]]:
    """The cover's picture under the name by which the page knows it, and what is wrong with it."""
    from proceedings import images

    if not cover.image:
        return "", {}, []
    place = Location(HOME, token=cover.image)
    try:
        data = shop.read(f"styles/{cover.image.removeprefix('styles/')}")
    except OSError:
        advice = "Put the file into styles/, or take `cover:` away: then the cover is drawn."
        return "", {}, [finding("V033", f"the cover {cover.image!r} is not in styles/", place, advice)]
    picture, problems = images.convert(cover.image, data)
    findings = [finding(problem.code, problem.message, place, problem.hint) for problem in problems]
    if not cover.alt:
        message = "the cover's picture has no description; its title stands for it"
        findings.append(finding("V035", message, place, "Add `alt:` beside `image:`."))
    return (f"cover{picture.suffix}", {f"cover{picture.suffix}": picture.data}, findings) if picture else (
        "", {}, findings)  # fmt: skip


def _bibliography(view: PartView, shop: Workshop) -> str:
    """Every work that the volume cites, once, as XHTML."""
    if not view.references:
        return ""
    from proceedings.citations import style
    from proceedings.citations.volume import bibliography

    papers = {slug: json.loads(shop.store.get(digest)) for slug, digest in view.references}
    cited = bibliography(papers, style(view.style), view.volume.lang)
    return render(cited.document, HOME, view.volume.lang, headed=True)[1]


# --- lists of figures and tables --------------------------------------------------------------------------


def _floats(view: PartView, shop: Workshop) -> list[tuple[Line, list[Float]]]:
    """Contributions with their figures or tables."""
    tag = "figure" if view.name == "list-of-figures" else "table"
    rows = zip(view.lines, view.fragments, strict=True) if view.fragments else ()
    found = [(line, list(_floats_of(tag, json.loads(shop.store.get(digest))["body"]))) for line, digest in rows]
    return [(line, floats) for line, floats in found if floats]


def _floats_of(tag: str, body: str) -> Iterator[Float]:
    """The figures or tables of a body that have a number; parts of figures do not count."""
    from lxml import etree
    from lxml import html as lxml_html

    root: Any = lxml_html.fragment_fromstring(body, create_parent="div")
    for element in root.iter(tag):
        caption = element.find("figcaption" if tag == "figure" else "caption")
        label = caption.find(".//span[@class='label']") if caption is not None else None
        if label is None or not element.get("id") or any(True for _ in element.iterancestors("figure")):
            continue
        for extra in caption.xpath(".//span[@class='rights'] | .//a[@class='footnote-ref']"):
            extra.drop_tree()
        number = label.text_content().rstrip(".")
        label.drop_tree()
        text = etree.tostring(caption, encoding="unicode", method="xml", with_tail=False)
        inner = re.sub(r"^<\w+[^>]*>|</\w+>$", "", text.strip())
        inline = re.sub(r"</?(?:p|div|a|span)\b[^>]*>", "", as_entry(inner)).strip()
        yield Float(anchor=element.get("id"), label=number, caption=inline)


# --- order ------------------------------------------------------------------------------------------------


def _sorted(entries: Sequence[IndexEntry]) -> list[IndexEntry]:
    """In the order of the Unicode Collation Algorithm."""
    if not entries:
        return []
    from pyuca import Collator

    key = Collator().sort_key
    return sorted(entries, key=lambda entry: (key(entry.text.casefold()), key(entry.text), entry.detail))


def _by_letter(entries: Sequence[IndexEntry]) -> list[tuple[str, list[IndexEntry]]]:
    """Runs of entries with the same first letter, accents aside."""
    import unicodedata

    found: list[tuple[str, list[IndexEntry]]] = []
    for entry in entries:
        letters = (letter for letter in unicodedata.normalize("NFKD", entry.text) if letter.isalnum())
        first = next(letters, "").upper()
        if not found or found[-1][0] != first:
            found.append((first, []))
        found[-1][1].append(entry)
    return found


def _by_section(lines: Sequence[Line]) -> list[tuple[str, list[Line]]]:
    found: list[tuple[str, list[Line]]] = []
    for line in lines:
        if not found or found[-1][0] != line.section:
            found.append((line.section, []))
        found[-1][1].append(line)
    return found
