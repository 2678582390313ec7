"""The printed volume as a sequence: what stands in front and back matter, and which folio every page has."""

from __future__ import annotations

import json
from collections.abc import Iterator

from proceedings.edition import Edition, Place, Store
from proceedings.model import FRONT_PARTS
from proceedings.numerals import roman
from proceedings.renderings.article import kind_label, terms
from proceedings.renderings.html import without_notes
from proceedings.renderings.pages import IndexEntry, Line, PartView, Setting, StampView


def front_parts(edition: Edition) -> dict[str, tuple[str, ...]]:
    """The front matter as runs of parts between contributions: {'#front-1': ('title-page', 'imprint'), 'editorial':
    ()}."""
    runs: dict[str, tuple[str, ...]] = {}
    run: list[str] = []
    for name in edition.volume.front_matter:
        if name in FRONT_PARTS:
            run.append(name)
        elif name in edition.prepared:
            if run:
                runs[f"#front-{len(runs) + 1}"] = tuple(run)
                run = []
            runs[name] = ()
    if run:
        runs[f"#front-{len(runs) + 1}"] = tuple(run)
    return runs


def parts(edition: Edition) -> dict[str, tuple[str, ...]]:
    """Every part that is laid out by itself, by its name in the volume."""
    found = {name: run for name, run in front_parts(edition).items() if run}
    if edition.volume.back_matter:
        found["#back"] = edition.volume.back_matter
    return found


def part_view(edition: Edition, names: tuple[str, ...], setting: Setting, store: Store) -> PartView:
    """What a part may depend on: only those facts that its names need."""
    contents, people = "contents" in names, "author-index" in names
    return PartView(
        names=names,
        volume=edition.imprint(),
        lines=tuple(_lines(edition, store)) if contents else (),
        people=tuple(_people(edition)) if people else (),
        subjects=tuple(_subjects(edition)) if "subject-index" in names else (),
        references=tuple((slug, prepared.references) for slug, prepared in edition.prepared.items())
        if "bibliography" in names
        else (),
        style=edition.style if "bibliography" in names else "",
        missing=tuple((item.slug, item.reason) for item in edition.missing) if contents else (),
        setting=setting,
    )


def _lines(edition: Edition, store: Store) -> Iterator[Line]:
    for slug, prepared in edition.prepared.items():
        item = prepared.contribution
        fields = json.loads(store.get(edition.fragments[slug]))["fields"] if slug in edition.fragments else {}
        yield Line(
            slug=slug,
            title=": ".join(without_notes(fields[name]) for name in ("title", "subtitle") if name in fields)
            or prepared.title,
            authors=", ".join(person.name for person in item.authors),
            kind=kind_label(item, terms(edition.volume.lang)),
            section=edition.section_title(slug, edition.volume.lang),
            lang=item.lang,
        )


def _people(edition: Edition) -> Iterator[IndexEntry]:
    """The authors of the volume, unsorted. People with the same ORCID iD, or else the same name, are one person; a
    name in a second script has an entry of its own."""
    entries: dict[str, tuple[str, str, list[str]]] = {}
    for slug, prepared in edition.prepared.items():
        for person in prepared.contribution.authors:
            key = person.orcid or person.name
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
        for subject in prepared.contribution.subjects:
            slugs.setdefault(subject, []).append(slug)
    for subject, found in slugs.items():
        yield IndexEntry(text=subject, slugs=tuple(found))


def paginate(edition: Edition) -> dict[str, Place]:
    """Folios of everything that is laid out: roman in the front matter, arabic from the first contribution on."""
    places: dict[str, Place] = {}
    number = 1
    for name in front_parts(edition):
        if edition.body_pages.get(name):
            count = edition.body_pages[name]
            folios = tuple(roman(number + index) for index in range(count))
            places[name] = Place(name=name, count=count, ordinal=number, folios=folios)
            number += count
    number = 1
    for name in [*(slug for slug in edition.prepared if slug not in places), "#back"]:
        if edition.body_pages.get(name):
            count = edition.body_pages[name]
            folios = tuple(str(number + index) for index in range(count))
            places[name] = Place(name=name, count=count, ordinal=number, folios=folios)
            number += count
    return places


def stamp_view(edition: Edition, name: str) -> StampView:
    """What the pages of a contribution or part depend on in their place. Pages of the contents and the indexes are
    slots called `page-SLUG`."""
    place = edition.places.get(name)
    if place is None:  # a part without content has no pages
        return StampView(name=name, body="", folios=(), title="", lang=edition.volume.lang, volume=edition.imprint())
    common = {
        "name": name.lstrip("#"),
        "body": edition.bodies[name],
        "folios": place.folios,
        "ordinal": place.ordinal,
        "volume": edition.imprint(),
    }
    if name.startswith("#"):
        slots = tuple(
            (f"page-{slug}", other.pages.first) for slug, other in edition.places.items() if not slug.startswith("#")
        )
        bare = name == "#front-1" and "title-page" in edition.volume.front_matter[:1]
        return StampView(**common, slots=slots, bare=bare, title=edition.volume.title, lang=edition.volume.lang)
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
        licence=item.licence or edition.volume.licence or "",
        pages=place.pages,
    )
