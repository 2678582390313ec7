"""The printed volume as a sequence: what stands in it in which order, and which folio every page has.

A part is a contribution (its slug) or something of the volume's own (`#imprint`, `#section-2`). Front matter has roman
folios, all that follows arabic ones; the cover is not counted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from proceedings.edition import Edition, Place
from proceedings.model import FRONT_PARTS, Attached, Contribution, Date, Volume
from proceedings.numerals import roman
from proceedings.renderings.article import kind_label, terms
from proceedings.renderings.jats.facts import facts
from proceedings.renderings.pages import Setting, StampView
from proceedings.renderings.parts import Correction, IndexEntry, Line, PartView

OPENER = "#section-"  # and the number of the section, from 1
ON_THE_RIGHT = ("#half-title", "#title-page")  # in every book
AFTER_LAYOUT = ("#imprint", "#colophon")  # they name the fonts that all pages together are set in


def part_names(volume: Volume) -> tuple[str, ...]:
    """Every part that is not a contribution; which of them have pages shows only when they are laid out."""
    named = [name for name in volume.front_matter if name in FRONT_PARTS] + list(volume.back_matter)
    openers = [f"{OPENER}{number}" for number, _ in enumerate(volume.sections, 1) if volume.section_openers]
    return tuple(dict.fromkeys([*(f"#{name}" for name in named), *openers]))


def front(edition: Edition) -> list[str]:
    """The front matter in order."""
    names = (f"#{name}" if name in FRONT_PARTS else name for name in edition.volume.front_matter)
    return list(dict.fromkeys(name for name in names if name.startswith("#") or name in edition.prepared))


def body(edition: Edition) -> list[str]:
    """Sections with their openers, then the back matter; what stands in the front already is not repeated."""
    names = []
    for section, slugs in edition.parts():
        if section is not None and edition.volume.section_openers:
            names.append(f"{OPENER}{edition.volume.sections.index(section) + 1}")
        names += slugs
    before = front(edition)
    return [name for name in [*names, *(f"#{name}" for name in edition.volume.back_matter)] if name not in before]


def part_title(name: str, volume: Volume) -> str:
    """What a part is called in bookmarks: '#imprint' → Imprint, '#section-2' → the section's title."""
    if name.startswith(OPENER):
        return volume.sections[int(name.removeprefix(OPENER)) - 1].title
    return terms(volume.lang)[name.lstrip("#")]


# --- what a part is made of -------------------------------------------------------------------------------


def part_view(edition: Edition, part: str, setting: Setting) -> PartView:
    """What a part may depend on: only those facts that it shows."""
    volume, name = edition.volume, part.lstrip("#")
    view = PartView(name=name, volume=edition.imprint(), title=part_title(part, volume), setting=setting)
    if part.startswith(OPENER):
        section = volume.sections[int(part.removeprefix(OPENER)) - 1]
        slugs = [slug for found, members in edition.parts() if found == section for slug in members]
        chosen = {slug: edition.prepared[slug] for slug in slugs}
        return view.model_copy(
            update={
                "name": "section",
                "lines": tuple(_lines(edition, list(chosen))),
                "paragraphs": tuple(text for text in section.introduction.split("\n\n") if text.strip()),
            }
        )
    facts: dict[str, Callable[[], dict[str, object]]] = {
        "cover": lambda: {"cover": volume.cover},
        "imprint": lambda: {
            "cataloguing": volume.cataloguing,
            "fonts": () if "#colophon" in part_names(volume) else _fonts(edition),
        },
        "colophon": lambda: {"fonts": _fonts(edition)},
        "contents": lambda: {
            "lines": tuple(_lines(edition, list(edition.prepared))),
            "missing": tuple((item.slug, item.reason) for item in edition.missing),
        },
        "author-index": lambda: {"entries": tuple(_people(edition))},
        "subject-index": lambda: {"entries": tuple(_subjects(edition))},
        "list-of-figures": lambda: _floats(edition),
        "list-of-tables": lambda: _floats(edition),
        "errata": lambda: {"corrections": tuple(_corrections(edition))},
        "bibliography": lambda: {
            "references": tuple((slug, prepared.references) for slug, prepared in edition.prepared.items()),
            "style": edition.style,
        },
    }
    return view.model_copy(update=facts[name]()) if name in facts else view


def _floats(edition: Edition) -> dict[str, object]:
    slugs = [slug for slug in edition.prepared if slug in edition.fragments]
    fragments = tuple(edition.fragments[slug] for slug in slugs)
    return {"lines": tuple(_lines(edition, slugs)), "fragments": fragments}


def _fonts(edition: Edition) -> tuple[str, ...]:
    """The families that the contributions are set in."""
    return tuple(sorted({family for slug in edition.prepared for family in edition.fonts.get(slug, ())}))


def _lines(edition: Edition, slugs: list[str]) -> Iterator[Line]:
    words = terms(edition.volume.lang)
    for slug in slugs:
        prepared = edition.prepared[slug]
        item = prepared.contribution
        yield Line(
            slug=slug,
            title=edition.listed_title(slug),
            authors=", ".join(person.name for person in item.authors),
            kind=kind_label(item, words),
            section=edition.section_title(slug, edition.volume.lang),
            lang=item.lang,
            state=edition.state(slug),
        )


def _corrections(edition: Edition) -> Iterator[Correction]:
    """What the editors list, then the corrigenda and retractions that are contributions of their own."""
    for item in edition.volume.errata:
        if item.paper in edition.prepared:
            yield Correction(
                slug=item.paper,
                title=edition.prepared[item.paper].title,
                lang=edition.prepared[item.paper].contribution.lang,
                place=item.place,
                was=item.was,
                should_be=item.should_be,
            )
    for slug, prepared in edition.prepared.items():
        for amendment in edition.amendments(slug):
            yield Correction(
                slug=slug,
                title=prepared.title,
                lang=prepared.contribution.lang,
                relation=amendment.relation.value,
                by=amendment.slug,
                by_title=amendment.title,
            )


def _people(edition: Edition) -> Iterator[IndexEntry]:
    """The authors of the volume, unsorted. People with the same ORCID iD, or else the same name, are one person; a
    name in a second script has an entry of its own."""
    everybody = [(slug, person) for slug, item in edition.prepared.items() for person in item.contribution.authors]
    known: dict[str, set[str]] = {}
    for _, person in everybody:
        known.setdefault(person.name, set()).update([person.orcid] if person.orcid else ())
    entries: dict[str, tuple[str, str, list[str]]] = {}
    for slug, person in everybody:
        same = known[person.name]
        key = person.orcid or (next(iter(same)) if len(same) == 1 else person.name)
        names = [
            variant.group or ", ".join(part for part in (variant.family, variant.given) if part)
            for variant in person.variants
        ]
        _enter(entries, key, person.inverted, "; ".join(names), slug)
        for name in names:
            _enter(entries, f"{key} {name}", name, person.inverted, slug)
    for text, detail, slugs in entries.values():
        yield IndexEntry(text=text, detail=detail, slugs=tuple(slugs))


def _enter(entries: dict[str, tuple[str, str, list[str]]], key: str, text: str, detail: str, slug: str) -> None:
    slugs = entries.setdefault(key, (text, detail, []))[2]
    if slug not in slugs:
        slugs.append(slug)


def _subjects(edition: Edition) -> Iterator[IndexEntry]:
    slugs: dict[str, list[str]] = {}
    for slug, prepared in edition.prepared.items():
        for subject in _headings(prepared.contribution, edition.volume.lang):
            slugs.setdefault(subject, []).append(slug)
    for subject, found in slugs.items():
        yield IndexEntry(text=subject, slugs=tuple(found))


def _headings(item: Contribution, lang: str) -> tuple[str, ...]:
    """Under what a contribution is indexed: its `subjects`, or else its keywords in the volume's language."""
    base = lang.split("-")[0]
    if item.subjects or item.lang.split("-")[0] == base:
        return item.subjects or item.keywords
    return next((text.keywords for tag, text in item.translations.items() if tag.split("-")[0] == base), ())


# --- folios -----------------------------------------------------------------------------------------------


def paginate(edition: Edition) -> dict[str, Place]:
    """Folios of everything that is laid out. Page 1 is a right-hand page, as in every book: an odd number of pages
    before it is made even."""
    places: dict[str, Place] = {}
    _number(places, edition, front(edition), roman)
    _number(places, edition, body(edition), str)
    return places


def _number(places: dict[str, Place], edition: Edition, names: list[str], folio: Callable[[int], str]) -> None:
    number, before = 1, ""
    for name in names:
        count = edition.body_pages.get(name, 0)
        if not count:
            continue
        if name == "#cover":
            label = terms(edition.volume.lang)["cover"]
            places[name] = Place(name=name, count=count, ordinal=0, folios=(label,) * count)
            continue
        if before and number % 2 == 0 and _begins_on_the_right(name, edition.volume):
            number += _leave_blank(places, before, folio(number))
        folios = tuple(folio(number + index) for index in range(count))
        places[name] = Place(name=name, count=count, ordinal=number, folios=folios)
        number, before = number + count, name
    if before and folio is roman and number % 2 == 0:
        _leave_blank(places, before, folio(number))


def _leave_blank(places: dict[str, Place], name: str, folio: str) -> int:
    """One empty page behind what has its place already."""
    places[name] = places[name].model_copy(update={"blanks": (folio,)})
    return 1


def _begins_on_the_right(name: str, volume: Volume) -> bool:
    """The imprint stands at the back of the title page; `recto` brings everything else to the right."""
    return name in ON_THE_RIGHT or (volume.recto and name != "#imprint")


def stamp_view(edition: Edition, name: str) -> StampView:
    """What the pages of a contribution or part depend on in their place. Page numbers of contents and indexes are
    slots: `page-SLUG`, `page-SLUG#figure`."""
    place, volume = edition.places.get(name), edition.volume
    if place is None:  # a part without content has no pages
        return StampView(name=name, body="", folios=(), title="", lang=volume.lang, volume=edition.imprint())
    common = {
        "name": segment_name(name),
        "body": edition.bodies[name],
        "folios": place.folios,
        "blanks": place.blanks,
        "ordinal": place.ordinal,
        "volume": edition.imprint(),
    }
    if name.startswith("#"):
        return StampView(
            **common,
            slots=tuple(_page_numbers(edition, anchors=name.startswith("#list-of"))),
            bare=name in ("#cover", "#half-title", "#title-page", "#imprint", "#colophon") or name.startswith(OPENER),
            title=part_title(name, volume),
            lang=volume.lang,
        )
    prepared = edition.prepared[name]
    item = prepared.contribution
    return StampView(
        **common,
        title=prepared.title,
        lang=item.lang,
        authors=tuple(person.name for person in item.authors),
        subject=prepared.abstract,
        keywords=item.keywords,
        doi=item.doi or "",
        licence=item.licence or volume.licence or "",
        pages=place.pages,
        cite=prepared.cite,
        holder=item.copyright_holder or volume.copyright_holder,
        year=_year(item.published or volume.published),
        jats=facts(edition, name) if Attached.JATS in volume.attach else None,
    )


def _year(date: Date | None) -> str:
    return str(date.year) if date else ""


def segment_name(name: str) -> str:
    """A part's name in the linked file: that of a contribution is its slug, and no slug has a full stop."""
    return f"part.{name[1:]}" if name.startswith("#") else name


def _page_numbers(edition: Edition, *, anchors: bool) -> Iterator[tuple[str, str]]:
    for slug, place in edition.places.items():
        if not slug.startswith("#"):
            yield f"page-{slug}", place.pages.first
            found = edition.anchors.get(slug, {}) if anchors else {}
            yield from ((f"page-{slug}#{anchor}", place.folios[page]) for anchor, page in found.items())
